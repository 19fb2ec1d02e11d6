"""Withdraw an after-sales case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from actions.flows.case import Case
from actions.flows.factors import Confirmation, Proof, WhichOrder
from actions.flows.flow import Flow
from sixty.shop.deeds.deed import Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.gateways.normal_form import Order
from sixty.shop.order_answers import newest_refund
from sixty.shop.policies.verdicts import Verdict

_OPEN = frozenset({"requested", "agreed", "returning"})


class Withdraw(Flow):
    """撤销售后申请."""

    name = "withdraw"
    title = "撤销售后申请"
    deeds = ("withdraw_after_sales",)
    intents = ("cancel_after_sales",)
    which = "要撤销哪一笔的售后申请？点一下就行～"
    factors = (WhichOrder(), Proof(), Confirmation())

    def suits(self, order: Order, now: datetime) -> bool:
        """What has an open case."""
        return any(each.state in _OPEN for each in order.refunds)

    def kind(self, case: Case) -> DeedKind:
        """Always the same."""
        return "withdraw_after_sales"

    def confirmation(self, case: Case, verdicts: Sequence[Verdict]) -> str:
        """Names the case and the goods; a new one has to be within its time."""
        return (
            f"跟您确认一下：撤销【{case.goods}】的{_kind_of(case)}申请。之后还想办，要在售后期内重新申请，确定撤销吗？"
        )

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """Withdrawn, and what becomes of the order."""
        waiting = case.order is not None and case.order.state in ("paid", "part_shipped")
        then = "订单照常给您发货" if waiting else "商品您安心用，有问题随时找我"
        return f"{_kind_of(case)}申请已经帮您撤销了，{then}～"


def _kind_of(case: Case) -> str:
    refund = newest_refund(case.order) if case.order is not None else None
    return refund.kind if refund is not None else "售后"
