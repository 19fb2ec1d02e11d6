from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sixty.context import Context, sign_context
from sixty.desk.handoffs import HandOff
from sixty.desk.trouble import apology, report_trouble
from sixty.desk.trouble_broker import TroubleBroker
from sixty.dialogue.apology_policy import APOLOGY
from sixty.settings import get_settings
from sixty.shop.database import engine_for, shop_session, upgrade_database

CONVERSATION = "a-conversation-of-its-own"


@pytest.fixture
def shop_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    monkeypatch.setenv("SIXTY_DATABASE_URL", url)
    monkeypatch.setenv("SIXTY_VAR", str(tmp_path / "var"))
    get_settings.cache_clear()
    upgrade_database(url)
    yield url
    engine_for(url).dispose()
    get_settings.cache_clear()


def handoffs(url: str) -> list[HandOff]:
    with shop_session(url) as session:
        return list(session.scalars(select(HandOff)))


def token(conversation: str = CONVERSATION) -> str:
    soon = datetime.now(timezone.utc) + timedelta(hours=1)
    context = Context(conversation, "C001", "金卡", "浙江", "shop", None, None, soon)
    return sign_context(context, get_settings().secret)


def test_a_failed_turn_is_handed_to_a_person_with_the_customer(shop_url: str) -> None:
    assert report_trouble(CONVERSATION, "turn_failed", "多少钱", "socketio", {"context": token()})
    (written,) = handoffs(shop_url)
    assert (written.question, written.reason, written.channel) == ("多少钱", "turn_failed", "socketio")
    assert written.customer_id == "C001"


@pytest.mark.parametrize("metadata", [None, {}, {"context": "forged"}, {"context": 7}, {"customer_id": "C001"}])
def test_a_claim_that_is_not_signed_is_no_customer(shop_url: str, metadata: dict[str, Any] | None) -> None:
    assert report_trouble(CONVERSATION, "turn_silent", None, None, metadata)
    (written,) = handoffs(shop_url)
    assert (written.customer_id, written.question, written.channel) == (None, "", "")


def test_a_context_of_another_conversation_is_no_customer(shop_url: str) -> None:
    assert report_trouble(CONVERSATION, "turn_silent", "在吗", "rest", {"context": token("another conversation")})
    assert handoffs(shop_url)[0].customer_id is None


def test_a_database_that_is_down_is_logged_and_not_raised(shop_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIXTY_DATABASE_URL", "sqlite:////proc/no/such/folder/shop.db")
    get_settings.cache_clear()
    assert report_trouble(CONVERSATION, "turn_failed", "多少钱", "rest", {}) is False


def test_settings_that_cannot_be_read_are_not_raised_either(shop_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIXTY_RASA_PORT", "none")
    get_settings.cache_clear()
    assert report_trouble(CONVERSATION, "turn_failed", "多少钱", "rest", ["no dictionary"]) is False  # type: ignore[arg-type]


def test_the_apology_asks_nothing_of_the_customer_and_promises_a_person() -> None:
    assert "抱歉" in apology()
    assert "人工" in apology()


def event(kind: str, **values: Any) -> dict[str, Any]:
    return {"event": kind, "sender_id": CONVERSATION, **values}


async def test_the_apology_of_the_policy_becomes_a_handoff(shop_url: str) -> None:
    broker = await TroubleBroker.from_endpoint_config(None)
    broker.publish(event("user", text="我的订单呢", input_channel="socketio", metadata={"context": token()}))
    broker.publish(event("action", name="action_order_status"))
    broker.publish(event("action", name=APOLOGY))
    await broker.close()
    (written,) = handoffs(shop_url)
    assert (written.reason, written.question, written.customer_id) == ("action_failed", "我的订单呢", "C001")


async def test_other_events_write_nothing(shop_url: str) -> None:
    broker = await TroubleBroker.from_endpoint_config(None)
    for odd in ({}, {"event": "action", "name": APOLOGY}, {"sender_id": 7, "event": "user"}, event("slot", name="x")):
        broker.publish(odd)
    broker.publish(event("user", text="在吗"))
    broker.publish(event("action", name="utter_social_thank"))
    await broker.close()
    assert handoffs(shop_url) == []


async def test_an_apology_without_a_remembered_message_is_still_handed_over(shop_url: str) -> None:
    broker = await TroubleBroker.from_endpoint_config(None)
    broker.publish(event("action", name=APOLOGY))
    await broker.close()
    assert handoffs(shop_url)[0].question == ""


async def test_the_broker_never_breaks_a_turn(shop_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIXTY_DATABASE_URL", "sqlite:////proc/no/such/folder/shop.db")
    get_settings.cache_clear()
    broker = await TroubleBroker.from_endpoint_config(None)
    broker.publish(event("user", text="在吗"))
    broker.publish(event("action", name=APOLOGY))
    await broker.close()
    broker.publish(event("action", name=APOLOGY))  # Rasa saves a last tracker while it shuts down


async def test_only_the_latest_conversations_are_remembered(shop_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sixty.desk.trouble_broker._REMEMBERED_CONVERSATIONS", 2)
    broker = await TroubleBroker.from_endpoint_config(None)
    for number in range(5):
        broker.publish({"event": "user", "sender_id": str(number), "text": "在吗"})
    assert list(broker._latest_message) == ["3", "4"]
    await broker.close()
