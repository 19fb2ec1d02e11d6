from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select

from sixty.desk.conversations import Conversation
from sixty.desk.handoffs import HandOff
from sixty.desk.trouble import apology, hand_over
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


def come_in(url: str, conversation: str = CONVERSATION, known_for: timedelta = timedelta(hours=1)) -> None:
    """C001 comes in through the front door."""
    now = datetime.now(timezone.utc)
    with shop_session(url) as session:
        session.add(
            Conversation(
                id=conversation,
                channel="web",
                customer_id="C001",
                level="金卡",
                region="浙江",
                known_until=now + known_for,
                created_at=now,
                last_at=now,
            )
        )


def state(url: str) -> str:
    with shop_session(url) as session:
        found = session.get(Conversation, CONVERSATION)
        assert found is not None
        return found.state


def fail(url: str, reason: str, question: str | None, channel: str | None) -> None:
    """A turn of the conversation fails."""
    with shop_session(url) as session:
        hand_over(session, CONVERSATION, reason, question, channel, datetime.now(timezone.utc))


def test_a_failed_turn_is_handed_to_a_person_with_the_customer(shop_url: str) -> None:
    come_in(shop_url)
    fail(shop_url, "turn_failed", "多少钱", "web")
    (written,) = handoffs(shop_url)
    assert (written.question, written.reason, written.channel) == ("多少钱", "turn_failed", "web")
    assert written.customer_id == "C001"
    assert state(shop_url) == "queued"


def test_who_did_not_come_through_the_front_door_is_no_customer(shop_url: str) -> None:
    fail(shop_url, "turn_silent", None, None)
    (written,) = handoffs(shop_url)
    assert (written.customer_id, written.question, written.channel) == (None, "", "")


def test_a_proof_that_has_run_out_is_no_customer(shop_url: str) -> None:
    come_in(shop_url, known_for=timedelta(seconds=-1))
    fail(shop_url, "turn_silent", "在吗", "web")
    assert handoffs(shop_url)[0].customer_id is None


def test_the_customer_of_another_conversation_is_not_that_of_this_one(shop_url: str) -> None:
    come_in(shop_url, conversation="another conversation")
    fail(shop_url, "turn_silent", "在吗", "web")
    assert handoffs(shop_url)[0].customer_id is None


def test_the_apology_asks_nothing_of_the_customer_and_promises_a_person() -> None:
    assert "抱歉" in apology()
    assert "人工" in apology()
