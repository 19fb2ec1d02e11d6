"""Whispers (密语): what a supervisor says in a talk to colleagues alone; no customer ever reads it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Text, select
from sqlalchemy.orm import Session

from sixty.desk.desk_errors import EndedError
from sixty.desk.feed import announce
from sixty.desk.handoff_rows import locked_handoff
from sixty.tables import Base, UtcDateTime, column

LONGEST_WHISPER = 500


class Whisper(Base):
    """One such line. It is no row of the ledger, from which everything else is delivered to customers."""

    __tablename__ = "whisper"
    __table_args__ = (
        Index("ix_whisper_conversation_id", "conversation_id"),
        Index("ix_whisper_hand_off_id", "hand_off_id"),
    )

    id: int = Column(Integer, primary_key=True)
    conversation_id: str = Column(String(64), nullable=False)
    hand_off_id: int = Column(Integer, ForeignKey("hand_off.id", ondelete="CASCADE"), nullable=False)
    account_id: int = Column(Integer, ForeignKey("account.id"), nullable=False)
    name: str = Column(String(32), nullable=False)
    text: str = Column(Text, nullable=False)
    at: datetime = Column(UtcDateTime, nullable=False)


def whisper(session: Session, conversation_id: str, account_id: int, name: str, text: str, now: datetime) -> Whisper:
    """Says something to whoever has a conversation.

    Args:
        session: A session that may write.
        conversation_id: The conversation.
        account_id: Who says it.
        name: What colleagues know them by.
        text: What; 1 to `LONGEST_WHISPER` characters.
        now: The present moment.

    Raises:
        EndedError: Nobody has it.
        ValueError: The text is empty or too long.
    """
    said = text.strip()
    if not 1 <= len(said) <= LONGEST_WHISPER:
        raise ValueError(f"a whisper has 1 to {LONGEST_WHISPER} characters")
    hand_off = locked_handoff(session, conversation_id)
    if hand_off is None or hand_off.state != "taken":
        raise EndedError(conversation_id)
    made = Whisper(
        conversation_id=conversation_id,
        hand_off_id=hand_off.id,
        account_id=account_id,
        name=name[:32],
        text=said,
        at=now,
    )
    session.add(made)
    session.flush()
    announce(session, "whisper", conversation_id, {"whisper": whisper_form(made)}, now)
    data = {"kind": "whisper", "note": said}
    announce(session, "alert", conversation_id, data, now, agent_id=hand_off.agent_id)
    return made


def whispers_of(session: Session, conversation_id: str) -> list[Whisper]:
    """What was whispered in a conversation, the first first."""
    query = select(Whisper).where(column(Whisper.conversation_id) == conversation_id).order_by(Whisper.id)
    return list(session.scalars(query))


def whisper_forms(whispers: Iterable[Whisper]) -> list[dict[str, Any]]:
    """Whispers as the API has them."""
    return [whisper_form(each) for each in whispers]


def whisper_form(one: Whisper) -> dict[str, Any]:
    """A whisper as the API has it."""
    return {"id": one.id, "name": one.name, "text": one.text, "at": one.at.isoformat()}
