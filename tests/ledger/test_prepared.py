"""Statements that are compiled once do what SQLAlchemy would have done."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, insert, literal_column, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from sixty.ledger.models import LedgerEvent, Message
from sixty.ledger.prepared import Prepared
from sixty.ledger.receiving import Incoming, receive
from sixty.shop.database import shop_session

TABLE = Message.__table__
NOW = datetime(2026, 5, 20, 12, 0, 0, 123456, timezone(timedelta(hours=8)))

TELL = Prepared(
    update(TABLE)
    .where(TABLE.c.id == bindparam("message"), TABLE.c.state.in_([literal_column("'received'")]))
    .values(
        payload=bindparam("what"),
        understood=bindparam("meaning"),
        handled_at=bindparam("moment"),
        claimed_until=None,
        attempts=TABLE.c.attempts + 2,
    )
)
FOUND = Prepared(select(TABLE.c.id, TABLE.c.text).where(TABLE.c.text == bindparam("words")).order_by(TABLE.c.id))


def test_values_come_back_as_they_went(session: Session) -> None:
    message = receive(session, Incoming("c1", "web", text="100%包邮？ :a %(b)s"), NOW).message
    given = {"message": message.id, "what": {"甲": ["%s", None]}, "meaning": None, "moment": NOW}
    assert TELL.run(session, given).changed == 1
    assert TELL.run(session, {**given, "message": -1}).changed == 0
    session.refresh(message)
    assert (message.payload, message.understood, message.attempts) == ({"甲": ["%s", None]}, None, 2)
    assert message.handled_at == NOW
    found = FOUND.run(session, {"words": "100%包邮？ :a %(b)s"})
    assert tuple(found.row or ()) == (message.id, message.text)
    assert found.value == message.id
    assert FOUND.run(session, {"words": "nobody said that"}).row is None
    assert FOUND.run(session, {"words": "nobody said that"}).value is None


def test_what_the_database_refuses_is_raised_as_ever_and_tells_no_values(session: Session) -> None:
    put = Prepared(text("INSERT INTO conversation (id, channel) VALUES (:name, :channel)"))
    with pytest.raises(IntegrityError) as caught:
        put.run(session, {"name": "13812345678", "channel": None})
    assert "13812345678" not in str(caught.value).replace(str(caught.value.orig), "")
    assert not caught.value.connection_invalidated


# A file has no connection to cut.
@pytest.mark.parametrize("empty_database", ["postgresql"], indirect=True)
def test_a_connection_that_was_cut_is_known_as_such_and_replaced(database_url: str) -> None:
    count = Prepared(select(TABLE.c.id).limit(literal_column("1")))

    def cut_short() -> None:
        with shop_session(database_url) as session:
            own = session.scalar(text("SELECT pg_backend_pid()"))
            with shop_session(database_url) as other:
                other.execute(text(f"SELECT pg_terminate_backend({own})"))
            count.run(session, {})

    with pytest.raises(DBAPIError) as caught:
        cut_short()
    assert caught.value.connection_invalidated
    with shop_session(database_url) as session:
        assert count.run(session, {}).row is None


def test_many_rows_at_once(session: Session) -> None:
    names = ("key", "conversation_id", "message_id", "kind", "data", "at")
    put = Prepared(insert(LedgerEvent.__table__), columns=names)
    rows = [
        {"key": f"k{n}", "conversation_id": "c1", "message_id": None, "kind": "slot", "data": {"n": n}, "at": NOW}
        for n in range(5)
    ]
    put.run_all(session, rows)
    put.run_all(session, [])
    kept = list(session.scalars(select(LedgerEvent).order_by(LedgerEvent.id)))
    assert [(each.key, each.data, each.at) for each in kept] == [(f"k{n}", {"n": n}, NOW) for n in range(5)]
