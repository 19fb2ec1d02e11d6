"""What an event does to the shop's own tables.

Events come late, twice and in any order. The newest of an object, by when it happened, decides how the object is; an
older one only adds what was not known. What parcels and payments say then moves their order on: a parcel signed is
an order delivered, whether or not the platform has a word for that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.shop.gateways import normal_form
from sixty.shop.models import (
    Customer,
    Order,
    OrderLine,
    OrderState,
    Parcel,
    ParcelState,
    ParcelTrace,
    Refund,
    RefundState,
    Sku,
)
from sixty.shop.order_events.incoming import Payment, facts_of
from sixty.shop.order_events.models import EventKind, OrderEvent
from sixty.tables import column

ORDER_RANK: dict[OrderState, int] = {
    "unpaid": 0,
    "deposit_paid": 1,
    "paid": 2,
    "part_shipped": 3,
    "shipped": 4,
    "delivered": 5,
    "confirmed": 6,
    "closed": 7,
}
PARCEL_RANK: dict[ParcelState, int] = {
    "collected": 0,
    "in_transit": 1,
    "stuck": 1,
    "out_for_delivery": 2,
    "rejected": 3,
    "signed": 3,
}
REFUND_RANK: dict[RefundState, int] = {
    "requested": 0,
    "agreed": 1,
    "returning": 2,
    "rejected": 3,
    "withdrawn": 3,
    "done": 3,
}

_TIMES = ("paid_at", "shipped_at", "delivered_at", "confirmed_at", "closed_at")
# Told by the newest event; of the rest, what it leaves open stays as it was.
_SAID_BY_THE_NEWEST = ("receiver", "phone", "address", "goods_amount", "discount", "postage", "paid_amount")
_KEPT_WHEN_LEFT_OPEN = (*_TIMES, "close_reason", "deposit_paid", "region", "note")


class NotYetError(Exception):
    """The event says something of what the shop doesn't know yet; the message says what is missing."""


def apply(session: Session, event: OrderEvent) -> None:
    """Brings the shop's tables up to an event.

    Args:
        session: A session that may write; nobody else applies events of this order meanwhile.
        event: The event, recorded and not yet applied.

    Raises:
        NotYetError: Something that it needs has to come first.
        WrongEventError: Its payload is not in the normal form.
    """
    facts = facts_of(event.kind, event.payload)
    if isinstance(facts, normal_form.Order):
        order = _apply_order(session, event, facts)
    elif event.kind in ("cart", "favourite"):
        # There is no table to bring up to date: the event itself is what later work reads.
        return
    else:
        found = session.get(Order, event.order_no)
        if found is None:
            raise NotYetError(f"order {event.order_no} is not known yet")
        order = found
        if isinstance(facts, normal_form.Parcel):
            _apply_parcel(session, order, facts, event)
        elif isinstance(facts, normal_form.Refund):
            _apply_refund(session, order, facts)
    _follow_payments(session, order, event)
    _follow_parcels(order)


def _apply_order(session: Session, event: OrderEvent, facts: normal_form.Order) -> Order:
    order: Order | None = session.get(Order, facts.no)
    if order is None:
        order = Order(no=facts.no, customer_id=_customer_of(session, facts), placed_at=facts.placed_at)
        is_newest = moves = True
        session.add(order)
    else:
        known = max([order.placed_at, *(at for name in _TIMES if (at := getattr(order, name)) is not None)])
        before = _newest_applied(session, event, "order", facts.no)
        rank, had = ORDER_RANK[facts.state], ORDER_RANK[order.state]
        is_newest = _is_newest(event, before, rank, had) and (before is not None or event.occurred_at >= known)
        moves = is_newest and (event.occurred_at >= known or rank >= had)
    if moves:
        order.state = facts.state
    if is_newest:
        for name in _SAID_BY_THE_NEWEST:
            setattr(order, name, getattr(facts, name))
    for name in _KEPT_WHEN_LEFT_OPEN:
        told, had_before = getattr(facts, name), getattr(order, name)
        if told not in (None, "") and (is_newest or had_before in (None, "")):
            setattr(order, name, told)
    if facts.lines and (is_newest or not order.lines):
        _set_lines(session, order, facts.lines)
    session.flush()
    for parcel in facts.parcels:
        _apply_parcel(session, order, parcel, event)
    for refund in facts.refunds:
        _apply_refund(session, order, refund)
    return order


def _customer_of(session: Session, facts: normal_form.Order) -> str:
    # Somebody who bought without an account is a customer of this one order, whom nobody can sign in as.
    guest = "guest:" + hashlib.sha256(facts.no.encode()).hexdigest()[:24]
    customer = facts.customer_id or guest
    if session.get(Customer, customer) is None:
        session.add(Customer(id=customer, nickname=facts.receiver, phone=facts.phone, region=facts.region))
        session.flush()
    return customer


def _set_lines(session: Session, order: Order, lines: Iterable[normal_form.OrderLine]) -> None:
    rows = []
    for ordinal, line in enumerate(lines):
        sku = session.get(Sku, line.sku_code) if line.sku_code else _only_sku(session, line.product_no)
        if sku is None or sku.product_no != line.product_no:
            wanted = line.sku_code or "its only variant"
            raise NotYetError(f"product {line.product_no} with {wanted} is not in the catalogue; import it")
        rows.append(
            OrderLine(
                order_no=order.no,
                ordinal=ordinal,
                sku_code=sku.code,
                product_no=sku.product_no,
                name=line.name,
                sku_text=line.sku_text or sku.text,
                quantity=line.quantity,
                unit_price=line.unit_price,
                share=line.share,
            )
        )
    order.lines = []
    session.flush()
    order.lines = rows


