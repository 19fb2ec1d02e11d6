"""The golden minute of a conversation as it is now."""

from __future__ import annotations

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from sixty.insight.live import Minute, minute_of
from sixty.ledger.receiving import Incoming, receive
from tests.insight.shop_chats import SETTING, ask, follow_all, join_channel, kept, open_chat, open_shop, place_order
from tests.insight.written import at

LATEST = {"text": "怎么付款", "intent": {"name": "order_help", "confidence": 0.9}, "entities": []}


@pytest.fixture
def chat(session: Session) -> str:
    open_shop(session)
    return open_chat(session)


def now(session: Session, chat: str, seconds: float, **more: object) -> Minute:
    return minute_of(session, chat, at(seconds), rules=SETTING.rules, share=0.0, **more)  # type: ignore[arg-type]


def test_nothing_is_known_of_who_never_came_in(session: Session) -> None:
    found = minute_of(session, "nobody", at(0), LATEST, rules=SETTING.rules, share=1.0)
    assert (found.arm, found.segment, found.seconds, found.line, found.turns) == ("pushes", "ask", 0.0, None, 0)
    assert 0 < found.score < 1


def test_it_says_what_the_follower_writes(session: Session, chat: str) -> None:
    ask(session, chat, 0, "ask_attribute", entities=[("attribute", "材质")])
    ask(session, chat, 20, "hesitate")
    ask(session, chat, 40, "deny", entities=[("mood", "angry")], outcome="handed_over")
    place_order(session, "N1", 50, "P1")
    join_channel(session, chat, 55)
    follow_all(session, 56)
    (visit,) = kept(session)
    live = now(session, chat, 56)
    assert live.score == visit["score"]
    assert live.line == visit["line"] == "B"
    assert [reason.words for reason in live.reasons] == [each["words"] for each in visit["reasons"]]
    assert (live.turns, live.questions, live.category, live.product_no) == (3, 1, "工装", "P1")
    assert (live.asked, live.answered) == (("ask_attribute.材质",), frozenset({"ask_attribute.材质"}))
    assert (live.refused, live.angry, live.mood) == (1, 1, "angry")
    assert live.handed_over
    assert live.ordered
    assert live.kept
    assert live.visit_id is not None
    assert live.first_message_id == visit["first_message_id"]
    assert (live.started_at, live.last_at) == (visit["started_at"], visit["ended_at"])


def test_the_message_that_is_dealt_with_counts_as_it_was_understood(session: Session, chat: str) -> None:
    ask(session, chat, 0)
    message = receive(session, Incoming(chat, "web", text="怎么付款"), at(20)).message
    without, known = now(session, chat, 20), now(session, chat, 20, latest=LATEST)
    assert (without.questions, known.questions) == (1, 2)
    assert known.asked == ("ask_price", "order_help")
    assert known.score > without.score
    assert known.last_message_id == message.id
    assert (known.segment, known.seconds) == ("answer", 20)
    # Once the ledger knows, what the tracker says is of no account.
    message.understood = {"intent": "thank", "confidence": 1.0, "entities": []}
    session.flush()
    assert now(session, chat, 20, latest=LATEST).questions == 1


def test_an_answered_message_is_not_told_again(session: Session, chat: str) -> None:
    ask(session, chat, 0, understood=False)
    assert now(session, chat, 5, latest=LATEST).questions == 0


def test_after_a_long_pause_the_minute_begins_anew(session: Session, chat: str) -> None:
    ask(session, chat, 0)
    assert now(session, chat, 1700).seconds == 1700
    assert now(session, chat, 1900) == Minute(chat, score=now(session, chat, 1900).score)
    ask(session, chat, 2000)
    found = now(session, chat, 2010)
    assert (found.turns, found.seconds, found.segment) == (1, 10, "ask")


def test_a_long_visit_is_read_in_few_queries(session: Session, chat: str) -> None:
    for number in range(70):
        ask(session, chat, 20.0 * number)
    session.expire_all()
    asked: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2]))
    found = now(session, chat, 1410)
    assert found.turns == 70
    assert len(asked) <= 12


def test_the_share_draws_the_arm(session: Session, chat: str) -> None:
    assert minute_of(session, chat, at(0), rules=SETTING.rules, share=1.0).arm == "quiet"
    assert minute_of(session, chat, at(0), rules=SETTING.rules, share=0.0).arm == "pushes"
