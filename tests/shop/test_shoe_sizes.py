"""Shoes by the length of the foot."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.shop.models import Product, Runs, Sku
from sixty.shop.shoe_sizes import advise_shoe_size, foot_of_size, shoe_sizes_of
from sixty.shop.sizes import Fit, SizeAdvice

SIZES = range(38, 46)
FITS: Sequence[Fit] = ("slim", "regular", "loose")
RUNS: Sequence[Runs] = ("正常", "偏大", "偏小")


def advise(foot: str, fit: Fit = "regular", runs: Runs = "正常") -> SizeAdvice:
    return advise_shoe_size(SIZES, Decimal(foot), fit, runs)


@pytest.mark.parametrize(("foot", "size"), [("24", "38"), ("25", "40"), ("25.1", "40"), ("26.5", "43"), ("27.5", "45")])
def test_the_usual_sizes(foot: str, size: str) -> None:
    assert advise(foot).size == size
    assert advise(foot).verdict == "fits"


def test_between_two_sizes_both_are_named_with_the_reason() -> None:
    advice = advise("25.2")
    assert (advice.size, advice.alternative) == ("41", "40")
    assert "在40和41之间" in advice.reason
    assert "不挤脚趾" in advice.reason
    assert advise("25.2", "slim").size == "40"


def test_the_cut_is_corrected() -> None:
    assert advise("25", runs="偏小").size == "41"
    assert advise("25", runs="偏大").size == "39"
    assert "按脚长是40码，这款版型偏小，大一码，选41码" in advise("25", runs="偏小").reason


def test_a_wide_foot_takes_one_more_where_there_is_one() -> None:
    assert advise("25", "loose").size == "41"
    largest = advise("27.5", "loose")
    assert largest.size == "45"
    assert "最大码" in largest.reason


def test_none_fits() -> None:
    assert (advise("28.5").size, advise("28.5").verdict) == (None, "too_large")
    assert (advise("27.5", runs="偏小").verdict) == "too_large"
    small = advise("22")
    assert (small.size, small.verdict) == (None, "too_small")
    assert "34码" in small.reason
    assert "38码" in small.reason


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "-3", "250"])
def test_an_impossible_foot_is_asked_for_again(odd: str) -> None:
    assert advise(odd).verdict == "unclear"


def test_what_is_missing_is_said() -> None:
    assert "脚长" in advise_shoe_size(SIZES, None).reason
    assert advise_shoe_size((), Decimal(25)).verdict == "unclear"


made = st.lists(st.integers(15, 50), min_size=1, max_size=10, unique=True)
feet = st.decimals(min_value=8, max_value=32, places=1)


def _rank(sizes: Sequence[int], advice: SizeAdvice) -> int:
    if advice.size is not None:
        return int(advice.size)
    return min(sizes) - 1 if advice.verdict == "too_small" else max(sizes) + 1


@given(made, st.lists(feet, min_size=2, max_size=6), st.sampled_from(FITS), st.sampled_from(RUNS))
def test_a_longer_foot_never_gets_a_smaller_size(
    sizes: list[int], lengths: list[Decimal], fit: Fit, runs: Runs
) -> None:
    ranks = [_rank(sizes, advise_shoe_size(sizes, foot, fit, runs)) for foot in sorted(lengths)]
    assert all(shorter <= longer for shorter, longer in pairwise(ranks))


@given(made, feet, st.sampled_from(RUNS))
def test_a_wish_never_decides_whether_anything_fits(sizes: list[int], foot: Decimal, runs: Runs) -> None:
    slim, regular, loose = (advise_shoe_size(sizes, foot, fit, runs) for fit in FITS)
    assert slim.verdict == regular.verdict == loose.verdict
    assert _rank(sizes, slim) <= _rank(sizes, regular) <= _rank(sizes, loose)


@given(made, feet, st.sampled_from(FITS), st.sampled_from(RUNS))
def test_only_what_is_made_is_advised(sizes: list[int], foot: Decimal, fit: Fit, runs: Runs) -> None:
    advice = advise_shoe_size(sizes, foot, fit, runs)
    named = {each for each in (advice.size, advice.alternative) if each is not None}
    assert {int(each) for each in named} <= set(sizes)
    assert len(named) == 2 or advice.alternative is None
    assert advice.reason


@pytest.mark.parametrize(
    ("sizes", "found"), [(["40", "39码"], (39, 40)), (["59", "66"], ()), (["M"], ()), ([""], ()), ([], ())]
)
def test_what_shoes_are(sizes: list[str], found: tuple[int, ...]) -> None:
    product = Product(no="X", size_chart_id=None, skus=[Sku(code=each, size=each) for each in sizes])
    assert shoe_sizes_of(product) == found


@pytest.mark.parametrize(
    ("size", "foot"), [("40", "25"), ("37.5", "23.75"), ("33", "21.5"), ("32", None), ("51", None), ("40.3", None)]
)
def test_the_foot_that_a_usual_size_is_made_for(size: str, foot: str | None) -> None:
    assert foot_of_size(Decimal(size)) == (None if foot is None else Decimal(foot))


@given(st.integers(33, 50))
def test_who_wears_a_size_gets_it_again(size: int) -> None:
    assert advise_shoe_size(range(33, 51), foot_of_size(Decimal(size))).size == str(size)


def test_what_is_no_number_is_no_size() -> None:
    assert foot_of_size(Decimal("NaN")) is None
