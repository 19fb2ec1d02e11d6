"""Size charts: which bodies a size is made for, and what has to be known of a body to read them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from sixty.shop.models import BODY_PARTS, BodyPart, Product, SizeChart, SizeRow
from sixty.shop.stock import plain_size
from sixty.shop.wording import say_number
from sixty.tables import column

PLAUSIBLE: dict[BodyPart, tuple[Decimal, Decimal]] = {
    "height": (Decimal(40), Decimal(230)),
    "weight": (Decimal(2), Decimal(200)),
    "chest": (Decimal(30), Decimal(180)),
    "waist": (Decimal(30), Decimal(180)),
    "foot": (Decimal(8), Decimal(32)),
    "age": (Decimal("0.01"), Decimal(110)),
}
"""Between which ends a measure may be somebody's."""

GIRTHS: tuple[BodyPart, ...] = ("chest", "waist")
"""What nobody knows by heart: never asked for where a chart goes by height or weight as well."""

NAMES: dict[BodyPart, str] = {
    "height": "身高",
    "weight": "体重",
    "chest": "胸围",
    "waist": "腰围",
    "foot": "脚长",
    "age": "年龄",
}

# Children are that tall, give or take a fifth: the rule of thumb of Chinese paediatrics, 7 cm for each year of age
# and 75 cm, and half a metre at birth.
_AT_BIRTH, _AT_ONE, _A_YEAR = Decimal(50), Decimal(75), Decimal(7)
_GROWN_UP = Decimal(13)


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
class Body:
    """What is known of who will wear it: lengths in cm, the weight in kg, the age in years."""

    height: Decimal | None = None
    weight: Decimal | None = None
    chest: Decimal | None = None
    waist: Decimal | None = None
    foot: Decimal | None = None
    age: Decimal | None = None

    def of(self, part: BodyPart) -> Decimal | None:
        """One measure."""
        value: Decimal | None = getattr(self, part)
        return value

    def only(self, parts: Collection[BodyPart]) -> Body:
        """The same body with the other measures unknown."""
        return Body(**{part: self.of(part) for part in BODY_PARTS if part in parts})

    def say(self) -> str:
        """Says the measures: `175cm、70kg、腰围80cm`."""
        return "、".join(say_part(part, value) for part in BODY_PARTS if (value := self.of(part)) is not None)


@dataclass(frozen=True)
class ChartRow:
    """The bodies that one size is made for, in cm, kg and years; a chart may lack a measure."""

    size: str
    height: Range | None = None
    weight: Range | None = None
    chest: Range | None = None
    waist: Range | None = None
    foot: Range | None = None
    age: Range | None = None

    def of(self, part: BodyPart) -> Range | None:
        """What the size is made for in one measure."""
        made_for: Range | None = getattr(self, part)
        return made_for


@dataclass(frozen=True)
class Chart:
    """A size chart, the smallest size first."""

    name: str
    rows: tuple[ChartRow, ...]

    @property
    def parts(self) -> tuple[BodyPart, ...]:
        """The measures that it goes by."""
        return tuple(part for part in BODY_PARTS if any(row.of(part) is not None for row in self.rows))

    @property
    def is_for_children(self) -> bool:
        """Whether a child's age tells enough, where its height is not known."""
        return "age" in self.parts

    @property
    def asks_for_fit(self) -> bool:
        """Whether it can be worn loose or slim: grown-ups' clothes can, nappies cannot."""
        return not self.is_for_children and "foot" not in self.parts and self.parts != ("weight",)

    def missing(self, body: Body) -> tuple[BodyPart, ...]:
        """Lists what still has to be asked for.

        Height or age of a child, the length of a foot; else height and weight, as far as the chart goes by them, and
        chest and waist only where it goes by nothing else.
        """
        parts = self.parts
        if self.is_for_children:
            known = body.age is not None or (body.height is not None and "height" in parts)
            return () if known else ("height" if "height" in parts else "age",)
        needed: tuple[BodyPart, ...] = tuple(part for part in parts if part not in GIRTHS) or parts
        return tuple(part for part in needed if body.of(part) is None)

    def ranges(self, part: BodyPart) -> list[Range]:
        """What its sizes are made for in one measure."""
        return [made_for for row in self.rows if (made_for := row.of(part)) is not None]


def say_part(part: BodyPart, value: Decimal) -> str:
    """Says one measure: `175cm`, `70kg`, `腰围80cm`, `脚长24.5cm`, `3岁半`."""
    if part == "age":
        return say_age(value)
    unit = "kg" if part == "weight" else "cm"
    return f"{'' if part in ('height', 'weight') else NAMES[part]}{say_number(value)}{unit}"


def say_age(years: Decimal) -> str:
    """Says an age as parents do: `8个月`, `3岁`, `3岁半`, `1岁3个月`."""
    whole, months = divmod(int((years * 12).to_integral_value()), 12)
    if whole == 0:
        return f"{max(months, 1)}个月"
    if months == 6:
        return f"{whole}岁半"
    return f"{whole}岁{months}个月" if months and whole < 3 else f"{whole}岁"


def may_be_one_child(age: Decimal, height: Decimal) -> bool:
    """Tells whether somebody of that age, in years, may be that tall, in cm."""
    grown = min(age, _GROWN_UP)
    usual = _AT_BIRTH + (_AT_ONE - _AT_BIRTH) * age if age < 1 else _AT_ONE + _A_YEAR * grown
    return abs(height - usual) * 5 <= usual


def chart_of(session: Session, product: Product) -> Chart | None:
    """Reads the size chart of a product, as far as it is made in those sizes; `None` where sizes don't apply.

    Its own chart comes first, then the one for its kind, then the one for its category. A chart for many products
    counts only for those whose sizes it knows all.
    """
    made = {plain_size(sku.size) for sku in product.skus if sku.size}
    if product.size_chart_id is not None:
        return _chart(session.get(SizeChart, product.size_chart_id), made)
    if not made:
        return None
    wanted = or_(column(SizeChart.category) == product.kind, column(SizeChart.category) == product.category)
    found = session.scalars(select(SizeChart).where(wanted).order_by(SizeChart.id))
    for each in sorted(found, key=lambda chart: chart.category != product.kind):
        if made <= {plain_size(row.size) for row in each.rows}:
            return _chart(each, made)
    return None


def _chart(stored: SizeChart | None, made: set[str]) -> Chart | None:
    if stored is None or not stored.rows:
        return None
    rows = [row for row in stored.rows if plain_size(row.size) in made] or stored.rows
    return Chart(stored.name, tuple(_row(row) for row in rows))


def _row(row: SizeRow) -> ChartRow:
    ranges: dict[BodyPart, Range] = {}
    for part in BODY_PARTS:
        low, high = getattr(row, f"{part}_min"), getattr(row, f"{part}_max")
        if low is not None and high is not None:
            ranges[part] = Range(low, high)
    return ChartRow(row.size, **ranges)
