"""Which courses visits take, by category."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.insight.minute_report.course import COURSE, COURSES, Course, course_of
from sixty.insight.minute_report.scope import Scope
from sixty.insight.models import Visit
from sixty.shop.intervals import Interval, wilson
from sixty.tables import column


@dataclass(frozen=True)
class Courses:
    """The visits of a category that are over.

    Attributes:
        visits: How many there are.
        ordered: How many of them ended in an order.
        taken: How many took which course.
    """

    visits: int
    ordered: int
    taken: Mapping[Course, int]

    @property
    def conversion(self) -> Interval:
        """The share of them that ended in an order."""
        return wilson(self.ordered, self.visits)

    def share(self, course: Course) -> Interval:
        """The share of them that took a course."""
        return wilson(self.taken.get(course, 0), self.visits)


def courses_of(session: Session, scope: Scope) -> dict[str | None, Courses]:
    """Counts the visits that are over; by category, and under None all of them."""
    query = (
        select(Visit.category, COURSE.label("course"), func.count(), func.count(Visit.order_no))
        .where(*scope.ended())
        .group_by(column(Visit.category), "course")
    )
    taken: dict[str | None, Counter[Course]] = defaultdict(Counter)
    ordered: Counter[str | None] = Counter()
    for category, course, number, orders in session.execute(query):
        for each in {None, category or ""}:
            taken[each][course_of(course)] += int(number)
            ordered[each] += int(orders)
    return {
        each: Courses(sum(counts.values()), ordered[each], {name: counts[name] for name in COURSES if counts[name]})
        for each, counts in taken.items()
    }
