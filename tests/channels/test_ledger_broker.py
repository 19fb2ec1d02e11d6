"""The broker of the embedded default: what Rasa publishes reaches the ledger, and a failed action a person."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from sixty.channels.event_recorder import EventRecorder
from sixty.channels.ledger_broker import LedgerBroker
from sixty.desk.conversations import begin
from sixty.desk.handoffs import HandOff
from sixty.dialogue.apology import APOLOGY
from sixty.ledger.models import LedgerEvent, Message
from sixty.ledger.receiving import Incoming, receive
from sixty.settings import get_settings
from sixty.shop.database import engine_for, shop_session, upgrade_database

CONVERSATION = "a-conversation-of-its-own"


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    address = f"sqlite:///{tmp_path / 'shop.db'}"
    monkeypatch.setenv("SIXTY_DATABASE_URL", address)
    monkeypatch.setenv("SIXTY_VAR", str(tmp_path / "var"))
    get_settings.cache_clear()
    upgrade_database(address)
    yield address
    engine_for(address).dispose()
    get_settings.cache_clear()


def event(kind: str, after: float = 0.0, **values: Any) -> dict[str, Any]:
    return {"event": kind, "sender_id": CONVERSATION, "timestamp": 1_800_000_000.0 + after, **values}


def come_in(url: str, text: str = "我的订单呢") -> int:
    with shop_session(url) as session:
        received = receive(session, Incoming(CONVERSATION, "web", text=text), datetime.now(timezone.utc))
        return received.message.id


def said(message_id: int, text: str = "/track_order") -> dict[str, Any]:
    parsed = {"intent": {"name": "track_order", "confidence": 0.9}, "entities": []}
    return event("user", text=text, input_channel="web", message_id=str(message_id), parse_data=parsed)


def handoffs(url: str) -> list[HandOff]:
    with shop_session(url) as session:
        return list(session.scalars(select(HandOff)))


def message(url: str, message_id: int) -> Message:
    with shop_session(url) as session:
        found = session.get(Message, message_id)
        assert found is not None
        return found


async def test_a_turn_reaches_the_ledger(url: str) -> None:
    message_id = come_in(url)
    broker = await LedgerBroker.from_endpoint_config(None)
    for each in (said(message_id), event("action", 1, name="action_order_status"), event("bot", 2, text="在路上")):
        broker.publish(each)
    await broker.close()
    told = message(url, message_id)
    assert (told.actions, told.understood["intent"]) == (["action_order_status"], "track_order")  # type: ignore[index]
    assert handoffs(url) == []


async def test_the_apology_of_the_policy_becomes_a_handoff_in_the_customers_words(url: str) -> None:
    message_id = come_in(url, "我的订单呢")
    broker = await LedgerBroker.from_endpoint_config(None)
    for each in (said(message_id), event("action", 1, name="action_order_status"), event("action", 2, name=APOLOGY)):
        broker.publish(each)
    await broker.close()
    (written,) = handoffs(url)
    assert (written.reason, written.question, written.channel) == ("action_failed", "我的订单呢", "web")


async def test_a_conversation_that_the_ledger_does_not_know_is_handed_over_too(url: str) -> None:
    broker = await LedgerBroker.from_endpoint_config(None)
    broker.publish(event("user", text="在吗", input_channel="cmdline", message_id="8f"))
    broker.publish(event("action", 1, name=APOLOGY))
    await broker.close()
    (written,) = handoffs(url)
    assert (written.question, written.channel) == ("在吗", "cmdline")


async def test_an_apology_without_a_message_is_still_handed_over(url: str) -> None:
    broker = await LedgerBroker.from_endpoint_config(None)
    broker.publish(event("action", name=APOLOGY))
    await broker.close()
    assert handoffs(url)[0].question == ""


def test_an_apology_that_comes_again_after_the_case_is_closed_opens_no_other(url: str) -> None:
    message_id = come_in(url)
    events = [said(message_id), event("action", 2, name=APOLOGY)]
    recorder = EventRecorder()
    assert recorder.record(events) == 2
    with shop_session(url) as session:
        session.scalars(select(HandOff)).one().state = "closed"
    assert recorder.record(events) == 0
    assert EventRecorder().record(events) == 0
    assert [each.state for each in handoffs(url)] == ["closed"]


async def test_other_events_hand_nothing_over(url: str) -> None:
    broker = await LedgerBroker.from_endpoint_config(None)
    for odd in ({}, {"event": "action", "name": APOLOGY}, {"sender_id": 7, "event": "user"}, event("slot", name="x")):
        broker.publish(odd)
    broker.publish(event("user", text="在吗"))
    broker.publish(event("slot", name=APOLOGY, value=1))
    broker.publish(event("action", 1, name="utter_social_thank"))
    await broker.close()
    assert handoffs(url) == []


async def test_the_broker_never_breaks_a_turn(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIXTY_DATABASE_URL", "sqlite:////proc/no/such/folder/shop.db")
    get_settings.cache_clear()
    broker = LedgerBroker(pauses=(0.0,))
    broker.publish(event("user", text="在吗"))
    broker.publish(event("action", 1, name=APOLOGY))
    await broker.close()
    broker.publish(event("action", 2, name=APOLOGY))  # Rasa saves a last tracker while it shuts down


async def test_what_comes_after_the_end_is_written_here_and_now(url: str) -> None:
    message_id = come_in(url)
    broker = await LedgerBroker.from_endpoint_config(None)
    await broker.close()
    await broker.close()
    broker.publish(said(message_id))
    assert message(url, message_id).understood is not None


class Away:
    """A recorder whose database is away for the first tries, and which holds a turn up for as long as it is told."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.written: list[dict[str, Any]] = []
        self.go_on = threading.Event()

    def record(self, events: Sequence[dict[str, Any]]) -> int:
        assert self.go_on.wait(20)
        if self.failures:
            self.failures -= 1
            raise OperationalError("INSERT", {}, Exception("locked"))
        self.written += events
        return len(events)


