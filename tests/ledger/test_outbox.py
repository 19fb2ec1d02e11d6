from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy.orm import Session

from sixty.ledger.models import OutboxRow
from sixty.ledger.outbox import (
    OutboxItem,
    claim_due,
    failed,
    put,
    put_or_move,
    sent,
    withdraw,
    write_message,
)
from sixty.ledger.reading import history
from sixty.shop.database import shop_session
from tests.ledger.conftest import NOW

SOON = timedelta(seconds=10)


def item(key: str, conversation_id: str = "chat", due: datetime = NOW) -> OutboxItem:
    return OutboxItem(key, conversation_id, "system", {"text": f"{key}到了", "image": None}, due, by="scene:late")


def keys(rows: list[OutboxRow]) -> list[str]:
    return [each.key for each in rows]


def test_the_same_thing_is_said_once(session: Session, now: datetime) -> None:
    assert put(session, item("a"))
    assert not put(session, item("a", "another"))
    assert keys(claim_due(session, "one", now + SOON, now)) == ["a"]


def test_nothing_is_said_before_its_time(session: Session, now: datetime) -> None:
    put(session, item("later", due=now + SOON), now)
    assert claim_due(session, "one", now + SOON, now) == []
    assert keys(claim_due(session, "one", now + 2 * SOON, now + SOON)) == ["later"]


def test_a_conversation_gets_one_thing_after_another(session: Session, now: datetime) -> None:
    for each in (item("b"), item("a", due=now - SOON), item("c", "another")):
        put(session, each)
    first = claim_due(session, "one", now + SOON, now)
    assert keys(first) == ["a", "c"]
    assert claim_due(session, "two", now + SOON, now) == []
    assert sent(session, first[0].id, None, now)
    assert keys(claim_due(session, "two", now + SOON, now)) == ["b"]


def test_a_courier_that_does_not_come_back_is_replaced(session: Session, now: datetime) -> None:
    for each in (item("a"), item("b")):
        put(session, each)
    assert keys(claim_due(session, "one", now + SOON, now)) == ["a"]
    (again,) = claim_due(session, "two", now + 3 * SOON, now + SOON)
    assert (again.key, again.attempts, again.claimed_by) == ("a", 2, "two")


def test_what_is_sent_is_not_sent_again(session: Session, now: datetime) -> None:
    put(session, item("a"))
    (row,) = claim_due(session, "one", now + SOON, now)
    message, new = write_message(session, row, "web", now)
    assert new
    assert (message.text, message.payload, message.author, message.state) == ("a到了", {}, "system", "written")
    assert sent(session, row.id, message.id, now)
    assert not sent(session, row.id, message.id, now)
    assert not failed(session, row.id, "too late", None)
    assert claim_due(session, "two", now + 9 * SOON, now + 5 * SOON) == []
    session.expire_all()
    assert (row.state, row.message_id) == ("sent", message.id)


def test_what_was_written_before_a_restart_is_not_written_again(session: Session, now: datetime) -> None:
    put(session, item("a"))
    (row,) = claim_due(session, "one", now + SOON, now)
    first, _ = write_message(session, row, "web", now)
    (again,) = claim_due(session, "two", now + 3 * SOON, now + SOON)
    second, new = write_message(session, again, "web", now)
    assert (second.id, new) == (first.id, False)
    assert len(history(session, "chat")) == 1


def test_what_fails_is_tried_later_and_keeps_nothing_else_back(session: Session, now: datetime) -> None:
    for each in (item("a"), item("b")):
        put(session, each)
    (row,) = claim_due(session, "one", now + SOON, now)
    assert failed(session, row.id, "offline", now + SOON)
    assert keys(claim_due(session, "one", now + SOON, now)) == ["b"]
    session.expire_all()
    assert (row.state, row.problem, row.due_at) == ("waiting", "offline", now + SOON)
    assert failed(session, row.id, "gone", None)
    assert keys(claim_due(session, "one", now + 9 * SOON, now + 5 * SOON)) == ["b"]


def test_several_couriers_share_the_work(database_url: str, now: datetime) -> None:
    names = [f"k{number:02}" for number in range(24)]
    with shop_session(database_url) as session:
        for number, name in enumerate(names):
            put(session, item(name, f"chat {number % 8}"))
    together = 3
    barrier = Barrier(together)

    def carry(name: int) -> list[tuple[str, str]]:
        barrier.wait()
        return rounds_of(name, 12)

    def rounds_of(name: int, rounds: int) -> list[tuple[str, str]]:
        done: list[tuple[str, str]] = []
        for _ in range(rounds):
            with shop_session(database_url) as session:
                rows = claim_due(session, str(name), now + SOON, now, limit=3)
                done += [(each.conversation_id, each.key) for each in rows]
            for each in rows:
                with shop_session(database_url) as session:
                    assert sent(session, each.id, None, now)
        return done

    with ThreadPoolExecutor(together) as pool:
        carried = [each for some in pool.map(carry, range(together)) for each in some]
    # What each passed over because another one had it locked in the last rounds.
    carried += rounds_of(together, 12)
    assert sorted(key for _, key in carried) == names


def test_what_waits_can_be_moved_and_says_what_it_says_then(session: Session, now: datetime) -> None:
    assert put_or_move(session, item("a"), now)
    later = OutboxItem("a", "chat", "system", {"text": "又到了"}, now + SOON, by="scene:late")
    assert put_or_move(session, later, now)
    session.expire_all()
    assert claim_due(session, "one", now + SOON, now) == []
    (row,) = claim_due(session, "one", now + 3 * SOON, now + SOON)
    assert row.payload == {"text": "又到了"}


def test_what_is_being_said_or_was_is_not_moved(session: Session, now: datetime) -> None:
    put(session, item("a"))
    (row,) = claim_due(session, "one", now + SOON, now)
    later = OutboxItem("a", "chat", "system", {"text": "又到了"}, now + SOON)
    assert not put_or_move(session, later, now)
    message, _ = write_message(session, row, "web", now)
    failed(session, row.id, "away", now + SOON)
    # It has become a message already, which is delivered as it stands.
    assert not put_or_move(session, later, now)
    sent(session, row.id, message.id, now)
    assert not put_or_move(session, later, now)
    session.expire_all()
    assert (row.state, row.payload["text"]) == ("sent", "a到了")


def test_what_is_withdrawn_is_never_said_and_its_key_is_free(session: Session, now: datetime) -> None:
    put(session, item("a"))
    (row,) = claim_due(session, "one", now + SOON, now)
    withdraw(session, row)
    assert claim_due(session, "two", now + 9 * SOON, now + 5 * SOON) == []
    assert put(session, item("a"))
    (again,) = claim_due(session, "one", now + SOON, now)
    write_message(session, again, "web", now)
    with pytest.raises(ValueError, match="has become message"):
        withdraw(session, again)
