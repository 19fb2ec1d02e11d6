"""The log of who had a conversation when, and by whose doing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Text, or_, select, update
from sqlalchemy.orm import Session

from sixty.tables import Base, UtcDateTime, column

Why = Literal["claimed", "routed", "transferred", "taken_over", "returned"]


class Assignment(Base):
    """That a conversation was with somebody for a while.

    Attributes:
        agent_id: Whom it was with.
        by: Who has seen to that: an agent, or `system`.
        why: `claimed` by themselves, `routed` to them, `transferred`, `taken_over` from somebody.
        note: What whoever passed it on wants them to know.
        until: When it was with them no longer.
        left_for: Why not: `transferred`, `queue`, `gone`, `taken_over`, `ended`.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        Index("ix_assignment_hand_off_id", "hand_off_id"),
        Index("ix_assignment_conversation_id", "conversation_id"),
        Index("ix_assignment_agent_id_at", "agent_id", "at"),
        Index("ix_assignment_at", "at"),
    )

    id: int = Column(Integer, primary_key=True)
    hand_off_id: int = Column(Integer, ForeignKey("hand_off.id", ondelete="CASCADE"), nullable=False)
    conversation_id: str = Column(String(64), nullable=False)
    agent_id: str = Column(String(32), ForeignKey("agent.id"), nullable=False)
    by: str = Column(String(64), nullable=False)
    why: Why = Column(String(16), nullable=False)
    note: str = Column(Text, nullable=False, default="")
    at: datetime = Column(UtcDateTime, nullable=False)
    until: datetime | None = Column(UtcDateTime)
    left_for: str | None = Column(String(16))


def begin_assignment(
    session: Session,
    hand_off_id: int,
    conversation_id: str,
    agent_id: str,
    by: str,
    why: Why,
    now: datetime,
    note: str = "",
) -> Assignment:
    """Writes down that a conversation is with somebody from now on."""
    made = Assignment(
        hand_off_id=hand_off_id,
        conversation_id=conversation_id,
        agent_id=agent_id,
        by=by,
        why=why,
        note=note,
        at=now,
    )
    session.add(made)
    session.flush()
    return made


def end_assignment(session: Session, hand_off_id: int, left_for: str, now: datetime) -> None:
    """Writes down that a conversation is with nobody any more."""
    session.execute(
        update(Assignment)
        .where(column(Assignment.hand_off_id) == hand_off_id, column(Assignment.until).is_(None))
        .values(until=now, left_for=left_for)
        .execution_options(synchronize_session=False)
    )


def assignments_of(session: Session, conversation_id: str) -> list[Assignment]:
    """Who had a conversation, the first first."""
    query = (
        select(Assignment)
        .where(column(Assignment.conversation_id) == conversation_id)
        .order_by(Assignment.at, Assignment.id)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def held_at(session: Session, conversation_id: str, at: datetime) -> str | None:
    """Which agent had a conversation at some time."""
    query = (
        select(Assignment.agent_id)
        .where(
            column(Assignment.conversation_id) == conversation_id,
            column(Assignment.at) <= at,
            or_(column(Assignment.until).is_(None), column(Assignment.until) >= at),
        )
        .order_by(column(Assignment.at).desc(), column(Assignment.id).desc())
        .limit(1)
    )
    agent_id: str | None = session.scalars(query).first()
    return agent_id


def given_back_by(session: Session, hand_offs: Collection[int]) -> dict[int, str]:
    """Who has put hand-offs into the queue that they had, of those whose last agent did so on purpose."""
    query = (
        select(Assignment.hand_off_id, Assignment.agent_id, Assignment.left_for)
        .where(column(Assignment.hand_off_id).in_(list(hand_offs)))
        .order_by(Assignment.at, Assignment.id)
    )
    last = {row.hand_off_id: row for row in session.execute(query)} if hand_offs else {}
    return {number: row.agent_id for number, row in last.items() if row.left_for == "queue"}
