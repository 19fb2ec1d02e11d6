"""Rasa's tracker store, read and cleared from outside, in the stores that can be had here."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from rasa.core.tracker_store import DynamoTrackerStore, InMemoryTrackerStore, MongoTrackerStore, RedisTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from sixty.channels.trackers import Trackers
from sixty.errors import OperatorError
from sixty.settings import project_root

CHATS = ("chat-1", "chat-2")


@pytest.fixture
def endpoints(tmp_path: Path) -> Path:
    """The project's own endpoints, with the store in a folder of the test."""
    text = (project_root() / "endpoints.yml").read_text(encoding="utf-8")
    path = tmp_path / "endpoints.yml"
    path.write_text(text.replace("var/tracker.db", str(tmp_path / "tracker.db")), encoding="utf-8")
    return path


def fill(store: Any) -> None:
    for name in CHATS:
        tracker = DialogueStateTracker(name, None)
        for number, event in enumerate(
            (
                UserUttered("多少钱", {"name": "ask_price"}, message_id="17"),
                SlotSet("product_no", "GZ2101"),
                ActionExecuted("action_tell_price"),
            )
        ):
            event.timestamp = time.time() + number
            tracker.update(event)
        asyncio.run(store.save(tracker))


def in_memory() -> InMemoryTrackerStore:
    return InMemoryTrackerStore(Domain.empty())


def check(trackers: Trackers) -> None:
    fill(trackers._store)
    assert sorted(trackers.conversation_ids()) == list(CHATS)
    events = trackers.events("chat-1")
    assert [each["event"] for each in events if each["event"] != "session_started"][:3] == ["user", "slot", "action"]
    assert events[0]["message_id"] == "17"
    assert trackers.events("nobody") == []
    assert trackers.forget(["chat-1", "nobody"]) == 1
    assert (trackers.events("chat-1"), trackers.conversation_ids()) == ([], ["chat-2"])
    assert trackers.forget([]) == 0


def test_the_store_of_the_project_is_read_and_cleared(endpoints: Path) -> None:
    check(Trackers.of(endpoints))
    # Another process sees the same.
    assert Trackers.of(endpoints).conversation_ids() == ["chat-2"]


def test_a_store_in_memory_is_cleared() -> None:
    check(Trackers(in_memory()))


class FakeRedis(dict[str, str]):
    def set(self, key: str, value: str, ex: object = None) -> None:
        self[key] = value

    def keys(self, pattern: str) -> list[str]:  # type: ignore[override]
        return [each for each in dict.keys(self) if each.startswith(pattern.rstrip("*"))]

    def delete(self, key: str) -> int:
        return int(self.pop(key, None) is not None)


def test_a_store_in_redis_is_cleared() -> None:
    store = RedisTrackerStore(Domain.empty(), key_prefix="sixty")
    store.red = FakeRedis()
    store.domain.slots = None
    check(Trackers(store))


def test_a_store_in_mongo_is_asked_to_delete_by_the_conversation() -> None:
    asked: list[dict[str, str]] = []

    class Collection:
        def delete_one(self, which: dict[str, str]) -> Any:
            asked.append(which)
            return type("Done", (), {"deleted_count": 1})

    class Fake(MongoTrackerStore):  # type: ignore[misc]
        conversations = Collection()

    store = Fake.__new__(Fake)
    assert Trackers(store).forget(["chat-1"]) == 1
    assert asked == [{"sender_id": "chat-1"}]


def test_a_store_that_nobody_can_clear_is_told() -> None:
    with pytest.raises(OperatorError, match="--keep-trackers"):
        Trackers(DynamoTrackerStore.__new__(DynamoTrackerStore)).forget(["chat-1"])


@pytest.mark.parametrize("said", ["", "tracker_store: {type: in_memory}", "tracker_store: ["])
def test_endpoints_without_a_store_are_told(tmp_path: Path, said: str) -> None:
    path = tmp_path / "endpoints.yml"
    path.write_text(said)
    with pytest.raises(OperatorError):
        Trackers.of(path)
