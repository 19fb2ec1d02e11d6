from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

from sqlalchemy.orm import Session

from sixty.ledger.claiming import claim, extend, release, unanswered
from sixty.ledger.models import Message
from sixty.ledger.receiving import Incoming, receive
from sixty.ledger.replying import finish, write_reply
from sixty.shop.database import shop_session
from tests.ledger.conftest import Say

SOON = timedelta(seconds=10)


def test_one_at_a_time_answers_a_message(session: Session, say: Say, now: datetime) -> None:
    asked = say()
    assert claim(session, asked.id, "one", now + SOON, now)
    assert not claim(session, asked.id, "two", now + SOON, now)
    assert not claim(session, asked.id, "one", now + SOON, now)
    session.expire_all()
    assert (asked.state, asked.claimed_by, asked.attempts) == ("handling", "one", 1)


def test_a_claim_that_ran_out_passes_on(session: Session, say: Say, now: datetime) -> None:
    asked = say()
    assert claim(session, asked.id, "one", now + SOON, now)
    assert claim(session, asked.id, "two", now + 2 * SOON, now + SOON)
    assert not extend(session, asked.id, "one", now + 3 * SOON)
    session.expire_all()
    assert (asked.claimed_by, asked.attempts) == ("two", 2)


def test_what_was_received_for_somebody_is_theirs(session: Session, now: datetime) -> None:
    asked = receive(session, Incoming("chat", "web"), now, by="one", until=now + SOON).message
    assert unanswered(session, now) == []
    assert not claim(session, asked.id, "two", now + SOON, now)
    assert claim(session, asked.id, "one", now + SOON, now)
    assert not claim(session, asked.id, "one", now + SOON, now)


def test_a_settled_message_and_a_reply_are_nobodys(session: Session, say: Say, now: datetime) -> None:
    asked = say()
    said, _ = write_reply(session, asked.id, 0, "chat", "web", "bot", {"text": "在"}, now)
    finish(session, asked.id, "answered", now)
    assert not claim(session, asked.id, "one", now + SOON, now)
    assert not claim(session, said.id, "one", now + SOON, now)
    assert unanswered(session, now + 9 * SOON) == []


def test_what_was_left_behind_is_found_in_the_order_of_its_conversation(
    session: Session, say: Say, now: datetime
) -> None:
    b1, a1, b2, a2 = (say(conversation_id=each) for each in "baba")
    for each in (a1, b1):
        assert claim(session, each.id, "one", now + SOON, now)
    assert unanswered(session, now) == [a2, b2]
    assert unanswered(session, now + SOON) == [a1, a2, b1, b2]
    assert unanswered(session, now + SOON, limit=1) == [a1]


def test_a_claim_is_kept_longer_or_given_back(session: Session, say: Say, now: datetime) -> None:
    asked = say()
    assert claim(session, asked.id, "one", now + SOON, now)
    assert extend(session, asked.id, "one", now + 3 * SOON)
    assert not claim(session, asked.id, "two", now + 3 * SOON, now + 2 * SOON)
    assert not release(session, asked.id, "two")
    assert release(session, asked.id, "one")
    assert claim(session, asked.id, "two", now + SOON, now)


def test_many_servers_that_want_a_message_get_it_once(database_url: str, now: datetime) -> None:
    with shop_session(database_url) as session:
        ids = [receive(session, Incoming("chat", "web"), now).message.id for _ in range(8)]
    together = 4
    barrier = Barrier(together)

    def take(name: int) -> list[int]:
        barrier.wait()
        taken = []
        for message_id in ids:
            with shop_session(database_url) as session:
                if claim(session, message_id, str(name), now + SOON, now):
                    taken.append(message_id)
        return taken

    with ThreadPoolExecutor(together) as pool:
        taken = [each for some in pool.map(take, range(together)) for each in some]
    assert sorted(taken) == ids
    with shop_session(database_url) as session:
        assert all(session.get(Message, each).attempts == 1 for each in ids)  # type: ignore[attr-defined]
