from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from sixty.ledger.claiming import claim
from sixty.ledger.reading import (
    Capsule,
    choices,
    history,
    newest_id,
    replies_to,
    search,
    shown_capsule,
    since,
)
from sixty.ledger.receiving import Incoming, receive
from sixty.ledger.replying import write_reply
from sixty.shop.database import engine_for, shop_session
from tests.ledger.conftest import Say


def texts(messages: list[Any]) -> list[str]:
    return [each.text for each in messages]


def test_a_conversation_is_read_in_order_and_page_by_page(session: Session, say: Say) -> None:
    ids = [say(str(number)).id for number in range(6)]
    say("else", "another")
    assert texts(history(session, "chat")) == list("012345")
    assert texts(history(session, "chat", limit=2)) == ["4", "5"]
    assert texts(history(session, "chat", before=ids[4], limit=2)) == ["2", "3"]
    assert texts(history(session, "chat", after=ids[1], limit=2)) == ["2", "3"]
    assert history(session, "chat", after=ids[5]) == []
    assert history(session, "nobody") == []


def test_a_message_is_read_as_it_is_now(session: Session, say: Say, now: datetime) -> None:
    asked = say()
    claim(session, asked.id, "one", now + timedelta(seconds=9), now)
    assert history(session, "chat")[0].state == "handling"


def test_what_is_new_is_read_once_and_in_order(session: Session, say: Say) -> None:
    begin = newest_id(session)
    ids = [say(str(number), f"chat {number % 2}").id for number in range(5)]
    first = since(session, begin, limit=3)
    assert [each.id for each in first] == ids[:3]
    assert [each.id for each in since(session, first[-1].id, limit=3)] == ids[3:]
    assert since(session, ids[-1]) == []


def test_a_reader_misses_nothing_that_is_committed_late(database_url: str, now: datetime) -> None:
    """On PostgreSQL a lower id may be committed after a higher one."""
    drawn, go_on = threading.Event(), threading.Event()

    def slow() -> int:
        with shop_session(database_url) as session:
            message = receive(session, Incoming("slow", "web"), now).message
            drawn.set()
            assert go_on.wait(20)
            return message.id

    def read() -> list[int]:
        with shop_session(database_url, read_only=True) as session:
            return [each.id for each in since(session, 0)]

    with ThreadPoolExecutor(2) as pool:
        late = pool.submit(slow)
        assert drawn.wait(20)
        if engine_for(database_url).dialect.name == "postgresql":
            with shop_session(database_url) as session:
                receive(session, Incoming("quick", "web"), now)
        reading = pool.submit(read)
        go_on.set()
        first, found = late.result(20), reading.result(20)
    # Whatever was read, what comes later lies behind it.
    seen = [*found, *(each for each in _all(database_url) if each > max(found, default=0))]
    assert first in seen
    assert seen == _all(database_url)


def _all(url: str) -> list[int]:
    with shop_session(url, read_only=True) as session:
        return [each.id for each in since(session, 0)]


def test_many_writers_and_a_reader_that_follows_them(database_url: str, now: datetime) -> None:
    writers, each_writes = 4, 25
    done = threading.Event()
    seen: list[int] = []

    def write(name: int) -> None:
        for _ in range(each_writes):
            with shop_session(database_url) as session:
                receive(session, Incoming(f"chat {name}", "web"), now)

    def follow() -> None:
        while True:
            last = done.is_set()
            with shop_session(database_url, read_only=True) as session:
                seen.extend(each.id for each in since(session, seen[-1] if seen else 0, limit=7))
            if last and len(seen) >= writers * each_writes:
                return
            assert not last or len(seen) < writers * each_writes

    with ThreadPoolExecutor(writers + 1) as pool:
        reading = pool.submit(follow)
        list(pool.map(write, range(writers)))
        done.set()
        reading.result(30)
    assert seen == _all(database_url)
    assert len(seen) == writers * each_writes


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("工装裤", ["工装裤有货吗", "这条工装裤多少钱"]),
        ("多少钱 工装", ["这条工装裤多少钱"]),
        ("gz2101", ["GZ2101 100%棉吗"]),
        ("100%", ["GZ2101 100%棉吗"]),
        ("1_0", []),
        ("\\", []),
        ("  ", []),
    ],
)
def test_messages_are_found_by_their_words(session: Session, say: Say, words: str, found: list[str]) -> None:
    for each in ("这条工装裤多少钱", "GZ2101 100%棉吗", "工装裤有货吗"):
        say(each)
    assert texts(search(session, words)) == found


def test_a_search_can_be_narrowed(session: Session, say: Say, now: datetime) -> None:
    asked = say("包邮吗", "a")
    say("包邮吗", "b", after=100)
    write_reply(session, asked.id, 0, "a", "web", "bot", {"text": "满99包邮"}, now)
    assert [each.conversation_id for each in search(session, "包邮", author="customer")] == ["b", "a"]
    assert texts(search(session, "包邮", conversations=["a"])) == ["满99包邮", "包邮吗"]
    assert search(session, "包邮", conversations=[]) == []
    assert len(search(session, "包邮", since=now + timedelta(seconds=50))) == 1
    assert len(search(session, "包邮", until=now + timedelta(seconds=50), limit=1)) == 1
    assert texts(search(session, "包邮", before=asked.id + 1, conversations=["a"])) == ["包邮吗"]


CARD = {
    "type": "orders",
    "title": "您的订单",
    "orders": [{"no": "1", "title": "看裤子", "payload": "/inform{1}"}, {"no": "2", "title": "没有"}],
    "refuse": {"title": "换一批", "payload": "/more"},
}


def test_all_that_can_be_tapped_has_its_place(session: Session, say: Say, now: datetime) -> None:
    form = {"capsules": [{"title": "多少钱", "payload": "/ask_price"}], "card": CARD}
    said, _ = write_reply(session, say().id, 0, "chat", "web", "bot", form, now)
    assert [each["title"] for each in choices(said.payload)] == ["多少钱", "看裤子", "换一批"]
    assert shown_capsule(session, said.id, 0) == Capsule("chat", "多少钱", "/ask_price", said.id, 0)
    assert shown_capsule(session, said.id, 2) == Capsule("chat", "换一批", "/more", said.id, 2)
    assert shown_capsule(session, said.id, 3) is None
    assert shown_capsule(session, said.id, -1) is None
    assert shown_capsule(session, said.id + 1, 0) is None


def test_what_a_customer_sent_shows_no_capsules(session: Session, say: Say) -> None:
    mine = say(payload={"capsules": [{"title": "退款", "payload": "/refund"}]})
    assert shown_capsule(session, mine.id, 0) is None


def test_replies_are_read_in_their_order(session: Session, say: Say, now: datetime) -> None:
    asked = say()
    for ordinal in (1, 0):
        write_reply(session, asked.id, ordinal, "chat", "web", "bot", {"text": str(ordinal)}, now)
    assert texts(replies_to(session, asked.id)) == ["0", "1"]
