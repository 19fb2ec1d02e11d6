"""The one way in for events: written once, applied at once where possible, in one transaction with its caller's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import nulls_first, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InterfaceError, OperationalError, StatementError
from sqlalchemy.orm import Session

from sixty.shop.order_events.applying import NotYetError, apply
from sixty.shop.order_events.incoming import Incoming, WrongEventError
from sixty.shop.order_events.models import OrderEvent, Way
from sixty.tables import column


@dataclass(frozen=True)
class Taken:
    """What became of a batch.

    Attributes:
        new: Events that were not known.
        known: Events that came before, by whichever way.
        pending: New ones that wait for something else, such as their order.
    """

    new: int
    known: int
    pending: int

    def __add__(self, other: Taken) -> Taken:
        """Counts both."""
        return Taken(self.new + other.new, self.known + other.known, self.pending + other.pending)


def take_in(session: Session, source: str, events: Iterable[Incoming], way: Way, now: datetime) -> Taken:
    """Records events and brings the shop's tables up to them, whatever order they come in.

    An event of which the shop can't say yet what it says – its order is unknown, its article not imported – is kept
    and applied when that comes. Nothing that an event holds makes this fail.

    Args:
        session: A session that may write; everything is done when it commits, and nothing when it doesn't.
        source: Name of the shop's system.
        events: The events; those already known are counted and change nothing.
        way: How they came.
        now: The present moment.
    """
    batch = {event.external_id: event for event in events}
    _lock_orders(session, {event.order_no for event in batch.values() if event.order_no is not None})
    # In one order everywhere, so that two batches with the same events never wait for each other.
    new = [made for _, event in sorted(batch.items()) if (made := _record(session, source, event, way, now))]
    for event in sorted(new, key=lambda each: (each.occurred_at, each.id)):
        if event.applied_at is None:
            _try(session, event, now)
    session.flush()
    return Taken(len(new), len(batch) - len(new), sum(event.applied_at is None for event in new))


def apply_pending(session: Session, now: datetime, limit: int = 500) -> int:
    """Tries events again that could not be applied, the longest untried first; returns how many now are."""
    query = (
        select(OrderEvent)
        .where(column(OrderEvent.applied_at).is_(None))
        .order_by(nulls_first(column(OrderEvent.tried_at)), OrderEvent.id)
        .limit(limit)
    )
    events: Sequence[OrderEvent] = list(session.scalars(query))
    _lock_orders(session, {event.order_no for event in events if event.order_no is not None})
    done = 0
    for event in events:
        session.refresh(event)
        if event.applied_at is None and _try(session, event, now):
            done += 1
    return done


def _record(session: Session, source: str, event: Incoming, way: Way, now: datetime) -> OrderEvent | None:
    """Writes an event, unless it is known."""
    insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {
        "source": source,
        "external_id": event.external_id,
        "kind": event.kind,
        "object_id": event.object_id,
        "order_no": event.order_no,
        "customer_id": event.customer_id or event.payload.get("customer_id"),
        # A clock that runs ahead there would make everything that follows look old.
        "occurred_at": min(event.occurred_at, now),
        "received_at": now,
        "way": way,
        "payload": _plain(event.payload),
    }
    written = session.execute(
        insert(OrderEvent.__table__).values(**values).on_conflict_do_nothing(index_elements=["source", "external_id"])
    )
    if written.rowcount == 0:
        return None
    found = column(OrderEvent.source) == source, column(OrderEvent.external_id) == event.external_id
    made: OrderEvent = session.scalars(select(OrderEvent).where(*found)).one()
    return made


def _try(session: Session, event: OrderEvent, now: datetime) -> bool:
    event.tried_at = now
    try:
        with session.begin_nested():
            apply(session, event)
            session.flush()
    except (NotYetError, WrongEventError) as error:
        event.problem = str(error)
    except (OperationalError, InterfaceError):
        # The database's trouble is no event's.
        raise
    except (StatementError, ArithmeticError, ValueError) as error:
        # What the tables refuse; the row's values stay out of the log. One event must not keep back the others.
        event.problem = f"the shop's tables refuse it ({type(error).__name__})"
    else:
        event.applied_at = now
        event.problem = None
        session.flush()
        if event.kind == "order":
            _release(session, event, now)
        return True
    session.flush()
    # What was half made has been taken back in the database; the session must not remember it.
    session.expire_all()
    return False


def _release(session: Session, order: OrderEvent, now: datetime) -> None:
    """Applies what waited for this order."""
    waiting = (
        select(OrderEvent)
        .where(
            column(OrderEvent.order_no) == order.order_no,
            column(OrderEvent.applied_at).is_(None),
            column(OrderEvent.kind) != "order",
        )
        .order_by(OrderEvent.occurred_at, OrderEvent.id)
    )
    for event in list(session.scalars(waiting)):
        _try(session, event, now)


def _lock_orders(session: Session, numbers: set[str]) -> None:
    # SQLite's writers take turns anyway. On PostgreSQL two batches about one order would not see each other's events,
    # and the older could have the last word.
    if session.get_bind().dialect.name != "postgresql":
        return
    for number in sorted(numbers):
        session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 1))"), {"key": f"events of order {number}"}
        )


def _plain(value: Any) -> Any:
    """Makes a payload storable as JSON: amounts as text, so that they stay exact."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, (str, bool, int)) else str(value)
