"""Lets later work – reminders, reports – deal with every event once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from sixty.shop.order_events.models import EventKind, EventMark, OrderEvent
from sixty.tables import column


def unmarked(
    session: Session, consumer: str, kinds: Collection[EventKind], since: datetime, limit: int = 100
) -> list[OrderEvent]:
    """Lists events that a consumer has not dealt with, the oldest first.

    Args:
        session: A session that will mark them; on PostgreSQL another one gets other events meanwhile.
        consumer: Name of the work.
        kinds: Which events it is about.
        since: What happened before is of no interest.
        limit: How many at most.
    """
    done = exists().where(column(EventMark.event_id) == OrderEvent.id, column(EventMark.consumer) == consumer)
    query = (
        select(OrderEvent)
        .where(column(OrderEvent.kind).in_(sorted(kinds)), column(OrderEvent.occurred_at) >= since, ~done)
        .order_by(OrderEvent.occurred_at, OrderEvent.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def mark(session: Session, consumer: str, event: OrderEvent, now: datetime) -> bool:
    """Marks an event as dealt with; returns whether it was this call that did."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = session.execute(
        insert(EventMark.__table__)
        .values(consumer=consumer, event_id=event.id, at=now)
        .on_conflict_do_nothing(index_elements=["consumer", "event_id"])
    )
    return bool(made.rowcount)
