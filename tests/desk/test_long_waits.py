"""Who could help is told of a customer who waits for too long, once for each threshold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from sixty.desk.claims import claim
from sixty.desk.ending import close
from sixty.desk.feed import DeskEvent, events_since
from sixty.desk.long_waits import WAITING_LONG, long_waits, tell_long_waits
from sixty.desk.speaking import say
from sixty.desk.transfer import back_to_queue
from sixty.ledger.receiving import Incoming, receive
from sixty.ledger.replying import finish
from tests.desk.desk_world import RULES, Desk

ONE, THREE = timedelta(minutes=1), timedelta(minutes=3)


@pytest.fixture
def desk(session: Session) -> Desk:
    made = Desk(session, rules=replace(RULES, alert_after=(ONE, THREE)))
    made.agent("li", groups=["presale"])
    return made


def alerts(desk: Desk) -> list[DeskEvent]:
    """What is told now, and has not been told before."""
    waits = long_waits(desk.session, desk.rules, desk.now)
    before = max((each.id for each in events_since(desk.session, 0)), default=0)
    told = tell_long_waits(desk.session, waits, desk.rules, desk.now)
    found = [each for each in events_since(desk.session, before) if each.data.get("kind") == WAITING_LONG]
    assert len(found) == told == len(waits)
    return found


def writes(desk: Desk, chat: str) -> None:
    message = receive(desk.session, Incoming(chat, "web", text="在吗"), desk.now).message
    finish(desk.session, message.id, "to_person", desk.now)


def test_a_wait_in_the_queue_is_told_once_for_each_threshold(desk: Desk) -> None:
    waits = desk.wants(intent="ask_size")
    desk.later(seconds=59)
    assert alerts(desk) == []
    desk.later(seconds=1)
    [alert] = alerts(desk)
    assert (alert.conversation_id, alert.agent_id, alert.group_id) == (waits.conversation_id, None, "presale")
    assert (alert.data["after"], alert.data["state"]) == (60, "queued")
    for _ in range(3):
        desk.later(seconds=30)
        assert alerts(desk) == []
    desk.later(seconds=30)
    assert [each.data["after"] for each in alerts(desk)] == [180]
    desk.later(minutes=9)
    assert alerts(desk) == []


def test_of_a_desk_that_slept_only_the_highest_threshold_is_told(desk: Desk) -> None:
    desk.wants(intent="ask_size")
    desk.later(minutes=10)
    assert [each.data["after"] for each in alerts(desk)] == [180]
    assert alerts(desk) == []


def test_an_agents_silence_counts_from_when_they_have_it(desk: Desk) -> None:
    chat = desk.wants(intent="ask_size").conversation_id
    desk.later(seconds=70)
    assert len(alerts(desk)) == 1
    claim(desk.session, chat, "li", desk.now)
    desk.later(seconds=50)
    assert alerts(desk) == []
    desk.later(seconds=10)
    [alert] = alerts(desk)
    assert (alert.data["state"], alert.data["after"]) == ("taken", 60)


def test_who_has_been_answered_waits_anew_with_the_next_line(desk: Desk) -> None:
    chat = desk.wants(intent="ask_size").conversation_id
    claim(desk.session, chat, "li", desk.now)
    say(desk.session, chat, "li", "m1", {"text": "在的"}, desk.now)
    desk.later(minutes=20)
    assert alerts(desk) == []
    writes(desk, chat)
    desk.later(minutes=1)
    assert len(alerts(desk)) == 1
    writes(desk, chat)
    desk.later(minutes=1)
    assert alerts(desk) == []
    say(desk.session, chat, "li", "m2", {"text": "我看看"}, desk.now)
    writes(desk, chat)
    desk.later(minutes=1)
    assert len(alerts(desk)) == 1


def test_nobody_is_told_of_who_does_not_wait(desk: Desk) -> None:
    ended = desk.wants(intent="ask_size").conversation_id
    claim(desk.session, ended, "li", desk.now)
    close(desk.session, ended, "li", desk.now, then="wrap_up")
    writes(desk, ended)
    desk.later(minutes=30)
    assert alerts(desk) == []


def test_back_in_the_queue_is_a_wait_of_its_own(desk: Desk) -> None:
    chat = desk.wants(intent="ask_size").conversation_id
    claim(desk.session, chat, "li", desk.now)
    desk.later(minutes=1)
    assert len(alerts(desk)) == 1
    back_to_queue(desk.session, chat, "li", "", desk.now)
    assert alerts(desk) == []
    desk.later(minutes=1)
    assert [each.data["state"] for each in alerts(desk)] == ["queued"]


def test_a_shop_may_want_no_alerts(desk: Desk) -> None:
    desk.wants(intent="ask_size")
    desk.later(hours=1)
    assert long_waits(desk.session, replace(desk.rules, alert_after=()), desk.now) == []
