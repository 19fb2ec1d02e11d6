"""Advises on sizes.

The core (`advise_size`) is pure. It rests on four rules:

* A body needs the largest of the sizes that its measures ask for.
* A child goes by its height; its age counts where the height is not known.
* A product that runs large takes one size off that, one that runs small adds one.
* A wish (loose, slim) moves within the chart only: it never makes a body fit that
  doesn't, nor the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Literal

from sixty.shop.models import BodyPart, Runs
from sixty.shop.size_charts import GIRTHS, NAMES, Body, Chart, ChartRow, Range, may_be_one_child, say_age, say_part

Fit = Literal["loose", "regular", "slim"]
Verdict = Literal["fits", "too_small", "too_large", "unclear"]

RUNS_STEP: dict[str, int] = {"偏大": -1, "偏小": 1}

# Cloth gives a little: this far outside a chart its first and last size still do, though
# never by more than a quarter of the step from one size to the next.
MOST_SLACK = Decimal(2)


@dataclass(frozen=True)
class SizeAdvice:
    """Which size to take.

    Attributes:
        size: The size, or `None` when none fits.
        alternative: A second choice, when there is a sensible one.
        reason: Why, as a shop assistant would say it.
        verdict: Whether the body is in the chart, or too small or too large for it;
            `unclear` when a measure is missing or there is no chart.
    """

    size: str | None
    alternative: str | None
    reason: str
    verdict: Verdict


def advise_size(chart: Chart, body: Body, fit: Fit = "regular", runs: Runs = "正常") -> SizeAdvice:
    """Advises on the size for a body.

    Gives an answer for every body and every chart. More of any measure never leads to a smaller size.

    Args:
        chart: The product's size chart.
        body: What is known of who will wear it; `chart.missing(body)` tells what is still needed.
        fit: How the customer likes to wear it.
        runs: How the product is cut, compared with its chart.
    """
    placed = _Placed.of(chart, body)
    if isinstance(placed, str):
        return SizeAdvice(None, None, placed, "unclear")
    rows, last = chart.rows, len(chart.rows) - 1
    on_chart = max(placed.places.values())
    needed = on_chart + RUNS_STEP.get(runs, 0)
    if 0 <= on_chart <= last:
        # Large-cut clothes have no size below the smallest: it is a little wide, no more.
        needed = max(0, needed)
    if needed < 0:
        return SizeAdvice(None, None, _too_small(placed, rows[0], runs), "too_small")
    if needed > last:
        runs_out = runs == "偏小" and on_chart <= last
        return SizeAdvice(None, None, _too_large(placed, rows[-1], runs_out=runs_out), "too_large")
    # Slack and the cut can put a body that is just outside the chart into its first size.
    row = rows[min(max(on_chart, 0), last)]
    snug = placed.in_lower_third(row) and on_chart >= 0
    wish = {"loose": 1, "slim": -1 if snug else 0}.get(fit, 0)
    chosen = min(max(needed + wish, 0), last)
    thin = placed.is_thin_for(row) and placed.deciding_girth is None
    # Children grow: a size less is no choice for them.
    slighter = (snug or thin) and not chart.is_for_children
    alternative = _alternative(chosen, last, fit, slighter=slighter)
    edge = placed.at_upper_edge(row)
    parts = (
        _basis(placed, row, rows[needed].size, runs),
        _of_the_age(placed, body, chart),
        _wish(rows[chosen].size, chosen - needed, fit),
        "" if alternative is None else _hint(placed, rows, chosen, alternative, fit, edge=edge),
    )
    return SizeAdvice(
        size=rows[chosen].size,
        alternative=None if alternative is None else rows[alternative].size,
        reason="；".join(part for part in parts if part),
        verdict="fits",
    )


@dataclass(frozen=True)
class _Placed:
    """A body seen through a chart: the measures that count, and the rows that they ask for."""

    body: Body
    places: dict[BodyPart, int]
    who: str
    girth: str
    length: str

    @classmethod
    def of(cls, chart: Chart, body: Body) -> _Placed | str:
        """Places a body on a chart, or says what is missing."""
        who, girth, length = _words_for(chart)
        if not chart.parts:
            return "这款还没有尺码表，点“转人工”请同事帮您看～"
        # What the chart doesn't go by is neither counted nor mentioned.
        body = body.only(chart.parts)
        if body.height is not None and chart.is_for_children:
            body = body.only([part for part in chart.parts if part != "age"])
        missing = chart.missing(body)
        if missing:
            name = "身高（说年龄也行）" if chart.is_for_children and missing == ("height",) else NAMES[missing[0]]
            return f"还差{name}，告诉我就能给{who}推荐尺码"
        values = {part: value for part in chart.parts if (value := body.of(part)) is not None}
        for part, value in values.items():
            if not (value.is_finite() and (value > 0 or part == "age") and value >= 0):
                return f"{NAMES[part]}好像不太对，麻烦您再说一次"
        places = {part: _place(value, chart.ranges(part)) for part, value in values.items()}
        return cls(body=body, places=places, who=who, girth=girth, length=length)

    @property
    def deciding_girth(self) -> BodyPart | None:
        """Chest or waist, where it asks for a larger size than all the rest."""
        largest = max(self.places.values())
        deciding = [part for part, place in self.places.items() if place == largest]
        return deciding[0] if deciding and all(part in GIRTHS for part in deciding) else None

    def is_thin_for(self, row: ChartRow) -> bool:
        """Tells whether the height asked for a size that the weight doesn't fill."""
        return self.body.weight is not None and row.weight is not None and self.body.weight < row.weight.low

    def is_short_for(self, row: ChartRow) -> bool:
        """Tells whether the weight asked for a size that the height doesn't fill."""
        return self.body.height is not None and row.height is not None and self.body.height < row.height.low

    def in_lower_third(self, row: ChartRow) -> bool:
        return all(made_for.lower_third(value) for value, made_for in self._against(row))

    def at_upper_edge(self, row: ChartRow) -> bool:
        return any(made_for.upper_edge(value) for value, made_for in self._against(row))

    def _against(self, row: ChartRow) -> Iterator[tuple[Decimal, Range]]:
        for part in self.places:
            value, made_for = self.body.of(part), row.of(part)
            if value is not None and made_for is not None:
                yield value, made_for


