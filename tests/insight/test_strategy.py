"""What may be offered unasked: only in the second half of the minute, by category, with restraint."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.insight.models import SEGMENTS
from sixty.insight.strategy import PUSHES, Limits, Moment, PricedStrategy, Strategy, chosen, is_quiet, pushes

LIMITS = Limits(pushes=3, each={"close": 2}, apart=2, after_refusal=3, after_bad_mood=3)
EVERYTHING = Strategy("all", {"ask": (), "answer": (), "win_back": PUSHES})
LATE = Moment(segment="win_back", score=0.5)

counts = st.integers(0, 6)
moments = st.builds(
    Moment,
    segment=st.sampled_from(SEGMENTS),
    score=st.floats(0, 1),
    pushed=st.lists(st.sampled_from(PUSHES), max_size=5).map(tuple),
    since_push=st.none() | counts,
    since_refusal=st.none() | counts,
    since_bad_mood=st.none() | counts,
    refused=st.frozensets(st.sampled_from(PUSHES)),
    quiet=st.booleans(),
)


def offered(moment: Moment, limits: Limits = LIMITS, strategy: Strategy = EVERYTHING) -> tuple[str, ...]:
    return pushes(strategy, moment, limits, willing=0.6, dipped=0.4)


@given(moments)
def test_nothing_is_offered_before_the_second_half(moment: Moment) -> None:
    for segment in ("ask", "answer"):
        assert offered(replace(moment, segment=segment)) == ()  # type: ignore[arg-type]


@given(moments)
def test_caps_and_restraint_hold_whatever_the_moment(moment: Moment) -> None:
    found = offered(moment)
    assert len(set(found)) == len(found)
    if not found:
        return
    assert moment.segment == "win_back"
    assert not moment.quiet
    assert len(moment.pushed) < LIMITS.pushes
    if moment.since_push is not None and moment.since_push < LIMITS.apart:
        assert found == ("close",)
        assert moment.pushed[-1] == "doubts"
    assert moment.since_refusal is None or moment.since_refusal >= LIMITS.after_refusal
    assert moment.since_bad_mood is None or moment.since_bad_mood >= LIMITS.after_bad_mood
    for each in found:
        assert each not in moment.refused
        assert moment.pushed.count(each) < LIMITS.each.get(each, 1)


def test_matching_goods_are_for_the_willing_and_benefits_for_the_wavering() -> None:
    assert offered(replace(LATE, score=0.7)) == ("close", "doubts", "bundle")
    assert offered(replace(LATE, score=0.5)) == ("close", "doubts")
    assert offered(replace(LATE, score=0.3)) == ("close", "doubts", "benefit")


def test_an_own_channel_comes_after_the_benefit() -> None:
    assert "own_channel" not in offered(replace(LATE, score=0.3))
    after = replace(LATE, score=0.3, pushed=("benefit",), since_push=2)
    assert offered(after) == ("close", "doubts", "own_channel")
    assert "own_channel" not in offered(replace(after, score=0.7))


def test_the_close_follows_the_doubts_that_stood_before_it() -> None:
    asked = replace(LATE, pushed=("doubts",), since_push=1)
    assert offered(asked) == ("close",)
    assert offered(replace(asked, since_push=0)) == ()
    assert offered(replace(asked, pushed=("bundle",))) == ()


def test_the_order_is_the_strategys_and_what_it_does_not_name_is_not_offered() -> None:
    strategy = Strategy("B+", {"win_back": ("bundle", "close")})
    assert offered(replace(LATE, score=0.9), strategy=strategy) == ("bundle", "close")
    assert offered(replace(LATE, score=0.1), strategy=strategy) == ("close",)


@pytest.mark.parametrize("field", ["since_refusal", "since_bad_mood"])
def test_after_a_no_or_a_bad_mood_there_is_quiet_for_a_while(field: str) -> None:
    said = [bool(offered(replace(LATE, **{field: since}))) for since in range(5)]  # type: ignore[arg-type]
    assert said == [False, False, False, True, True]
    assert [is_quiet(replace(LATE, **{field: since}), LIMITS) for since in range(5)] == [not each for each in said]  # type: ignore[arg-type]


def test_a_strategy_goes_by_the_price() -> None:
    cheap, dear = Strategy("A", {}), Strategy("C", {})
    ladder = (PricedStrategy(cheap, Decimal(100)), PricedStrategy(dear))
    assert chosen(ladder, Decimal("100.00")) is cheap
    assert chosen(ladder, Decimal("100.01")) is dear
    assert chosen(ladder, None) is dear
    with pytest.raises(ValueError, match="all prices"):
        chosen(ladder[:1], Decimal(200))
