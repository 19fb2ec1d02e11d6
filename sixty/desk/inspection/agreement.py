"""How far two people who score the same chats agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Agreement:
    """How far two agree about one criterion.

    Attributes:
        count: How many chats both have scored.
        kappa: Cohen's kappa with quadratic weights, 1 for full agreement, 0 for no more than chance; None where it is
            not defined: too few chats, or everybody gave the same points all the time.
        same: The share of chats that got the same points.
    """

    criterion: str
    count: int
    kappa: float | None
    same: float | None


def agreement(criterion: str, levels: Sequence[int], pairs: Sequence[tuple[int, int]]) -> Agreement:
    """Works out the agreement about one criterion.

    Cohen, J. (1968), "Weighted kappa", Psychological Bulletin 70(4); worked out by scikit-learn. The levels weigh by
    their places: one level apart is a quarter of two levels apart.

    Args:
        criterion: Its id.
        levels: All points that may be given, in order.
        pairs: Of each chat what both have given.
    """
    known = [(levels.index(a), levels.index(b)) for a, b in pairs if a in levels and b in levels]
    if not known:
        return Agreement(criterion, 0, None, None)
    same = sum(a == b for a, b in known) / len(known)
    first, second = [a for a, _ in known], [b for _, b in known]
    if len(known) < 2 or len({*first, *second}) < 2:
        return Agreement(criterion, len(known), None, round(same, 4))
    return Agreement(criterion, len(known), _kappa(first, second, len(levels)), round(same, 4))


def _kappa(first: Sequence[int], second: Sequence[int], levels: int) -> float | None:
    # It takes a while to load, and few desks ask for it.
    from sklearn.metrics import cohen_kappa_score

    value: Any = cohen_kappa_score(first, second, labels=list(range(levels)), weights="quadratic")
    return None if math.isnan(value) else round(float(value), 4)
