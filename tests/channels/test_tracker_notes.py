"""What people, reminders and deeds have said stands in Rasa's tracker as well, once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from sixty.channels.tracker_notes import MESSAGE, TrackerNotes
from sixty.dialogue.quick_tracker_store import QuickTrackerStore
from sixty.ledger.models import Message
from tests.channels.rig import Rig, echo
from tests.channels.test_courier import put_in

DOMAIN = Domain.from_yaml("version: '3.1'\nintents: [greet]\nslots: {a: {type: any, mappings: [{type: custom}]}}")


@pytest.fixture(params=[SQLTrackerStore, QuickTrackerStore])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> TrackerStore:
    made: TrackerStore = request.param(DOMAIN, db=str(tmp_path / "tracker.db"))
    return made


class Server:
    """As much of a Rasa server as keeps trackers."""

    def __init__(self, store: TrackerStore, ready: bool = True) -> None:
        self.locks = InMemoryLockStore()
        agent = SimpleNamespace(tracker_store=store, lock_store=self.locks, is_ready=lambda: ready)
        self.app: Any = SimpleNamespace(ctx=SimpleNamespace(agent=agent))


async def spoken(store: TrackerStore, conversation: str) -> None:
    """A conversation with one turn in it."""
    tracker = await store.get_or_create_tracker(conversation)
    for event in (SessionStarted(), ActionExecuted("action_listen"), UserUttered("在吗", message_id="1")):
        tracker.update(event)
    tracker.update(BotUttered("在的～"))
    tracker.update(ActionExecuted("action_listen"))
    await store.save(tracker)


async def said(store: TrackerStore, conversation: str) -> list[BotUttered]:
    tracker = await store.retrieve(conversation)
    return [event for event in tracker.events if isinstance(event, BotUttered)] if tracker else []


def message(number: int, text: str = "亲，我是小王", **more: Any) -> Message:
    values = {"author": "agent", "payload": {}, "answers_id": None, "conversation_id": "c1", **more}
    return Message(id=number, text=text, channel="web", at=datetime.now(timezone.utc), **values)


async def test_it_is_noted_once_and_in_order_behind_what_was_said(store: TrackerStore) -> None:
    await spoken(store, "c1")
    notes = TrackerNotes(lambda: Server(store).app)
    capsules = [{"title": "查物流", "payload": "/track_order"}]
    for each in (message(7), message(8, "", author="system", payload={"capsules": capsules}), message(7)):
        notes.note(each)
    await notes.all_noted()
    first, agents, systems = await said(store, "c1")
    assert (first.text, agents.text) == ("在的～", "亲，我是小王")
    assert [each.metadata[MESSAGE] for each in (agents, systems)] == [7, 8]
    assert (agents.metadata["author"], systems.data["buttons"]) == ("agent", capsules)


async def test_the_bot_goes_on_where_it_was(store: TrackerStore) -> None:
    await spoken(store, "c1")
    notes = TrackerNotes(lambda: Server(store).app)
    notes.note(message(7))
    await notes.all_noted()
    tracker: DialogueStateTracker | None = await store.retrieve("c1")
    assert tracker is not None
    assert tracker.latest_action_name == "action_listen"
    assert tracker.latest_message is not None
    assert tracker.latest_message.message_id == "1"
    # A turn that is saved after it keeps it.
    tracker.update(UserUttered("好的", message_id="9"))
    await store.save(tracker)
    assert [event.text for event in await said(store, "c1")] == ["在的～", "亲，我是小王"]
    kept = await store.retrieve("c1")
    assert kept is not None
    assert kept.latest_message is not None
    assert kept.latest_message.message_id == "9"


async def test_a_turn_that_is_under_way_is_waited_for(store: TrackerStore) -> None:
    await spoken(store, "c1")
    server = Server(store)
    notes = TrackerNotes(lambda: server.app)
    async with server.locks.lock("c1"):
        tracker = await store.retrieve("c1")
        notes.note(message(7))
        await asyncio.sleep(0.05)
        assert tracker is not None
        tracker.update(BotUttered("马上"))
        await store.save(tracker)
    await notes.all_noted()
    assert [event.text for event in await said(store, "c1")] == ["在的～", "马上", "亲，我是小王"]


@pytest.mark.parametrize("more", [{"answers_id": 6}, {"author": "customer"}])
async def test_what_rasa_has_said_or_heard_itself_is_not_noted(store: TrackerStore, more: dict[str, Any]) -> None:
    await spoken(store, "c1")
    notes = TrackerNotes(lambda: Server(store).app)
    notes.note(message(7, **more))
    await notes.all_noted()
    assert len(await said(store, "c1")) == 1


async def test_a_conversation_that_rasa_does_not_know_is_left_alone(store: TrackerStore) -> None:
    notes = TrackerNotes(lambda: Server(store).app)
    notes.note(message(7, conversation_id="new"))
    await notes.all_noted()
    assert await store.retrieve("new") is None


@pytest.mark.parametrize("app", [None, SimpleNamespace(ctx=SimpleNamespace()), "away", "not ready"])
async def test_nothing_that_goes_wrong_is_anybodys_trouble(app: Any) -> None:
    class Away(SQLTrackerStore):
        async def retrieve(self, sender_id: str) -> Any:
            raise ConnectionError

    if isinstance(app, str):
        app = Server(Away(DOMAIN, db=":memory:"), ready=app == "away").app
    notes = TrackerNotes(lambda: app)
    notes.note(message(7))
    await notes.all_noted()


async def test_what_the_courier_has_delivered_is_noted(shop_url: str, store: TrackerStore) -> None:
    rig = Rig(shop_url, echo)
    conversation = rig.conversation()
    await spoken(store, conversation)
    put_in(rig, conversation, "您的包裹到了")
    await rig.door.open(Server(store).app)
    while len(await said(store, conversation)) < 2:
        await asyncio.sleep(0.02)
    await rig.door.close()
    assert [row.state for row in rig.outbox()] == ["sent"]
    assert [event.text for event in await said(store, conversation)] == ["在的～", "您的包裹到了"]
