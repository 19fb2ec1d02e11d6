"""Each conversation goes to one agent, whoever reaches for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import load_of
from sixty.desk.assignments import Assignment, assignments_of
from sixty.desk.claims import assign_waiting, claim, claim_next, take_over
from sixty.desk.desk_errors import (
    DeskError,
    FullError,
    NotOnlineError,
    NotWaitingError,
    TakenError,
    UnknownAgentError,
)
from sixty.desk.feed import events_since
from sixty.desk.handoffs import HandOff
from sixty.shop.database import shop_session
from tests.desk.desk_world import NOW, RULES, Desk


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(session)


def test_who_takes_a_conversation_has_it(desk: Desk) -> None:
    desk.agent("li")
    hand_off = desk.wants()
    taken = claim(desk.session, hand_off.conversation_id, "li", desk.now)
    assert (taken.state, taken.agent_id, taken.assigned_at) == ("taken", "li", NOW)
    assert desk.state(hand_off.conversation_id) == "assigned"
    assert desk.notices(hand_off.conversation_id) == ["claimed"]
    (assignment,) = assignments_of(desk.session, hand_off.conversation_id)
    assert (assignment.agent_id, assignment.why, assignment.until) == ("li", "claimed", None)


def test_twice_is_once(desk: Desk) -> None:
    desk.agent("li")
    hand_off = desk.wants()
    for _ in range(2):
        claim(desk.session, hand_off.conversation_id, "li", desk.now)
    assert len(assignments_of(desk.session, hand_off.conversation_id)) == 1
    assert desk.notices(hand_off.conversation_id) == ["claimed"]


def test_who_is_late_is_told_who_has_it(desk: Desk) -> None:
    desk.agent("li")
    desk.agent("wang")
    hand_off = desk.wants()
    claim(desk.session, hand_off.conversation_id, "li", desk.now)
    with pytest.raises(TakenError) as error:
        claim(desk.session, hand_off.conversation_id, "wang", desk.now)
    assert error.value.extra() == {"by": "li"}


def test_only_who_is_there_and_only_what_waits(desk: Desk) -> None:
    desk.agent("li", presence="offline")
    hand_off = desk.wants()
    with pytest.raises(NotOnlineError):
        claim(desk.session, hand_off.conversation_id, "li", desk.now)
    with pytest.raises(UnknownAgentError):
        claim(desk.session, hand_off.conversation_id, "nobody", desk.now)
    desk.agent("wang")
    with pytest.raises(NotWaitingError):
        claim(desk.session, desk.customer(), "wang", desk.now)


def test_by_hand_one_may_have_too_many(desk: Desk) -> None:
    desk.agent("li", capacity=1)
    for _ in range(2):
        claim(desk.session, desk.wants().conversation_id, "li", desk.now)
    assert load_of(desk.session, "li") == 2


def test_the_next_one_is_who_counts_as_waiting_longest(desk: Desk) -> None:
    desk.agent("li")
    first = desk.wants()
    desk.later(awake=["li"], minutes=5)
    vip = desk.wants(desk.customer(level="PLUS"))
    desk.later(awake=["li"], minutes=1)
    later = desk.wants(reason="complaint")
    order = [claim_next(desk.session, "li", desk.now, rules=RULES) for _ in range(4)]
    # Eight minutes ahead, or six; who has waited for as long already is not overtaken.
    assert vip.counts_from == NOW + timedelta(minutes=5 - 8)
    assert later.counts_from == NOW + timedelta(minutes=6 - 6)
    assert [each and each.id for each in order] == [vip.id, first.id, later.id, None]


def test_the_next_one_is_of_ones_own_groups(desk: Desk) -> None:
    desk.agent("li", groups=["presale"])
    desk.wants(intent="request_after_sales")
    mine = desk.wants(intent="ask_size")
    found = claim_next(desk.session, "li", desk.now, rules=RULES)
    assert found is not None
    assert found.id == mine.id
    assert claim_next(desk.session, "li", desk.now, rules=RULES) is None


def test_who_is_full_or_away_gets_none(desk: Desk) -> None:
    desk.agent("li", capacity=1)
    desk.agent("wang", presence="away")
    for _ in range(3):
        desk.wants()
    claim_next(desk.session, "li", desk.now, rules=RULES)
    with pytest.raises(FullError) as error:
        claim_next(desk.session, "li", desk.now, rules=RULES)
    assert error.value.extra() == {"load": 1, "capacity": 1}
    with pytest.raises(NotOnlineError):
        claim_next(desk.session, "wang", desk.now, rules=RULES)


def test_who_waits_is_given_to_who_has_room(desk: Desk) -> None:
    desk.agent("li", capacity=2)
    desk.agent("wang", capacity=1)
    desk.agent("chen", presence="busy")
    waiting = [desk.wants() for _ in range(5)]
    given = assign_waiting(desk.session, desk.now, rules=RULES)
    assert [each.id for each in given] == [each.id for each in waiting[:3]]
    assert {each.agent_id for each in given} == {"li", "wang"}
    assert (load_of(desk.session, "li"), load_of(desk.session, "wang")) == (2, 1)
    assert assign_waiting(desk.session, desk.now, rules=RULES) == []
    alerts = [event.agent_id for event in events_since(desk.session, 0) if event.kind == "alert"]
    assert sorted(alerts) == ["li", "li", "wang"]


def test_who_has_not_been_heard_of_gets_none(desk: Desk) -> None:
    desk.agent("li")
    desk.wants()
    desk.later(seconds=151)
    assert assign_waiting(desk.session, desk.now, rules=RULES) == []
    desk.later(awake=["li"])
    assert len(assign_waiting(desk.session, desk.now, rules=RULES)) == 1


def test_a_message_left_is_answered_with_other_words(desk: Desk) -> None:
    desk.agent("li", presence="offline")
    hand_off = desk.wants()
    assert (hand_off.state, desk.state(hand_off.conversation_id)) == ("left", "bot")
    desk.agent("wang")
    claim(desk.session, hand_off.conversation_id, "wang", desk.now)
    assert "留言" in desk.said(hand_off.conversation_id)[-1].text
    assert desk.state(hand_off.conversation_id) == "assigned"


def test_a_supervisor_takes_over(desk: Desk) -> None:
    desk.agent("li")
    desk.agent("boss")
    hand_off = desk.wants()
    claim(desk.session, hand_off.conversation_id, "li", desk.now)
    taken = take_over(desk.session, hand_off.conversation_id, "boss", "顾客点名要主管", desk.now)
    assert taken.agent_id == "boss"
    first, second = assignments_of(desk.session, hand_off.conversation_id)
    assert (first.left_for, first.until, second.note) == ("taken_over", NOW, "顾客点名要主管")
    gone = [event for event in events_since(desk.session, 0) if event.kind == "chat_gone"]
    assert [(event.agent_id, event.data["why"]) for event in gone] == [("li", "taken_over")]


def test_a_supervisor_takes_what_the_bot_has(desk: Desk) -> None:
    desk.agent("boss")
    conversation = desk.customer()
    taken = take_over(desk.session, conversation, "boss", "看着不对", desk.now)
    assert (taken.reason, taken.state, desk.state(conversation)) == ("taken_over", "taken", "assigned")


@pytest.mark.parametrize("way", ["by_hand", "next", "routed", "mixed"])
def test_nobody_is_held_by_two(database_url: str, way: str) -> None:
    agents, chats, together = [f"a{number}" for number in range(4)], 12, 6
    with shop_session(database_url) as session:
        desk = Desk(session)
        for agent_id in agents:
            desk.agent(agent_id, capacity=5)
        conversations = [desk.wants().conversation_id for _ in range(chats)]
    barrier = Barrier(together)

    def reach(number: int) -> None:
        barrier.wait()
        for attempt, conversation in enumerate(conversations):
            how = way if way != "mixed" else ("by_hand", "next", "routed")[(number + attempt) % 3]
            with suppress(DeskError), shop_session(database_url) as session:
                if how == "by_hand":
                    claim(session, conversation, agents[(number + attempt) % 4], NOW)
                elif how == "next":
                    claim_next(session, agents[number % 4], NOW, rules=RULES)
                else:
                    assign_waiting(session, NOW, 3, RULES)

    with ThreadPoolExecutor(together) as pool:
        list(pool.map(reach, range(together)))
    with shop_session(database_url) as session:
        # On PostgreSQL a round passes over whom another one has locked: the next tick finds who is left.
        assign_waiting(session, NOW, rules=RULES)
    with shop_session(database_url) as session:
        held = [each.conversation_id for each in session.scalars(select(Assignment))]
        assert sorted(held) == sorted(conversations)
        taken = list(session.scalars(select(HandOff)))
        assert {each.state for each in taken} == {"taken"}
        if way in ("next", "routed"):
            assert max(load_of(session, agent_id) for agent_id in agents) <= 5
