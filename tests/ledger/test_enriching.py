from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.ledger.enriching import enrich_all
from sixty.ledger.happenings import read_happening
from sixty.ledger.models import LedgerEvent, Message
from sixty.ledger.receiving import Incoming, receive
from sixty.shop.database import shop_session
from tests.ledger.conftest import Say
from tests.ledger.rasa_events import BEGIN, acted, event, heard, turn

UNDERSTOOD = {
    "intent": "ask_price",
    "confidence": 0.93,
    "entities": [{"entity": "product", "value": "GZ2101", "start": 0, "end": 6}],
}


def rows(session: Session, conversation_id: str = "chat") -> list[LedgerEvent]:
    session.expire_all()
    query = select(LedgerEvent).where(LedgerEvent.conversation_id == conversation_id)
    return list(session.scalars(query.order_by(LedgerEvent.at, LedgerEvent.id)))


def test_a_turn_tells_what_was_understood_and_done(session: Session, say: Say) -> None:
    asked = say("GZ2101多少钱")
    assert len(enrich_all(session, turn(asked))) == 5
    written = rows(session)
    assert (asked.understood, asked.actions) == (UNDERSTOOD, ["action_tell_price", "action_push_capsules"])
    assert [each.kind for each in written] == ["user", "slot", "action", "action", "slot"]
    assert {each.message_id for each in written} == {asked.id}
    assert written[1].data == {"name": "product_no", "value": "GZ2101"}
    assert written[2].data == {"name": "action_tell_price", "policy": "RulePolicy", "confidence": 1.0}
    assert written[0].at.timestamp() == pytest.approx(BEGIN)


def test_the_state_of_a_message_is_not_touched(session: Session, say: Say) -> None:
    asked = say()
    enrich_all(session, turn(asked))
    session.expire_all()
    assert (asked.state, asked.attempts) == ("received", 0)


def test_the_same_event_again_is_known(session: Session, say: Say) -> None:
    asked = say()
    one = heard(asked, 0)
    assert enrich_all(session, [one])
    assert not enrich_all(session, [{**one, "metadata": {"from": "another way"}}])
    assert enrich_all(session, [one, one, acted("action_x", 1), acted("action_x", 1)]) != []
    assert len(rows(session)) == 2
    assert asked.actions == ["action_x"]


def test_an_action_belongs_to_the_message_before_it_however_late_either_comes(session: Session, say: Say) -> None:
    first, second = say("一"), say("二")
    for late in (
        acted("action_b", 11),
        heard(second, 10),
        acted("action_a", 1),
        heard(first, 0),
        acted("action_c", 12),
    ):
        assert enrich_all(session, [late])
    written = rows(session)
    assert [each.message_id for each in written] == [first.id] * 2 + [second.id] * 3
    assert (first.actions, second.actions) == (["action_a"], ["action_b", "action_c"])


def test_what_an_external_event_starts_belongs_to_no_message(session: Session, say: Say) -> None:
    asked = say()
    outside = event("user", 5, text="EXTERNAL: remind", parse_data={"intent": {"name": "remind"}}, message_id="a7f3")
    enrich_all(session, [*turn(asked), outside, acted("action_remind", 6)])
    assert [each.message_id for each in rows(session)][-2:] == [None, None]
    assert "action_remind" not in asked.actions


def test_a_message_of_another_conversation_is_not_told_anything(session: Session, say: Say) -> None:
    mine, others = say(), say(conversation_id="another")
    enrich_all(session, [{**heard(others, 0), "sender_id": "chat"}, acted("action_x", 1)])
    session.expire_all()
    assert (mine.understood, others.understood, others.actions) == (None, None, [])


def test_what_the_ledger_does_not_know_is_left_out(session: Session, say: Say) -> None:
    say()
    assert enrich_all(session, [acted("action_x", 1, "erased"), acted("action_y", 2, "rasa shell")]) == []
    assert rows(session, "erased") == []


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"sender_id": 7, "event": "user", "timestamp": 1.0},
        {"sender_id": "", "event": "user", "timestamp": 1.0},
        {"sender_id": "x" * 65, "event": "user", "timestamp": 1.0},
        {"sender_id": "chat", "event": None, "timestamp": 1.0},
        {"sender_id": "chat", "event": "user"},
        {"sender_id": "chat", "event": "user", "timestamp": float("nan")},
        {"sender_id": "chat", "event": "user", "timestamp": True},
        {"sender_id": "chat", "event": "user", "timestamp": 1e300},
        {"sender_id": "chat", "event": "slot", "timestamp": 1.0, "name": "session_started_metadata", "value": "token"},
    ],
)
def test_what_is_no_event_is_left_out(session: Session, say: Say, odd: dict[str, Any]) -> None:
    say()
    assert read_happening(odd) is None
    assert not enrich_all(session, [odd])


@pytest.mark.parametrize(
    "parsed", [None, "x", {}, {"intent": None}, {"intent": {"name": None}}, {"intent": {"name": "a"}, "entities": 7}]
)
def test_a_parse_of_any_form_is_borne(session: Session, say: Say, parsed: Any) -> None:
    asked = say()
    assert enrich_all(session, [{**heard(asked, 0), "parse_data": parsed}])
    session.expire_all()
    assert asked.understood in (None, {"intent": "a", "confidence": None, "entities": []})


def test_odd_text_in_a_slot_reaches_the_database(session: Session, say: Say) -> None:
    say()
    assert enrich_all(session, [event("slot", 1, name="x", value={"a": ["\0半\ud83d"]})])
    assert rows(session)[0].data == {"name": "x", "value": {"a": ["半?"]}}


def test_two_writers_at_a_time_leave_nothing_out(database_url: str, now: datetime) -> None:
    with shop_session(database_url) as session:
        asked = receive(session, Incoming("chat", "web", text="在吗"), now).message
        enrich_all(session, [heard(asked, 0)])
    names = [f"action_{number:02}" for number in range(40)]
    barrier = Barrier(4)

    def write(part: int) -> None:
        barrier.wait()
        for number in range(part, len(names), 4):
            with shop_session(database_url) as session:
                enrich_all(session, [acted(names[number], number), acted(names[0], 0)])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    with shop_session(database_url) as session:
        told = session.get(Message, asked.id)
        assert told is not None
        assert told.actions == names
