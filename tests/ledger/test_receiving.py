from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.ledger.models import Message
from sixty.ledger.receiving import Incoming, receive
from sixty.shop.database import shop_session


def incoming(client_id: str | None = "a", conversation_id: str = "chat", text: str = "多少钱") -> Incoming:
    return Incoming(conversation_id, "web", text=text, payload={"tap": {"title": "价"}}, client_id=client_id)


def test_what_a_customer_says_stands_in_the_ledger(session: Session, now: datetime) -> None:
    received = receive(session, incoming(), now)
    assert received.new
    session.expire_all()
    message = session.get(Message, received.message.id)
    assert message is received.message
    assert (message.text, message.payload, message.author) == ("多少钱", {"tap": {"title": "价"}}, "customer")
    assert (message.state, message.attempts, message.at, message.understood) == ("received", 0, now, None)


def test_the_same_message_twice_is_one(session: Session, now: datetime) -> None:
    first = receive(session, incoming(), now)
    again = receive(session, incoming(text="别的"), now)
    assert (again.new, again.message.id, again.message.text) == (False, first.message.id, "多少钱")


def test_a_client_id_belongs_to_its_conversation(session: Session, now: datetime) -> None:
    assert receive(session, incoming(), now).new
    assert receive(session, incoming(conversation_id="another"), now).new


def test_without_a_client_id_every_message_is_new(session: Session, now: datetime) -> None:
    first, second = (receive(session, incoming(None), now) for _ in range(2))
    assert first.new
    assert second.new
    assert second.message.id > first.message.id


def test_what_a_person_or_the_shop_writes_waits_for_delivery_and_not_for_an_answer(
    session: Session, now: datetime
) -> None:
    said = receive(session, Incoming("chat", "web", text="我是小李", author="agent"), now).message
    assert (said.author, said.state) == ("agent", "written")


@pytest.mark.parametrize("text", ["\0", "a\0b", "半个\ud83d字", "😀"])
def test_no_text_is_too_odd_for_the_database(session: Session, now: datetime, text: str) -> None:
    odd = Incoming("chat", "web", text=text, payload={"名": [text]}, client_id="odd")
    message = receive(session, odd, now).message
    session.expire_all()
    assert message.payload == {"名": [message.text]}
    assert message.text == text.replace("\0", "").replace("\ud83d", "?")


def test_a_row_that_was_written_is_not_written_again(session: Session, now: datetime) -> None:
    receive(session, incoming(), now)
    assert not session.dirty
    assert not session.new


def test_many_servers_that_take_the_same_message_write_it_once(database_url: str, now: datetime) -> None:
    together = 4
    barrier = Barrier(together)

    def take(_: int) -> tuple[int, bool]:
        barrier.wait()
        with shop_session(database_url) as session:
            received = receive(session, incoming(), now)
            return received.message.id, received.new

    with ThreadPoolExecutor(together) as pool:
        taken = list(pool.map(take, range(together)))
    assert [new for _, new in taken].count(True) == 1
    assert len({message_id for message_id, _ in taken}) == 1
    with shop_session(database_url) as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 1
