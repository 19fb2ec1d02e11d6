"""Rasa's own tracker stores publish to our broker and are read back: both ways tell the ledger the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

import pytest
from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import select

from sixty.channels.event_recorder import EventRecorder
from sixty.channels.ledger_broker import LedgerBroker
from sixty.channels.trackers import Trackers
from sixty.ledger.models import LedgerEvent, Message
from sixty.ledger.receiving import Incoming, receive
from sixty.ledger.reconciling import reconcile
from sixty.shop.database import engine_for, shop_session, upgrade_database


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    address = f"sqlite:///{tmp_path / 'shop.db'}"
    upgrade_database(address)
    yield address
    engine_for(address).dispose()


def events_of(message_id: int) -> list[Event]:
    return [
        ActionExecuted("action_session_start"),
        SessionStarted(),
        SlotSet("session_started_metadata", {"context": "a signed token"}),
        ActionExecuted("action_listen"),
        UserUttered(
            "GZ2101多少钱",
            {"name": "ask_price", "confidence": 0.9123456789012345},
            [{"entity": "product", "value": "GZ2101", "start": 0, "end": 6}],
            input_channel="web",
            message_id=str(message_id),
        ),
        SlotSet("product_no", "GZ2101"),
        ActiveLoop("size_form"),
        ActionExecuted("action_tell_price", policy="RulePolicy", confidence=1.0),
        BotUttered("229元", metadata={"outcome": "answered"}),
        SlotSet("seen", ["GZ2101", 1.5, None, {"a": True}]),
        ActionExecuted("action_listen"),
    ]


@pytest.mark.parametrize("kind", ["memory", "sql"])
async def test_what_is_published_and_what_is_read_back_are_the_same(url: str, tmp_path: Path, kind: str) -> None:
    with shop_session(url) as session:
        asked = receive(session, Incoming("chat", "web", text="GZ2101多少钱"), datetime.now(timezone.utc)).message
    broker = LedgerBroker(EventRecorder(partial(shop_session, url)))
    domain = Domain.empty()
    domain.slots = None  # type: ignore[assignment]
    store: TrackerStore
    if kind == "memory":
        store = InMemoryTrackerStore(domain, event_broker=broker)
    else:
        store = SQLTrackerStore(domain, db=str(tmp_path / "tracker.db"), event_broker=broker)
    tracker = DialogueStateTracker("chat", None)
    for each in events_of(asked.id):
        # As Rasa's processor marks them.
        each.metadata |= {"model_id": "m", "assistant_id": "sixty"}
        tracker.update(each)
        await store.save(tracker)
    await broker.close()
    with shop_session(url) as session:
        told = session.get(Message, asked.id)
        assert told is not None
        assert told.actions == ["action_tell_price"]
        assert told.understood == {
            "intent": "ask_price",
            "confidence": 0.9123456789012345,
            "entities": [{"entity": "product", "value": "GZ2101", "start": 0, "end": 6}],
        }
        kept = list(session.scalars(select(LedgerEvent).order_by(LedgerEvent.at, LedgerEvent.id)))
        assert [each.kind for each in kept] == ["session_started", "user", "slot", "active_loop", "action", "slot"]
        assert "a signed token" not in str([each.data for each in kept])
        assert kept[-1].data == {"name": "seen", "value": ["GZ2101", 1.5, None, {"a": True}]}
    read_back = await _read(store)
    assert len(read_back) >= len(events_of(asked.id))
    with shop_session(url) as session:
        found = reconcile(session, "chat", read_back)
    assert (found.added, found.unrecorded, found.unheard) == (0, 0, [])
    assert found.unfinished == [asked.id]


async def _read(store: TrackerStore) -> list[dict[str, object]]:
    """As `Trackers.events` does, which runs a loop of its own."""
    import asyncio

    return await asyncio.to_thread(Trackers(store).events, "chat")
