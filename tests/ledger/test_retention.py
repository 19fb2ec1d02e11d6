from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.ledger.enriching import enrich_all
from sixty.ledger.models import LedgerEvent, Message, OutboxRow
from sixty.ledger.outbox import OutboxItem, claim_due, put, sent, write_message
from sixty.ledger.reading import history
from sixty.ledger.receiving import Incoming, receive
from sixty.ledger.replying import write_reply
from sixty.ledger.retention import Kept, Tidied, tidy
from sixty.shop.database import shop_session
from tests.ledger.rasa_events import event, turn

DAY = timedelta(days=1)


@pytest.fixture
def filled(database_url: str, now: datetime) -> str:
    """Ten days of messages, each with an answer; the phone is in the first."""
    with shop_session(database_url) as session:
        for day in range(10):
            at = now + day * DAY
            text = "我电话13800001234" if day == 0 else "在吗"
            asked = receive(session, Incoming("chat", "web", text=text, client_id=str(day)), at).message
            write_reply(session, asked.id, 0, "chat", "web", "bot", {"text": "在的"}, at)
            enrich_all(session, turn(asked, day * 86400.0))
        enrich_all(session, [event("slot", 0.01, name="phone", value="13800001234")])
        for key, due in (("old", now), ("open", now + timedelta(hours=1))):
            put(session, OutboxItem(key, "chat", "system", {"text": "打13800001234"}, due), now)
        (row,) = claim_due(session, "one", now + DAY, now)
        message, _ = write_message(session, row, "web", now)
        sent(session, row.id, message.id, now)
    return database_url


def count(session: Session, table: Any) -> int:
    return int(session.scalar(select(func.count()).select_from(table)))


def test_what_is_old_goes_and_what_is_not_stays(filled: str, now: datetime) -> None:
    kept = Kept(messages=timedelta(days=6), personal=None, events=timedelta(days=2))
    done = tidy(partial(shop_session, filled), kept, now + 10 * DAY, batch=3)
    # Days 0 to 3 with their answers, and what the outbox became.
    assert done == Tidied(masked=0, messages=9, events=done.events, outbox=1)
    with shop_session(filled) as session:
        assert [each.at for each in history(session, "chat")] == [now + day * DAY for day in range(4, 10) for _ in "ab"]
        assert {each.day for each in session.scalars(select(LedgerEvent.at))} == {28, 29}
        # What is still to be said is not forgotten, however old.
        assert session.scalars(select(OutboxRow.key)).all() == ["open"]


def test_what_is_personal_is_masked_for_good(filled: str, now: datetime) -> None:
    kept = Kept(messages=None, personal=timedelta(days=8), events=None)
    open_session = partial(shop_session, filled)
    assert tidy(open_session, kept, now + 9 * DAY + timedelta(hours=1), batch=2).masked == 5
    with shop_session(filled) as session:
        first = history(session, "chat", limit=99)[0]
        assert (first.text, first.masked_at) == ("我电话138****1234", now + 9 * DAY + timedelta(hours=1))
        assert session.get(Message, first.id).understood["intent"] == "ask_price"  # type: ignore[attr-defined]
        values = [each.data.get("value") for each in session.scalars(select(LedgerEvent))]
        assert "13800001234" not in values
        assert "138****1234" in values
        assert [each.payload["text"] for each in session.scalars(select(OutboxRow).order_by(OutboxRow.id))] == [
            "打138****1234",
            "打13800001234",
        ]
    assert tidy(open_session, kept, now + 9 * DAY + timedelta(hours=2)).masked == 0


def test_nothing_is_touched_where_everything_is_kept(filled: str, now: datetime) -> None:
    assert tidy(partial(shop_session, filled), Kept(None, None, None), now + 9999 * DAY) == Tidied()
    with shop_session(filled) as session:
        assert (count(session, Message), count(session, OutboxRow)) == (21, 2)
