"""Return, exchange, repair, money back: the flows of 售后."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actions.flows.case import Case
from actions.flows.factors import (
    Choice,
    Confirmation,
    Picture,
    Proof,
    UnfitError,
    WhichArticles,
    WhichOrder,
    Words,
    asks,
    position_said,
)
from actions.flows.flow import Flow
from sixty.shop.deeds.deed import Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.gateways.normal_form import Order
from sixty.shop.policies.verdicts import Verdict
from sixty.shop.stock import stock_of
from sixty.shop.wanted_variant import variant_instead
from sixty.shop.wording import say_amount, say_moment

_KINDS: dict[str, DeedKind] = {"退货": "return", "换货": "exchange", "维修": "repair", "退款": "refund_only"}
_TITLES: dict[DeedKind, str] = {
    "return": "退货退款",
    "exchange": "换货",
    "repair": "维修",
    "refund_only": "退款",
    "cancel_order": "取消并退款",
}
_ARRIVED = frozenset({"delivered", "confirmed"})
_OPEN = frozenset({"requested", "agreed", "returning"})
_BEFORE_DISPATCH = frozenset({"unpaid", "deposit_paid", "paid"})
# Faults that a picture shows; asked for once, since it makes the check shorter.
_VISIBLE = frozenset({"quality", "damaged", "wrong_item", "not_as_described", "spoiled"})
# What one knows only after receipt.
_SEEN = _VISIBLE | {"size", "missing", "allergy"}
_BEFORE_RECEIPT = {"no_reason": "不想要/拍错了", "price": "有更便宜的", "late": "等太久了"}
# Who does not want another one after all: "算了直接退", "那退吧".
_RATHER_RETURN = re.compile(r"(?<!不)(?:直接|还是|干脆|就|那)退(?!换)|(?<!不)退(?:了?吧|掉|了算了)")


@dataclass(frozen=True)
class _Wish(Choice):
    """What is to be done; a change of mind in few words counts as well."""

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """As every choice; else the goods go back where the line says so."""
        told = super().take(case, asked=asked)
        return told or ("退货" if _rather_returns(case.turn.text) else None)


@dataclass(frozen=True)
class _Why(Choice):
    """The reason; who has nothing in hand yet is not asked what is wrong with it."""

    def ask(self, case: Case) -> None:
        """The question, with the reasons that the order's state allows."""
        if case.order is None or case.order.state in _ARRIVED:
            super().ask(case)
            return
        buttons = [
            {"title": title, "payload": f'/inform{{"{self.slot}":"{cause}"}}'}
            for cause, title in _BEFORE_RECEIPT.items()
        ]
        case.turn.say("方便说下原因吗？点一个，或者直接跟我说～", outcome="asked_back", buttons=buttons)

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """As every choice, and what those buttons say."""
        said = case.turn.entity(self.slot)
        if case.order is None or case.order.state in _ARRIVED:
            return super().take(case, asked=asked)
        if said in _BEFORE_RECEIPT:
            return said
        position = position_said(case, len(_BEFORE_RECEIPT)) if asked else None
        if position is not None and position <= len(_BEFORE_RECEIPT):
            return [*_BEFORE_RECEIPT][position - 1]
        return super().take(case, asked=asked)


@dataclass(frozen=True)
class _Instead(Words):
    """The variant wanted in exchange; one that was never made is said to be none."""

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """The customer's words, when they name another variant of the article."""
        text = super().take(case, asked=asked)
        if text is None or len(case.lines) != 1 or not case.lines[0].sku_code:
            return text
        line = case.lines[0]
        if variant_instead(case.turn.session, line.sku_code, text) is not None:
            return text
        made = stock_of(case.turn.session, line.product_no)
        have = "；".join(
            f"{title}有{'、'.join(values)}"
            for title, values in (("颜色", made.available_colors), ("尺码", made.available_sizes))
            if values
        )
        raise UnfitError(f"这款没有您说的这个，现在{have}，换哪个？" if have else "这款现在没有别的可换，退货可以吗？")


def _rather_returns(text: str) -> bool:
    return not text.startswith("/") and not asks(text) and bool(_RATHER_RETURN.search(text))


