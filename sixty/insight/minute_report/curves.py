"""How willingness moves through the minute, by course."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.insight.minute_report.course import COURSE, COURSES, Course, course_of
from sixty.insight.minute_report.scope import Scope
from sixty.insight.models import Visit
from sixty.insight.rules import ClockRules

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SECONDS: tuple[float, ...] = (*range(0, 60, 2), *range(60, 601, 20))
"""Where curves are read: closely within the minute, and then every twenty seconds up to ten minutes."""

_AT_A_TIME = 2_000


@dataclass(frozen=True)
class Curve:
    """The mean willingness of the visits of one course, second by second.

    A visit that has ended keeps its last score, so that the same visits stand behind every point.

    Attributes:
        visits: How many there are.
        mean: At each of `SECONDS`.
        low: The lower end of the mean's 95% interval (Student's t); the mean itself where there is but one visit.
        high: The upper end.
    """

    course: Course
    visits: int
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class _Sums:
    """What is added up of the visits of one course and category."""

    def __init__(self) -> None:
        import numpy as np

        self.number = 0
        self.scores = np.zeros(len(SECONDS))
        self.squares = np.zeros(len(SECONDS))

    def add(self, scores: npt.NDArray[np.float64]) -> None:
        """Adds a visit."""
        self.number += 1
        self.scores += scores
        self.squares += scores * scores


def curves_of(session: Session, scope: Scope, clock: ClockRules) -> dict[str | None, list[Curve]]:
    """Reads the curves of all visits that have ended.

    Args:
        session: Any session.
        scope: Which visits.
        clock: Where the minute of a category is stretched, its seconds are, too: so its parts lie on each other.

    Returns:
        By category, and under None those of all visits together; only courses that occur, in their order.
    """
    query = select(Visit.category, COURSE, Visit.curve).where(*scope.ended()).execution_options(yield_per=_AT_A_TIME)
    sums: dict[str | None, dict[Course, _Sums]] = defaultdict(lambda: defaultdict(_Sums))
    for category, course, curve in session.execute(query):
        scores = scores_at(curve, clock.stretch_of(category))
        if scores is None:
            continue
        for each in {None, category or ""}:
            sums[each][course_of(course)].add(scores)
    return {
        category: [_curve(course, by_course[course]) for course in COURSES if course in by_course]
        for category, by_course in sums.items()
    }


def scores_at(curve: Sequence[Sequence[float]], stretch: float = 1.0) -> npt.NDArray[np.float64] | None:
    """The score at each of `SECONDS`: that of the last step so far, and before the first one what it started from.

    Args:
        curve: Pairs of seconds and score, in order.
        stretch: How many seconds count as one.
    """
    import numpy as np

    if not curve:
        return None
    steps = np.asarray(curve, dtype=float)
    places = np.searchsorted(steps[:, 0] / stretch, SECONDS, side="right") - 1
    found: npt.NDArray[np.float64] = steps[np.clip(places, 0, None), 1]
    return found


def _curve(course: Course, sums: _Sums) -> Curve:
    mean = sums.scores / sums.number
    if sums.number < 2:
        return Curve(course, sums.number, _clipped(mean), _clipped(mean), _clipped(mean))
    from scipy.special import stdtrit

    variance = (sums.squares - sums.number * mean * mean).clip(0) / (sums.number - 1)
    half = float(stdtrit(sums.number - 1, 0.975)) / sqrt(sums.number) * variance**0.5
    return Curve(course, sums.number, _clipped(mean), _clipped(mean - half), _clipped(mean + half))


def _clipped(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(min(max(float(value), 0.0), 1.0) for value in values)
