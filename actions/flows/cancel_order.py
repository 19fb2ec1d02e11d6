"""Cancel an order: unpaid or paid at once, dispatched by calling the parcel back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from actions.flows.case import Case
from actions.flows.factors import Choice, Confirmation, Proof, WhichOrder
from actions.flows.flow import Flow
from sixty.shop.deeds.deed import Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.gateways.normal_form import Order
from sixty.shop.policies.verdicts import Verdict
from sixty.shop.wording import say_amount, say_moment

_OPEN = frozenset({"unpaid", "deposit_paid", "paid", "part_shipped", "shipped"})


class CancelOrder(Flow):
    """取消订单."""

    name = "cancel_order"
    title = "取消订单"
    which = "要取消哪一笔呢？点一下就行～"
    deeds = ("cancel_order",)
    intents = ("cancel_order",)
    named_by = "取消"
    factors = (
        WhichOrder(),
        Proof(),
        Choice(
            "cause",
            question="方便说下取消的原因吗？我们好改进～",
            options={"no_reason": "不想要/拍错了", "price": "有更便宜的", "late": "发货太慢"},
            own_words=True,
            courtesy=True,
            only_if=lambda case: case.order is not None and case.order.state != "unpaid",
        ),
        Confirmation(),
    )

    def suits(self, order: Order, now: datetime) -> bool:
        """What has arrived is returned, not cancelled."""
        return order.state in _OPEN

    def kind(self, case: Case) -> DeedKind:
        """Always the same; the policy knows the states."""
        return "cancel_order"

    def confirmation(self, case: Case, verdicts: Sequence[Verdict]) -> str:
        """The goods, and the policy's terms: what becomes of the money."""
        # What was not paid for yet can be restored for a while.
        unpaid = case.order is not None and case.order.state == "unpaid"
        for_good = "" if unpaid else "取消后没法恢复，"
        return f"跟您确认一下：取消【{case.goods}】这单。{verdicts[0].say}。{for_good}确定取消吗？"

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """Cancelled, and until when the money is back."""
        first = done[0]
        if not first.amount:
            return "已经帮您取消好了，没有扣过您的钱。想再买的话随时叫我～"
        by = f"，最晚{say_moment(first.promised_at, case.turn.now)}退出" if first.promised_at else ""
        return f"取消好了，{say_amount(first.amount)}原路退回{by}～"
