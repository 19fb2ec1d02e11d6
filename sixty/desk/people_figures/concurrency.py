"""How many conversations somebody was in at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Concurrency:
    """How much went on at once.

    Attributes:
        mean: On average, over the time in which there was anything at all; 0 where there never was.
        most: At the busiest moment.
        busy_seconds: For how long there was anything.
    """

    mean: float = 0.0
    most: int = 0
    busy_seconds: float = 0.0


def concurrency_of(spans: Iterable[tuple[datetime, datetime]]) -> Concurrency:
    """Sweeps over the beginnings and ends of talks; one that ends when another begins is not at once with it."""
    edges = sorted(edge for start, end in spans if end > start for edge in ((start, 1), (end, -1)))
    there, most, busy, weighted = 0, 0, 0.0, 0.0
    before: datetime | None = None
    for at, step in edges:
        if before is not None and there:
            lasted = (at - before).total_seconds()
            busy += lasted
            weighted += lasted * there
        there += step
        most = max(most, there)
        before = at
    return Concurrency(weighted / busy if busy else 0.0, most, busy)
