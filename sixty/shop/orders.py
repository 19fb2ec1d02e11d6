"""Reads orders, for those they belong to only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import bindparam, desc, select
from sqlalchemy.orm import Session

from sixty.shop import models
from sixty.shop.gateways.normal_form import Order, OrderLine, Parcel, PresaleWindow, Refund, Trace
from sixty.shop.order_answers import OrderAnswer, describe_order
from sixty.shop.proofs import plain_order_no, proved_orders
from sixty.tables import column

__all__ = ["OrderAnswer", "Viewer", "describe_order", "order_for", "order_to_change", "orders_of"]


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
    query = _ORDERS.where(mine).order_by(desc(models.Order.placed_at), models.Order.no).limit(limit)
    return _whole_orders(session, query)


def order_for(session: Session, order_no: str, viewer: Viewer, now: datetime | None = None) -> Order | None:
    """Reads one order, if it is the viewer's or was proved in this conversation.

    Returns:
        The order, or `None` when there is none with this number *or* it is somebody
        else's: the two cannot be told apart.
    """
    number = plain_order_no(order_no)
    order = next(iter(_whole_orders(session, _ORDERS.where(column(models.Order.no) == number))), None)
    if order is None:
        return None
    if viewer.customer_id is None or order.customer_id != viewer.customer_id:
        moment = now or datetime.now(timezone.utc)
        if order.no not in proved_orders(session, viewer.conversation_id, moment):
            return None
    return order


def order_to_change(session: Session, order_no: str, viewer: Viewer, now: datetime) -> Order | None:
    """Reads an order like :func:`order_for`, as it is in the database now, and keeps others from changing it.

    What this session had read of it before is read anew. The order stays locked until the transaction ends.
    """
    number = plain_order_no(order_no)
    query = select(models.Order).where(column(models.Order.no) == number).execution_options(populate_existing=True)
    session.scalars(query.with_for_update(of=models.Order)).first()
    return order_for(session, order_no, viewer, now)


def _fields(model: Any, form: type) -> list[Any]:
    """The columns of a table that a form has a field for."""
    wanted = {field.name for field in fields(form)}
    return [getattr(model, each.key) for each in model.__table__.columns if each.key in wanted]


def _parts(model: Any, form: type, whose: Any, *order: Any) -> Any:
    """Reads parts of several things, each with what it is a part of."""
    query = select(column(whose).label(_WHOSE), *_fields(model, form))
    return query.where(column(whose).in_(bindparam(_OWNERS, expanding=True))).order_by(*order)


_WHOSE, _OWNERS = "whose", "owners"
# Made once, and read as columns: an order has parts in five tables, and as mapped objects they took most of the time.
_ORDERS = select(*_fields(models.Order, Order))
_LINES = _parts(models.OrderLine, OrderLine, models.OrderLine.order_no, models.OrderLine.ordinal)
_PRESALES = _parts(models.Presale, PresaleWindow, models.Presale.product_no, models.Presale.starts_at)
_PARCELS = _parts(models.Parcel, Parcel, models.Parcel.order_no, models.Parcel.no)
_TRACES = _parts(models.ParcelTrace, Trace, models.ParcelTrace.parcel_no, models.ParcelTrace.at, models.ParcelTrace.id)
_REFUNDS = _parts(models.Refund, Refund, models.Refund.order_no, models.Refund.asked_at, models.Refund.no)

Parts = dict[str, list[dict[str, Any]]]


def _whole_orders(session: Session, query: Any) -> list[Order]:
    """Reads orders with all that `describe_order` speaks of."""
    orders = [dict(row._mapping) for row in session.execute(query)]
    numbers = [each["no"] for each in orders]
    lines, parcels, refunds = (_read(session, parts, numbers) for parts in (_LINES, _PARCELS, _REFUNDS))
    presales = _read(session, _PRESALES, {line["product_no"] for each in lines.values() for line in each})
    traces = _read(session, _TRACES, [parcel["no"] for each in parcels.values() for parcel in each])
    return [
        Order(
            **order,
            lines=tuple(_line(line, presales) for line in lines.get(order["no"], ())),
            parcels=tuple(_parcel(parcel, traces) for parcel in parcels.get(order["no"], ())),
            refunds=tuple(Refund(**refund) for refund in refunds.get(order["no"], ())),
        )
        for order in orders
    ]


def _read(session: Session, query: Any, owners: Collection[str]) -> Parts:
    found: Parts = {}
    if owners:
        for row in session.execute(query, {_OWNERS: list(owners)}):
            part = dict(row._mapping)
            found.setdefault(part.pop(_WHOSE), []).append(part)
    return found


def _line(line: dict[str, Any], presales: Parts) -> OrderLine:
    windows = tuple(PresaleWindow(**each) for each in presales.get(line["product_no"], ()))
    return OrderLine(**line, presales=windows)


def _parcel(parcel: dict[str, Any], traces: Parts) -> Parcel:
    return Parcel(**parcel, traces=tuple(Trace(**each) for each in traces.get(parcel["no"], ())))
