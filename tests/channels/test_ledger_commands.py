"""`sixty ledger …` on a small shop's database and a tracker store beside it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from typer.testing import CliRunner, Result

from sixty.channels.ledger_commands import _trackers
from sixty.cli import app
from sixty.desk.conversations import Who, begin
from sixty.desk.forgetting import conversations_of
from sixty.desk.upload_routes import upload_store
from sixty.errors import OperatorError
from sixty.ledger.outbox import OutboxItem, put
from sixty.ledger.reading import history
from sixty.ledger.receiving import Incoming, receive
from sixty.ledger.replying import finish, write_reply
from sixty.settings import Settings, get_settings
from sixty.shop.database import engine_for, shop_session, upgrade_database
from tests.outreach.outreach_rows import a_case, a_contact, a_rung

LONG_AGO = datetime.now(timezone.utc) - timedelta(days=400)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setenv("SIXTY_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("SIXTY_DATABASE_URL", raising=False)
    get_settings.cache_clear()
    upgrade_database(get_settings().database_url)
    yield get_settings()
    engine_for(get_settings().database_url).dispose()
    get_settings.cache_clear()


def come_in(settings: Settings, text: str, at: datetime, customer_id: str = "C001") -> tuple[str, int]:
    """A customer asks, is answered, and Rasa remembers it."""
    with shop_session(settings.database_url) as session:
        who = Who(customer_id, known_until=at + timedelta(hours=1))
        conversation, _ = begin(session, "web", at, visitor_id="v", who=who)
        asked = receive(session, Incoming(conversation.id, "web", text=text), at).message
        write_reply(session, asked.id, 0, conversation.id, "web", "bot", {"text": "好的"}, at)
        finish(session, asked.id, "answered", at)
    place = settings.var / "uploads" / conversation.id
    place.mkdir(parents=True)
    (place / "a-picture").write_bytes(b"x")
    tracker = DialogueStateTracker(conversation.id, None)
    for number, event in enumerate(
        (UserUttered(text, {"name": "ask_price"}, message_id=str(asked.id)), ActionExecuted("action_tell_price"))
    ):
        event.timestamp = at.timestamp() + number
        tracker.update(event)
    asyncio.run(_trackers(settings)._store.save(tracker))
    return conversation.id, asked.id


def run(*arguments: str, ends: int = 0, answer: str | None = None) -> Result:
    result = CliRunner().invoke(app, ["ledger", *arguments], input=answer)
    assert result.exit_code == ends, result.output
    return result


def test_a_conversation_is_shown_with_what_is_personal_masked(settings: Settings) -> None:
    chat, _ = come_in(settings, "寄给13800001234", datetime.now(timezone.utc))
    shown = run("show", chat).stdout
    assert "寄给138****1234" in shown
    assert "13800001234" in run("show", chat, "--clear").stdout
    assert "138****1234" in run("search", "寄给").stdout
    assert chat in run("search", "寄给", "--customer", "C001", "--days", "3").stdout
    assert chat not in run("search", "寄给", "--customer", "C002").stdout
    assert isinstance(run("show", "nobody", ends=1).exception, OperatorError)


def test_what_the_broker_lost_is_added_from_the_trackers(settings: Settings) -> None:
    chat, _ = come_in(settings, "多少钱", datetime.now(timezone.utc))
    assert "2 events added" in run("reconcile").stdout
    with shop_session(settings.database_url) as session:
        assert history(session, chat)[0].actions == ["action_tell_price"]
    again = json.loads(run("reconcile", "--json", "--conversation", chat).stdout)
    assert again == {chat: {"added": 0, "unrecorded": 0, "unfinished": [], "unheard": []}}


def test_a_customer_is_forgotten_everywhere(settings: Settings, tmp_path: Path) -> None:
    now = datetime.now(timezone.utc)
    mine, _ = come_in(settings, "多少钱", now)
    other, _ = come_in(settings, "多少钱", now, "C002")
    out = tmp_path / "c001.jsonl"
    run("export", "--customer", "C001", "--out", str(out))
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [each["record"] for each in records] == ["conversation", "message", "message"]
    assert isinstance(run("forget", "--customer", "C001", answer="n\n", ends=1).exception, OperatorError)
    said = run("forget", "--customer", "C001", "--yes").stdout
    assert "1 conversations with 2 messages" in said
    assert "1 files erased; 0 reminders made nameless; 1 forgotten by Rasa" in said
    assert _trackers(settings).conversation_ids() == [other]
    assert [each.name for each in (settings.var / "uploads").iterdir()] == [other]
    assert isinstance(run("export", "--customer", "C001", ends=1).exception, OperatorError)
    assert isinstance(run("forget", "--visitor", "nobody", ends=1).exception, OperatorError)
    # Reminders may know somebody who never wrote.
    assert "0 conversations with 0 messages" in run("forget", "--customer", "C001", "--yes").stdout
    assert mine not in run("search", "多少钱").stdout
    run("forget", ends=2)


def test_an_export_can_be_masked(settings: Settings) -> None:
    chat, _ = come_in(settings, "打13800001234", datetime.now(timezone.utc))
    assert "13800001234" in run("export", "--conversation", chat).stdout
    masked = run("export", "--conversation", chat, "--masked").stdout
    assert "13800001234" not in masked
    assert "138****1234" in masked


def remind(settings: Settings, at: datetime) -> None:
    """Somebody who never wrote gets an SMS."""
    with shop_session(settings.database_url) as session:
        rung = a_rung(session, a_case(session, "C001", at), at, way="sms", text="寄到13800001234")
        a_contact(session, rung, at, way="sms", state="sent", number="+8613800001234", text="寄到13800001234")


def test_who_never_wrote_is_handed_what_they_were_reminded_of(settings: Settings) -> None:
    remind(settings, datetime.now(timezone.utc))
    handed = [json.loads(line) for line in run("export", "--customer", "C001").stdout.splitlines()]
    assert [each["record"] for each in handed] == ["reminder", "reminder_step", "sms"]
    assert (handed[0]["amount"], handed[2]["number"]) == ("259.00", "+8613800001234")
    masked = run("export", "--customer", "C001", "--masked").stdout
    assert "13800001234" not in masked
    assert "Nothing of theirs is kept" in str(run("export", "--customer", "C002", ends=1).exception)


def test_old_reminders_are_masked(settings: Settings) -> None:
    remind(settings, LONG_AGO)
    remind(settings, datetime.now(timezone.utc))
    assert run("tidy").stdout.startswith("0 messages and 2 of reminders masked")
    assert run("tidy").stdout.startswith("0 messages and 0 of reminders masked")


def test_what_is_old_is_masked_and_rasa_forgets_it(settings: Settings) -> None:
    old, _ = come_in(settings, "打13800001234", LONG_AGO)
    new, _ = come_in(settings, "打13800001234", datetime.now(timezone.utc))
    assert run("tidy").stdout.startswith("2 messages and 0 of reminders masked; 0 messages, 0 events")
    assert _trackers(settings).conversation_ids() == [new]
    assert not upload_store(settings).forget(old)
    assert upload_store(settings).forget(new) == 1
    with shop_session(settings.database_url) as session:
        assert history(session, old)[0].text == "打138****1234"
        assert history(session, new)[0].text == "打13800001234"


def test_a_conversation_that_ended_long_ago_is_gone_with_all_of_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_in(settings, "多少钱", LONG_AGO)
    new, _ = come_in(settings, "多少钱", datetime.now(timezone.utc))
    monkeypatch.setenv("SIXTY_LEDGER_KEEP_DAYS", "365")
    get_settings.cache_clear()
    assert "2 messages, 0 events, 0 of the outbox, 1 files and 1 conversations deleted; 1 conv" in run("tidy").stdout
    with shop_session(settings.database_url) as session:
        assert conversations_of(session, "C001") == [new]
        assert len(history(session, new)) == 2


def test_what_is_open_is_listed(settings: Settings) -> None:
    assert run("waiting").stdout == "none\n"
    now = datetime.now(timezone.utc) - timedelta(minutes=5)
    with shop_session(settings.database_url) as session:
        receive(session, Incoming("chat", "web", text="在吗"), now)
        put(session, OutboxItem("a", "chat", "system", {"text": "到了"}, now), now)
    listed = run("waiting").stdout
    assert "received" in listed
    assert "在吗" in listed
    assert "waiting" in listed


def test_there_is_nothing_to_consume_where_the_broker_is_embedded(settings: Settings) -> None:
    assert "writes them itself" in str(run("consume", ends=1).exception)
