"""Who is writing just now, on either side, for the other one to see; across processes, and gone by itself."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Column, String, delete, select
from sqlalchemy.orm import Session

from sixty.tables import Base, UtcDateTime, column

LASTS = timedelta(seconds=6)
"""A mark is set again every few seconds while somebody types."""

CUSTOMER = "customer"


class TypingMark(Base):
    """That somebody is writing in a conversation: `customer`, or an agent's id."""

    __tablename__ = "typing_mark"

    conversation_id: str = Column(String(64), primary_key=True)
    who: str = Column(String(32), primary_key=True)
    until: datetime = Column(UtcDateTime, nullable=False)


def type_in(session: Session, conversation_id: str, who: str, on: bool, now: datetime) -> None:
    """Says that somebody is writing, or not any more."""
    if on:
        session.merge(TypingMark(conversation_id=conversation_id, who=who, until=now + LASTS))
    else:
        here = column(TypingMark.conversation_id) == conversation_id, column(TypingMark.who) == who
        session.execute(delete(TypingMark).where(*here).execution_options(synchronize_session=False))
    session.flush()


def typing_now(session: Session, now: datetime, who: Collection[str] | None = None) -> list[TypingMark]:
    """Who is writing.

    Args:
        session: Any session.
        now: The present moment.
        who: Only these.
    """
    query = select(TypingMark).where(column(TypingMark.until) > now)
    if who is not None:
        query = query.where(column(TypingMark.who).in_(list(who)))
    return list(session.scalars(query.execution_options(populate_existing=True)))


def forget_typing(session: Session, now: datetime) -> int:
    """Removes marks that have run out; returns how many."""
    statement = delete(TypingMark).where(column(TypingMark.until) <= now - LASTS)
    return int(session.execute(statement.execution_options(synchronize_session=False)).rowcount)
