"""Which choice a typed number means: the choices of what was said since the customer's last line, counted through."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.channels.plain import number_in
from sixty.ledger.models import Message
from sixty.ledger.reading import Capsule, choices
from sixty.tables import column


def first_number(session: Session, message: Message) -> int:
    """The number of a message's first choice, behind those of the messages of the same turn before it."""
    return 1 + sum(len(choices(each.payload)) for each in _said_since(session, message.conversation_id, message.id))


def typed_choice(session: Session, conversation_id: str, text: str) -> Capsule | None:
    """The choice that a line means; None when it is no number, or none that was offered just now."""
    number = number_in(text)
    if number is None:
        return None
    offered = [
        Capsule(conversation_id, choice["title"], choice["payload"], each.id, index)
        for each in _said_since(session, conversation_id)
        for index, choice in enumerate(choices(each.payload))
    ]
    return offered[number - 1] if number <= len(offered) else None


def _said_since(session: Session, conversation_id: str, before: int | None = None) -> list[Message]:
    """What was said to the customer after their last line, in front of a message or up to now."""
    here = column(Message.conversation_id) == conversation_id
    earlier = () if before is None else (column(Message.id) < before,)
    last = session.scalar(select(func.max(Message.id)).where(here, column(Message.author) == "customer", *earlier)) or 0
    query = select(Message).where(here, column(Message.id) > last, column(Message.author) != "customer", *earlier)
    return list(session.scalars(query.order_by(Message.id)))
