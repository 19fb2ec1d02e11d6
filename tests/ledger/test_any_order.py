"""Whatever comes in whatever order and however often: one row a message and a reply, and states that only move on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.ledger.claiming import claim, release
from sixty.ledger.enriching import enrich_all
from sixty.ledger.models import SETTLED_STATES, LedgerEvent, Message
from sixty.ledger.outbox import OutboxItem, claim_due, failed, put, sent, write_message
from sixty.ledger.reading import history
from sixty.ledger.receiving import Incoming, receive
from sixty.ledger.replying import finish, mark_delivered, mark_read, write_reply
from tests.ledger.conftest import NOW
from tests.ledger.rasa_events import acted, event, heard

RANK = dict.fromkeys(SETTLED_STATES, 2) | {"received": 0, "handling": 1, "written": 0, "delivered": 1, "read": 2}
CHATS = ("一", "二")
CLIENT_IDS = ("a", "b", "c")

steps = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), st.sampled_from(CHATS), st.sampled_from(CLIENT_IDS)),
        st.tuples(st.just("claim"), st.integers(0, 9), st.sampled_from("xy")),
        st.tuples(st.just("release"), st.integers(0, 9), st.sampled_from("xy")),
        st.tuples(st.just("finish"), st.integers(0, 9), st.sampled_from(SETTLED_STATES)),
        st.tuples(st.just("reply"), st.integers(0, 9), st.integers(0, 2)),
        st.tuples(st.just("delivered"), st.integers(0, 9), st.none()),
        st.tuples(st.just("read"), st.integers(0, 9), st.sampled_from(("customer", "shop"))),
        st.tuples(st.just("enrich"), st.integers(0, 9), st.integers(0, 3)),
        st.tuples(st.just("put"), st.sampled_from(CHATS), st.sampled_from(CLIENT_IDS)),
        st.tuples(st.just("send"), st.sampled_from(("sent", "lost", "failed")), st.none()),
    ),
    max_size=30,
)

once = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@contextmanager
def taken_back(session: Session) -> Iterator[None]:
    """Every example begins with the same database."""
    savepoint = session.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()
        session.expire_all()


def send(session: Session, how: str, now: datetime) -> None:
    for row in claim_due(session, "x", now + timedelta(seconds=3), now):
        message, _ = write_message(session, row, "web", now)
        if how == "sent":
            assert sent(session, row.id, message.id, now)
        elif how == "failed":
            assert failed(session, row.id, "offline", now + timedelta(seconds=2))


def deal_with(session: Session, kind: str, message: Message, how: Any, now: datetime) -> None:
    until = now + timedelta(seconds=3)
    if kind == "enrich":
        at, chat = message.id + how / 10, message.conversation_id
        events = [heard(message, at), acted("action_a", at, chat), event("slot", at, chat, name="s", value=how)]
        enrich_all(session, [events[how % 3]])
        return
    do: dict[str, Callable[[], Any]] = {
        "claim": lambda: claim(session, message.id, how, until, now),
        "release": lambda: release(session, message.id, how),
        "finish": lambda: finish(session, message.id, how, now),
        "delivered": lambda: mark_delivered(session, [message.id], now),
        "read": lambda: mark_read(session, message.conversation_id, message.id, now, reader=how),
        "reply": lambda: write_reply(
            session, message.id, how, message.conversation_id, "web", "bot", {"text": f"{message.id}.{how}"}, now
        ),
    }
    do[kind]()


def take(session: Session, step: tuple[Any, Any, Any], messages: list[Message], second: int) -> None:
    kind, what, how = step
    now = NOW + timedelta(seconds=second)
    if kind == "receive":
        receive(session, Incoming(what, "web", text=how, client_id=how), now)
    elif kind == "put":
        put(session, OutboxItem(f"{what}{how}", what, "system", {"text": how}, now))
    elif kind == "send":
        send(session, what, now)
    elif messages:
        deal_with(session, kind, messages[what % len(messages)], how, now)


@once
@given(steps)
def test_rows_stay_single_and_states_move_on(session: Session, steps: list[tuple[Any, Any, Any]]) -> None:
    with taken_back(session):
        before: dict[int, int] = {}
        for second, step in enumerate(steps):
            # An agent's or the bot's own message may be meant as well: it must not mind.
            messages = list(session.scalars(select(Message).order_by(Message.id)))
            take(session, step, messages, second)
            session.expire_all()
            after = {each.id: RANK[each.state] for each in session.scalars(select(Message))}
            assert before.keys() <= after.keys()
            assert all(after[each] >= rank for each, rank in before.items())
            before = after
        messages = [each for chat in CHATS for each in history(session, chat, limit=1000)]
        named = [(each.conversation_id, each.client_id) for each in messages if each.client_id]
        replies = [(each.answers_id, each.ordinal) for each in messages if each.answers_id]
        assert len(set(named)) == len(named)
        assert len(set(replies)) == len(replies)


@once
@given(data=st.data())
def test_events_tell_the_same_in_any_order_and_number(session: Session, data: st.DataObject) -> None:
    with taken_back(session):
        asked = [receive(session, Incoming("一", "web", text=str(each)), NOW).message for each in range(3)]
        events: list[dict[str, Any]] = []
        for number, message in enumerate(asked):
            start = number * 10.0
            names = data.draw(st.lists(st.sampled_from(("action_a", "action_b", "action_c")), max_size=3))
            events.append(heard(message, start, intent=f"intent_{number}"))
            events += [acted(name, start + 1 + place, "一") for place, name in enumerate(names)]
            events.append(event("slot", start + 8, "一", name="s", value=number))
        come = data.draw(st.permutations(events)) + data.draw(st.lists(st.sampled_from(events), max_size=5))
        cut = data.draw(st.integers(0, len(come)))
        new = len(enrich_all(session, come[:cut])) + sum(len(enrich_all(session, [each])) for each in come[cut:])
        assert new == len(events)
        session.expire_all()
        kept = list(session.scalars(select(LedgerEvent).order_by(LedgerEvent.at)))
        of = [int(each["timestamp"] - NOW.timestamp()) // 10 for each in events]
        assert [each.message_id for each in kept] == [asked[number].id for number in of]
        for number, message in enumerate(asked):
            mine = [each for each, owner in zip(events, of, strict=True) if owner == number]
            assert message.actions == [each["name"] for each in mine if each["event"] == "action"]
            assert message.understood is not None
            assert message.understood["intent"] == f"intent_{number}"


@pytest.mark.parametrize("times", [1, 3])
def test_a_turn_that_is_told_again_changes_nothing(session: Session, times: int) -> None:
    message = receive(session, Incoming("一", "web", text="在吗"), NOW).message
    for _ in range(times):
        enrich_all(session, [heard(message, 0), acted("action_a", 1, "一"), acted("action_a", 2, "一")])
    session.expire_all()
    assert message.actions == ["action_a", "action_a"]
