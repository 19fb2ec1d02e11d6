"""Rasa's own tracker stores tell whether a turn was finished."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from sixty.channels.saved_turns import NotReadyError, is_saved, tracker_store_of


def app(store: Any, ready: bool = True) -> Any:
    return SimpleNamespace(ctx=SimpleNamespace(agent=SimpleNamespace(tracker_store=store, is_ready=lambda: ready)))


@pytest.fixture(params=["memory", "sql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> TrackerStore:
    if request.param == "memory":
        return InMemoryTrackerStore(Domain.empty())
    return SQLTrackerStore(Domain.empty(), db=str(tmp_path / "tracker.db"))


async def test_a_saved_turn_is_known_by_its_message(store: TrackerStore) -> None:
    events = [
        ActionExecuted("action_session_start"),
        SessionStarted(),
        UserUttered("在吗", message_id="41"),
        ActionExecuted("action_listen"),
        # Another session has begun since; the turn before it was finished all the same.
        ActionExecuted("action_session_start"),
        SessionStarted(),
        UserUttered("几天到", message_id="42"),
    ]
    await store.save(DialogueStateTracker.from_events("conversation", events))
    assert [await is_saved(store, "conversation", each) for each in (41, 42, 43)] == [True, True, False]
    assert not await is_saved(store, "another", 41)


async def test_a_store_that_is_away_is_not_an_empty_one() -> None:
    class Away(InMemoryTrackerStore):
        async def retrieve_full_tracker(self, conversation_id: str) -> Any:
            raise ConnectionError("no tracker store")

    wrapped = FailSafeTrackerStore(Away(Domain.empty()))
    with pytest.raises(ConnectionError):
        await is_saved(tracker_store_of(app(wrapped)), "conversation", 41)


@pytest.mark.parametrize("server", [SimpleNamespace(ctx=SimpleNamespace()), app(None), app(object(), ready=False)])
def test_rasa_without_a_model_cannot_be_asked(server: Any) -> None:
    with pytest.raises(NotReadyError):
        tracker_store_of(server)
