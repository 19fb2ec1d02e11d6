"""What agents made of the answers that were suggested to them; from it trainers see what is worth suggesting."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.orm import Session

from sixty.ledger.models import Message
from sixty.ledger.rows import add_new
from sixty.tables import Base, UtcDateTime, column

How = Literal["sent", "edited", "dismissed"]

LONGEST_ID = 64

_ID = re.compile(r"(answer|product|order|policy|quick_reply)-([1-9])-([0-9a-f]{16})-([1-9][0-9]{0,17})")


class SuggestionUse(Base):
    """What one agent made of one suggestion, the first time.

    Attributes:
        message_id: The customer's message that it was made for.
        suggestion: Its id, the same for the same words.
        source: What it was taken from.
        place: From 1, the best one.
    """

    __tablename__ = "suggestion_use"
    __table_args__ = (
        UniqueConstraint("message_id", "suggestion", "agent_id"),
        CheckConstraint("how IN ('sent', 'edited', 'dismissed')", name="how"),
        Index("ix_suggestion_use_conversation_id", "conversation_id"),
    )

    id: int = Column(Integer, primary_key=True)
    conversation_id: str = Column(String(64), nullable=False)
    message_id: int = Column(BigInteger().with_variant(Integer(), "sqlite"), nullable=False)
    suggestion: str = Column(String(LONGEST_ID), nullable=False)
    agent_id: str = Column(String(32), ForeignKey("agent.id"), nullable=False)
    source: str = Column(String(16), nullable=False)
    place: int = Column(Integer, nullable=False)
    how: How = Column(String(16), nullable=False)
    at: datetime = Column(UtcDateTime, nullable=False)


def suggestion_id(source: str, place: int, text: str, message_id: int) -> str:
    """The id of a suggestion: the same for the same words at the same place for the same message."""
    return f"{source}-{place}-{hashlib.blake2s(text.strip().encode(), digest_size=8).hexdigest()}-{message_id}"


def message_of(suggestion: str) -> int | None:
    """The customer's message that a suggestion was made for; None for what is no id of one."""
    read = _ID.fullmatch(suggestion)
    return int(read[4]) if read is not None else None


def note_sent(
    session: Session, conversation_id: str, suggestion_id: str, agent_id: str, message_id: int, now: datetime
) -> None:
    """Writes down that an agent has sent a message made from a suggestion; silent where there is no such one.

    Args:
        session: A session that may write.
        conversation_id: The conversation.
        suggestion_id: The suggestion.
        agent_id: Who.
        message_id: The message that was sent; what is in it beside the suggestion tells whether it was edited.
        now: The present moment.
    """
    made_for = message_of(suggestion_id)
    sent: Message | None = session.get(Message, message_id)
    if made_for is None or sent is None or sent.conversation_id != conversation_id:
        return
    read = _ID.fullmatch(suggestion_id)
    digest = hashlib.blake2s(sent.text.strip().encode(), digest_size=8).hexdigest()
    how: How = "sent" if read is not None and read[3] == digest else "edited"
    note_use(session, conversation_id, made_for, suggestion_id, agent_id, how, now)


def note_use(
    session: Session,
    conversation_id: str,
    message_id: int,
    suggestion: str,
    agent_id: str,
    how: How,
    now: datetime,
) -> bool:
    """Writes down what an agent made of a suggestion; returns False when that is known already, or the id is none.

    Args:
        session: A session that may write.
        conversation_id: The conversation.
        message_id: The customer's message that it was made for.
        suggestion: Its id, which tells its source and its place: `answer-1-6f0a…`.
        agent_id: Who.
        how: What they made of it.
        now: The present moment.
    """
    read = _ID.fullmatch(suggestion)
    if read is None:
        return False
    values = {
        "conversation_id": conversation_id,
        "message_id": message_id,
        "suggestion": suggestion,
        "agent_id": agent_id,
        "source": read[1],
        "place": int(read[2]),
        "how": how,
        "at": now,
    }
    return add_new(session, SuggestionUse, values, ("message_id", "suggestion", "agent_id")) is not None


def uses(session: Session, since: datetime, until: datetime) -> Mapping[str, Mapping[str, int]]:
    """How often suggestions of each source were sent, edited, dismissed in a span of time."""
    query = (
        select(SuggestionUse.source, SuggestionUse.how, func.count())
        .where(column(SuggestionUse.at) >= since, column(SuggestionUse.at) < until)
        .group_by(SuggestionUse.source, SuggestionUse.how)
    )
    found: dict[str, dict[str, int]] = {}
    for source, how, count in session.execute(query):
        found.setdefault(source, {})[how] = count
    return found
