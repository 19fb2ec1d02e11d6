"""What the pushes did: intervals are those of their sources and hold what they promise; counts are those of rows."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import timedelta
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from sqlalchemy.orm import Session

from sixty.insight.experiment import (
    ArmCounts,
    arm_counts,
    compare,
    difference_of_shares,
    drawn,
    experiment,
    ratio_of_shares,
    smallest_difference,
)
from sixty.shop.intervals import wilson
from tests.insight.report_rows import YESTERDAY, Asked, add_visit


def arm(conversations: int, ordered: int) -> ArmCounts:
    return ArmCounts(conversations, ordered, ordered, 2 * conversations, 0, 4 * conversations, ordered, 0, 2 * ordered)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_differences_are_those_of_newcombes_table(one, other, low, high):
    # Table II of Newcombe 1998, method 10.
    found = difference_of_shares(wilson(*one), wilson(*other))
    assert found.value == pytest.approx(one[0] / one[1] - other[0] / other[1])
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize(("many", "few"), [(190, 10), (475, 25), (300, 100)])
@pytest.mark.parametrize(("with_it", "without"), [(0.2, 0.15), (0.12, 0.1), (0.3, 0.3), (0.45, 0.4)])
def test_the_interval_of_a_difference_holds_it_as_often_as_it_says(many, few, with_it, without):
    """Worked out over all outcomes that can be, and not drawn."""
    ones, others = (
        [(count, float(binom.pmf(count, of, rate))) for count in range(of + 1) if binom.pmf(count, of, rate) > 1e-9]
        for of, rate in ((many, with_it), (few, without))
    )
    held = 0.0
    for one, chance in ones:
        share = wilson(one, many)
        for other, beside in others:
            found = difference_of_shares(share, wilson(other, few))
            held += chance * beside * (found.low <= with_it - without <= found.high)
    assert 0.94 <= held <= 0.97


@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_a_difference_and_its_mirror_say_the_same(one_of, other_of, data):
    one = wilson(data.draw(st.integers(0, one_of)), one_of)
    other = wilson(data.draw(st.integers(0, other_of)), other_of)
    found, mirror = difference_of_shares(one, other), difference_of_shares(other, one)
    assert -1 - 1e-9 <= found.low <= found.value <= found.high <= 1 + 1e-9
    assert found.low == pytest.approx(-mirror.high)
    assert found.tells == mirror.tells


@given(st.integers(1, 400), st.integers(2, 400), st.data())
def test_a_ratio_lies_in_its_interval_and_agrees_with_the_difference(one_of, other_of, data):
    one = wilson(data.draw(st.integers(0, one_of)), one_of)
    other = wilson(data.draw(st.integers(1, other_of)), other_of)
    found = ratio_of_shares(one, other)
    assert found is not None
    assert found.low - 1e-9 <= found.value <= found.high + 1e-9
    assert found.low >= -1 - 1e-9
    # Both come from the same limits, so they agree on which share is the higher one where it is clear.
    if one.low > other.high:
        assert found.low > 0


def test_a_ratio_to_nothing_is_none():
    assert ratio_of_shares(wilson(3, 10), wilson(0, 10)) is None


def test_a_draw_that_went_wrong_is_told_before_all_else():
    fine = compare(arm(950, 200), arm(50, 5), 0.05)
    assert not fine.draw.broken
    assert drawn(950, 50, 0.05).chance == pytest.approx(1.0)
    broken = compare(arm(900, 200), arm(100, 5), 0.05)
    assert broken.draw.broken
    assert broken.verdict == "broken"
    # Nobody said how it should be.
    assert compare(arm(900, 200), arm(100, 5)).draw.chance is None


@pytest.mark.parametrize(
    ("pushes", "quiet", "verdict"),
    [
        (arm(1000, 300), arm(500, 100), "more"),
        (arm(1000, 200), arm(500, 150), "fewer"),
        (arm(1000, 200), arm(100, 19), "open"),
        (arm(1000, 200), arm(19, 10), "too_few"),
        (arm(100, 4), arm(100, 5), "too_few"),
        (arm(100, 40), ArmCounts(), "too_few"),
        (ArmCounts(), ArmCounts(), "too_few"),
    ],
)
def test_verdicts(pushes, quiet, verdict):
    found = compare(pushes, quiet)
    assert found.verdict == verdict
    assert (found.difference is None) == (not pushes.conversations or not quiet.conversations)


def test_more_orders_than_without_are_those_of_the_conversations_with_pushes():
    found = compare(arm(1000, 300), arm(500, 100))
    assert found.extra_orders is not None
    assert found.difference is not None
    assert found.extra_orders.value == pytest.approx(100)
    assert found.extra_orders.low == pytest.approx(1000 * found.difference.low)


def test_how_many_are_wanted_would_show_what_seems_to_be_there():
    found = compare(arm(1000, 220), arm(100, 20))
    assert found.verdict == "open"
    assert found.wanted is not None
    assert found.wanted > 100
    assert found.difference is not None
    # With as many, divided as they are, the smallest difference to be seen is the one that seems to be there.
    times = found.wanted / 100
    more = smallest_difference(arm(round(1000 * times), round(220 * times)), arm(found.wanted, round(20 * times)))
    assert more == pytest.approx(found.difference.value, rel=0.02)


def test_questions_per_order_vary_as_much_as_a_jackknife_says():
    draw = random.Random(7)
    asked = [draw.randrange(1, 7) for _ in range(400)]
    # Who asks much orders less.
    bought = [int(draw.random() < 0.6 / each) for each in asked]

    def counts(left_out: int | None = None) -> ArmCounts:
        kept = [each for place, each in enumerate(zip(asked, bought, strict=True)) if place != left_out]
        return ArmCounts(
            len(kept),
            sum(b for _, b in kept),
            sum(b for _, b in kept),
            sum(a for a, _ in kept),
            0,
            sum(a * a for a, _ in kept),
            sum(b * b for _, b in kept),
            0,
            sum(a * b for a, b in kept),
        )

    found, _ = compare(counts(), ArmCounts()).questions_per_order
    assert found is not None
    ratios = [log(each.questions / each.orders) for each in (counts(place) for place in range(len(asked)))]
    mean = sum(ratios) / len(ratios)
    spread = ((len(ratios) - 1) / len(ratios) * sum((each - mean) ** 2 for each in ratios)) ** 0.5
    assert found.value == pytest.approx(sum(asked) / sum(bought))
    assert found.high == pytest.approx(found.value * exp(1.96 * spread), rel=0.02)


def test_few_orders_give_no_questions_per_order():
    assert compare(arm(100, 9), arm(100, 10)).questions_per_order[0] is None
    assert compare(arm(100, 9), arm(100, 10)).fewer_questions is None


def test_what_is_counted_is_what_stands_there(session: Session):
    draw = random.Random(3)
    expected: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for place in range(40):
        name = f"c{draw.randrange(15)}"
        own = "quiet" if int(name[1:]) % 3 == 0 else "pushes"
        turns = [Asked("ask_price", tapped=draw.random() < 0.4) for _ in range(draw.randrange(1, 4))]
        ordered = draw.random() < 0.4
        add_visit(session, name, turns, at=YESTERDAY + timedelta(hours=place), arm=own, ordered=ordered)
        sums = expected[own, name]
        for index, more in enumerate((len(turns), int(ordered), sum(each.tapped for each in turns))):
            sums[index] += more
    # A chat that was opened, and in which nobody wrote.
    add_visit(session, "silent", [], line=None)
    found = arm_counts(session)
    for own in ("pushes", "quiet"):
        rows = [sums for (each, _), sums in expected.items() if each == own]
        assert found[own] == ArmCounts(
            len(rows),
            sum(bought > 0 for _, bought, _ in rows),
            sum(bought for _, bought, _ in rows),
            sum(asked for asked, _, _ in rows),
            sum(taps for _, _, taps in rows),
            sum(asked * asked for asked, _, _ in rows),
            sum(bought * bought for _, bought, _ in rows),
            sum(taps * taps for _, _, taps in rows),
            sum(asked * bought for asked, bought, _ in rows),
        )


def test_only_the_time_and_the_category_asked_for_count(session: Session):
    add_visit(session, "early", at=YESTERDAY - timedelta(days=2), ordered=True)
    add_visit(session, "there", arm="quiet", ordered=True)
    add_visit(session, "other", category="奶瓶")
    found = experiment(session, YESTERDAY, YESTERDAY + timedelta(hours=1), "裤子")
    assert (found.pushes.conversations, found.quiet.conversations) == (0, 1)
    assert experiment(session, until=YESTERDAY).pushes.ordered == 1
    assert experiment(session, category="奶瓶").pushes.conversations == 1
    assert experiment(session).pushes.conversations == 2
