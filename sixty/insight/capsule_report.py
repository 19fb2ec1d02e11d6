"""What became of the capsules that were shown: how many were tapped, and how often an order followed.

Rates carry Wilson's score interval of 95% (Wilson, "Probable inference, the law of succession, and statistical
inference", Journal of the American Statistical Association 22, 1927), which holds for the small counts of a rare
capsule, too. It takes showings for independent of each other; a customer who sees a capsule again is two showings.

That an order followed a tap does not say that it came of it: who asks more is nearer to buying anyway. What the
capsules do to orders is measured by the quiet arm (`sixty report minute`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.insight.models import CapsuleShowing
from sixty.shop.intervals import Interval, wilson
from sixty.tables import column

Dimension = Literal["question", "place", "source", "position", "category", "entry", "phase"]

DIMENSIONS: dict[Dimension, str] = {
    "question": "问题",
    "place": "在哪之后",
    "source": "来源",
    "position": "第几个",
    "category": "类目",
    "entry": "入口",
    "phase": "大促阶段",
}
"""By what capsules can be counted. The place is the question behind whose answer a capsule was shown; empty for the
welcome."""


@dataclass(frozen=True)
class Scope:
    """Which showings count.

    Attributes:
        since: Shown at this moment or later, …
        until: … and before this one.
        category: Only those shown about goods of this category.
    """

    since: datetime | None = None
    until: datetime | None = None
    category: str | None = None


@dataclass(frozen=True)
class Figures:
    """What became of some showings.

    Attributes:
        name: What they have in common, in the dimension that they were counted by.
        shown: How many there were.
        tapped: How many were tapped.
        ordered: Behind how many of these taps an order followed in the same visit.
    """

    name: str
    shown: int
    tapped: int
    ordered: int

    @property
    def tap_rate(self) -> Interval:
        """Taps of showings."""
        return wilson(self.tapped, self.shown)

    @property
    def order_rate(self) -> Interval:
        """Taps behind which an order followed, of all taps."""
        return wilson(self.ordered, self.tapped)


@dataclass(frozen=True)
class _Cell:
    """Showings that are alike in every dimension."""

    question: str
    place: str
    source: str
    position: str
    category: str
    entry: str
    phase: str
    shown: int
    tapped: int
    ordered: int


@dataclass(frozen=True)
class CapsuleReport:
    """The figures of a scope.

    Attributes:
        scope: Which showings were counted.
        total: All of them together.
    """

    scope: Scope
    total: Figures
    _cells: Sequence[_Cell]

    def by(self, dimension: Dimension, category: str | None = None) -> list[Figures]:
        """The figures by a dimension, what was shown most first; of one category only where one is named."""
        cells = [each for each in self._cells if category is None or each.category == category]
        return _summed(cells, lambda cell: str(getattr(cell, dimension)))

    @property
    def categories(self) -> list[str]:
        """The categories about which something was shown, the most frequent first."""
        return [each.name for each in self.by("category")]


def capsule_report(session: Session, scope: Scope = Scope()) -> CapsuleReport:
    """Counts showings, taps and orders.

    Args:
        session: A session on the database.
        scope: Which showings count.
    """
    cells = [_Cell(*row) for row in session.execute(_counting(scope))]
    whole = _summed(cells, lambda _: "")
    return CapsuleReport(scope, whole[0] if whole else Figures("", 0, 0, 0), cells)


def _counting(scope: Scope) -> Any:
    ordered = column(CapsuleShowing.ordered_at) >= column(CapsuleShowing.tapped_at)
    kinds = (
        column(CapsuleShowing.question),
        column(CapsuleShowing.after),
        column(CapsuleShowing.source),
        column(CapsuleShowing.position) + 1,
        func.coalesce(CapsuleShowing.category, ""),
        func.coalesce(CapsuleShowing.entry, ""),
        func.coalesce(CapsuleShowing.phase, ""),
    )
    counts = (func.count(), func.count(CapsuleShowing.tapped_at), func.count().filter(ordered))
    query = select(*kinds, *counts).group_by(*kinds)
    if scope.since is not None:
        query = query.where(column(CapsuleShowing.shown_at) >= scope.since)
    if scope.until is not None:
        query = query.where(column(CapsuleShowing.shown_at) < scope.until)
    if scope.category is not None:
        query = query.where(column(CapsuleShowing.category) == scope.category)
    return query


def _summed(cells: Iterable[_Cell], name: Callable[[_Cell], str]) -> list[Figures]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for cell in cells:
        for place, count in enumerate((cell.shown, cell.tapped, cell.ordered)):
            sums[name(cell)][place] += count
    found = [Figures(each, *counts) for each, counts in sums.items()]
    return sorted(found, key=lambda each: (-each.shown, -each.tapped, each.name))
