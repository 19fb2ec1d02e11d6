"""How a customer who wants a person is received: queued with their place, or honestly told that nobody comes now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from sixty.desk.claims import claim
from sixty.desk.ending import close, finish_wrap_up, to_bot
from sixty.desk.handoffs import say_how_received, say_if_nobody_comes, say_still_waiting
from sixty.desk.named_agents import name_agent
from sixty.desk.presence import set_presence
from sixty.desk.queue import place_of, service_time
from tests.desk.desk_world import NOW, RULES, Desk


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(session)


def test_a_shop_without_agents_queues_and_promises_no_time(desk: Desk) -> None:
    desk.later(hours=14)
    hand_off = desk.wants()
    said = say_how_received(desk.session, hand_off, desk.now, RULES)
    assert (hand_off.state, place_of(desk.session, hand_off, desk.now, RULES)) == ("queued", None)
    assert "没有同事在线" in said
    assert say_if_nobody_comes(desk.session, hand_off, desk.now, RULES).startswith("现在没有同事在线")
    assert "分钟" not in said


def test_the_place_and_the_wait_are_told(desk: Desk) -> None:
    desk.agent("li", capacity=2)
    for _ in range(2):
        claim(desk.session, desk.wants().conversation_id, "li", desk.now)
    first, second, third = desk.wants(), desk.wants(), desk.wants()
    places = [place_of(desk.session, each, desk.now, RULES) for each in (first, second, third)]
    # Two slots, six minutes a talk: one is free every three minutes.
    assert [(place.position, place.expected_wait) for place in places if place] == [
        (1, timedelta(minutes=3)),
        (2, timedelta(minutes=6)),
        (3, timedelta(minutes=9)),
    ]
    said = say_how_received(desk.session, third, desk.now, RULES)
    assert "前面还有2位，预计约9分钟" in said
    assert "您前面还有2位" in say_still_waiting(desk.session, third, desk.now, RULES)


def test_who_finds_somebody_free_does_not_wait(desk: Desk) -> None:
    desk.agent("li", capacity=2)
    place = place_of(desk.session, desk.wants(), desk.now, RULES)
    assert place is not None
    assert (place.position, place.expected_wait) == (1, timedelta(0))


def test_talks_that_were_observed_count(desk: Desk) -> None:
    desk.agent("li", capacity=50)
    assert service_time(desk.session, "general", RULES, desk.now) == RULES.service_time
    for _ in range(20):
        conversation = desk.wants().conversation_id
        claim(desk.session, conversation, "li", desk.now)
        desk.later(awake=["li"], minutes=1)
        close(desk.session, conversation, "li", desk.now)
        # What is written afterwards is no talk.
        desk.later(awake=["li"], minutes=2)
        finish_wrap_up(desk.session, conversation, "li", "", (), desk.now)
    observed = service_time(desk.session, "general", RULES, desk.now)
    assert observed == (20 * timedelta(minutes=1) + 5 * RULES.service_time) / 25
    assert service_time(desk.session, "presale", RULES, desk.now) == RULES.service_time


@pytest.mark.parametrize(("hours", "when"), [(9.5, "明天09:00"), (1.25, "今天13:00"), (-3, "今天09:00")])
def test_outside_hours_it_is_a_message(desk: Desk, hours: float, when: str) -> None:
    desk.agent("li")
    desk.later(awake=["li"], hours=hours + 0.5)
    hand_off = desk.wants()
    assert (hand_off.state, desk.state(hand_off.conversation_id)) == ("left", "bot")
    said = say_how_received(desk.session, hand_off, desk.now, RULES)
    assert when in said
    assert "9:00–12:00、13:00–21:00" in said


def test_where_nobody_is_there_it_is_a_message(desk: Desk) -> None:
    desk.agent("li", presence="offline")
    hand_off = desk.wants()
    assert hand_off.state == "left"
    assert "没有同事在线" in say_how_received(desk.session, hand_off, desk.now, RULES)


def test_who_is_on_a_break_comes_back(desk: Desk) -> None:
    desk.agent("li", presence="away")
    hand_off = desk.wants()
    place = place_of(desk.session, hand_off, desk.now, RULES)
    assert hand_off.state == "queued"
    assert place is not None
    assert place.expected_wait is None


def test_a_queue_has_an_end(desk: Desk) -> None:
    desk.rules = replace(RULES, longest_queue=2)
    desk.agent("li", capacity=1)
    states = [desk.wants().state for _ in range(3)]
    assert states == ["queued", "queued", "left"]


def test_a_group_that_has_gone_home_leaves_its_customers_to_another_one(desk: Desk) -> None:
    desk.agent("li", groups=["general"])
    hand_off = desk.wants(intent="request_after_sales")
    assert (hand_off.state, hand_off.group_id) == ("queued", "general")
    assert desk.wants(intent="ask_size").state == "left"


def test_asked_again_when_somebody_is_there_the_message_becomes_a_wait(desk: Desk) -> None:
    desk.agent("li", presence="offline")
    hand_off = desk.wants()
    assert "留言" in say_still_waiting(desk.session, desk.wants(hand_off.conversation_id), desk.now, RULES)
    desk.later(minutes=30)
    set_presence(desk.session, "li", "online", desk.now, "li")
    again = desk.wants(hand_off.conversation_id)
    assert (again.id, again.state, again.queued_at) == (hand_off.id, "queued", desk.now)
    assert desk.state(hand_off.conversation_id) == "queued"


def test_who_was_told_that_a_colleague_looks_is_told_when_it_is_not_now(desk: Desk) -> None:
    desk.agent("li", presence="offline")
    conversation = desk.customer()
    desk.open(conversation, "action_failed", {}, told=False)
    desk.open(conversation, "action_failed", {}, told=False)
    assert desk.notices(conversation) == ["left"]


def test_their_own_agent_first_then_the_last_one(desk: Desk) -> None:
    for agent_id in ("li", "wang"):
        desk.agent(agent_id)
    first = desk.wants(desk.customer(customer_id="K9"))
    assert first.wanted_agent_id is None
    claim(desk.session, first.conversation_id, "wang", desk.now)
    to_bot(desk.session, first.conversation_id, "wang", "", (), desk.now)
    second = desk.wants(desk.customer(customer_id="K9"))
    assert (second.wanted_agent_id, second.wanted_until) == ("wang", NOW + RULES.own_agent_wait)
    name_agent(desk.session, "K9", "li", desk.now)
    assert desk.wants(desk.customer(customer_id="K9")).wanted_agent_id == "li"
    name_agent(desk.session, "K9", None, desk.now)
    desk.later(awake=["li", "wang"], hours=80)
    assert desk.wants(desk.customer(customer_id="K9")).wanted_agent_id is None


def test_an_unknown_visitor_is_nobody_s_last_customer(desk: Desk) -> None:
    desk.agent("li")
    first = desk.wants(desk.visitor())
    claim(desk.session, first.conversation_id, "li", desk.now)
    to_bot(desk.session, first.conversation_id, "li", "", (), desk.now)
    assert desk.wants(desk.visitor()).wanted_agent_id is None
    assert desk.wants(first.conversation_id).wanted_agent_id == "li"


def test_what_it_is_about_decides_who_and_when(desk: Desk) -> None:
    desk.agent("li")
    vip = desk.wants(desk.customer(level="PLUS"), intent="request_after_sales", reason="complaint")
    assert (vip.group_id, vip.priority, vip.raised_by) == ("aftersale", 14, ["vip", "complaint"])
    assert vip.counts_from == NOW - timedelta(minutes=14)
    angry = desk.wants(reason="two_misses", angry=True)
    assert (angry.group_id, angry.priority, angry.raised_by) == ("general", 5, ["angry"])
