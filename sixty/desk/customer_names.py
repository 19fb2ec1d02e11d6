"""How the workbench names whoever a conversation is with."""

from __future__ import annotations

from pydantic import BaseModel
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.desk.desk_rules import RoutingRules
from sixty.masking import mask_name
from sixty.shop.models import Customer


class CustomerShown(BaseModel):
    """A customer in a line.

    Attributes:
        id: The merchant's number; None for an unknown visitor.
        name: Masked unless it is shown in clear; a visitor is told apart by the end of their number.
    """

    id: str | None
    name: str
    level: str | None
    region: str | None
    vip: bool


def customer_shown(
    session: Session,
    conversation: Conversation | None,
    customer_id: str | None,
    rules: RoutingRules,
    *,
    clear: bool = False,
) -> CustomerShown:
    """Names a customer.

    Args:
        session: Any session.
        conversation: The conversation, as far as there is one.
        customer_id: Who it is, as far as it was proved.
        rules: The merchant's, which say who is a VIP.
        clear: Whether the name is shown in full.
    """
    known: Customer | None = session.get(Customer, customer_id) if customer_id else None
    level = (conversation.level if conversation else None) or (known.level if known else None)
    region = (conversation.region if conversation else None) or (known.region if known else None) or None
    return CustomerShown(
        id=customer_id,
        name=_name(known, conversation, customer_id, clear),
        level=level,
        region=region,
        vip=rules.is_vip(level),
    )


def _name(known: Customer | None, conversation: Conversation | None, customer_id: str | None, clear: bool) -> str:
    if known is not None:
        return known.nickname if clear else mask_name(known.nickname)
    if customer_id is not None:
        return f"顾客 {customer_id[-4:]}"
    who = (conversation.visitor_id or conversation.id) if conversation else ""
    letters = "".join(letter for letter in who if letter.isalnum())
    return f"访客 {letters[-4:].upper()}" if letters else "访客"