def _only_sku(session: Session, product_no: str) -> Sku | None:
    skus: list[Sku] = list(session.scalars(select(Sku).where(column(Sku.product_no) == product_no).limit(2)))
    return skus[0] if len(skus) == 1 else None


def _apply_parcel(session: Session, order: Order, facts: normal_form.Parcel, event: OrderEvent) -> None:
    parcel = session.get(Parcel, facts.no)
    if parcel is None:
        parcel = Parcel(no=facts.no, order_no=order.no, carrier=facts.carrier, state=facts.state)
        parcel.since = event.occurred_at
        order.parcels.append(parcel)
    elif parcel.order_no != order.no:
        raise NotYetError(f"parcel {facts.no} belongs to another order already")
    else:
        rank, had = PARCEL_RANK[facts.state], PARCEL_RANK[parcel.state]
        is_newest = _is_newest(event, _newest_applied(session, event, "parcel", facts.no), rank, had)
        seen = max((trace.at for trace in parcel.traces), default=event.occurred_at)
        if is_newest and (event.occurred_at >= seen or rank >= had):
            if parcel.state != facts.state:
                # Not what its traces say: what is stuck has none of late.
                parcel.since = event.occurred_at
            parcel.state, parcel.carrier = facts.state, facts.carrier
    known = {(trace.at, trace.text) for trace in parcel.traces}
    for trace in facts.traces:
        if (trace.at, trace.text) not in known:
            known.add((trace.at, trace.text))
            parcel.traces.append(ParcelTrace(at=trace.at, place=trace.place, text=trace.text))
    session.flush()


def _apply_refund(session: Session, order: Order, facts: normal_form.Refund) -> None:
    refund = session.get(Refund, facts.no)
    values = {name: getattr(facts, name) for name in ("kind", "state", "amount", "reason", "asked_at", "promised_at")}
    if refund is None:
        order.refunds.append(Refund(no=facts.no, order_no=order.no, updated_at=facts.updated_at, **values))
    elif refund.order_no != order.no:
        raise NotYetError(f"refund {facts.no} belongs to another order already")
    elif (facts.updated_at, REFUND_RANK[facts.state]) >= (refund.updated_at, REFUND_RANK[refund.state]):
        for name, value in values.items():
            setattr(refund, name, value)
        refund.updated_at = facts.updated_at
    session.flush()


def _newest_applied(session: Session, event: OrderEvent, kind: EventKind, object_id: str) -> datetime | None:
    """When the newest event happened that the tables already tell of."""
    query = select(func.max(column(OrderEvent.occurred_at))).where(
        column(OrderEvent.order_no) == event.order_no,
        column(OrderEvent.kind) == kind,
        column(OrderEvent.object_id) == object_id,
        column(OrderEvent.applied_at).is_not(None),
        column(OrderEvent.id) != event.id,
    )
    return cast("datetime | None", session.scalar(query))


def _is_newest(event: OrderEvent, before: datetime | None, rank: int, had: int) -> bool:
    """Whether an event is the newest of its object; of the same second, the state that is further on is newer."""
    if before is None or event.occurred_at > before:
        return True
    return event.occurred_at == before and rank >= had


def _follow_payments(session: Session, order: Order, event: OrderEvent) -> None:
    """Moves an order on to what was paid for it, by all payments together: their order tells nothing."""
    query = select(OrderEvent).where(
        column(OrderEvent.order_no) == order.no,
        column(OrderEvent.kind) == "payment",
        column(OrderEvent.applied_at).is_not(None) | (column(OrderEvent.id) == event.id),
    )
    by_number = {each.object_id: facts_of("payment", each.payload) for each in session.scalars(query)}
    payments = [each for each in by_number.values() if isinstance(each, Payment)]
    if not payments:
        return
    deposits = [each for each in payments if each.deposit]
    whole = [each for each in payments if not each.deposit]
    if deposits and order.deposit_paid is None:
        order.deposit_paid = sum((each.amount for each in deposits), Decimal(0))
    order.paid_amount = max(order.paid_amount, sum((each.amount for each in payments), Decimal(0)))
    reached: OrderState = "paid" if whole else "deposit_paid"
    if ORDER_RANK[order.state] < ORDER_RANK[reached]:
        order.state = reached
        order.paid_at = max(each.paid_at for each in whole or deposits)
    elif order.paid_at is None and order.state != "unpaid":
        order.paid_at = max(each.paid_at for each in whole or deposits)


def _follow_parcels(order: Order) -> None:
    """Moves an order on to where its parcels are."""
    if not order.parcels or order.state in ("unpaid", "deposit_paid"):
        return
    if order.state == "paid":
        # A platform that sends part of an order says so; one that doesn't sends it whole.
        order.state = "shipped"
    traces = [trace.at for parcel in order.parcels for trace in parcel.traces]
    order.shipped_at = order.shipped_at or min(traces, default=None)
    if order.state != "part_shipped" and all(parcel.state == "signed" for parcel in order.parcels):
        order.delivered_at = order.delivered_at or max(traces, default=None)
        if order.state == "shipped":
            order.state = "delivered"
