"""Rasa's SQL tracker store, set up so that a turn does not wait for the disk, and reads its tracker once.

A turn ends with its tracker being saved, on the server's event loop. SQLite as it comes waits there until the disk has
confirmed every byte twice, which took more than a third of a turn. With a write-ahead log it appends: what was saved
survives every death of the process; only a power failure may take the last moments.

Rasa's own store reads a tracker three times a turn: to begin with, to see what is new for the event broker, and to see
what is new for itself. A tracker that was read here remembers how many of its events are stored; the lock of its
conversation keeps everybody else from adding to it meanwhile.
"""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import islice
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import QueuePool

from sixty.dialogue.before_saving import all_is_written, stores_ask

_BUSY_TIMEOUT_MS = 10_000
_STORED = "events_stored"
_rasas_own_search = Event.resolve_by_type


class QuickTrackerStore(SQLTrackerStore):
    """`type: sixty.dialogue.quick_tracker_store.QuickTrackerStore`, with the options of Rasa's `SQL`."""

    engine: Any
    sessionmaker: Any

    def __init__(self, *options: Any, **more: Any) -> None:
        """Connects as Rasa's own does; every later connection to SQLite is prepared first."""
        super().__init__(*options, **more)
        if self.engine.dialect.name == "sqlite":
            # Connections stay open: the last one to be closed would clear the log away, and wait for that.
            self.engine = sa.create_engine(
                self.engine.url, poolclass=QueuePool, connect_args={"check_same_thread": False}
            )
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            self.sessionmaker = sessionmaker(bind=self.engine)
        Event.resolve_by_type = staticmethod(_remembered_type)
        stores_ask()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker of the latest session, as Rasa's own store has it."""
        with self.engine.connect() as connection:
            found = connection.execute(_LATEST_SESSION, {"sender": sender_id}).scalars().all()
        if not found or not self.domain:
            return None
        events = [json.loads(data) for data in found]
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        if len(tracker.events) == len(events):
            setattr(tracker, _STORED, len(events))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Publishes and stores what is new, once all that was said of it is written down."""
        await all_is_written()
        stored = getattr(tracker, _STORED, None)
        if stored is None or stored > len(tracker.events):
            await super().save(tracker)
        else:
            new = [event.as_dict() for event in islice(tracker.events, stored, None)]
            if self.event_broker is not None:
                for data in new:
                    self.event_broker.publish({"sender_id": tracker.sender_id, **data})
            if new:
                with self.engine.begin() as connection:
                    connection.execute(_ADD, [_row(tracker.sender_id, data) for data in new])
        setattr(tracker, _STORED, len(tracker.events))


_EVENTS: Any = SQLTrackerStore.SQLEvent.__table__
_ADD = sa.insert(_EVENTS)
_EARLIER: Any = _EVENTS.alias()
_SESSION_START = (
    sa.select(sa.func.max(_EARLIER.c.timestamp))
    .where(_EARLIER.c.sender_id == sa.bindparam("sender"), _EARLIER.c.type_name == SessionStarted.type_name)
    .scalar_subquery()
)
_LATEST_SESSION = (
    sa.select(_EVENTS.c.data)
    .where(
        _EVENTS.c.sender_id == sa.bindparam("sender"),
        _EVENTS.c.timestamp >= sa.func.coalesce(_SESSION_START, 0),
    )
    .order_by(_EVENTS.c.id)
)


def _row(sender_id: str, data: dict[str, Any]) -> dict[str, Any]:
    """An event as a row of Rasa's own table."""
    return {
        "sender_id": sender_id,
        "type_name": data["event"],
        "timestamp": data.get("timestamp"),
        "intent_name": ((data.get("parse_data") or {}).get("intent") or {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def _prepare_sqlite(connection: Any, record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


@lru_cache(maxsize=256)
def _known_type(name: str) -> type[Event]:
    found: type[Event] | None = _rasas_own_search(name)
    if found is None:
        raise LookupError(name)
    return found


def _remembered_type(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
    """As Rasa's own, which goes through all classes of events anew for every event of a tracker."""
    try:
        return _known_type(type_name)
    except (LookupError, ValueError):
        # Nothing is remembered of what is not there: Rasa says what that means.
        found: type[Event] | None = _rasas_own_search(type_name, default)
        return found