def _place(value: Decimal, ranges: Sequence[Range]) -> int:
    """Finds the smallest row that takes a measure; outside, counts rows on past the chart."""
    first_low, last_high = ranges[0].low, max(each.high for each in ranges)
    step = max(Decimal("0.1"), (last_high - first_low) / len(ranges))
    slack = min(MOST_SLACK, step / 4)
    if value < first_low - slack:
        return -_steps(first_low - slack - value, step)
    for ordinal, each in enumerate(ranges):
        if value <= each.high:
            return ordinal
    if value <= last_high + slack:
        return len(ranges) - 1
    return len(ranges) - 1 + _steps(value - slack - last_high, step)


def _steps(distance: Decimal, step: Decimal) -> int:
    # Beyond all clothes the count no longer matters, and must not grow without end.
    return min(1000, ceil(distance / step))


def _words_for(chart: Chart) -> tuple[str, str, str]:
    """Returns whom it is for, and what has to fit round the body and along it."""
    if any(mark in chart.name for mark in ("尿", "拉拉裤")):
        return "宝宝", "腰围", "腿围"
    who = "宝宝" if chart.is_for_children or any(mark in chart.name for mark in "婴童宝") else "您"
    if "foot" in chart.parts:
        return who, "脚宽", "脚长"
    if "裤" in chart.name:
        return who, "腰围", "裤长"
    if "裙" in chart.name:
        return who, "腰围", "裙长"
    return who, "胸围", "衣长"


def _basis(placed: _Placed, row: ChartRow, size: str, runs: Runs) -> str:
    if runs != "正常":
        return _basis_of_the_cut(placed, row, size, runs)
    said, girth, length = placed.body.say(), placed.girth, placed.length
    if placed.deciding_girth is not None:
        longer = "" if placed.body.height is None else f"，{length}可能稍长一点"
        return f"{said}，按{NAMES[placed.deciding_girth]}选{size}码不勒{longer}"
    if placed.is_thin_for(row) and placed.body.height is None:
        return f"{said}，{size}码能穿，{girth}会松一点"
    if placed.is_thin_for(row):
        return f"{said}，按身高选{size}码{length}够，{placed.who}偏瘦，{girth}会松一点"
    if placed.is_short_for(row):
        return f"{said}，按体重选{size}码{girth}不勒，{length}可能稍长一点"
    if "age" in placed.places:
        return f"{said}，按年龄一般穿{size}码"
    if "foot" in placed.places:
        return f"{said}，{size}码正合脚"
    return f"{said}，{size}码{girth}{length}都合适"


