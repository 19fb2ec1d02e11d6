"""Reads orders, for those they belong to only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import desc, select
from sqlalchemy.orm import Session, selectinload

from sixty.shop.models import Order, OrderLine, Product
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
        mine = column(Order.customer_id) == viewer.customer_id
    else:
        moment = now or datetime.now(timezone.utc)
        mine = column(Order.no).in_(proved_orders(session, viewer.conversation_id, moment))
    query = _whole_orders().where(mine).order_by(desc(Order.placed_at), Order.no).limit(limit)
    return list(session.scalars(query))


def order_for(session: Session, order_no: str, viewer: Viewer, now: datetime | None = None) -> Order | None:
    """Reads one order, if it is the viewer's or was proved in this conversation.

    Returns:
        The order, or `None` when there is none with this number *or* it is somebody
        else's: the two cannot be told apart.
    """
    number = plain_order_no(order_no)
    order: Order | None = session.scalars(_whole_orders().where(column(Order.no) == number)).first()
    if order is None:
        return None
    if viewer.customer_id is not None and order.customer_id == viewer.customer_id:
        return order
    moment = now or datetime.now(timezone.utc)
    return order if order.no in proved_orders(session, viewer.conversation_id, moment) else None


def _whole_orders() -> Any:
    # Loaded with all that `describe_order` speaks of, so that it needs no session.
    lines = selectinload(Order.lines).selectinload(OrderLine.product)
    return select(Order).options(lines.selectinload(Product.presales))
