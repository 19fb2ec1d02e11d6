"""How sure one can be of a rate that was counted."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

# The 97.5% quantile of the standard normal distribution: intervals of 95%.
_Z = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """A rate between 0 and 1, and between which two it lies with 95% certainty."""

    rate: float
    low: float
    high: float


def wilson(hits: float, of: float) -> Interval:
    """The rate of `hits` among `of` with Wilson's score interval (Wilson 1927), which holds for small counts, too.

    Args:
        hits: How many there were.
        of: Among how many; no whole number where cases that are alike count for fewer.

    Raises:
        ValueError: More hits than there were chances, or fewer than none.
    """
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is no rate")
    if not of:
        return Interval(0.0, 0.0, 1.0)
    rate, square = hits / of, _Z * _Z
    middle = (rate + square / (2 * of)) / (1 + square / of)
    half = _Z / (1 + square / of) * sqrt(rate * (1 - rate) / of + square / (4 * of * of))
    return Interval(rate, max(0.0, middle - half), min(1.0, middle + half))
