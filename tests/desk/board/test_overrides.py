"""Routing changed on the spot: read at once, checked, taken back, ended by its time, and written down."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from sixty.desk.agents import change_agent, find_agent
from sixty.desk.board.changing_routing import change_routing, end_what_ran_out, run_out, take_back, trail
from sixty.desk.board.overrides import in_force, laid_over
from sixty.desk.claims import assign_waiting
from sixty.desk.desk_errors import UnknownAgentError, UnknownGroupError
from sixty.desk.feed import events_since
from sixty.desk.staff.audit import entries
from tests.desk.desk_world import NOW, RULES, Desk

HOUR = timedelta(hours=1)


def change(desk: Desk, kind: str, target: str, until: datetime | None = None, **value: Any) -> int:
    made = change_routing(
        desk.session, kind, target, value, "今天人少", until or desk.now + HOUR, None, desk.rules, desk.now
    )
    return made.id


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(session)


def test_a_group_that_helps_takes_customers_at_once(desk: Desk) -> None:
    desk.agent("li", groups=("general",))
    desk.agent("zhou", groups=("presale",), presence="busy")
    waits = desk.wants(intent="ask_size")
    assert waits.group_id == "presale"
    assert assign_waiting(desk.session, desk.now, rules=desk.rules) == []
    number = change(desk, "overflow", "presale", to="general", after=0)
    assert [each.agent_id for each in assign_waiting(desk.session, desk.now, rules=desk.rules)] == ["li"]
    take_back(desk.session, number, None, desk.now)
    again = desk.wants(intent="ask_size")
    assert assign_waiting(desk.session, desk.now, rules=desk.rules) == []
    assert desk.waits(again.conversation_id) is not None


def test_hours_of_a_day(desk: Desk) -> None:
    evening = NOW.replace(hour=14)
    assert not desk.rules.group("presale").hours.is_open(evening)
    change(desk, "hours", "presale", open=["09:00-12:00", "13:00-23:00"])
    changed = in_force(desk.session, desk.rules, desk.now).group("presale").hours
    assert changed.is_open(evening)
    assert not changed.is_open(evening + timedelta(days=1))
    assert not in_force(desk.session, desk.rules, desk.now).group("general").hours.is_open(evening)
    change(desk, "hours", "presale", open=[])
    assert not in_force(desk.session, desk.rules, desk.now).group("presale").hours.is_open(NOW)


def test_who_is_first(desk: Desk) -> None:
    change(desk, "ahead", "vip", seconds=1200)
    assert desk.wants(desk.customer("PLUS")).priority == 20


def test_the_longest_queue(desk: Desk) -> None:
    desk.agent("li", presence="busy")
    change(desk, "longest", "general", most=1)
    assert [desk.wants().state, desk.wants().state] == ["queued", "left"]


def test_an_agent_holds_more_for_a_while(desk: Desk) -> None:
    desk.agent("li", capacity=2)
    number = change(desk, "capacity", "li", capacity=6)
    assert find_agent(desk.session, "li").capacity == 6
    assert any(each.kind == "presence" for each in events_since(desk.session, 0))
    take_back(desk.session, number, None, desk.now)
    assert find_agent(desk.session, "li").capacity == 2


def test_what_was_set_by_hand_meanwhile_stays(desk: Desk) -> None:
    desk.agent("li", capacity=2)
    number = change(desk, "capacity", "li", capacity=6)
    change_agent(desk.session, "li", capacity=4)
    take_back(desk.session, number, None, desk.now)
    assert find_agent(desk.session, "li").capacity == 4


def test_an_agent_helps_another_group(desk: Desk) -> None:
    desk.agent("li", groups=("presale",))
    number = change(desk, "help", "li", groups=["aftersale"])
    waits = desk.wants(intent="request_after_sales")
    assert [each.id for each in assign_waiting(desk.session, desk.now, rules=desk.rules)] == [waits.id]
    take_back(desk.session, number, None, desk.now)
    assert find_agent(desk.session, "li").groups == ["presale"]


def test_a_change_ends_with_its_time(desk: Desk) -> None:
    desk.agent("li", capacity=2)
    change(desk, "capacity", "li", capacity=6)
    change(desk, "ahead", "vip", seconds=0, until=desk.now + timedelta(minutes=5))
    desk.later(minutes=10)
    # What is laid over the rules ends at its moment, whenever somebody sees to it.
    assert in_force(desk.session, desk.rules, desk.now).ahead["vip"] == timedelta(minutes=8)
    assert run_out(desk.session, desk.now)
    assert end_what_ran_out(desk.session, desk.now) == 1
    desk.later(hours=1)
    assert end_what_ran_out(desk.session, desk.now) == 1
    assert find_agent(desk.session, "li").capacity == 2
    assert not run_out(desk.session, desk.now)
    assert {each.end for each in trail(desk.session)} == {"expired"}


def test_a_second_change_of_the_same_takes_the_place_of_the_first(desk: Desk) -> None:
    desk.agent("li", capacity=2)
    change(desk, "capacity", "li", capacity=6)
    number = change(desk, "capacity", "li", capacity=9)
    assert [each.end for each in trail(desk.session)] == [None, "replaced"]
    take_back(desk.session, number, None, desk.now)
    # Back to what it was before both.
    assert find_agent(desk.session, "li").capacity == 2


def test_taking_back_twice_is_once(desk: Desk) -> None:
    number = change(desk, "ahead", "vip", seconds=60)
    take_back(desk.session, number, None, desk.now)
    desk.later(minutes=1)
    assert take_back(desk.session, number, None, desk.now).ended_at == NOW
    with pytest.raises(LookupError):
        take_back(desk.session, 99, None, desk.now)


def test_all_of_it_is_written_down(desk: Desk) -> None:
    take_back(desk.session, change(desk, "ahead", "vip", seconds=60), None, desk.now)
    assert [each.what for each in entries(desk.session)] == ["routing_restored", "routing_changed"]
    assert "今天人少" in entries(desk.session)[1].detail


@pytest.mark.parametrize(
    ("kind", "target", "value", "wrong"),
    [
        ("overflow", "presale", {"to": "nobody", "after": 0}, UnknownGroupError),
        ("overflow", "presale", {"to": "presale", "after": 0}, ValueError),
        ("overflow", "presale", {"to": "general", "after": -1}, ValueError),
        ("overflow", "nobody", {"to": "general", "after": 0}, UnknownGroupError),
        ("hours", "presale", {"open": ["9-12"]}, ValueError),
        ("hours", "presale", {"open": ["09:00-12:00", "11:00-13:00"]}, ValueError),
        ("hours", "presale", {"open": "09:00-12:00"}, ValueError),
        ("hours", "presale", {"open": [], "day": "2026-11-01"}, ValueError),
        ("ahead", "weather", {"seconds": 60}, ValueError),
        ("ahead", "vip", {"seconds": 1e9}, ValueError),
        ("longest", "presale", {"most": 0}, ValueError),
        ("capacity", "li", {"capacity": True}, ValueError),
        ("capacity", "nobody", {"capacity": 3}, UnknownAgentError),
        ("help", "li", {"groups": []}, ValueError),
        ("help", "li", {"groups": ["nobody"]}, UnknownGroupError),
        ("mood", "li", {}, ValueError),
    ],
)
def test_what_cannot_be_is_refused(
    desk: Desk, kind: str, target: str, value: dict[str, Any], wrong: type[Exception]
) -> None:
    desk.agent("li", groups=("presale",))
    with pytest.raises(wrong):
        change(desk, kind, target, **value)
    assert trail(desk.session) == []


@pytest.mark.parametrize("hours", [0, -1, 24 * 8])
def test_a_change_has_an_end_within_a_week(desk: Desk, hours: float) -> None:
    with pytest.raises(ValueError, match="until"):
        change(desk, "ahead", "vip", seconds=60, until=desk.now + timedelta(hours=hours))


def test_a_change_of_what_is_gone_changes_nothing() -> None:
    assert laid_over(RULES, "overflow", "gone", {"to": None, "after": 0}) == RULES
    twice = laid_over(laid_over(RULES, "ahead", "vip", {"seconds": 60}), "ahead", "vip", {"seconds": 60})
    assert twice == laid_over(RULES, "ahead", "vip", {"seconds": 60})
