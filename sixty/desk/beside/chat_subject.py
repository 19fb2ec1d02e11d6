"""What a conversation is about: who it is with, their order, the product; read as the bot reads it, owner checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.orm import Session

from sixty.desk.beside.told_so_far import slots_of
from sixty.desk.conversations import Conversation
from sixty.desk.handoffs import current_handoff
from sixty.shop.catalogue import find_product
from sixty.shop.gateways.errors import GatewayError
from sixty.shop.gateways.normal_form import Order
from sixty.shop.gateways.ports import OrderGateway
from sixty.shop.models import Product
from sixty.shop.orders import Viewer

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Subject:
    """What a conversation is about.

    Attributes:
        conversation: Its row.
        viewer: Who it is with, as far as the server knows them.
        level: Their level of membership.
        slots: What they have told so far, by Rasa's slots.
        product: The product that is talked about.
        order: The order that is talked about, one of their own; else their newest.
        orders: Their orders, the newest first.
        stale: Whether those are from before, because the shop's system cannot be asked now.
        missing: What could not be read at all.
    """

    conversation: Conversation
    viewer: Viewer
    level: str | None
    slots: Mapping[str, Any]
    product: Product | None
    order: Order | None
    orders: tuple[Order, ...] = ()
    stale: bool = False
    missing: tuple[str, ...] = field(default=())


def subject_of(
    session: Session, conversation_id: str, orders: OrderGateway, now: datetime, most_orders: int = 20
) -> Subject:
    """Reads what a conversation is about.

    Args:
        session: Any session.
        conversation_id: The conversation.
        orders: The orders of the shop's system.
        now: The present moment.
        most_orders: How many orders are read.

    Raises:
        LookupError: There is no such conversation.
    """
    conversation: Conversation | None = session.get(Conversation, conversation_id)
    if conversation is None:
        raise LookupError(f"there is no conversation {conversation_id}")
    hand_off = current_handoff(session, conversation_id)
    # The row keeps who was proved: the agent's work goes on when the customer's token has run out.
    customer_id = conversation.customer_id or (hand_off.customer_id if hand_off is not None else None)
    viewer = Viewer(conversation_id, customer_id)
    told = dict((hand_off.context.get("slots") or {}) if hand_off is not None else {})
    slots = {**told, **slots_of(session, conversation_id)}
    missing: list[str] = []
    found: tuple[Order, ...] = ()
    stale = False
    order: Order | None = None
    try:
        reading = orders.orders_of(viewer, most_orders)
        found, stale = reading.value, reading.stale
        order = _meant(orders, viewer, found, slots.get("order_no") or conversation.order_no)
    except GatewayError as error:
        _log.warning("beside.without_orders", kind=type(error).__name__)
        missing.append("orders")
    number = slots.get("product_no") or conversation.product_no
    return Subject(
        conversation=conversation,
        viewer=viewer,
        level=conversation.level,
        slots=slots,
        product=find_product(session, str(number)) if number else None,
        order=order,
        orders=found,
        stale=stale,
        missing=tuple(missing),
    )


def _meant(orders: OrderGateway, viewer: Viewer, found: tuple[Order, ...], number: Any) -> Order | None:
    if number:
        named = next((each for each in found if each.no == str(number)), None)
        named = named or orders.order_for(str(number), viewer).value
        if named is not None:
            return named
    return found[0] if found else None
