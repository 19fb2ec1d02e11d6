"""What agents write down for each other; no customer ever reads it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Text, func, or_, select
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.desk.feed import announce
from sixty.tables import Base, UtcDateTime, column

About = Literal["chat", "customer"]

LONGEST_NOTE = 2000


class DeskNote(Base):
    """A note about a conversation, or about the customer, which is read in all of theirs."""

    __tablename__ = "desk_note"
    __table_args__ = (
        CheckConstraint("about IN ('chat', 'customer')", name="about"),
        Index("ix_desk_note_conversation_id", "conversation_id"),
        Index("ix_desk_note_customer_id", "customer_id"),
    )

    id: int = Column(Integer, primary_key=True)
    conversation_id: str = Column(String(64), nullable=False)
    customer_id: str | None = Column(String(64))
    agent_id: str = Column(String(32), nullable=False)
    about: About = Column(String(16), nullable=False)
    text: str = Column(Text, nullable=False)
    at: datetime = Column(UtcDateTime, nullable=False)


def add_note(session: Session, conversation_id: str, agent_id: str, text: str, about: About, now: datetime) -> DeskNote:
    """Writes a note.

    Args:
        session: A session that may write.
        conversation_id: Where it is written.
        agent_id: Who writes.
        text: What; 1 to `LONGEST_NOTE` characters.
        about: `chat`, or `customer`, which an unknown visitor is not: then it is about the chat.
        now: The present moment.

    Raises:
        LookupError: There is no such conversation.
        ValueError: The text is empty or too long.
    """
    said = text.strip()
    if not 1 <= len(said) <= LONGEST_NOTE:
        raise ValueError(f"a note has 1 to {LONGEST_NOTE} characters")
    conversation: Conversation | None = session.get(Conversation, conversation_id)
    if conversation is None:
        raise LookupError(f"there is no conversation {conversation_id}")
    customer_id = conversation.customer_id if about == "customer" else None
    note = DeskNote(
        conversation_id=conversation_id,
        customer_id=customer_id,
        agent_id=agent_id,
        about="customer" if customer_id else "chat",
        text=said,
        at=now,
    )
    session.add(note)
    session.flush()
    announce(session, "note", conversation_id, {"note": note.id}, now)
    return note


def notes_of(session: Session, conversation_id: str, customer_id: str | None = None) -> list[DeskNote]:
    """The notes of a conversation, and those about its customer, the first first."""
    here = column(DeskNote.conversation_id) == conversation_id
    theirs = column(DeskNote.customer_id) == customer_id
    query = select(DeskNote).where(here if customer_id is None else or_(here, theirs)).order_by(DeskNote.id)
    return list(session.scalars(query))


def note_counts(session: Session, conversation_ids: list[str]) -> dict[str, int]:
    """How many notes conversations have, by conversation."""
    if not conversation_ids:
        return {}
    query = (
        select(DeskNote.conversation_id, func.count())
        .where(column(DeskNote.conversation_id).in_(conversation_ids))
        .group_by(DeskNote.conversation_id)
    )
    return dict(session.execute(query).all())
