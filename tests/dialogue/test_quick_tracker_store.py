"""Trackers are kept as Rasa keeps them, without waiting for the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from sixty.dialogue.quick_tracker_store import QuickTrackerStore

DOMAIN = Domain.from_yaml("version: '3.1'\nintents: [greet]\nslots: {a: {type: any, mappings: [{type: custom}]}}")


def _store(path: Path) -> QuickTrackerStore:
    config = EndpointConfig.from_dict(
        {"type": "sixty.dialogue.quick_tracker_store.QuickTrackerStore", "dialect": "sqlite", "db": str(path)}
    )
    store = TrackerStore.create(config, DOMAIN)
    inner = getattr(store, "_tracker_store", store)
    assert isinstance(inner, QuickTrackerStore)
    return inner


def _tracker() -> DialogueStateTracker:
    events = [
        ActionExecuted("action_session_start"),
        SessionStarted(),
        ActionExecuted("action_listen"),
        UserUttered("你好", {"name": "greet", "confidence": 1.0}, message_id="7"),
        SlotSet("a", [1, {"b": "二"}]),
        BotUttered("您好～", {"buttons": None}),
        ActionExecuted("action_listen"),
    ]
    return DialogueStateTracker.from_events("c1", events, DOMAIN.slots)


async def test_a_tracker_comes_back_and_rasas_own_store_reads_it_too(tmp_path: Path) -> None:
    path = tmp_path / "tracker.db"
    tracker = _tracker()
    said = [event.as_dict() for event in tracker.events]
    await _store(path).save(tracker)
    for store in (_store(path), SQLTrackerStore(DOMAIN, dialect="sqlite", db=str(path))):
        found = await store.retrieve("c1")
        assert found is not None
        assert [event.as_dict() for event in found.events] == said[1:]
        assert found.get_slot("a") == [1, {"b": "二"}]
        assert found.latest_message is not None
        assert found.latest_message.message_id == "7"


async def test_every_connection_appends_to_a_log(tmp_path: Path) -> None:
    store = _store(tmp_path / "tracker.db")
    with store.engine.connect() as one, store.engine.connect() as other:
        for connection in (one, other):
            assert connection.execute(sa.text("PRAGMA journal_mode")).scalar() == "wal"
            assert connection.execute(sa.text("PRAGMA synchronous")).scalar() == 1


def test_kinds_of_events_are_found_as_rasa_finds_them(tmp_path: Path) -> None:
    _store(tmp_path / "tracker.db")
    assert Event.resolve_by_type("slot") is SlotSet
    assert Event.resolve_by_type("slot") is SlotSet
    assert Event.resolve_by_type("no_such", SlotSet) is SlotSet
    assert Event.resolve_by_type("topic") is None
    with pytest.raises(ValueError, match="no_such"):
        Event.resolve_by_type("no_such")

    class Late(SlotSet):
        type_name = "no_such"

    assert Event.resolve_by_type("no_such") is Late


class Broker(EventBroker):
    """Keeps what is published."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []

    def publish(self, event: dict[str, Any]) -> None:
        self.published.append(event)


async def test_it_keeps_and_publishes_what_rasas_own_store_does(tmp_path: Path) -> None:
    turns = [
        [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")],
        [UserUttered("你好", {"name": "greet"}, message_id="1", timestamp=50.0), BotUttered("您好～")],
        [SlotSet("a", "二"), ActionExecuted("action_listen", policy="RulePolicy", confidence=1.0)],
        # Another session; the store reads the events of the latest one only.
        [ActionExecuted("action_session_start"), SessionStarted(), SlotSet("a", "二")],
        [UserUttered("谢谢", {"name": "greet"}, message_id="2")],
        [],
        [BotUttered("不客气", metadata={"utter_action": "utter_a"}), ActionExecuted("action_listen")],
    ]
    for moment, event in enumerate(event for turn in turns for event in turn):
        event.timestamp = 100.0 + moment
    kept: list[Any] = []
    for kind in (QuickTrackerStore, SQLTrackerStore):
        broker = Broker()
        store = kind(DOMAIN, db=str(tmp_path / f"{kind.__name__}.db"), event_broker=broker)
        for turn in turns:
            tracker = await store.get_or_create_tracker("c1", append_action_listen=False)
            for event in turn:
                tracker.update(event)
                # Some turns are saved in the middle as well.
                if isinstance(event, UserUttered):
                    await store.save(tracker)
            await store.save(tracker)
        with store.engine.connect() as connection:
            rows = connection.execute(sa.text("SELECT * FROM events ORDER BY id")).all()
        full = await store.retrieve_full_tracker("c1")
        assert full is not None
        kept.append((rows, broker.published, [event.as_dict() for event in full.events]))
    assert len(kept[0][0]) == sum(map(len, turns))
    assert kept[0] == kept[1]


async def test_a_turn_reads_its_tracker_once(tmp_path: Path) -> None:
    store = QuickTrackerStore(DOMAIN, db=str(tmp_path / "tracker.db"), event_broker=Broker())
    await store.save(_tracker())
    statements: list[str] = []
    sa.event.listen(store.engine, "before_cursor_execute", lambda *told: statements.append(told[2].split()[0]))
    tracker = await store.get_or_create_tracker("c1")
    tracker.update(UserUttered("好的", message_id="8"))
    await store.save(tracker)
    assert statements == ["SELECT", "INSERT"]


async def test_nothing_is_added_twice(tmp_path: Path) -> None:
    store = QuickTrackerStore(DOMAIN, db=str(tmp_path / "tracker.db"))
    await store.save(_tracker())
    tracker = await store.retrieve("c1")
    assert tracker is not None
    tracker.update(SlotSet("a", "三"))
    await store.save(tracker)
    await store.save(tracker)
    again = await store.retrieve("c1")
    assert again is not None
    assert [event.value for event in again.events if isinstance(event, SlotSet)] == [[1, {"b": "二"}], "三"]
