"""Who gets a conversation: the ones who may, the ones who can, and of those fairly."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sixty.desk.routing import Free, Waiting, choose
from tests.desk.desk_world import NOW, RULES


def waiting(**known: Any) -> Waiting:
    return Waiting(
        **{
            "group_id": "presale",
            "skill": None,
            "language": "zh",
            "wanted_agent_id": None,
            "wanted_until": None,
            "queued_at": NOW,
            **known,
        }
    )


def free(agent_id: str, *groups: str, load: int = 0, capacity: int = 5, takes: bool = True, **known: Any) -> Free:
    return Free(
        id=agent_id,
        groups=frozenset(groups),
        skills=frozenset(known.get("skills", ())),
        languages=frozenset(known.get("languages", ())),
        capacity=capacity,
        takes=takes,
        load=load,
        last_assigned_at=known.get("last"),
    )


def chosen(customer: Waiting, *agents: Free, now: datetime = NOW) -> str | None:
    return choose(customer, agents, RULES, now)


def test_only_the_group_answers() -> None:
    assert chosen(waiting(), free("a", "aftersale"), free("b", "presale", load=4)) == "b"
    assert chosen(waiting(), free("a", "aftersale")) is None


def test_who_has_put_it_back_does_not_get_it_at_once_again() -> None:
    customer = waiting(given_back_by="a")
    assert chosen(customer, free("a", "presale"), free("b", "presale", load=5)) is None
    assert chosen(customer, free("a", "presale"), free("b", "presale", load=4)) == "b"
    assert chosen(customer, free("a", "presale")) == "a"
    later = NOW + RULES.skill_wait
    assert chosen(customer, free("a", "presale"), free("b", "presale", load=5), now=later) == "a"


def test_who_is_in_no_group_answers_for_all() -> None:
    assert chosen(waiting(), free("a")) == "a"


def test_the_least_loaded_by_what_they_can_hold() -> None:
    assert chosen(waiting(), free("a", load=2, capacity=4), free("b", load=3, capacity=9)) == "b"


def test_of_equals_the_one_without_a_new_one_for_longest() -> None:
    early, late = NOW - timedelta(minutes=9), NOW - timedelta(minutes=1)
    assert chosen(waiting(), free("a", last=late), free("b", last=early)) == "b"
    assert chosen(waiting(), free("a", last=early), free("b")) == "b"


def test_nobody_gets_more_than_they_can_hold() -> None:
    assert chosen(waiting(), free("a", load=5), free("b", load=0, takes=False)) is None


def test_whom_they_know_comes_first() -> None:
    known = waiting(wanted_agent_id="b", wanted_until=NOW + timedelta(seconds=45))
    assert chosen(known, free("a"), free("b", load=4)) == "b"


def test_it_is_waited_a_while_for_whom_they_know() -> None:
    known = waiting(wanted_agent_id="b", wanted_until=NOW + timedelta(seconds=45))
    agents = free("a"), free("b", load=5)
    assert chosen(known, *agents) is None
    assert chosen(known, *agents, now=NOW + timedelta(seconds=45)) == "a"


def test_nobody_waits_for_who_is_not_there() -> None:
    assert chosen(waiting(wanted_agent_id="gone", wanted_until=NOW + timedelta(hours=1)), free("a")) == "a"


def test_who_knows_it_is_waited_for_a_while() -> None:
    complaint = waiting(skill="投诉")
    agents = free("a"), free("b", skills=("投诉",), load=5)
    assert chosen(complaint, *agents) is None
    assert chosen(complaint, *agents, now=NOW + RULES.skill_wait) == "a"
    assert chosen(complaint, free("a"), free("b", skills=("投诉",), load=4)) == "b"


def test_where_nobody_there_knows_it_anybody_does() -> None:
    assert chosen(waiting(skill="投诉"), free("a")) == "a"


def test_the_language_counts_where_somebody_writes_it() -> None:
    english = waiting(language="en")
    agents = free("a", languages=("zh",)), free("b", languages=("zh", "en"), load=4)
    assert chosen(english, *agents) == "b"
    assert chosen(english, free("a", languages=("zh",))) == "a"


def test_another_group_helps_after_a_while() -> None:
    after_sales = waiting(group_id="aftersale")
    helper = free("a", "general")
    assert chosen(after_sales, helper) is None
    assert chosen(after_sales, helper, now=NOW + timedelta(minutes=3)) == "a"
    assert chosen(waiting(group_id="presale"), helper, now=NOW + timedelta(hours=1)) is None


_agents = st.lists(
    st.builds(
        lambda number, groups, skills, capacity, load, takes: Free(
            f"agent-{number}", frozenset(groups), frozenset(skills), frozenset(), capacity, takes, load, None
        ),
        st.integers(0, 10**6),
        st.sets(st.sampled_from(["presale", "aftersale", "general"])),
        st.sets(st.sampled_from(["投诉", "母婴"])),
        st.integers(1, 9),
        st.integers(0, 9),
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda each: each.id,
)
_waiting = st.builds(
    lambda group, skill, ago: waiting(group_id=group, skill=skill, queued_at=NOW - timedelta(seconds=ago)),
    st.sampled_from(["presale", "aftersale", "general", None]),
    st.sampled_from([None, "投诉", "母婴"]),
    st.integers(0, 600),
)


@given(_waiting, _agents)
def test_whoever_is_chosen_may_and_has_room_and_nobody_like_them_has_more(
    customer: Waiting, agents: list[Free]
) -> None:
    found = choose(customer, agents, RULES, NOW)
    if found is None:
        return
    agent = next(each for each in agents if each.id == found)
    assert agent.has_room
    group = RULES.group(customer.group_id)
    helps = group.overflow_to in agent.groups and NOW - customer.queued_at >= group.overflow_after
    assert customer.group_id is None or not agent.groups or customer.group_id in agent.groups or helps
    alike = [each for each in agents if each.has_room and (each.groups, each.skills) == (agent.groups, agent.skills)]
    assert all(agent.load / agent.capacity <= each.load / each.capacity for each in alike)


@given(_waiting, _agents)
def test_after_long_enough_nobody_waits_while_somebody_of_the_group_has_room(
    customer: Waiting, agents: list[Free]
) -> None:
    late = NOW + timedelta(hours=1)
    room = [
        each
        for each in agents
        if each.has_room and (customer.group_id is None or not each.groups or customer.group_id in each.groups)
    ]
    if room:
        assert choose(customer, agents, RULES, late) is not None
