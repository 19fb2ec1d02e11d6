"""Passing on: to a colleague, to a group, back into the queue; and who leaves loses nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from sixty.desk.agents import load_of
from sixty.desk.assignments import assignments_of
from sixty.desk.claims import assign_waiting, claim, claim_next
from sixty.desk.desk_errors import (
    EndedError,
    HasChatsError,
    NotReachableError,
    NotYoursError,
    SameError,
    UnknownAgentError,
    UnknownGroupError,
)
from sixty.desk.desk_words import agent_gone, signed_off
from sixty.desk.ending import close, finish_wrap_up
from sixty.desk.feed import events_since
from sixty.desk.handoffs import HandOff
from sixty.desk.presence import gone_agents, heartbeat, send_home, set_presence
from sixty.desk.queue import waiting
from sixty.desk.transfer import ToAgent, ToGroup, back_to_queue, transfer
from tests.desk.desk_world import NOW, RULES, Desk


@pytest.fixture
def desk(session: Session) -> Desk:
    made = Desk(session)
    made.agent("li", groups=["presale"])
    made.agent("wang", groups=["aftersale"])
    return made


def taken(desk: Desk, agent_id: str = "li") -> HandOff:
    hand_off = desk.wants(intent="ask_size")
    return claim(desk.session, hand_off.conversation_id, agent_id, desk.now)


def test_to_a_colleague_who_has_room(desk: Desk) -> None:
    hand_off = taken(desk)
    transfer(desk.session, hand_off.conversation_id, "li", ToAgent("wang"), "问退货", desk.now, rules=RULES)
    assert (hand_off.state, hand_off.agent_id) == ("taken", "wang")
    assert desk.state(hand_off.conversation_id) == "assigned"
    assert "小wang" in desk.said(hand_off.conversation_id)[-1].text
    first, second = assignments_of(desk.session, hand_off.conversation_id)
    assert (first.left_for, second.why, second.note, second.by) == ("transferred", "transferred", "问退货", "li")
    alerts = [(event.agent_id, event.data) for event in events_since(desk.session, 0) if event.kind == "alert"]
    assert alerts == [("wang", {"kind": "transferred", "note": "问退货"})]


@pytest.mark.parametrize("presence", ["busy", "away", "offline"])
def test_a_colleague_who_takes_nobody_now_is_waited_for_only_if_one_wants(desk: Desk, presence: str) -> None:
    set_presence(desk.session, "wang", presence, desk.now, "wang")  # type: ignore[arg-type]
    hand_off = taken(desk)
    conversation = hand_off.conversation_id
    with pytest.raises(NotReachableError):
        transfer(desk.session, conversation, "li", ToAgent("wang"), "", desk.now, rules=RULES)
    assert hand_off.agent_id == "li"
    transfer(desk.session, conversation, "li", ToAgent("wang"), "", desk.now, anyway=True, rules=RULES)
    assert (hand_off.state, hand_off.wanted_agent_id, desk.state(conversation)) == ("queued", "wang", "queued")
    if presence != "offline":
        assert assign_waiting(desk.session, desk.now, rules=RULES) == []
    set_presence(desk.session, "wang", "online", desk.now, "wang")
    (given,) = assign_waiting(desk.session, desk.now, rules=RULES)
    assert given.agent_id == "wang"


def test_to_a_group(desk: Desk) -> None:
    hand_off = taken(desk)
    transfer(desk.session, hand_off.conversation_id, "li", ToGroup("aftersale"), "要退货", desk.now, rules=RULES)
    assert (hand_off.state, hand_off.group_id, load_of(desk.session, "li")) == ("queued", "aftersale", 0)
    assert hand_off.context["notes"] == [{"by": "li", "text": "要退货"}]
    (given,) = assign_waiting(desk.session, desk.now, rules=RULES)
    assert given.agent_id == "wang"
    assert "售后客服" in desk.said(hand_off.conversation_id)[1].text


def test_what_cannot_be_passed_on(desk: Desk) -> None:
    hand_off = taken(desk)
    conversation = hand_off.conversation_id
    with pytest.raises(NotYoursError):
        transfer(desk.session, conversation, "wang", ToAgent("li"), "", desk.now, rules=RULES)
    with pytest.raises(SameError):
        transfer(desk.session, conversation, "li", ToAgent("li"), "", desk.now, rules=RULES)
    with pytest.raises(UnknownAgentError):
        transfer(desk.session, conversation, "li", ToAgent("nobody"), "", desk.now, rules=RULES)
    with pytest.raises(UnknownGroupError):
        transfer(desk.session, conversation, "li", ToGroup("nowhere"), "", desk.now, rules=RULES)
    back_to_queue(desk.session, conversation, "li", "", desk.now)
    with pytest.raises(EndedError):
        transfer(desk.session, conversation, "li", ToAgent("wang"), "", desk.now, rules=RULES)


def test_who_is_given_back_is_in_front(desk: Desk) -> None:
    hand_off = taken(desk)
    desk.later(minutes=1)
    vip = desk.wants(desk.customer(level="PLUS"), intent="ask_size")
    back_to_queue(desk.session, hand_off.conversation_id, "li", "我要下班了", desk.now)
    assert [each.id for each in waiting(desk.session)] == [hand_off.id, vip.id]


def test_who_goes_home_is_asked_about_their_conversations(desk: Desk) -> None:
    hand_off = taken(desk)
    with pytest.raises(HasChatsError) as error:
        set_presence(desk.session, "li", "offline", desk.now, "li")
    assert error.value.extra() == {"chats": 1}
    set_presence(desk.session, "li", "offline", desk.now, "li", anyway=True)
    assert (hand_off.state, desk.state(hand_off.conversation_id)) == ("queued", "queued")
    assert desk.notices(hand_off.conversation_id) == ["claimed", "returned"]
    # Nothing has gone wrong, and nothing is said to have.
    assert desk.said(hand_off.conversation_id)[-1].text == signed_off("小li")


def test_whose_line_is_dead_is_replaced(desk: Desk) -> None:
    hand_off = taken(desk)
    desk.later(awake=["wang"], seconds=149)
    assert gone_agents(desk.session, desk.now, RULES) == []
    desk.later(awake=["wang"], seconds=1)
    assert [each.id for each in gone_agents(desk.session, desk.now, RULES)] == ["li"]
    assert send_home(desk.session, "li", desk.now, RULES)
    assert not send_home(desk.session, "li", desk.now, RULES)
    assert hand_off.state == "queued"
    assert desk.said(hand_off.conversation_id)[-1].text == agent_gone()
    (before,) = assignments_of(desk.session, hand_off.conversation_id)
    assert (before.left_for, before.until) == ("gone", desk.now)
    desk.agent("chen", groups=["presale"])
    (given,) = assign_waiting(desk.session, desk.now, rules=RULES)
    assert given.agent_id == "chen"


def test_who_is_heard_of_in_the_last_moment_stays(desk: Desk) -> None:
    taken(desk)
    desk.later(seconds=200)
    heartbeat(desk.session, "li", desk.now)
    assert not send_home(desk.session, "li", desk.now, RULES)
    assert load_of(desk.session, "li") == 1


def test_a_heartbeat_that_comes_late_moves_nothing_back(desk: Desk) -> None:
    heartbeat(desk.session, "li", NOW + timedelta(minutes=2))
    heartbeat(desk.session, "li", NOW + timedelta(minutes=1))
    desk.later(minutes=4)
    assert "li" not in [each.id for each in gone_agents(desk.session, desk.now, RULES)]


def test_who_gives_to_their_own_group_does_not_get_it_back_at_once(desk: Desk) -> None:
    desk.agent("zhao", groups=["presale"], capacity=1)
    first = taken(desk, "zhao")
    hand_off = taken(desk)
    transfer(desk.session, hand_off.conversation_id, "li", ToGroup("presale"), "", desk.now, rules=RULES)
    assert assign_waiting(desk.session, desk.now, rules=RULES) == []
    assert claim_next(desk.session, "li", desk.now, rules=RULES) is None
    close(desk.session, first.conversation_id, "zhao", desk.now)
    finish_wrap_up(desk.session, first.conversation_id, "zhao", "好", (), desk.now)
    assert [each.agent_id for each in assign_waiting(desk.session, desk.now, rules=RULES)] == ["zhao"]


def test_who_is_alone_gets_it_back_after_a_while(desk: Desk) -> None:
    desk.agent("zhao", groups=["presale"], capacity=1)
    taken(desk, "zhao")
    hand_off = taken(desk)
    back_to_queue(desk.session, hand_off.conversation_id, "li", "", desk.now)
    assert assign_waiting(desk.session, desk.now, rules=RULES) == []
    desk.later(awake=["li", "zhao"], seconds=RULES.skill_wait.total_seconds())
    assert [each.agent_id for each in assign_waiting(desk.session, desk.now, rules=RULES)] == ["li"]
