"""The made-up days and what is counted of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bench.desk import Simulation, figures_of, grabbed, held_by_two, rules, unevenness
from bench.desk_day import Rotation, make_days, moment
from bench.desk_round_robin import share_out
from sixty.desk.assignments import Assignment
from sixty.shop.database import engine_for, upgrade_database


def held(chat: str, start: int, end: int | None) -> Assignment:
    until = None if end is None else moment(end)
    return Assignment(conversation_id=chat, agent_id="a", at=moment(start), until=until)


def test_the_same_seed_makes_the_same_days() -> None:
    assert make_days(50, 4, 2, 7) == make_days(50, 4, 2, 7)
    assert make_days(50, 4, 2, 7) != make_days(50, 4, 2, 8)


def test_who_is_held_by_two_is_counted() -> None:
    fine = [held("a", 0, 10), held("a", 10, None), held("b", 5, 20)]
    assert held_by_two(fine) == 0
    assert held_by_two([*fine, held("b", 19, 30), held("c", 0, None), held("c", 1, 2)]) == 2


def test_turns_go_round() -> None:
    rotation = Rotation(["c", "a", "b"])
    assert [rotation.next_of(["a", "b", "c"]) for _ in range(4)] == ["a", "b", "c", "a"]
    assert rotation.next_of(["a", "c"]) == "c"
    assert rotation.next_of([]) is None


def test_work_that_is_spread_evenly_is_even() -> None:
    days = make_days(1, 5, 1, 1)
    even = {worker.id: round(1000 * worker.capacity * worker.seconds(days.ends)) for worker in days.workers}
    assert unevenness(days, even) < 0.001
    assert unevenness(days, {days.workers[0].id: 9}) > 1


@pytest.mark.parametrize("way", ["plain", "with_room"])
def test_round_robin_serves_everybody_or_they_give_up(way: str) -> None:
    days = make_days(60, 8, 1, 3)
    course = share_out(days, way)  # type: ignore[arg-type]
    legs = sum(len(customer.legs) for customer in days.customers)
    assert sum(course.served.values()) + course.given_up <= legs
    assert sum(course.served.values()) >= len(days.customers) - course.given_up


def test_a_small_day_loses_nobody(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'days.db'}"
    upgrade_database(url)
    simulation = Simulation(url, make_days(6, 8, 1, 5), rules())
    simulation.run()
    figures = figures_of(simulation)
    assert (figures["chats"], figures["lost"], figures["held_by_two"]) == (6, 0, 0)
    assert figures["wait_p50"] < timedelta(minutes=5).total_seconds()
    engine_for(url).dispose()


def test_nobody_is_grabbed_twice(database_url: str) -> None:
    came_of_it = grabbed(database_url, 8, threads=3, agents=3)
    assert came_of_it == {"waiting": 8, "given": 8, "grabbed_twice": 0}
