"""Withdraw an after-sales case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from actions.flows.case import Case
from actions.flows.factors import Confirmation, Proof, WhichOrder
from actions.flows.flow import Aside, Flow
from sixty.shop.deeds.deed import Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.gateways.normal_form import Order
from sixty.shop.order_answers import newest_refund
from sixty.shop.policies.verdicts import Verdict

_OPEN = frozenset({"requested", "agreed", "returning"})
# Lines about something else in which "不退" is said as well.
_OBJECTS = re.compile(r"凭(?:什么|啥)")
_WANTS_COMPENSATION = re.compile(r"赔|补偿|补(?:一?点|我)")
_WANTS_ANEW = re.compile(r"(?:再|重新?)(?:次|来)?申请")


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

    def aside(self, case: Case) -> Aside | None:
        """Who objects, wants compensation or a new case withdraws nothing."""
        if case.turn.text.startswith("/"):
            return None
        text = case.turn.text
        if _WANTS_ANEW.search(text):
            return Aside("还在售后期内的，撤销了也能重新申请；想现在申请，点下面就行～", ("return", "exchange"))
        if _WANTS_COMPENSATION.search(text):
            return Aside("不想退也可以，留着用、申请补偿，点下面我马上帮您看～", ("compensate",))
        if _OBJECTS.search(text):
            return Aside("您有不同意见我理解，点“转人工”，同事会再帮您仔细看一遍～")
        return None

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
