"""How a visit that is over has ended: the line that it took to an order, lost, or neither yet."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import case

from sixty.insight.models import Visit
from sixty.tables import column

Course = Literal["A", "B", "B+", "C", "C+", "undecided", "Z"]

COURSES: tuple[Course, ...] = ("A", "B", "B+", "C", "C+", "undecided", "Z")
"""In the order in which they are shown: the orders, the soonest in front, then those who left without one."""

COURSE: Any = case((column(Visit.order_no).is_(None) & (column(Visit.line) != "Z"), "undecided"), else_=Visit.line)
"""The course of a visit, in a query. A line that no order has completed is only where the visit was heading."""


def course_of(name: str) -> Course:
    """What `COURSE` found.

    Raises:
        ValueError: There is no such course.
    """
    if name not in COURSES:
        raise ValueError(f"there is no course {name!r}")
    return name