def _basis_of_the_cut(placed: _Placed, row: ChartRow, size: str, runs: Runs) -> str:
    said = placed.body.say()
    if placed.deciding_girth is not None:
        said = f"{said}，以{NAMES[placed.deciding_girth]}为准"
    if runs == "偏小":
        return f"{said}，这款版型偏小，比平时大一码，选{size}码不紧绷"
    if size == row.size:
        return f"{said}，这款版型偏大，最小的{size}码{placed.who}能穿，会稍宽松一点"
    return f"{said}，这款版型偏大，比平时小一码，{size}码就合适"


def _of_the_age(placed: _Placed, body: Body, chart: Chart) -> str:
    """What the age adds: it is the less exact measure of the two."""
    if "age" in placed.places:
        return "同龄孩子高矮差别大，方便的话量下身高，我再帮您核对" if "height" in chart.parts else ""
    height, age = placed.body.height, body.age
    if age is None or height is None or not chart.is_for_children or not may_be_one_child(age, height):
        return ""
    by_age = _place(age, chart.ranges("age"))
    if by_age == placed.places["height"] or not 0 <= by_age < len(chart.rows):
        return ""
    return f"{say_age(age)}一般穿{chart.rows[by_age].size}码，不过身高更准，按身高选"


def _wish(size: str, moved: int, fit: Fit) -> str:
    if fit == "loose":
        if moved > 0:
            return f"喜欢宽松就选大一码的{size}，活动更自在"
        return f"{size}已经是最大码，合身但不会太宽松"
    if fit == "slim":
        if moved < 0:
            return f"喜欢修身的话{size}码更贴身，也不会紧"
        return f"{size}码穿着就比较利落，再小一码会紧"
    return ""


def _alternative(chosen: int, last: int, fit: Fit, *, slighter: bool) -> int | None:
    if fit == "loose" or (fit == "regular" and slighter):
        return chosen - 1 if chosen > 0 else None
    return chosen + 1 if fit == "regular" and chosen < last else None


def _hint(placed: _Placed, rows: Sequence[ChartRow], chosen: int, alternative: int, fit: Fit, *, edge: bool) -> str:
    size, other = rows[chosen].size, rows[alternative].size
    if fit == "loose":
        return f"想合身一点选{other}"
    if alternative < chosen:
        return f"想更贴身可以选{other}"
    if placed.who == "宝宝":
        return f"宝宝长得快，{size}和{other}之间的话选{other}能多穿一阵" if edge else f"想多穿一阵可以选{other}"
    if edge:
        return f"{placed.who}正好在{size}和{other}之间，怕紧的话选{other}更稳妥"
    return f"喜欢宽松可以选{other}"


def _too_small(placed: _Placed, smallest: ChartRow, runs: Runs) -> str:
    limits = [(part, made_for.low) for part in placed.places if (made_for := smallest.of(part)) is not None]
    start = "、".join(say_part(part, low) for part, low in limits)
    cut = "，版型还偏大" if runs == "偏大" else ""
    return f"{placed.body.say()}，这款最小的{smallest.size}码从{start}做起{cut}，{placed.who}穿会偏大，不建议选"


def _too_large(placed: _Placed, largest: ChartRow, *, runs_out: bool) -> str:
    if runs_out:
        return f"{placed.body.say()}，这款版型偏小，最大的{largest.size}码{placed.who}穿会紧，不建议硬穿"
    limits = [(part, made_for.high) for part in placed.places if (made_for := largest.of(part)) is not None]
    end = "、".join(say_part(part, high) for part, high in limits)
    return f"{placed.body.say()}，这款最大的{largest.size}码只到{end}，{placed.who}穿会紧，不建议硬穿"
