"""Percentiles and ratios."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

_PERCENTILES = (50, 95, 99)


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The smallest value that at least `percent` of all values do not exceed; None when there are none."""
    if not values:
        return None
    rank = max(1, math.ceil(percent / 100 * len(values)))
    return sorted(values)[rank - 1]


def summary(milliseconds: Sequence[float]) -> dict[str, float | None]:
    """The percentiles p50, p95 and p99 by name, in milliseconds."""
    figures: dict[str, float | None] = {}
    for percent in _PERCENTILES:
        value = percentile(milliseconds, percent)
        figures[f"p{percent}_ms"] = None if value is None else round(value, 2)
    return figures


def ratios(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Each number of ours divided by theirs of the same name, in the same nesting; what has no partner is left out."""
    found: dict[str, Any] = {}
    for name, value in ours.items():
        other = theirs.get(name)
        if isinstance(value, Mapping) and isinstance(other, Mapping):
            inner = ratios(value, other)
            if inner:
                found[name] = inner
        elif _is_number(value) and _is_number(other) and other:
            found[name] = round(value / other, 4)
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
