"""Marks a conversation for a person to take over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Column, Index, Integer, String, Text, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sixty.tables import Base, UtcDateTime, column

HandOffState = Literal["queued", "taken", "closed"]
_OPEN = text("state <> 'closed'")


class HandOff(Base):
    """A conversation that waits for, or is with, a person."""

    __tablename__ = "hand_off"
    __table_args__ = (
        Index(
            "uq_hand_off_open",
            "conversation_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_hand_off_state_created_at", "state", "created_at"),
    )

    id: int = Column(Integer, primary_key=True)
    conversation_id: str = Column(String(64), nullable=False)
    channel: str = Column(String(32), nullable=False)
    customer_id: str | None = Column(String(64))
    reason: str = Column(String(64), nullable=False)
    question: str = Column(Text, nullable=False)
    context: dict[str, Any] = Column(JSON, nullable=False)
    state: HandOffState = Column(String(16), nullable=False, default="queued")
    created_at: datetime = Column(UtcDateTime, nullable=False)


def open_handoff(
    session: Session,
    conversation_id: str,
    reason: str,
    question: str,
    context: Mapping[str, Any],
    channel: str,
    customer_id: str | None,
    now: datetime,
) -> tuple[HandOff, bool]:
    """Puts a conversation into the queue for a person, once.

    Args:
        session: A session that may write.
        conversation_id: The server's id of the conversation.
        reason: Why: `asked`, `misunderstood`, `failed` …
        question: What the customer wants, in their own words.
        context: What the person needs to know, so that nothing is asked twice.
        channel: Where the customer writes.
        customer_id: Who it is, as far as it is proved.
        now: The present moment.

    Returns:
        The open hand-off, and whether it was made by this call.
    """
    existing = current_handoff(session, conversation_id)
    if existing is not None:
        return existing, False
    made = HandOff(
        conversation_id=conversation_id,
        channel=channel,
        customer_id=customer_id,
        reason=reason,
        question=question,
        context=dict(context),
        state="queued",
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        # Another process was faster; its row is the one that counts.
        existing = current_handoff(session, conversation_id)
        if existing is None:
            raise
        return existing, False
    return made, True


def current_handoff(session: Session, conversation_id: str) -> HandOff | None:
    """Finds the hand-off of a conversation that is still open."""
    query = select(HandOff).where(column(HandOff.conversation_id) == conversation_id, column(HandOff.state) != "closed")
    found: HandOff | None = session.scalars(query).first()
    return found
