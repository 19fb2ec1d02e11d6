"""The live desk: what was lost, doubled or out of order is counted, and of some chats over real servers nothing is."""

from __future__ import annotations

import random
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bench import desk_live
from bench.desk_live import Crowd, compare, judge
from bench.live_agents import SimulatedAgent
from bench.live_customers import Line, SimulatedCustomer
from bench.open_hours import open_round_the_clock
from sixty.desk.desk_rules import read_routing
from sixty.ledger.models import Message
from sixty.settings import project_root

CHAT = "c1"


@pytest.mark.parametrize(
    ("came", "lost", "doubled", "out_of_order"),
    [
        (["a", "b", "c"], 0, 0, 0),
        (["a", "c"], 1, 0, 0),
        (["a", "b", "b", "c"], 0, 1, 0),
        (["a", "c", "b"], 0, 0, 1),
        (["c", "a", "a"], 1, 1, 1),
        ([], 3, 0, 0),
    ],
)
def test_what_came_is_compared_with_what_was_said(came: list[str], lost: int, doubled: int, out_of_order: int) -> None:
    found = compare(["a", "b", "c"], came)
    assert found == {"live_lost": lost, "doubled": doubled, "out_of_order": out_of_order}


def row(number: int, author: str, text: str) -> Message:
    return Message(id=number, conversation_id=CHAT, author=author, text=text)


@pytest.fixture
def customer() -> SimulatedCustomer:
    made = SimulatedCustomer(1, CHAT, "http://door", "s" * 40, random.Random(1))
    made.lines = [Line("一", 0.0, 0.1), Line("二", 1.0, 1.1)]
    made.heard = ["回 一", "回 二"]
    return made


@pytest.fixture
def agent() -> SimulatedAgent:
    made = SimulatedAgent("http://desk", "agent-1", "secret", 1)
    made.screen.lines[CHAT] = [(1, "一"), (3, "二")]
    made.said[CHAT] = ["回 一", "回 二"]
    return made


LEDGER = [row(1, "customer", "一"), row(2, "agent", "回 一"), row(3, "customer", "二"), row(4, "agent", "回 二")]
NOTHING = {"live_lost": 0, "doubled": 0, "out_of_order": 0}


def test_a_talk_without_fault(customer: SimulatedCustomer, agent: SimulatedAgent) -> None:
    assert judge([customer], [agent], LEDGER) == NOTHING


def test_each_place_is_looked_at(customer: SimulatedCustomer, agent: SimulatedAgent) -> None:
    assert judge([customer], [agent], LEDGER[:3]) == {**NOTHING, "live_lost": 1}
    agent.screen.lines[CHAT].append((3, "二"))
    assert judge([customer], [agent], LEDGER) == {**NOTHING, "doubled": 1}
    agent.screen.lines[CHAT] = [(3, "二"), (1, "一")]
    assert judge([customer], [agent], LEDGER) == {**NOTHING, "out_of_order": 2}
    agent.screen.lines[CHAT] = [(1, "一"), (3, "二")]
    customer.heard = ["回 二"]
    assert judge([customer], [agent], LEDGER) == {**NOTHING, "live_lost": 1}


def test_a_playbook_is_open_round_the_clock(tmp_path: Path) -> None:
    (tmp_path / "routing.yml").write_bytes((project_root() / "playbook" / "routing.yml").read_bytes())
    open_round_the_clock(tmp_path)
    rules = read_routing(tmp_path)
    for hour in range(24):
        assert all(group.hours.is_open(datetime(2027, 2, 6, hour, 15, tzinfo=timezone.utc)) for group in rules.groups)


def test_some_chats_over_real_servers() -> None:
    figures = desk_live.measure(Crowd(chats=20, agents=4, lines=3, pause=1.0), seed=7)
    assert (figures["live_chats"], figures["live_lines"]) == (20, 60)
    assert {name: figures[name] for name in NOTHING} == NOTHING
    assert figures["screen_ms_p95"] > 0
