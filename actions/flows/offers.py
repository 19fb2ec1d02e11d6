"""Buttons that begin a flow: what is possible instead, what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from actions.action import Turn
from actions.flows.flow import Aside
from actions.handoff import HUMAN, Called, call_a_person
from sixty.settings import get_settings
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.policies.reading import shop_policies
from sixty.shop.policies.verdicts import Verdict

_MOST = 2
_OFFERS: dict[DeedKind, tuple[str, str]] = {
    "cancel_order": ("取消订单", "/cancel_order"),
    "change_address": ("改地址", '/change_order{"service":"改地址"}'),
    "change_contact": ("改收货电话", '/change_order{"service":"改电话"}'),
    "redirect_parcel": ("拦截转寄", '/change_order{"service":"改地址"}'),
    "return": ("申请退货", '/request_after_sales{"service":"退货"}'),
    "exchange": ("申请换货", '/request_after_sales{"service":"换货"}'),
    "repair": ("申请维修", '/request_after_sales{"service":"维修"}'),
    "refund_only": ("申请退款", '/request_after_sales{"service":"退款"}'),
    "withdraw_after_sales": ("撤销售后申请", "/cancel_after_sales"),
    "issue_invoice": ("开发票", '/ask_invoice{"service":"开票"}'),
    "reissue_invoice": ("换开发票", '/ask_invoice{"service":"换开"}'),
    "price_protection": ("申请价保", "/price_protection"),
    # "催" in what a button says is what makes it urge.
    "urge_dispatch": ("催发货", '/ask_ship_time{"service":"催"}'),
    "urge_delivery": ("催快递", '/ask_delivery_time{"service":"催"}'),
    "urge_refund": ("催退款", '/refund_status{"service":"催"}'),
    "schedule_delivery": ("约送货时间", "/schedule_delivery"),
    "trace_parcel": ("查快递下落", "/delivery_problem"),
    "resend": ("申请补发", "/wrong_or_missing"),
    "compensate": ("申请赔付", "/damaged_item"),
    "book_installation": ("预约安装", "/ask_installation"),
    "add_note": ("加备注", "/order_note"),
    "open_review": ("去评价", "/ask_review"),
    "complain": ("投诉", "/complain"),
    "restore_order": ("恢复订单", "/restore_order"),
    "claim_coupon": ("看看能领的券", "/ask_coupon"),
    "join_membership": ("加入会员", '/ask_membership{"service":"入会"}'),
}


def tell_aside(turn: Turn, aside: Aside) -> None:
    """Says what is said instead of a flow."""
    if aside.response:
        turn.respond(aside.response, **aside.known)
    else:
        turn.say(aside.text, buttons=offers(aside.offers))


def tell_refusal(turn: Turn, verdict: Verdict, order_no: str | None = None) -> None:
    """Says why a deed may not be done, on which page it is done instead, and what else is possible."""
    text = verdict.say
    if verdict.page is not None:
        text += f"\n{whole_link(shop_policies().pages[verdict.page].address(order_no))}"
    called = _called(turn) if verdict.person else None
    if called is None:
        turn.say(text, buttons=offers(verdict.instead))
        return
    coming = "这件事我已经请同事来跟进，会在这里回复您～" if called.created else ""
    turn.say("\n".join(part for part in (text, called.left or coming) if part), outcome="handed_over")


def _called(turn: Turn) -> Called:
    with turn.writing() as session:
        return call_a_person(replace(turn, session=session, writes=True), "policy")


def whole_link(link: str) -> str:
    """A link that can be opened from wherever the customer is; pages of the shop's own have only their path."""
    return f"{get_settings().public_desk_url}{link}" if link.startswith("/") else link


def offers(kinds: Iterable[DeedKind]) -> list[dict[str, str]]:
    """Buttons for what may be done, and a person."""
    buttons = [{"title": _OFFERS[kind][0], "payload": _OFFERS[kind][1]} for kind in kinds if kind in _OFFERS]
    return [*buttons[:_MOST], HUMAN]
