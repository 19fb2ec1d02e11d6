"""What happens at the desk, in order, for whoever watches: a row for each change, read behind a cursor.

Messages are no part of it: their own ids are the cursor of the ledger (`sixty.ledger.reading.since`). A row only says
that something is new; what is new is read where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, delete, func, select, text
from sqlalchemy.orm import Session

from sixty.tables import Base, UtcDateTime, column

ANNOUNCING = 6012
"""The advisory lock that writers of the feed share on PostgreSQL; who reads waits for those who hold it."""

KEPT_FOR = timedelta(days=2)
"""Whoever was away for longer reads everything anew."""

_BigId = BigInteger().with_variant(Integer(), "sqlite")


class DeskEvent(Base):
    """One thing that happened.

    Attributes:
        kind: `chat`, `chat_gone`, `alert`, `presence`, `note`, `looking`, `draft`, `rating`, `suggestions`.
        conversation_id: Where; None for what belongs to no conversation.
        agent_id: Whom alone it concerns; None for everybody who may see the conversation.
        group_id: The group that it concerns, where it is one's business.
    """

    __tablename__ = "desk_event"
    __table_args__ = (Index("ix_desk_event_at", "at"), {"sqlite_autoincrement": True})

    id: int = Column(_BigId, primary_key=True)
    kind: str = Column(String(16), nullable=False)
    conversation_id: str | None = Column(String(64))
    agent_id: str | None = Column(String(32))
    group_id: str | None = Column(String(32))
    data: dict[str, Any] = Column(JSON, nullable=False, default=dict)
    at: datetime = Column(UtcDateTime, nullable=False)


def announce(
    session: Session,
    kind: str,
    conversation_id: str | None,
    data: Mapping[str, Any],
    now: datetime,
    agent_id: str | None = None,
    group: str | None = None,
) -> None:
    """Tells whoever watches, together with what it tells of: in one transaction.

    Args:
        session: The session that writes what it tells of.
        kind: What kind of thing has happened.
        conversation_id: Where.
        data: What a reader could not see by itself.
        now: The present moment.
        agent_id: Whom alone it concerns.
        group: The group that it concerns.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock_shared({ANNOUNCING})"))
    session.add(
        DeskEvent(
            kind=kind, conversation_id=conversation_id, agent_id=agent_id, group_id=group, data=dict(data), at=now
        )
    )
    session.flush()


def events_since(session: Session, cursor: int, limit: int = 500) -> list[DeskEvent]:
    """Reads what has happened behind a cursor, in order, and misses nothing.

    Args:
        session: A session in which nothing has been written.
        cursor: The highest id that the reader has dealt with; 0 in the beginning.
        limit: How many at most.
    """
    query = select(DeskEvent).where(column(DeskEvent.id) > cursor).order_by(DeskEvent.id).limit(limit)
    if session.get_bind().dialect.name == "postgresql":
        drawn = session.scalar(text("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM desk_event_id_seq"))
        if drawn <= cursor:
            return []
        # Ids up to `drawn` may be on their way. Once nobody holds the lock any more, they stand there or never will.
        session.execute(text(f"SELECT pg_advisory_lock({ANNOUNCING}), pg_advisory_unlock({ANNOUNCING})"))
        query = query.where(column(DeskEvent.id) <= drawn)
    return list(session.scalars(query))


def newest_event(session: Session) -> int:
    """The highest id there is, from which a reader that wants only what is to come begins."""
    return int(session.scalar(select(func.max(DeskEvent.id))) or 0)


def oldest_event(session: Session) -> int:
    """The lowest id there still is; a cursor in front of it has missed something."""
    return int(session.scalar(select(func.min(DeskEvent.id))) or 0)


def tidy_feed(session: Session, now: datetime) -> int:
    """Deletes what nobody goes on from any more; returns how many rows. The last row always stays."""
    newest = newest_event(session)
    statement = delete(DeskEvent).where(column(DeskEvent.at) < now - KEPT_FOR, column(DeskEvent.id) < newest)
    return int(session.execute(statement.execution_options(synchronize_session=False)).rowcount)
