"""Customers are asked once, answer by a tap, say why by another one, and are reminded once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from sixty.channels.arrival import Said
from sixty.channels.settling import Claimant, take_in
from sixty.desk.beside.asking_in_time import ask_in_time, is_due
from sixty.desk.beside.ratings import Satisfaction, ask_for_rating, latest_rating, read_rating
from sixty.desk.beside.satisfaction_rules import SatisfactionRules
from sixty.desk.chat_rows import Viewing, chat_row
from sixty.desk.claims import claim
from sixty.desk.conversation_reading import desk_messages
from sixty.desk.ending import close
from sixty.desk.speaking import say
from sixty.insight.turns import is_turn, said_of, turns_of
from sixty.ledger.models import Message
from sixty.ledger.reading import choices
from tests.desk.desk_world import Desk

RULES = SatisfactionRules()
ME = Claimant("door", timedelta(seconds=30))


@pytest.fixture
def desk(session: Session) -> Desk:
    made = Desk(session)
    made.agent("li")
    return made


def ended(desk: Desk) -> str:
    chat = desk.customer()
    hand_off = desk.wants(chat)
    claim(desk.session, chat, "li", desk.now)
    assert ask_for_rating(desk.session, hand_off, desk.now, rules=RULES)
    close(desk.session, chat, "li", desk.now, then="done")
    return chat


def cards(desk: Desk, chat: str) -> list[Message]:
    return [each for each in desk.said(chat) if (each.payload or {}).get("notice") == "rating"]


def tap(desk: Desk, chat: str, title: str) -> Message:
    for message in reversed(desk.said(chat)):
        for place, choice in enumerate(choices(message.payload or {})):
            if choice["title"] == title:
                said = Said("tap", "", {}, (message.id, place), None)
                return take_in(desk.session, chat, said, ME, desk.now, at_once=True, numbered=()).message
    raise AssertionError(f"nothing is called {title}")


def test_a_tap_is_settled_at_the_door_and_thanked_for(desk: Desk) -> None:
    chat = ended(desk)
    before = desk.state(chat)
    tapped = tap(desk, chat, "不满意")
    assert (tapped.state, tapped.kind) == ("answered", "rated")
    rating = latest_rating(desk.session, chat)
    assert rating is not None
    assert (rating.score, rating.agent_id, rating.by) == (2, "li", "agent")
    tap(desk, chat, "等太久")
    assert rating.tags == ["等太久"]
    tap(desk, chat, "问题没解决")
    assert rating.tags == ["等太久", "问题没解决"]
    # The ask, the reasons, and one word of thanks, however many reasons there are.
    assert len(cards(desk, chat)) == 3
    assert desk.state(chat) == before


def test_a_tap_is_no_turn_and_keeps_nobody_waiting(desk: Desk) -> None:
    chat = ended(desk)
    desk.wants(chat)
    claim(desk.session, chat, "li", desk.now)
    say(desk.session, chat, "li", "m1", {"text": "在的"}, desk.now)
    desk.later(minutes=1)
    tapped = tap(desk, chat, "非常满意")
    assert not is_turn(said_of(tapped))
    viewing = Viewing("li", everything=True)
    row = chat_row(desk.session, chat, viewing, desk.now, desk.rules)
    assert row is not None
    assert (row.waiting_since, row.unread) == (None, 0)
    shown = desk_messages(desk.session, chat, "s" * 32, desk.now)["messages"]
    assert [(each["text"], each["tapped"]) for each in shown if each["kind"] == "rated"] == [("非常满意", True)]
    assert {"title": "非常满意", "taken": True} in [each for form in shown for each in form["capsules"]]
    assert turns_of([said_of(each) for each in desk.said(chat)]) == ()
    line = Said("text", "那发票呢", {}, None, "c9")
    asked = take_in(desk.session, chat, line, ME, desk.now, at_once=True, numbered=())
    assert is_turn(said_of(asked.message))


def test_another_score_replaces_the_first(desk: Desk) -> None:
    chat = ended(desk)
    tap(desk, chat, "非常满意")
    tap(desk, chat, "态度好")
    tap(desk, chat, "一般")
    rating = latest_rating(desk.session, chat)
    assert rating is not None
    assert (rating.score, rating.tags) == (3, [])


def test_a_rating_of_another_conversation_is_nobodys(desk: Desk) -> None:
    chat, other = ended(desk), desk.customer()
    ask = cards(desk, chat)[0]
    with pytest.raises(Exception, match="unknown_capsule"):
        take_in(desk.session, other, Said("tap", "", {}, (ask.id, 0), None), ME, desk.now, at_once=True, numbered=())


def test_who_has_not_tapped_is_reminded_once(desk: Desk) -> None:
    chat = ended(desk)
    desk.later(minutes=29)
    assert not is_due(desk.session, desk.now, RULES)
    desk.later(minutes=2)
    assert is_due(desk.session, desk.now, RULES)
    assert ask_in_time(desk.session, desk.now, RULES) == 1
    assert ask_in_time(desk.session, desk.now, RULES) == 0
    assert len(cards(desk, chat)) == 2
    desk.later(hours=3)
    assert not is_due(desk.session, desk.now, RULES)


def test_who_has_tapped_is_not_reminded(desk: Desk) -> None:
    chat = ended(desk)
    tap(desk, chat, "满意")
    desk.later(hours=1)
    assert not is_due(desk.session, desk.now, RULES)


def test_the_bot_asks_when_its_talk_has_come_to_rest(desk: Desk) -> None:
    chat = desk.customer()
    for text in ("运费多少", "几天能到"):
        desk.session.add(
            Message(
                conversation_id=chat,
                author="customer",
                channel="web",
                text=text,
                state="answered",
                at=desk.now,
                kind="text",
                payload={},
                actions=[],
                timings={},
                attempts=0,
            )
        )
    desk.session.flush()
    assert not is_due(desk.session, desk.now, RULES)
    desk.later(minutes=6)
    assert ask_in_time(desk.session, desk.now, RULES) == 1
    rating = latest_rating(desk.session, chat)
    assert rating is not None
    assert (rating.by, rating.agent_id, rating.hand_off_id) == ("bot", None, None)
    assert ask_in_time(desk.session, desk.now, RULES) == 0
    assert desk.session.query(Satisfaction).count() == 1


@pytest.mark.parametrize("payload", ["/rate", "/rate{}", '/rate{"asked": 1}', '/rate{"asked":1,"score":9}', "/greet"])
def test_what_is_no_rating_is_none(payload: str) -> None:
    assert read_rating(payload) is None
