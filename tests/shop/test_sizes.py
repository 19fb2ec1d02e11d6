from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.models import Runs
from sixty.shop.sizes import Chart, ChartRow, Fit, Range, SizeAdvice, advise_size, chart_of, substitute_for

FITS: Sequence[Fit] = ("loose", "regular", "slim")
RUNS: Sequence[Runs] = ("正常", "偏大", "偏小")


def _row(size: str, height: tuple[int, int] | None, weight: tuple[float, float] | None) -> ChartRow:
    def of(ends: tuple[float, float] | None) -> Range | None:
        return None if ends is None else Range(Decimal(str(ends[0])), Decimal(str(ends[1])))

    return ChartRow(size, of(height), of(weight))


TROUSERS = Chart(
    "男款工装裤",
    (
        _row("M", (160, 170), (50, 60)),
        _row("L", (168, 175), (58, 70)),
        _row("XL", (173, 180), (68, 80)),
        _row("2XL", (178, 188), (78, 92)),
    ),
)
NAPPIES = Chart("纸尿裤", (_row("S", None, (4, 8)), _row("M", None, (6, 11)), _row("L", None, (9, 14))))


def advise(height: float, weight: float, fit: Fit = "regular", runs: Runs = "正常") -> SizeAdvice:
    return advise_size(TROUSERS, Decimal(str(height)), Decimal(str(weight)), fit, runs)


def test_a_body_in_the_chart() -> None:
    advice = advise(172, 64)
    assert (advice.size, advice.alternative, advice.verdict) == ("L", "XL", "fits")
    assert advice.reason == "172cm、64kg，L码腰围裤长都合适；喜欢宽松可以选XL"


def test_between_two_sizes_both_are_named() -> None:
    advice = advise(175, 70)
    assert (advice.size, advice.alternative) == ("L", "XL")
    assert "在L和XL之间" in advice.reason


def test_a_loose_wish_takes_one_size_more() -> None:
    advice = advise(172, 64, "loose")
    assert (advice.size, advice.alternative) == ("XL", "L")
    assert "喜欢宽松" in advice.reason


def test_a_loose_wish_at_the_largest_size_is_answered_honestly() -> None:
    advice = advise(183, 88, "loose")
    assert advice.size == "2XL"
    assert "最大码" in advice.reason


def test_a_slim_wish_takes_one_size_less_only_where_it_fits() -> None:
    assert advise(170.2, 60.5, "slim").size == "M"
    assert advise(174, 68, "slim").size == "L"


def test_tall_and_thin_goes_by_the_height_and_says_so() -> None:
    advice = advise(182, 62)
    assert (advice.size, advice.alternative) == ("2XL", "XL")
    assert "裤长够" in advice.reason
    assert "腰围会松" in advice.reason


def test_short_and_heavy_goes_by_the_weight_and_says_so() -> None:
    advice = advise(165, 78)
    assert advice.size == "XL"
    assert "裤长可能稍长" in advice.reason


def test_a_large_cut_takes_one_size_off() -> None:
    advice = advise(172, 64, runs="偏大")
    assert advice.size == "M"
    assert "偏大" in advice.reason


def test_a_large_cut_still_has_its_smallest_size() -> None:
    advice = advise(165, 55, runs="偏大")
    assert advice.size == "M"
    assert "稍宽松" in advice.reason


def test_a_small_cut_adds_one_size() -> None:
    advice = advise(172, 64, runs="偏小")
    assert advice.size == "XL"
    assert "偏小" in advice.reason


def test_a_small_cut_has_nothing_for_the_largest() -> None:
    advice = advise(183, 88, runs="偏小")
    assert (advice.size, advice.verdict) == (None, "too_large")


@pytest.mark.parametrize(("height", "weight"), [(183, 120), (205, 80), (300, 300)])
def test_too_large_is_said(height: int, weight: int) -> None:
    advice = advise(height, weight)
    assert (advice.size, advice.verdict) == (None, "too_large")
    assert "2XL码只到188cm、92kg" in advice.reason


def test_too_small_is_said() -> None:
    advice = advise(140, 35)
    assert (advice.size, advice.verdict) == (None, "too_small")
    assert "160cm、50kg" in advice.reason


def test_a_little_outside_is_inside() -> None:
    assert advise(189, 93).size == "2XL"
    assert advise(159, 49).size == "M"


def test_nappies_go_by_weight_alone() -> None:
    advice = advise_size(NAPPIES, None, Decimal("7"))
    assert advice.size == "S"
    assert advice.reason.startswith("7kg，S码")
    assert advise_size(NAPPIES, Decimal(70), Decimal("7")) == advice
    assert not NAPPIES.needs_height


