"""Advises on sizes.

The core (`advise_size`) is pure. It rests on three rules:

* A body needs the larger of the sizes that its height and its weight ask for.
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

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.models import Product, Runs, SizeChart
from sixty.shop.stock import plain_size
from sixty.shop.wording import say_number
from sixty.tables import column

Fit = Literal["loose", "regular", "slim"]
Verdict = Literal["fits", "too_small", "too_large", "unclear"]

RUNS_STEP: dict[str, int] = {"偏大": -1, "偏小": 1}

# Cloth gives a little: this far outside a chart its first and last size still do, though
# never by more than a quarter of the step from one size to the next.
MOST_SLACK = Decimal(2)


@dataclass(frozen=True)
class Range:
    """What a size is made for in one measure; both ends belong to it."""

    low: Decimal
    high: Decimal

    def upper_edge(self, value: Decimal) -> bool:
        """Tells whether a value is in the last tenth, or beyond."""
        return 10 * (self.high - value) <= self.high - self.low

    def lower_third(self, value: Decimal) -> bool:
        """Tells whether a value is in the first third, or below."""
        return 3 * (value - self.low) <= self.high - self.low


@dataclass(frozen=True)
class ChartRow:
    """The bodies that one size is made for, in cm and kg; a chart may lack a measure."""

    size: str
    height: Range | None
    weight: Range | None


@dataclass(frozen=True)
class Chart:
    """A size chart, the smallest size first."""

    name: str
    rows: tuple[ChartRow, ...]

    @property
    def needs_height(self) -> bool:
        """Whether the height counts; nappies go by weight alone."""
        return any(row.height is not None for row in self.rows)

    @property
    def needs_weight(self) -> bool:
        """Whether the weight counts."""
        return any(row.weight is not None for row in self.rows)


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


def advise_size(
    chart: Chart,
    height_cm: Decimal | None,
    weight_kg: Decimal | None,
    fit: Fit = "regular",
    runs: Runs = "正常",
) -> SizeAdvice:
    """Advises on the size for a body.

    Gives an answer for every body and every chart. More weight or height never leads to a
    smaller size.

    Args:
        chart: The product's size chart.
        height_cm: Height in centimetres; may be missing where the chart goes by weight.
        weight_kg: Weight in kilograms; may be missing where the chart goes by height.
        fit: How the customer likes to wear it.
        runs: How the product is cut, compared with its chart.
    """
    body = _Body.of(chart, height_cm, weight_kg)
    if isinstance(body, str):
        return SizeAdvice(None, None, body, "unclear")
    rows, last = chart.rows, len(chart.rows) - 1
    on_chart = max(place for place in (body.by_height, body.by_weight) if place is not None)
    needed = on_chart + RUNS_STEP.get(runs, 0)
    if 0 <= on_chart <= last:
        # Large-cut clothes have no size below the smallest: it is a little wide, no more.
        needed = max(0, needed)
    if needed < 0:
        return SizeAdvice(None, None, _too_small(body, rows[0], runs), "too_small")
    if needed > last:
        runs_out = runs == "偏小" and on_chart <= last
        return SizeAdvice(None, None, _too_large(body, rows[-1], runs_out=runs_out), "too_large")
    # Slack and the cut can put a body that is just outside the chart into its first size.
    row = rows[min(max(on_chart, 0), last)]
    snug = body.in_lower_third(row) and on_chart >= 0
    wish = {"loose": 1, "slim": -1 if snug else 0}.get(fit, 0)
    chosen = min(max(needed + wish, 0), last)
    alternative = _alternative(chosen, last, fit, slighter=snug or body.is_thin_for(row))
    edge = body.at_upper_edge(row)
    parts = (
        _basis(body, row, rows[needed].size, runs),
        _wish(rows[chosen].size, chosen - needed, fit),
        "" if alternative is None else _hint(body, rows, chosen, alternative, fit, edge=edge),
    )
    return SizeAdvice(
        size=rows[chosen].size,
        alternative=None if alternative is None else rows[alternative].size,
        reason="；".join(part for part in parts if part),
        verdict="fits",
    )


def chart_of(session: Session, product: Product) -> Chart | None:
    """Reads the size chart of a product; `None` where sizes don't apply."""
    if product.size_chart_id is None:
        return None
    stored: SizeChart | None = session.get(SizeChart, product.size_chart_id)
    if stored is None or not stored.rows:
        return None
    rows = (
        ChartRow(row.size, _range(row.height_min, row.height_max), _range(row.weight_min, row.weight_max))
        for row in stored.rows
    )
    return Chart(stored.name, tuple(rows))


def substitute_for(
    session: Session, product: Product, height_cm: Decimal | None, weight_kg: Decimal | None
) -> Product | None:
    """Finds another product that fits a body that this one doesn't fit.

    Of the same kind rather than of the same category, and close in price; its size for
    this body is in stock.
    """
    query = select(Product).where(
        column(Product.category) == product.category,
        column(Product.status) == "on_sale",
        column(Product.no) != product.no,
        column(Product.size_chart_id).is_not(None),
    )
    price = _lowest_price(product)
    candidates: list[Product] = sorted(
        session.scalars(query),
        key=lambda each: (each.kind != product.kind, abs(_lowest_price(each) - price), each.no),
    )
    for candidate in candidates:
        chart = chart_of(session, candidate)
        if chart is None:
            continue
        advice = advise_size(chart, height_cm, weight_kg, "regular", candidate.runs)
        if advice.size is not None and _has(candidate, advice.size):
            return candidate
    return None


