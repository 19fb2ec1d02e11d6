from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sixty.shop.models import BODY_PARTS, BodyPart, Runs
from sixty.shop.size_charts import GIRTHS, Body, Chart, ChartRow, Range
from sixty.shop.sizes import Fit, SizeAdvice, advise_size

FITS: Sequence[Fit] = ("loose", "regular", "slim")
RUNS: Sequence[Runs] = ("正常", "偏大", "偏小")


def _range(low: float, high: float) -> Range:
    return Range(Decimal(str(low)), Decimal(str(high)))


def _row(size: str, height: tuple[int, int] | None, weight: tuple[float, float] | None) -> ChartRow:
    return ChartRow(size, height and _range(*height), weight and _range(*weight))


TROUSERS = Chart(
    "男款工装裤",
    (
        _row("M", (160, 170), (50, 60)),
        _row("L", (168, 175), (58, 70)),
        _row("XL", (173, 180), (68, 80)),
        _row("2XL", (178, 188), (78, 92)),
    ),
)
TOPS = Chart(
    "T恤",
    (
        ChartRow("L", _range(165, 174), _range(57, 66), chest=_range(88, 96)),
        ChartRow("XL", _range(170, 179), _range(65, 75), chest=_range(94, 102)),
    ),
)
BELTS = Chart("腰带", (ChartRow("S", waist=_range(65, 75)), ChartRow("M", waist=_range(75, 88))))
CHILDREN = Chart(
    "婴童服装",
    (
        ChartRow("90", _range(80, 90), _range(11, 13.5), age=_range(1.3, 2.2)),
        ChartRow("100", _range(90, 100), _range(13, 16), age=_range(2.2, 3.5)),
        ChartRow("110", _range(100, 110), _range(15.5, 19), age=_range(3.5, 5)),
    ),
)
SMALL_SHOES = Chart(
    "宝宝学步鞋",
    (
        ChartRow("21", foot=_range(12, 12.5)),
        ChartRow("22", foot=_range(13, 13.5)),
        ChartRow("23", foot=_range(13.5, 14)),
    ),
)
NAPPIES = Chart("纸尿裤", (_row("S", None, (4, 8)), _row("M", None, (6, 11)), _row("L", None, (9, 14))))


def advise(height: float, weight: float, fit: Fit = "regular", runs: Runs = "正常") -> SizeAdvice:
    return advise_size(TROUSERS, Body(height=Decimal(str(height)), weight=Decimal(str(weight))), fit, runs)


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
    advice = advise_size(NAPPIES, Body(weight=Decimal(7)))
    assert advice.size == "S"
    assert advice.reason.startswith("7kg，S码")
    assert advise_size(NAPPIES, Body(height=Decimal(70), weight=Decimal(7))) == advice


@pytest.mark.parametrize(
    ("height", "weight", "asked"), [(None, Decimal(60), "身高"), (Decimal(170), None, "体重"), (None, None, "身高")]
)
def test_a_missing_measure_is_asked_for(height: Decimal | None, weight: Decimal | None, asked: str) -> None:
    advice = advise_size(TROUSERS, Body(height=height, weight=weight))
    assert (advice.size, advice.verdict) == (None, "unclear")
    assert asked in advice.reason


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "-1", "0"])
def test_an_impossible_measure_is_asked_for_again(odd: str) -> None:
    assert advise_size(TROUSERS, Body(height=Decimal(170), weight=Decimal(odd))).verdict == "unclear"


def test_an_empty_chart_is_admitted() -> None:
    assert advise_size(Chart("", ()), Body(height=Decimal(170), weight=Decimal(60))).verdict == "unclear"


def advise_top(chest: float | None, height: float = 172, weight: float = 61, fit: Fit = "regular") -> SizeAdvice:
    body = Body(Decimal(str(height)), Decimal(str(weight)), None if chest is None else Decimal(str(chest)))
    return advise_size(TOPS, body, fit)


def test_a_chest_is_used_when_told_and_never_asked_for() -> None:
    assert advise_top(None).size == "L"
    assert advise_top(92).size == "L"
    assert "胸围92cm" in advise_top(92).reason


