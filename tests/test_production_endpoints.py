"""endpoints.production.yml is what Rasa takes it for, and says no more about a deployment than its variables do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rasa.core.lock_store import LockStore
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException

from sixty.channels.event_stream import read_event_stream
from sixty.dialogue.fitting_responses import FittingResponses
from sixty.dialogue.quick_tracker_store import QuickTrackerStore
from sixty.dialogue.shared_locks import SharedLockStore
from sixty.processes.endpoints import write_endpoints
from sixty.settings import Settings, project_root

PRODUCTION = project_root() / "endpoints.production.yml"
VALUES = {
    "ACTIONS_URL": "http://actions.internal:5055/webhook",
    "SIXTY_REDIS_URL": "rediss://:secret@redis.internal:6380/1",
    "RABBITMQ_HOST": "rabbitmq.internal",
    "RABBITMQ_PORT": "5671",
    "RABBITMQ_USER": "sixty",
    "RABBITMQ_PASSWORD": "p{ä}ss:word",
}


@pytest.fixture
def tracker_url(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """All that the file asks for; on SQLite as on PostgreSQL, because Rasa must not be told which."""
    for name, value in VALUES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TRACKERS_URL", database_url)
    return database_url


async def test_rasa_reads_it(tracker_url: str) -> None:
    found = AvailableEndpoints.read_endpoints(str(PRODUCTION))
    assert found.action.url == VALUES["ACTIONS_URL"]
    store = TrackerStore.create(found.tracker_store, Domain.empty())
    inner = getattr(store, "_tracker_store", store)
    assert isinstance(inner, QuickTrackerStore)
    assert str(inner.engine.url.database) in tracker_url
    domain = Domain.from_yaml("version: '3.1'\nintents: [greet]")
    inner.domain = domain
    said = [SessionStarted(), ActionExecuted("action_listen")]
    await inner.save(DialogueStateTracker.from_events("c1", said, domain.slots))
    tracker = await inner.retrieve("c1")
    assert tracker is not None
    tracker.update(ActionExecuted("action_listen"))
    await inner.save(tracker)
    kept = await inner.retrieve("c1")
    assert kept is not None
    assert list(kept.events) == [*said, ActionExecuted("action_listen")]
    inner.engine.dispose()

    locks = LockStore.create(found.lock_store)
    assert isinstance(locks, SharedLockStore)
    assert locks.red.connection_pool.connection_kwargs["host"] == "redis.internal"
    assert isinstance(NaturalLanguageGenerator.create(found.nlg, domain), FittingResponses)


def test_the_consumer_reads_the_same_queue(tracker_url: str) -> None:
    stream = read_event_stream(PRODUCTION)
    assert (stream.kind, stream.address, stream.source) == ("pika", VALUES["RABBITMQ_HOST"], "sixty_ledger")
    assert stream.options["password"] == VALUES["RABBITMQ_PASSWORD"]
    assert stream.options["port"] == VALUES["RABBITMQ_PORT"]


def test_a_copy_for_one_machine_keeps_the_variables(tracker_url: str, tmp_path: Path) -> None:
    written = write_endpoints(Settings(var=tmp_path, endpoints=PRODUCTION, actions_port=5999))
    assert VALUES["RABBITMQ_PASSWORD"] not in written.read_text(encoding="utf-8")
    found = AvailableEndpoints.read_endpoints(str(written))
    assert found.action.url == "http://127.0.0.1:5999/webhook"
    assert found.tracker_store.url == tracker_url
    assert read_event_stream(written).options["password"] == VALUES["RABBITMQ_PASSWORD"]


@pytest.mark.parametrize("name", [*VALUES, "TRACKERS_URL"])
def test_what_is_missing_is_told(tracker_url: str, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(RasaException, match=re.escape(name)):
        AvailableEndpoints.read_endpoints(str(PRODUCTION))


def test_every_variable_is_documented() -> None:
    asked = set(re.findall(r"\$\{(\w+)\}", PRODUCTION.read_text(encoding="utf-8"))) - {"…"}
    assert asked == {*VALUES, "TRACKERS_URL"}
    told = (project_root() / "docs/channels.md").read_text(encoding="utf-8")
    assert [name for name in sorted(asked) if f"`{name}`" not in told] == []