@dataclass(frozen=True)
class _Body:
    """A body seen through a chart: its measures, and the rows that they ask for."""

    height: Decimal | None
    weight: Decimal | None
    by_height: int | None
    by_weight: int | None
    who: str
    girth: str
    length: str

    @classmethod
    def of(cls, chart: Chart, height: Decimal | None, weight: Decimal | None) -> _Body | str:
        """Places a body on a chart, or says what is missing."""
        who, girth, length = _words_for(chart.name)
        heights = [row.height for row in chart.rows if row.height is not None]
        weights = [row.weight for row in chart.rows if row.weight is not None]
        if not heights and not weights:
            return "这款还没有尺码表，我请同事量好再回复您"
        # What the chart doesn't go by is neither counted nor mentioned.
        height, weight = (height if heights else None), (weight if weights else None)
        for measure, ranges, name in ((height, heights, "身高"), (weight, weights, "体重")):
            if ranges and measure is None:
                return f"还差{name}，告诉我就能给{who}推荐尺码"
            if measure is not None and not (measure.is_finite() and measure > 0):
                return f"{name}好像不太对，麻烦您再说一次"
        return cls(
            height=height,
            weight=weight,
            by_height=None if height is None else _place(height, heights),
            by_weight=None if weight is None else _place(weight, weights),
            who=who,
            girth=girth,
            length=length,
        )

    def __str__(self) -> str:
        """Says the measures: `175cm、70kg`."""
        measures = ((self.height, "cm"), (self.weight, "kg"))
        return "、".join(f"{say_number(value)}{unit}" for value, unit in measures if value is not None)

    def is_thin_for(self, row: ChartRow) -> bool:
        """Tells whether the height asked for a size that the weight doesn't fill."""
        return self.weight is not None and row.weight is not None and self.weight < row.weight.low

    def is_short_for(self, row: ChartRow) -> bool:
        """Tells whether the weight asked for a size that the height doesn't fill."""
        return self.height is not None and row.height is not None and self.height < row.height.low

    def in_lower_third(self, row: ChartRow) -> bool:
        return all(made_for.lower_third(value) for value, made_for in self._against(row))

    def at_upper_edge(self, row: ChartRow) -> bool:
        return any(made_for.upper_edge(value) for value, made_for in self._against(row))

    def _against(self, row: ChartRow) -> Iterator[tuple[Decimal, Range]]:
        for value, made_for in ((self.height, row.height), (self.weight, row.weight)):
            if value is not None and made_for is not None:
                yield value, made_for


def _range(low: Decimal | None, high: Decimal | None) -> Range | None:
    return None if low is None or high is None else Range(low, high)


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


def _words_for(chart_name: str) -> tuple[str, str, str]:
    """Returns whom it is for, and what has to fit round the body and along it."""
    if any(mark in chart_name for mark in ("尿", "拉拉裤")):
        return "宝宝", "腰围", "腿围"
    who = "宝宝" if any(mark in chart_name for mark in "婴童宝") else "您"
    if "裤" in chart_name:
        return who, "腰围", "裤长"
    if "裙" in chart_name:
        return who, "腰围", "裙长"
    return who, "胸围", "衣长"


def _basis(body: _Body, row: ChartRow, size: str, runs: Runs) -> str:
    if runs == "偏大":
        if size == row.size:
            return f"{body}，这款版型偏大，最小的{size}码{body.who}能穿，会稍宽松一点"
        return f"{body}，这款版型偏大，比平时小一码，{size}码就合适"
    if runs == "偏小":
        return f"{body}，这款版型偏小，比平时大一码，选{size}码不紧绷"
    if body.is_thin_for(row) and body.height is None:
        return f"{body}，{size}码能穿，{body.girth}会松一点"
    if body.is_thin_for(row):
        return f"{body}，按身高选{size}码{body.length}够，{body.who}偏瘦，{body.girth}会松一点"
    if body.is_short_for(row):
        return f"{body}，按体重选{size}码{body.girth}不勒，{body.length}可能稍长一点"
    return f"{body}，{size}码{body.girth}{body.length}都合适"


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


def _hint(body: _Body, rows: Sequence[ChartRow], chosen: int, alternative: int, fit: Fit, *, edge: bool) -> str:
    size, other = rows[chosen].size, rows[alternative].size
    if fit == "loose":
        return f"想合身一点选{other}"
    if alternative < chosen:
        return f"想更贴身可以选{other}"
    if body.who == "宝宝":
        return f"宝宝长得快，{size}和{other}之间的话选{other}能多穿一阵" if edge else f"想多穿一阵可以选{other}"
    if edge:
        return f"{body.who}正好在{size}和{other}之间，怕紧的话选{other}更稳妥"
    return f"喜欢宽松可以选{other}"


def _too_small(body: _Body, smallest: ChartRow, runs: Runs) -> str:
    limits = ((smallest.height, "cm"), (smallest.weight, "kg"))
    start = "、".join(f"{say_number(each.low)}{unit}" for each, unit in limits if each is not None)
    cut = "，版型还偏大" if runs == "偏大" else ""
    return f"{body}，这款最小的{smallest.size}码从{start}做起{cut}，{body.who}穿会偏大，不建议选"


def _too_large(body: _Body, largest: ChartRow, *, runs_out: bool) -> str:
    if runs_out:
        return f"{body}，这款版型偏小，最大的{largest.size}码{body.who}穿会紧，不建议硬穿"
    limits = ((largest.height, "cm"), (largest.weight, "kg"))
    end = "、".join(f"{say_number(each.high)}{unit}" for each, unit in limits if each is not None)
    return f"{body}，这款最大的{largest.size}码只到{end}，{body.who}穿会紧，不建议硬穿"


def _lowest_price(product: Product) -> Decimal:
    return min((sku.price for sku in product.skus), default=Decimal(0))


def _has(product: Product, size: str) -> bool:
    wanted = plain_size(size)
    return any(sku.stock > 0 and plain_size(sku.size) == wanted for sku in product.skus)
