from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sixty.ledger.models import Message
from sixty.ledger.reading import marks
from sixty.ledger.replying import finish, kind_of, mark_delivered, mark_read, write_reply
from tests.ledger.conftest import Say

FORM = {"text": "229元", "capsules": [{"title": "下单", "payload": "/order"}], "card": None, "outcome": "answered"}


def reply(session: Session, message: Message, ordinal: int, now: datetime, text: str = "229元") -> Message:
    form = {**FORM, "text": text}
    return write_reply(session, message.id, ordinal, message.conversation_id, "web", "bot", form, now)[0]


def test_a_reply_stands_in_the_ledger_before_it_is_delivered(session: Session, say: Say, now: datetime) -> None:
    asked = say()
    said, new = write_reply(session, asked.id, 0, "chat", "web", "bot", FORM, now)
    assert new
    session.expire_all()
    assert (said.text, said.state, said.answers_id, said.ordinal) == ("229元", "written", asked.id, 0)
    assert said.payload == {"capsules": [{"title": "下单", "payload": "/order"}], "outcome": "answered"}


def test_the_same_turn_again_says_nothing_new(session: Session, say: Say, now: datetime) -> None:
    asked = say()
    first = reply(session, asked, 0, now)
    second, new = write_reply(session, asked.id, 0, "chat", "web", "bot", {"text": "现在219元"}, now)
    assert (new, second.id, second.text) == (False, first.id, "229元")


def test_what_answers_nothing_is_always_new(session: Session, now: datetime) -> None:
    assert all(write_reply(session, None, None, "chat", "web", "system", {"text": "欢迎"}, now)[1] for _ in range(2))


@pytest.mark.parametrize(("form", "kind"), [({"card": {"type": "order"}}, "card"), ({"image": "a"}, "picture")])
def test_a_reply_is_called_what_it_mainly_is(form: dict[str, object], kind: str) -> None:
    assert kind_of({"text": "看这个", **form}) == kind


def test_delivery_is_marked_once(session: Session, say: Say, now: datetime) -> None:
    said = reply(session, say(), 0, now)
    later = now + timedelta(seconds=1)
    assert mark_delivered(session, [said.id], later) == 1
    assert mark_delivered(session, [said.id], later + timedelta(seconds=1)) == 0
    assert mark_delivered(session, [], later) == 0
    session.expire_all()
    assert (said.state, said.delivered_at) == ("delivered", later)


def test_reading_goes_up_to_a_message_of_this_conversation(session: Session, say: Say, now: datetime) -> None:
    mine, others = say(), say(conversation_id="another")
    first, second = reply(session, mine, 0, now), reply(session, mine, 1, now)
    elsewhere = reply(session, others, 0, now)
    assert mark_read(session, "chat", first.id, now) == 1
    assert mark_read(session, "chat", elsewhere.id, now) == 1
    session.expire_all()
    assert [each.state for each in (first, second, elsewhere)] == ["read", "read", "written"]
    assert (first.delivered_at, mine.read_at) == (now, None)
    assert mark_delivered(session, [first.id], now) == 0


def test_that_a_person_has_read_a_message_does_not_answer_it(session: Session, say: Say, now: datetime) -> None:
    asked, again = say(), say("还在吗")
    said = reply(session, asked, 0, now)
    assert marks(session, "chat").read_to == 0
    assert mark_read(session, "chat", asked.id, now, reader="shop") == 1
    session.expire_all()
    assert (asked.state, asked.read_at, said.read_at) == ("received", now, None)
    found = marks(session, "chat")
    assert (found.delivered_to, found.read_to) == (again.id, asked.id)


def test_the_first_to_settle_a_message_decides(session: Session, say: Say, now: datetime) -> None:
    asked = say()
    assert finish(session, asked.id, "apologised", now, turn=5000.0)
    assert not finish(session, asked.id, "answered", now + timedelta(seconds=9))
    session.expire_all()
    assert (asked.state, asked.handled_at, asked.timings) == ("apologised", now, {"turn": 5000.0})


@pytest.mark.parametrize("state", ["received", "handling", "read", ""])
def test_only_an_end_settles_a_message(session: Session, say: Say, now: datetime, state: str) -> None:
    with pytest.raises(ValueError, match="settled"):
        finish(session, say().id, state, now)  # type: ignore[arg-type]


def test_a_reply_cannot_be_settled_as_a_question(session: Session, say: Say, now: datetime) -> None:
    said = reply(session, say(), 0, now)
    assert not finish(session, said.id, "answered", now)
    said.state = "answered"
    with pytest.raises(IntegrityError):
        session.flush()
