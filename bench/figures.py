"""Percentiles, what counts of a load, and ratios."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Answer:
    """When a turn began and ended, and what was wrong with it."""

    asked_at: float
    answered_at: float
    problem: str | None


def counted(answers: Sequence[Answer], since: float, seconds: float) -> dict[str, Any]:
    """Figures of a stretch of time.

    Args:
        answers: All answers, those of before and after as well.
        since: When it began.
        seconds: How long it was.

    Returns:
        Turns that began in it with the percentiles of their times and their failures by kind, turns per second that
        were answered in it, and the number of all answers.
    """
    until = since + seconds
    begun = [answer for answer in answers if since <= answer.asked_at <= until]
    good = [answer for answer in begun if answer.problem is None]
    answered = [answer for answer in answers if since <= answer.answered_at <= until and answer.problem is None]
    return {
        "turns": len(good),
        "turns_with_warm_up": len(answers),
        "failures": dict(Counter(answer.problem for answer in begun if answer.problem is not None)),
        "turns_per_second": round(len(answered) / seconds, 2),
        **summary([(answer.answered_at - answer.asked_at) * 1000 for answer in good]),
    }


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
