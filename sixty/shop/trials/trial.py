"""What a product trial (测款) is, once its playbook has been read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from sixty.shop.trials.models import OutcomeKind

USUAL_REWARD: dict[OutcomeKind, Decimal] = {
    "tap": Decimal("0.1"),
    "favourite": Decimal("0.3"),
    "cart": Decimal("0.4"),
    "order": Decimal(1),
}


@dataclass(frozen=True)
class Trial:
    """Candidates that share a part of the recommendations until it is clear which of them earn their place.

    Attributes:
        products: The candidates' numbers.
        share: Which part of the impressions goes to the trial.
        scenes: Where they are shown; anywhere where none is named.
        reward: What an impression is worth by the best that came of it, from 0 to 1.
        winners: How many of the candidates are looked for.
        certainty: How sure one wants to be of each winner's place.
        margin: Who is worth less than another one by at most this share is as good: nobody waits months to tell them
            apart.
        least: So often every candidate is shown first, and nothing is decided before as many are settled.
        wait: How long something may come of an impression …
        late: … and how much later word of it may reach us.
    """

    id: str
    title: str
    products: tuple[str, ...]
    share: Decimal
    scenes: frozenset[str] = frozenset()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    reward: Mapping[OutcomeKind, Decimal] = field(default_factory=lambda: dict(USUAL_REWARD))
    winners: int = 1
    certainty: float = 0.95
    margin: float = 0.1
    least: int = 30
    wait: timedelta = timedelta(days=1)
    late: timedelta = timedelta(hours=1)

    def runs(self, at: datetime) -> bool:
        """Tells whether it runs at a moment."""
        return (self.starts_at is None or self.starts_at <= at) and (self.ends_at is None or at < self.ends_at)

    def shows_in(self, scene: str) -> bool:
        """Tells whether its candidates are shown in a scene."""
        return not self.scenes or scene in self.scenes
