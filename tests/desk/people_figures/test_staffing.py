"""Erlang's formula, and the advice made with it, against a simulation of agents who hold several chats at once."""

from __future__ import annotations

import heapq
import math
import random
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.desk.people_figures.erlang import service_of, waits_at_all
from sixty.desk.people_figures.staffing import Wanted, agents_for, alone, on_duty


def simulate(  # noqa: C901
    agents: int,
    at_once: int,
    arrivals: float,
    seconds_alone: float,
    slower: float,
    within: float,
    customers: int,
    seed: int,
) -> tuple[float, float]:
    """Customers come at random and go to whoever holds least; chats go on slower the more of them an agent holds.

    Each chat has an amount of work; an agent with j chats does `1 / (1 + slower * (j - 1))` of each in a second.

    Returns:
        The share of customers who were answered in time, and the mean wait in seconds.
    """
    chance = random.Random(seed)
    held: list[list[float]] = [[] for _ in range(agents)]
    stamps = [0.0] * agents
    version = [0] * agents
    ends: list[tuple[float, int, int]] = []
    waiting: deque[float] = deque()
    waits: list[float] = []

    def pace(agent: int) -> float:
        return 1 / (1 + slower * (len(held[agent]) - 1)) if held[agent] else 1.0

    def work_until(agent: int, at: float) -> None:
        done = (at - stamps[agent]) * pace(agent)
        held[agent] = [left - done for left in held[agent]]
        stamps[agent] = at

    def plan(agent: int, at: float) -> None:
        version[agent] += 1
        if held[agent]:
            heapq.heappush(ends, (at + max(0.0, min(held[agent])) / pace(agent), version[agent], agent))

    def begin(agent: int, at: float) -> None:
        work_until(agent, at)
        held[agent].append(chance.expovariate(1 / seconds_alone))
        plan(agent, at)

    at = 0.0
    for _ in range(customers):
        at += chance.expovariate(arrivals)
        while ends and ends[0][0] <= at:
            over, number, agent = heapq.heappop(ends)
            if number != version[agent]:
                continue
            work_until(agent, over)
            held[agent].remove(min(held[agent]))
            plan(agent, over)
            if waiting:
                waits.append(over - waiting.popleft())
                begin(agent, over)
        free = min(range(agents), key=lambda each: (len(held[each]), each))
        if len(held[free]) < at_once:
            waits.append(0.0)
            begin(free, at)
        else:
            waiting.append(at)
    # Those in the beginning found an empty desk.
    settled = waits[len(waits) // 10 :]
    return sum(wait <= within for wait in settled) / len(settled), sum(settled) / len(settled)


def test_erlangs_formula_gives_what_the_tables_say() -> None:
    # The classic example of text books: 20 Erlangs at 24 slots.
    assert waits_at_all(24, 20) == pytest.approx(0.2981, abs=5e-4)
    assert waits_at_all(1, 0.5) == pytest.approx(0.5)
    assert waits_at_all(2, 1.0) == pytest.approx(1 / 3)
    assert (waits_at_all(3, 0.0), waits_at_all(3, 3.0), waits_at_all(0, 1.0)) == (0.0, 1.0, 1.0)


@given(load=st.floats(0.05, 60), more=st.integers(1, 40))
def test_waiting_is_a_chance_and_falls_with_each_slot(load: float, more: int) -> None:
    slots = math.floor(load) + more
    assert 0 <= waits_at_all(slots + 1, load) <= waits_at_all(slots, load) <= 1


@given(
    arrivals=st.floats(0.0005, 0.2),
    seconds=st.floats(30, 900),
    at_once=st.integers(1, 8),
    slower=st.floats(0, 1),
    share=st.floats(0.5, 0.99),
)
def test_the_advice_gives_the_service_wanted_and_one_fewer_does_not(
    arrivals: float, seconds: float, at_once: int, slower: float, share: float
) -> None:
    wanted = Wanted(share, 30, at_once, slower)
    advice = agents_for(arrivals, seconds, wanted)
    assert advice.in_time >= share
    fewer = service_of((advice.agents - 1) * at_once, arrivals, advice.seconds, 30)
    assert advice.agents == 1 or fewer.in_time < share


@pytest.mark.parametrize(("agents", "arrivals", "seconds"), [(5, 0.012, 300.0), (12, 0.03, 330.0), (3, 0.02, 120.0)])
def test_with_one_chat_at_a_time_the_simulation_agrees(agents: int, arrivals: float, seconds: float) -> None:
    expected = service_of(agents, arrivals, seconds, 30)
    in_time, wait = simulate(agents, 1, arrivals, seconds, 0.0, 30, 60_000, 7)
    assert in_time == pytest.approx(expected.in_time, abs=0.02)
    assert wait == pytest.approx(expected.mean_wait, rel=0.15)


def test_several_chats_that_cost_nothing_are_so_many_slots() -> None:
    expected = service_of(12, 0.03, 330.0, 30)
    in_time, _ = simulate(4, 3, 0.03, 330.0, 0.0, 30, 60_000, 11)
    assert in_time == pytest.approx(expected.in_time, abs=0.02)


@pytest.mark.parametrize("arrivals", [0.004, 0.02, 0.06])
@pytest.mark.parametrize(("at_once", "slower"), [(1, 0.0), (3, 0.25), (5, 0.4)])
def test_what_is_advised_is_enough_also_when_chats_slow_each_other_down(
    arrivals: float, at_once: int, slower: float
) -> None:
    wanted = Wanted(0.8, 30, at_once, slower)
    advice = agents_for(arrivals, 240.0, wanted)
    in_time, _ = simulate(advice.agents, at_once, arrivals, 240.0, slower, 30, 90_000, 5)
    # Two hundredths are the simulation's own chance.
    assert in_time >= wanted.share - 0.02
    if advice.agents > 1:
        # And it is no luxury: with a third fewer, customers wait too long.
        fewer, _ = simulate(advice.agents * 2 // 3, at_once, arrivals, 240.0, slower, 30, 30_000, 5)
        assert fewer < in_time


def test_no_customers_need_nobody() -> None:
    assert agents_for(0.0, 300.0, Wanted(0.8, 30)).agents == 0


@pytest.mark.parametrize(
    ("agents", "absent", "duty"), [(17, 0.15, 20), (1, 0.15, 2), (0, 0.15, 0), (4, 0.0, 4), (9, 0.1, 10)]
)
def test_breaks_are_added(agents: int, absent: float, duty: int) -> None:
    assert on_duty(agents, absent) == duty


def test_how_long_a_chat_takes_alone() -> None:
    assert alone(300, 3, 0.25) == pytest.approx(200)
    assert alone(300, 1, 0.25) == alone(300, 0.2, 0.25) == 300