@pytest.mark.parametrize(
    ("height", "weight", "asked"), [(None, Decimal(60), "身高"), (Decimal(170), None, "体重"), (None, None, "身高")]
)
def test_a_missing_measure_is_asked_for(height: Decimal | None, weight: Decimal | None, asked: str) -> None:
    advice = advise_size(TROUSERS, height, weight)
    assert (advice.size, advice.verdict) == (None, "unclear")
    assert asked in advice.reason


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "-1", "0"])
def test_an_impossible_measure_is_asked_for_again(odd: str) -> None:
    assert advise_size(TROUSERS, Decimal(170), Decimal(odd)).verdict == "unclear"


def test_an_empty_chart_is_admitted() -> None:
    assert advise_size(Chart("", ()), Decimal(170), Decimal(60)).verdict == "unclear"


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    measures: Literal["height", "weight", "both"] = draw(st.sampled_from(["height", "weight", "both"]))
    count = draw(st.integers(1, 6))

    def ranges(lowest: int, highest: int) -> list[Range | None]:
        ends = sorted(draw(st.lists(st.integers(lowest, highest), min_size=count, max_size=count)))
        return [Range(Decimal(end - draw(st.integers(0, 30))), Decimal(end)) for end in ends]

    empty: list[Range | None] = [None] * count
    heights = empty if measures == "weight" else ranges(50, 200)
    weights = empty if measures == "height" else ranges(31, 150)
    rows = (ChartRow(str(number), heights[number], weights[number]) for number in range(count))
    return Chart(draw(st.sampled_from(["工装裤", "外套", "婴童服装", "纸尿裤"])), tuple(rows))


bodies = st.decimals(min_value=1, max_value=400, places=1)


def _rank(chart: Chart, advice: SizeAdvice) -> int:
    """Places an advice in order: too small, the sizes, too large."""
    if advice.size is not None:
        return [row.size for row in chart.rows].index(advice.size)
    return -1 if advice.verdict == "too_small" else len(chart.rows)


@given(charts(), bodies, bodies, st.sampled_from(FITS), st.sampled_from(RUNS))
def test_every_body_gets_an_answer(chart: Chart, height: Decimal, weight: Decimal, fit: Fit, runs: Runs) -> None:
    advice = advise_size(chart, height, weight, fit, runs)
    assert advice.reason
    assert (advice.size is not None) == (advice.verdict == "fits")
    assert advice.alternative is None or advice.size is not None
    assert advice.alternative != advice.size or advice.size is None


@given(charts(), bodies, st.lists(bodies, min_size=2, max_size=6), st.sampled_from(FITS), st.sampled_from(RUNS))
def test_more_weight_never_gives_a_smaller_size(
    chart: Chart, height: Decimal, weights: list[Decimal], fit: Fit, runs: Runs
) -> None:
    ranks = [_rank(chart, advise_size(chart, height, weight, fit, runs)) for weight in sorted(weights)]
    assert all(lighter <= heavier for lighter, heavier in pairwise(ranks))


@given(charts(), st.lists(bodies, min_size=2, max_size=6), bodies, st.sampled_from(FITS), st.sampled_from(RUNS))
def test_more_height_never_gives_a_smaller_size(
    chart: Chart, heights: list[Decimal], weight: Decimal, fit: Fit, runs: Runs
) -> None:
    ranks = [_rank(chart, advise_size(chart, height, weight, fit, runs)) for height in sorted(heights)]
    assert all(smaller <= taller for smaller, taller in pairwise(ranks))


@given(charts(), bodies, bodies, st.sampled_from(RUNS))
def test_a_wish_never_decides_whether_anything_fits(chart: Chart, height: Decimal, weight: Decimal, runs: Runs) -> None:
    slim, regular, loose = (advise_size(chart, height, weight, fit, runs) for fit in ("slim", "regular", "loose"))
    assert slim.verdict == regular.verdict == loose.verdict
    assert _rank(chart, slim) <= _rank(chart, regular) <= _rank(chart, loose)


def test_a_chart_is_read_with_its_decimals(shop: Session) -> None:
    product = find_product(shop, "GZ2101")
    assert product is not None
    chart = chart_of(shop, product)
    assert chart is not None
    assert chart.rows[-1] == _row("2XL", (178, 188), (78, 92.5))


def test_a_product_without_chart_has_none(shop: Session) -> None:
    product = find_product(shop, "SM1101")
    assert product is not None
    assert chart_of(shop, product) is None


def test_a_substitute_is_one_that_fits(shop: Session) -> None:
    product = find_product(shop, "GZ2101")
    assert product is not None
    substitute = substitute_for(shop, product, Decimal(180), Decimal(105))
    assert substitute is not None
    assert substitute.no == "GZ2102"
    assert substitute_for(shop, product, Decimal(180), Decimal(180)) is None
