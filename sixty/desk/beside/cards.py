"""The cards that an agent's message may carry: a product, or one of the customer's own orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from actions import cards as drawn
from sixty.desk.beside.agent_words import card_as_a_person
from sixty.desk.conversations import Conversation
from sixty.settings import Settings
from sixty.shop.catalogue import find_product
from sixty.shop.gateways.chosen import order_gateway
from sixty.shop.order_answers import describe_order
from sixty.shop.orders import Viewer
from sixty.shop.prices import NoPriceError, price_card


def card_for(
    session: Session, kind: str, no: str, conversation: Conversation, now: datetime, settings: Settings
) -> dict[str, Any]:
    """Draws a card as the bot does, with the prices of this customer and the state of now.

    Args:
        session: Any session.
        kind: `product` or `order`.
        no: Its number.
        conversation: Whose; an order that is not theirs is not there.
        now: The present moment.
        settings: Which shop system is read.

    Raises:
        LookupError: There is no such product or order, no price, or no such kind of card.
        GatewayError: The shop's system gives no answer.
    """
    if kind == "product":
        product = find_product(session, no)
        if product is None:
            raise LookupError(f"there is no product {no}")
        try:
            return drawn.product_card(product, price_card(session, product, conversation.level, now))
        except NoPriceError:
            raise LookupError(f"{no} has no price") from None
    if kind == "order":
        viewer = Viewer(conversation.id, conversation.customer_id)
        order = order_gateway(session, now, settings).order_for(no, viewer).value
        if order is None:
            raise LookupError(f"there is no order {no} of this customer")
        return card_as_a_person(drawn.order_card(order, describe_order(order, now), now))
    raise LookupError(f"there are no cards of kind {kind}")
