"""What is later than it was promised, and whose deed mends it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sixty.shop.gateways.normal_form import Order
from sixty.shop.order_answers import is_stuck, latest_trace, leading_parcel, newest_refund
from sixty.shop.policies.facts import dispatch_due
from sixty.shop.wording import say_moment, say_refund, say_span

Urgent = Literal["urge_dispatch", "urge_delivery", "urge_refund"]

_NOT_ALL_SENT = ("paid", "part_shipped")
_SENT = ("part_shipped", "shipped")
_OPEN_REFUNDS = ("requested", "agreed", "returning")


def what_is_late(order: Order, now: datetime) -> Urgent | None:
    """Tells which part of an order is later than promised; its refund counts first, as nothing is sent before it."""
    refund = newest_refund(order)
    if refund is not None and refund.state in _OPEN_REFUNDS:
        return "urge_refund" if refund.promised_at is not None and refund.promised_at < now else None
    if order.state in _NOT_ALL_SENT and now > dispatch_due(order):
        return "urge_dispatch"
    parcel = leading_parcel(order, now) if order.state in _SENT else None
    return "urge_delivery" if parcel is not None and is_stuck(parcel, now) else None


def what_to_urge(order: Order, now: datetime) -> Urgent:
    """Tells what somebody means who urges an order: what is late of it, else what comes next."""
    late = what_is_late(order, now)
    if late in ("urge_dispatch", "urge_delivery"):
        return late
    return "urge_delivery" if order.shipped_at is not None or order.parcels else "urge_dispatch"


def fault_of(order: Order, now: datetime) -> str | None:
    """Names what went wrong on the shop's side, as an apology does; `None` where nothing is late."""
    late = what_is_late(order, now)
    if late == "urge_refund":
        refund = newest_refund(order)
        assert refund is not None  # only then it is late
        assert refund.promised_at is not None
        at, span = say_moment(refund.promised_at, now), say_span(now - refund.promised_at)
        return f"说好{at}前处理好您的{say_refund(refund.kind)}，却晚了{span}，是我们没做到，对不起。"
    if late == "urge_dispatch":
        due = dispatch_due(order)
        return f"说好{say_moment(due, now)}前发货，却晚了{say_span(now - due)}，是我们没做到，对不起。"
    parcel = leading_parcel(order, now) if late == "urge_delivery" else None
    trace = latest_trace(parcel) if parcel is not None else None
    if trace is None:
        return None
    return f"包裹停了{say_span(now - trace.at)}没动，我们没早点替您盯住，对不起。"
