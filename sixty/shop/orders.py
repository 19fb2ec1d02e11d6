"""Reads orders, for those they belong to only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import desc, select
from sqlalchemy.orm import Session, selectinload

from sixty.shop import models
from sixty.shop.gateways.normal_form import Order, OrderLine, Parcel, PresaleWindow, Refund, Trace
from sixty.shop.order_answers import OrderAnswer, describe_order
from sixty.shop.proofs import plain_order_no, proved_orders
from sixty.tables import column

__all__ = ["OrderAnswer", "Viewer", "describe_order", "order_for", "orders_of"]


@dataclass(frozen=True)
class Viewer:
    """Who asks: a conversation, and the customer in it as far as the server knows.

    Never made from anything that a client, a slot or an entity claims.
    """

    conversation_id: str
    customer_id: str | None


def orders_of(session: Session, viewer: Viewer, limit: int = 5, now: datetime | None = None) -> list[Order]:
    """Lists the viewer's orders, the newest first.

    A known customer gets theirs; an unknown visitor those they proved in this
    conversation.
    """
    if viewer.customer_id is not None:
        mine = column(models.Order.customer_id) == viewer.customer_id
    else:
        moment = now or datetime.now(timezone.utc)
        mine = column(models.Order.no).in_(proved_orders(session, viewer.conversation_id, moment))
    query = _whole_orders().where(mine).order_by(desc(models.Order.placed_at), models.Order.no).limit(limit)
    return [_in_normal_form(order) for order in session.scalars(query)]


def order_for(session: Session, order_no: str, viewer: Viewer, now: datetime | None = None) -> Order | None:
    """Reads one order, if it is the viewer's or was proved in this conversation.

    Returns:
        The order, or `None` when there is none with this number *or* it is somebody
        else's: the two cannot be told apart.
    """
    number = plain_order_no(order_no)
    order: models.Order | None = session.scalars(_whole_orders().where(column(models.Order.no) == number)).first()
    if order is None:
        return None
    if viewer.customer_id is None or order.customer_id != viewer.customer_id:
        moment = now or datetime.now(timezone.utc)
        if order.no not in proved_orders(session, viewer.conversation_id, moment):
            return None
    return _in_normal_form(order)


def _whole_orders() -> Any:
    # Loaded with all that `describe_order` speaks of.
    lines = selectinload(models.Order.lines).selectinload(models.OrderLine.product)
    return select(models.Order).options(lines.selectinload(models.Product.presales))


def _in_normal_form(row: models.Order) -> Order:
    return Order(
        no=row.no,
        customer_id=row.customer_id,
        state=row.state,
        placed_at=row.placed_at,
        paid_at=row.paid_at,
        shipped_at=row.shipped_at,
        delivered_at=row.delivered_at,
        confirmed_at=row.confirmed_at,
        closed_at=row.closed_at,
        close_reason=row.close_reason,
        receiver=row.receiver,
        phone=row.phone,
        address=row.address,
        region=row.region,
        goods_amount=row.goods_amount,
        discount=row.discount,
        postage=row.postage,
        paid_amount=row.paid_amount,
        deposit_paid=row.deposit_paid,
        note=row.note,
        lines=tuple(_line(line) for line in row.lines),
        parcels=tuple(_parcel(parcel) for parcel in row.parcels),
        refunds=tuple(_refund(refund) for refund in row.refunds),
    )


def _line(row: models.OrderLine) -> OrderLine:
    return OrderLine(
        product_no=row.product_no,
        name=row.name,
        quantity=row.quantity,
        unit_price=row.unit_price,
        share=row.share,
        sku_code=row.sku_code,
        sku_text=row.sku_text,
        presales=tuple(
            PresaleWindow(
                starts_at=presale.starts_at,
                balance_from=presale.balance_from,
                balance_until=presale.balance_until,
                ships_by=presale.ships_by,
            )
            for presale in row.presales
        ),
    )


def _parcel(row: models.Parcel) -> Parcel:
    traces = tuple(Trace(at=trace.at, text=trace.text, place=trace.place) for trace in row.traces)
    return Parcel(no=row.no, carrier=row.carrier, state=row.state, traces=traces)


def _refund(row: models.Refund) -> Refund:
    return Refund(
        no=row.no,
        kind=row.kind,
        state=row.state,
        amount=row.amount,
        asked_at=row.asked_at,
        updated_at=row.updated_at,
        reason=row.reason,
        promised_at=row.promised_at,
    )