async def test_a_database_that_comes_back_misses_nothing(url: str) -> None:
    recorder = Away(failures=2)
    broker = LedgerBroker(recorder, pauses=(0.0, 0.0))  # type: ignore[arg-type]
    for number in range(500):
        broker.publish(event("slot", number, name="x"))
    # All of them have been taken while nothing could be written.
    assert recorder.written == []
    recorder.go_on.set()
    await broker.close()
    assert [each["timestamp"] for each in recorder.written] == [1_800_000_000.0 + each for each in range(500)]


async def test_too_much_for_a_database_that_stays_away_is_dropped_and_told(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sixty.channels.ledger_broker.MOST_WAITING", 10)
    recorder = Away(failures=0)
    broker = LedgerBroker(recorder)  # type: ignore[arg-type]
    for number in range(100):
        broker.publish(event("slot", number, name="x"))
    recorder.go_on.set()
    await broker.close()
    assert 10 <= len(recorder.written) < 100


def test_an_event_that_cannot_be_written_keeps_no_other_back(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    message_id = come_in(url)
    import sixty.channels.event_recorder as module

    real = module.enrich_all

    def choosy(session: Any, events: Sequence[dict[str, Any]]) -> Any:
        if any(each.get("name") == "poison" for each in events):
            raise ValueError("no")
        return real(session, events)

    monkeypatch.setattr(module, "enrich_all", choosy)
    events = [said(message_id), event("slot", 1, name="poison"), event("action", 2, name="action_order_status")]
    assert EventRecorder().record(events) == 2
    with shop_session(url) as session:
        assert [each.kind for each in session.scalars(select(LedgerEvent))] == ["user", "action"]


def test_only_the_latest_conversations_are_remembered(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sixty.channels.event_recorder._REMEMBERED_CONVERSATIONS", 2)
    recorder = EventRecorder()
    for number in range(5):
        recorder.record([{"event": "user", "sender_id": str(number), "text": "在吗", "timestamp": 1.0}])
    assert list(recorder._latest) == ["3", "4"]


def test_what_is_sensitive_calls_a_person_once_and_only_while_it_is_fresh(url: str) -> None:
    with shop_session(url) as session:
        conversation = begin(session, "web", datetime.now(timezone.utc))[0].id
        received = receive(
            session, Incoming(conversation, "web", text="宝宝穿了过敏起疹子"), datetime.now(timezone.utc)
        )
        fresh = received.message.id
        old_moment = datetime.now(timezone.utc) - timedelta(hours=1)
        other = begin(session, "web", old_moment)[0].id
        old = receive(session, Incoming(other, "web", text="又过敏了"), old_moment).message.id
    events = [
        {**said(fresh, "宝宝穿了过敏起疹子"), "sender_id": conversation},
        {**said(old, "又过敏了"), "sender_id": other},
    ]
    recorder = EventRecorder(lambda: shop_session(url))
    recorder.record(events)
    recorder.record(events)
    (row,) = handoffs(url)
    assert (row.conversation_id, row.reason, row.context["rule"]) == (conversation, "sensitive", "harmed")
