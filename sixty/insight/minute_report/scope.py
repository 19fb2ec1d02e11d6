"""Which visits a report is about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sixty.insight.models import Visit
from sixty.tables import column


@dataclass(frozen=True)
class Scope:
    """Which visits count.

    Attributes:
        now: The present moment.
        pause: After so long a silence a visit is over; later ones may still become anything.
        since: Visits that began at this moment or later, …
        until: … and before this one.
        category: Only visits about this product category.
    """

    now: datetime
    pause: timedelta
    since: datetime | None = None
    until: datetime | None = None
    category: str | None = None

    def of(self, category: str) -> Scope:
        """The same stretch of time, of one category."""
        return replace(self, category=category)

    def visits(self) -> list[Any]:
        """What is asked of a visit: that it is in the scope, and that the customer wrote something in it."""
        return [
            column(Visit.turns) > 0,
            *([column(Visit.started_at) >= self.since] if self.since is not None else []),
            *([column(Visit.started_at) < self.until] if self.until is not None else []),
            *([column(Visit.category) == self.category] if self.category is not None else []),
        ]

    def ended(self) -> list[Any]:
        """What is asked of a visit besides: that it is over, and that something in it led towards buying."""
        return [*self.visits(), column(Visit.ended_at) < self.now - self.pause, column(Visit.line).is_not(None)]
