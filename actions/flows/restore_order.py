"""Have a closed order back, or learn why it was closed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from actions.flows.case import Case
from actions.flows.factors import Confirmation, Heard, Proof, WhichOrder
from actions.flows.flow import Aside, Flow
from actions.flows.offers import whole_link
from sixty.shop.deeds.deed import Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.gateways.normal_form import Order
from sixty.shop.policies.reading import shop_policies
from sixty.shop.policies.verdicts import Verdict
from sixty.shop.wording import say_moment

_OPEN_CASE = frozenset({"requested", "agreed", "returning"})
# Nobody asks for an order back that was closed longer ago.
_LONGEST_AGO = timedelta(days=90)
_DELETED = re.compile(r"删|回收站|清[空掉]|隐藏|移除|记录")
_WANTS_BACK = re.compile(
    r"恢复|要回来|弄回来|找回|还原|还要|想要|我要|我收|不取消|别取消|不用取消|撤[回销]|撤掉|继续|照[常发样送旧]|接着|正常[送派发]|误[点取]|点[错岔]"
    r"|手滑|取消错|复活|续上|重[新开]|驳回|留着|别[拦退]|不用拦|取消拦截|拦截撤|让.{0,4}送"
)


@dataclass(frozen=True)
class WantsIt(Heard):
    """Whether the order is wanted back; who only asks, or complains, reads the reason and is asked."""

    slot: str = "service"

    def preset(self, case: Case) -> Any | None:
        """Nobody gets an order back without a word."""
        return _REASON

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """Where the line says so."""
        wants = case.turn.intent in case.flow.intents and _WANTS_BACK.search(case.turn.text)
        return "恢复" if wants else None


_REASON = "问原因"


class RestoreOrder(Flow):
    """恢复订单；撤回还没办完的取消."""

    name = "restore_order"
    title = "恢复订单"
    which = "是哪一笔呢？点一下，我看看能不能恢复～"
    deeds = ("restore_order", "withdraw_after_sales")
    intents = ("restore_order",)
    factors = (
        WhichOrder(),
        Proof(),
        WantsIt(),
        Confirmation(only_if=lambda case: case.values["service"] == _REASON),
    )

    def suits(self, order: Order, now: datetime) -> bool:
        """What was closed lately, or is being cancelled."""
        if order.state == "closed":
            return order.closed_at is None or now - order.closed_at <= _LONGEST_AGO
        return _being_cancelled(order)

    def aside(self, case: Case) -> Aside | None:
        """What was deleted from a list is not gone."""
        if not _DELETED.search(case.turn.text):
            return None
        return Aside(
            "删掉的订单只是在您的列表里看不到了，店里的记录都还在，不影响发货、保修和开票。把订单号发我，我帮您查～"
        )

    def beyond(self, case: Case) -> Aside | None:
        """Who asks why reads it also where the order cannot be had back."""
        if case.values["service"] == "恢复" or case.order is None:
            return None
        refused = next((verdict for verdict in case.verdicts() if not verdict.allowed), None)
        if refused is None:
            return None
        page = shop_policies().pages[refused.page].address(case.order.no) if refused.page else ""
        link = f"\n{whole_link(page)}" if page else ""
        return Aside(f"{_why_closed(case)}{refused.say}{link}", refused.instead)

    def kind(self, case: Case) -> DeedKind:
        """A cancellation that is not through yet is withdrawn."""
        pending = case.order is not None and case.order.state != "closed" and _being_cancelled(case.order)
        return "withdraw_after_sales" if pending else "restore_order"

    def confirmation(self, case: Case, verdicts: Sequence[Verdict]) -> str:
        """Why it was closed, and whether it is wanted back."""
        return f"{_why_closed(case)}{verdicts[0].say if verdicts else ''}。要恢复吗？"

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """That it is back, and what is to be done now."""
        first = done[0]
        if first.state == "accepted":
            until = f"最晚{say_moment(first.promised_at, case.turn.now)}前告诉您结果" if first.promised_at else ""
            return f"已经请同事去拦退款、恢复订单，{until}（编号{first.reference}）～"
        if case.kind == "withdraw_after_sales":
            return f"撤回好了，【{case.goods}】这单照常给您办，不会取消了～"
        return f"恢复好了，【{case.goods}】又变回待付款，价格和券都照原来的。记得尽快付，过时会自动关闭哦～"

    def fault(self, case: Case) -> str | None:
        """An order that we closed for want of goods."""
        order = case.order or (case.candidates[0] if case.candidates else None)
        closed_by_us = order is not None and order.close_reason and re.search(r"缺货|库存|无货", order.close_reason)
        return "缺货没提前告诉您就关了单，是我们没做好，抱歉～" if closed_by_us else None


def _being_cancelled(order: Order) -> bool:
    return any(each.state in _OPEN_CASE and each.kind == "仅退款" for each in order.refunds)


def _why_closed(case: Case) -> str:
    order = case.order
    if order is None or order.closed_at is None:
        return ""
    reason = f"，原因是“{order.close_reason}”" if order.close_reason else ""
    return f"这单是{say_moment(order.closed_at, case.turn.now)}关闭的{reason}。"