def test_a_broad_chest_takes_the_size_that_it_needs_and_says_so() -> None:
    advice = advise_top(100)
    assert (advice.size, advice.verdict) == ("XL", "fits")
    assert advice.reason.startswith("172cm、61kg、胸围100cm，按胸围选XL码不勒，衣长可能稍长一点")
    assert advice.alternative is None


def test_a_broad_chest_is_named_beside_the_cut() -> None:
    advice = advise_size(TOPS, Body(Decimal(172), Decimal(61), Decimal(100)), "regular", "偏大")
    assert advice.size == "L"
    assert "以胸围为准，这款版型偏大" in advice.reason


def test_a_chest_that_is_too_broad_fits_nothing() -> None:
    advice = advise_top(130)
    assert (advice.size, advice.verdict) == (None, "too_large")
    assert "XL码只到179cm、75kg、胸围102cm" in advice.reason


def test_a_waist_that_the_chart_does_not_know_changes_nothing() -> None:
    with_waist = Body(Decimal(172), Decimal(64), waist=Decimal(200))
    assert advise_size(TROUSERS, with_waist) == advise(172, 64)


def test_a_chart_by_girths_alone_asks_for_them() -> None:
    assert BELTS.missing(Body(height=Decimal(170))) == ("waist",)
    assert not advise_size(BELTS, Body()).size
    assert advise_size(BELTS, Body(waist=Decimal(82))).size == "M"


@pytest.mark.parametrize(("height", "size"), [(89, "90"), (95, "100"), (100, "100"), (109, "110")])
def test_a_child_goes_by_its_height(height: int, size: str) -> None:
    assert advise_size(CHILDREN, Body(height=Decimal(height))).size == size


@pytest.mark.parametrize(("age", "size"), [("1.5", "90"), ("3", "100"), ("4.5", "110")])
def test_a_child_whose_height_is_not_known_goes_by_its_age(age: str, size: str) -> None:
    advice = advise_size(CHILDREN, Body(age=Decimal(age)))
    assert advice.size == size
    assert "量下身高" in advice.reason


def test_of_height_and_age_the_height_decides_and_both_are_named() -> None:
    advice = advise_size(CHILDREN, Body(height=Decimal(105), age=Decimal("3")))
    assert advice.size == "110"
    assert "3岁一般穿100码，不过身高更准" in advice.reason
    # Who says the same with both is not told it twice, and a grown-up's height is not this child's.
    assert "一般穿" not in advise_size(CHILDREN, Body(height=Decimal(95), age=Decimal("3"))).reason


def test_a_childs_height_or_age_is_asked_for_and_no_weight() -> None:
    assert CHILDREN.missing(Body()) == ("height",)
    assert CHILDREN.missing(Body(age=Decimal(3))) == CHILDREN.missing(Body(height=Decimal(95))) == ()
    assert "说年龄也行" in advise_size(CHILDREN, Body(weight=Decimal(15))).reason


def test_a_heavy_child_takes_a_size_more() -> None:
    assert advise_size(CHILDREN, Body(height=Decimal(95), weight=Decimal(18))).size == "110"


def test_between_two_childrens_sizes_the_larger_one_lasts() -> None:
    advice = advise_size(CHILDREN, Body(height=Decimal(100)))
    assert (advice.size, advice.alternative) == ("100", "110")
    assert "100和110之间" in advice.reason
    assert "多穿一阵" in advice.reason


def test_a_smaller_size_is_no_choice_for_a_child() -> None:
    assert advise_size(CHILDREN, Body(height=Decimal(91))).alternative == "110"
    assert advise_size(CHILDREN, Body(height=Decimal(95), weight=Decimal(11))).alternative == "110"


def test_a_child_too_big_is_told_so_by_what_is_known() -> None:
    assert "只到110cm" in advise_size(CHILDREN, Body(height=Decimal(140))).reason
    assert "只到5岁" in advise_size(CHILDREN, Body(age=Decimal(9))).reason


