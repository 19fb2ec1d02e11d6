from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sixty.shop.trials.certainty import credible, may_be_clear, places
from sixty.shop.trials.sampling import Arm, compared, drawn_order, next_arm


@st.composite
def stands(draw: st.DrawFn) -> tuple[Arm, ...]:
    def arm(number: int) -> Arm:
        settled = draw(st.integers(0, 2000))
        return Arm(str(number), settled, draw(st.integers(0, settled)) * 0.3, settled)

    return compared([arm(number) for number in range(draw(st.integers(2, 6)))])


@settings(max_examples=60, deadline=None)
@given(stands(), st.integers(1, 5), st.floats(0, 0.5))
def test_places_are_chances(arms: tuple[Arm, ...], winners: int, margin: float) -> None:
    chances = places(arms, winners, margin)
    assert all(0 <= each <= 1 for each in chances)
    if winners < len(arms):
        if margin == 0:
            assert sum(chances) == pytest.approx(winners, abs=0.01)
        else:
            assert sum(chances) >= winners - 0.01


@settings(max_examples=60, deadline=None)
@given(stands(), st.integers(1, 3), st.integers(0, 10**6))
def test_the_same_chance_shows_the_same(arms: tuple[Arm, ...], winners: int, seed: int) -> None:
    shown = [next_arm(arms, winners, np.random.default_rng(seed), 30, 0.1) for _ in range(2)]
    assert shown[0] == shown[1]
    assert shown[0] in arms


@settings(max_examples=60, deadline=None)
@given(stands(), st.floats(0.6, 0.99), st.floats(0, 0.5))
def test_the_quick_look_overlooks_nothing(arms: tuple[Arm, ...], certainty: float, margin: float) -> None:
    if min(arm.settled for arm in arms) >= 30 and max(places(arms, 1, margin)) >= certainty:
        assert may_be_clear(arms, 1, certainty, margin)


def test_places_agree_with_drawing() -> None:
    arms = compared([Arm(str(number), 400 + 50 * number, 20.0 + 4 * number, 400) for number in range(6)])
    drawn = np.random.default_rng(1).beta([arm.alpha for arm in arms], [arm.beta for arm in arms], (200_000, 6))
    ranked = drawn.argsort(axis=1)
    for winners in (1, 2):
        counted = [(ranked[:, -winners:] == at).any(axis=1).mean() for at in range(6)]
        assert places(arms, winners) == pytest.approx(counted, abs=0.005)
    best = drawn.max(axis=1)[:, None]
    assert places(arms, 1, 0.1) == pytest.approx((drawn >= 0.9 * best).mean(axis=0), abs=0.005)


def test_everybody_is_shown_first() -> None:
    arms = [Arm("a", 0, 0.0, 30), Arm("b", 0, 0.0, 29), Arm("c", 0, 0.0, 40)]
    chance = np.random.default_rng(1)
    assert {next_arm(arms, 1, chance, 30).product_no for _ in range(20)} == {"b"}
    with pytest.raises(ValueError, match="nothing"):
        next_arm([], 1, chance)


def test_hopeless_ones_are_shown_little() -> None:
    arms = compared([Arm("good", 500, 50.0, 500), Arm("rival", 500, 45.0, 500), Arm("bad", 500, 5.0, 500)])
    chance = np.random.default_rng(1)
    shown = Counter(next_arm(arms, 1, chance).product_no for _ in range(2000))
    assert shown["bad"] < 20
    assert min(shown["good"], shown["rival"]) > 600


def test_what_is_known_less_is_shown_more() -> None:
    arms = compared([Arm("good", 2000, 200.0, 2000), Arm("rival", 200, 19.0, 200)])
    chance = np.random.default_rng(1)
    shown = Counter(next_arm(arms, 1, chance).product_no for _ in range(2000))
    assert shown["rival"] > 3 * shown["good"]


def test_fractions_tell_more_than_tosses() -> None:
    tosses = compared([Arm("a", 500, 50.0, 500, 50.0), Arm("b", 500, 40.0, 500, 40.0)])
    fractions = compared([Arm("a", 500, 50.0, 500, 10.0), Arm("b", 500, 40.0, 500, 8.0)])
    assert tosses[0].weight == pytest.approx(1.0)
    assert fractions[0].weight == pytest.approx(0.09 * 0.91 / (0.018 - 0.0081), rel=0.01)
    wide, narrow = credible(tosses[0]), credible(fractions[0])
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)
    assert narrow.low < 0.1 < narrow.high


def test_credible_intervals_hold_what_is_true() -> None:
    chance = np.random.default_rng(7)
    held = 0
    for _ in range(400):
        rates = chance.beta(2, 30, 5)
        hits = chance.binomial(300, rates)
        arm = compared([Arm(str(at), 300, float(hit), 300) for at, hit in enumerate(hits)])[0]
        found = credible(arm)
        held += found.low <= rates[0] <= found.high
    assert 0.91 <= held / 400 <= 0.99


@pytest.mark.parametrize(("settled", "reward"), [(3, 4.0), (3, -1.0)])
def test_an_arm_makes_sense(settled: int, reward: float) -> None:
    with pytest.raises(ValueError, match="cannot be worth"):
        Arm("a", settled, reward)


@given(st.integers(0, 2**32))
def test_an_order_for_several_places_holds_every_candidate_once(seed: int) -> None:
    arms = compared([Arm(str(number), 100, float(10 * number), 100) for number in range(5)])
    found = drawn_order(arms, np.random.default_rng(seed))
    assert sorted(arm.product_no for arm in found) == [arm.product_no for arm in arms]
    assert found == drawn_order(arms, np.random.default_rng(seed))


def test_in_an_order_the_best_is_in_front_and_the_unknown_is_tried() -> None:
    arms = compared([Arm("good", 400, 120.0, 400), Arm("bad", 400, 12.0, 400), Arm("new", 0, 0.0, 0)])
    places = [[arm.product_no for arm in drawn_order(arms, np.random.default_rng(seed))] for seed in range(500)]
    assert not any(order.index("bad") < order.index("good") for order in places)
    tried = sum(order[0] == "new" for order in places)
    assert 25 < tried < 250
