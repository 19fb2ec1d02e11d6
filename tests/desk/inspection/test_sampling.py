"""Samples are reproducible, keep their shares, and go to others than whose chats they are."""

from __future__ import annotations

import math
import random
from collections import Counter
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.desk.inspection.agreement import agreement
from sixty.desk.inspection.plans import span_of, week_of
from sixty.desk.inspection.rules import RISKS
from sixty.desk.inspection.sampling import Candidate, draw, hand_out

CHATS = st.lists(
    st.tuples(st.sampled_from(["li", "wu", "an"]), st.sampled_from(RISKS)),
    max_size=60,
).map(lambda rows: [Candidate(number, agent, risk) for number, (agent, risk) in enumerate(rows, start=1)])
WEIGHTS = st.dictionaries(st.sampled_from(RISKS), st.floats(0.1, 20))
ZONE = ZoneInfo("Asia/Shanghai")


@given(CHATS, st.floats(0, 1), st.integers(0, 8), WEIGHTS, st.integers(0, 9))
def test_each_agent_gets_their_share(
    chats: list[Candidate], share: float, at_least: int, by_risk: dict[str, float], seed: int
) -> None:
    drawn = draw(chats, share, at_least, by_risk, str(seed))
    assert len(set(drawn)) == len(drawn)
    count = Counter(each.agent_id for each in chats if each.id in set(drawn))
    for agent in {each.agent_id for each in chats}:
        own = sum(each.agent_id == agent for each in chats)
        assert count[agent] == min(own, max(at_least, math.ceil(share * own - 1e-9)))


@given(CHATS, st.integers(0, 9))
def test_the_order_of_the_chats_does_not_matter(chats: list[Candidate], seed: int) -> None:
    shuffled = list(chats)
    random.Random(seed).shuffle(shuffled)
    assert draw(shuffled, 0.3, 1, {"high": 3}, "s") == draw(chats, 0.3, 1, {"high": 3}, "s")


def test_another_seed_draws_others() -> None:
    chats = [Candidate(number, "li", "none") for number in range(200)]
    assert draw(chats, 0.1, 0, {}, "1") != draw(chats, 0.1, 0, {}, "2")


def test_risky_ones_are_drawn_more_often() -> None:
    chats = [Candidate(number, "li", "high" if number < 20 else "none") for number in range(100)]
    drawn = draw(chats, 0.2, 0, {"high": 4}, "s")
    # 20 of weight 4 and 80 of weight 1: half of the places each.
    assert sum(each < 20 for each in drawn) == 10


def test_what_weighs_nothing_is_not_drawn() -> None:
    chats = [Candidate(number, "li", "none" if number else "high") for number in range(10)]
    assert draw(chats, 1.0, 0, {"none": 0}, "s") == [0]


@given(CHATS, st.floats(0, 1))
def test_nobody_scores_their_own_and_loads_are_even(chats: list[Candidate], double: float) -> None:
    inspectors = {1: "li", 2: "wu", 3: None}
    handed = hand_out(chats, inspectors, double, "s")
    agents = {each.id: each.agent_id for each in chats}
    assert {each.id for each in handed} == set(agents)
    assert sum(len(each.inspectors) == 2 for each in handed) == round(double * len(chats))
    for each in handed:
        assert len(set(each.inspectors)) == len(each.inspectors)
        assert all(inspectors[account] != agents[each.id] for account in each.inspectors)
    free = Counter(account for each in handed for account in each.inspectors if agents[each.id] == "an")
    if all(each.agent_id == "an" for each in chats) and chats:
        assert max(free.values()) - min(free[account] for account in inspectors) <= 1


def test_a_chat_that_nobody_may_score_is_left_out() -> None:
    assert hand_out([Candidate(1, "li", "none")], {1: "li"}, 1.0, "s") == []


def test_weeks_are_the_shops() -> None:
    # Monday at one in China is Sunday in UTC.
    moment = datetime(2026, 11, 22, 17, 0, tzinfo=timezone.utc)
    assert week_of(moment, ZONE) == "2026-W48"
    begin, end = span_of("2026-W48", ZONE)
    assert begin <= moment < end
    assert (end - begin).days == 7
    assert week_of(datetime(2027, 1, 1, 4, tzinfo=timezone.utc), ZONE) == "2026-W53"


@pytest.mark.parametrize("week", ["2026-48", "2026-W54", "soon", ""])
def test_what_is_no_week(week: str) -> None:
    with pytest.raises(ValueError, match="no week"):
        span_of(week, ZONE)


def test_agreement() -> None:
    # By hand: observed weighted disagreement 1/4·(1/4), expected 1/16·(0+1+4+1+…) – see Cohen 1968, table 1.
    found = agreement("warm", [0, 5, 10], [(0, 0), (5, 5), (10, 10), (5, 10)])
    assert (found.count, found.same) == (4, 0.75)
    observed = 1 / 4
    first, second = Counter([0, 1, 2, 1]), Counter([0, 1, 2, 2])
    expected = sum(first[a] * second[b] * (a - b) ** 2 for a in range(3) for b in range(3)) / 16
    assert found.kappa == pytest.approx(1 - observed / expected, abs=1e-4)


@pytest.mark.parametrize("pairs", [[], [(5, 5)], [(5, 5), (5, 5)]])
def test_agreement_is_left_open_where_it_is_not_defined(pairs: list[tuple[int, int]]) -> None:
    assert agreement("warm", [0, 5, 10], pairs).kappa is None