class AfterSales(Flow):
    """退货、换货、维修、仅退款."""

    name = "after_sales"
    title = "申请售后"
    which = "是哪一笔订单要处理呢？点一下就行～"
    deeds = ("return", "exchange", "repair", "refund_only", "cancel_order")
    intents = ("request_after_sales",)
    named_by = "退货|退款|退掉|换货"
    decided_by = ("order_no", "service", "cause")
    factors = (
        WhichOrder(),
        Proof(),
        WhichArticles(),
        _Wish(
            "service",
            question="想怎么处理呢？",
            options={"退货": "退货退款", "换货": "换货", "维修": "维修", "退款": "只退款"},
            only_if=lambda case: case.order is not None and case.order.state in _ARRIVED,
        ),
        _Why(
            "cause",
            question="是什么原因呢？选一个最接近的，或者直接跟我说～",
            options={
                "no_reason": "不喜欢/不想要",
                "size": "尺码不合适",
                "quality": "质量问题",
                "damaged": "收到破损",
                "wrong_item": "发错了",
                "not_as_described": "和描述不符",
            },
            own_words=True,
        ),
        _Instead(
            "detail",
            question="想换成什么颜色、尺码？",
            read=lambda text, asked: text if asked and not _rather_returns(text) else None,
            only_if=lambda case: case.values["service"] == "换货" and case.values["cause"] in ("size", "no_reason"),
        ),
        Picture(only_if=lambda case: case.values["cause"] in _VISIBLE),
        Confirmation(),
    )

    def suits(self, order: Order, now: datetime) -> bool:
        """What was paid for and is not over, nor being dealt with already."""
        busy = any(refund.state in _OPEN for refund in order.refunds)
        return order.state not in ("unpaid", "closed") and not busy

    def prefers(self, order: Order, case: Case) -> bool:
        """Who tells what is wrong with it has it in their hands."""
        return case.values["cause"] not in _SEEN or order.state in _ARRIVED

    def kind(self, case: Case) -> DeedKind:
        """By the wish; money for what has not been sent is a cancellation, for what is on its way a refund."""
        wish = _KINDS.get(str(case.values["service"]), "return")
        if case.order is None or case.order.state in _ARRIVED or wish in ("exchange", "repair"):
            return wish
        return "cancel_order" if case.order.state in _BEFORE_DISPATCH else "refund_only"

    def confirmation(self, case: Case, verdicts: Sequence[Verdict]) -> str:
        """The goods, the wish and who pays the way back."""
        return f"跟您确认一下：【{case.goods}】申请{_TITLES[case.kind]}。{verdicts[0].say}。提交吗？"

    def details(self, case: Case) -> Mapping[str, str]:
        """The variant wanted instead, and the picture."""
        given = {"picture": str(case.values["picture"])} if _is_mark(case.values["picture"]) else {}
        if case.kind == "exchange" and case.values["detail"]:
            wanted = variant_instead(case.turn.session, case.lines[0].sku_code, str(case.values["detail"]))
            given |= {"sku": wanted.code} if wanted is not None else {}
        return given

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """Handed in, until when it is checked, and what the customer does meanwhile."""
        first = done[0]
        money = f"，{say_amount(first.amount)}原路退回" if first.amount and case.kind != "exchange" else ""
        what = "退到您账户" if case.kind == "refund_only" else "给您审核结果"
        by = f"，最晚{say_moment(first.promised_at, case.turn.now)}{what}" if first.promised_at else ""
        if first.state == "done" and case.kind not in _SENT_BACK:
            return f"{_TITLES[case.kind]}已经办好了{money}，到账以支付平台通知为准～"
        send = "审核通过后会告诉您寄回地址，可以约上门取件，吊牌包装请留好～" if case.kind in _SENT_BACK else ""
        return f"{_TITLES[case.kind]}已经提交{money}{by}（编号{first.reference}）。{send}"


_SENT_BACK = frozenset({"return", "exchange", "repair"})


def _is_mark(value: object) -> bool:
    return bool(value) and value != "none"