def test_small_shoes_by_a_chart_of_feet() -> None:
    advice = advise_size(SMALL_SHOES, Body(foot=Decimal("13.2")))
    assert (advice.size, SMALL_SHOES.missing(Body())) == ("22", ("foot",))
    assert "脚长13.2cm，22码正合脚" in advice.reason
    assert advise_size(SMALL_SHOES, Body(foot=Decimal("13.2")), runs="偏小").size == "23"
    assert advise_size(SMALL_SHOES, Body(foot=Decimal(20))).verdict == "too_large"


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    count = draw(st.integers(1, 6))

    def ranges(lowest: int, highest: int) -> list[Range]:
        ends = sorted(draw(st.lists(st.integers(lowest, highest), min_size=count, max_size=count)))
        return [Range(Decimal(end - draw(st.integers(0, lowest))), Decimal(end)) for end in ends]

    parts = draw(st.sets(st.sampled_from(sorted(ENDS)), min_size=1))
    made_for = {part: ranges(*ENDS[part]) for part in parts}
    rows = (ChartRow(str(number), **{part: each[number] for part, each in made_for.items()}) for number in range(count))
    return Chart(draw(st.sampled_from(["工装裤", "外套", "婴童服装", "纸尿裤"])), tuple(rows))


ENDS: dict[BodyPart, tuple[int, int]] = {
    "height": (50, 200),
    "weight": (31, 150),
    "chest": (40, 140),
    "waist": (40, 140),
    "foot": (10, 30),
    "age": (1, 15),
}
amounts = st.decimals(min_value=1, max_value=400, places=1)
# Whoever is measured has all that a chart may ask for, and perhaps more.
bodies = st.builds(Body, **dict.fromkeys(BODY_PARTS, amounts))
some_bodies = st.builds(Body, **dict.fromkeys(BODY_PARTS, st.none() | amounts))


def _rank(chart: Chart, advice: SizeAdvice) -> int:
    """Places an advice in order: too small, the sizes, too large."""
    if advice.size is not None:
        return [row.size for row in chart.rows].index(advice.size)
    return -1 if advice.verdict == "too_small" else len(chart.rows)


@given(charts(), some_bodies, st.sampled_from(FITS), st.sampled_from(RUNS))
def test_every_body_gets_an_answer(chart: Chart, body: Body, fit: Fit, runs: Runs) -> None:
    advice = advise_size(chart, body, fit, runs)
    assert advice.reason
    assert (advice.size is not None) == (advice.verdict == "fits")
    assert advice.alternative is None or advice.size is not None
    assert advice.alternative != advice.size or advice.size is None


@given(charts(), some_bodies, st.sampled_from(FITS))
def test_what_is_missing_is_asked_for_and_nothing_else(chart: Chart, body: Body, fit: Fit) -> None:
    missing = chart.missing(body)
    assert set(missing) <= set(chart.parts)
    assert (advise_size(chart, body, fit).verdict == "unclear") == bool(missing)
    answered = replace(body, **{part: Decimal(90) for part in missing})
    assert advise_size(chart, answered, fit).verdict != "unclear"


@given(
    charts(),
    bodies,
    st.sampled_from(BODY_PARTS),
    st.lists(amounts, min_size=2, max_size=6),
    st.sampled_from(FITS),
    st.sampled_from(RUNS),
)
def test_more_of_any_measure_never_gives_a_smaller_size(
    chart: Chart, body: Body, part: BodyPart, values: list[Decimal], fit: Fit, runs: Runs
) -> None:
    grown = [replace(body, **{part: value}) for value in sorted(values)]
    ranks = [_rank(chart, advise_size(chart, each, fit, runs)) for each in grown]
    assert all(smaller <= larger for smaller, larger in pairwise(ranks))


@given(charts(), bodies, st.sampled_from(GIRTHS), st.sampled_from(RUNS))
def test_a_girth_told_besides_never_gives_a_smaller_size(chart: Chart, body: Body, girth: BodyPart, runs: Runs) -> None:
    assume(set(chart.parts) - set(GIRTHS))
    without = advise_size(chart, replace(body, **{girth: None}), "regular", runs)
    assert _rank(chart, without) <= _rank(chart, advise_size(chart, body, "regular", runs))


@given(charts(), bodies, st.sampled_from(RUNS))
def test_a_wish_never_decides_whether_anything_fits(chart: Chart, body: Body, runs: Runs) -> None:
    slim, regular, loose = (advise_size(chart, body, fit, runs) for fit in ("slim", "regular", "loose"))
    assert slim.verdict == regular.verdict == loose.verdict
    assert _rank(chart, slim) <= _rank(chart, regular) <= _rank(chart, loose)
