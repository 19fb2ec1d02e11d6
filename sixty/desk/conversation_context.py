"""Gives the page its signed context: a conversation of its own, and who is in it."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from sixty.context import Context, Entry, read_context, sign_context
from sixty.shop.models import Customer

LIFETIME = timedelta(minutes=30)
# A page that slept, or was closed over night, goes on with its conversation; after that it begins another.
RENEWABLE_FOR = timedelta(hours=24)
_CONVERSATION_ID_BYTES = 24

_PRODUCT_NO = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,31}")
_ORDER_NO = re.compile(r"[0-9]{16,18}")


class UnknownCustomerError(LookupError):
    """The demo has no such customer."""


@dataclass(frozen=True)
class Wish:
    """What a page asks a context for. All of it comes from the client.

    Attributes:
        entry: Where the chat was opened.
        product_no: The product whose page it is.
        order_no: The order whose page it is.
        customer_id: The demo customer that the page plays.
        conversation_id: The conversation it wants to go on with.
        token: The last context of that conversation, which proves that it is the page's own.
    """

    entry: Entry = "shop"
    product_no: str | None = None
    order_no: str | None = None
    customer_id: str | None = None
    conversation_id: str | None = None
    token: str | None = None


def issue_context(session: Session, wish: Wish, secret: str, demo: bool, now: datetime) -> tuple[Context, str]:
    """Makes the context that the page may have, and signs it.

    A conversation is gone on with when its own token is shown and names the same customer. Otherwise a new,
    unguessable one begins. Who the customer is follows from that token; only a demo may simply say so.

    Returns:
        The context and its token.

    Raises:
        UnknownCustomerError: The demo has no such customer.
    """
    before = _context_before(wish, secret, now)
    customer = _demo_customer(session, wish.customer_id) if demo else None
    if demo:
        customer_id = customer.id if customer else None
        if before is not None and before.customer_id != customer_id:
            before = None
    else:
        customer_id = before.customer_id if before else None
    entry, product_no, order_no = _place(wish)
    context = Context(
        conversation_id=before.conversation_id if before else secrets.token_urlsafe(_CONVERSATION_ID_BYTES),
        customer_id=customer_id,
        level=customer.level if customer else before.level if before else None,
        region=customer.region if customer else before.region if before else None,
        entry=entry,
        product_no=product_no,
        order_no=order_no,
        expires_at=(now + LIFETIME).replace(microsecond=0),
    )
    return context, sign_context(context, secret)


def _context_before(wish: Wish, secret: str, now: datetime) -> Context | None:
    if not wish.conversation_id:
        return None
    return read_context(wish.token, secret, wish.conversation_id, now - RENEWABLE_FOR)


def _demo_customer(session: Session, customer_id: str | None) -> Customer | None:
    if not customer_id:
        return None
    customer: Customer | None = session.get(Customer, customer_id)
    if customer is None:
        raise UnknownCustomerError(customer_id)
    return customer


def _place(wish: Wish) -> tuple[Entry, str | None, str | None]:
    """Where the chat was opened; a number that cannot be one is left out rather than signed."""
    product_no = (wish.product_no or "").strip().upper()
    order_no = (wish.order_no or "").strip()
    if wish.entry == "product" and _PRODUCT_NO.fullmatch(product_no):
        return "product", product_no, None
    if wish.entry == "order":
        return "order", None, order_no if _ORDER_NO.fullmatch(order_no) else None
    return "shop", None, None
