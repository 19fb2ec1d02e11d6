"""Puts the figures of a report together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.insight.experiment import Experiment, experiment
from sixty.insight.minute_report.courses import Courses, courses_of
from sixty.insight.minute_report.curves import Curve, curves_of
from sixty.insight.minute_report.foreseen import ForeseenFigures, foreseen_of
from sixty.insight.minute_report.losses import Losses, losses_of
from sixty.insight.minute_report.offered import OfferedFigures, offered_of
from sixty.insight.minute_report.scope import Scope
from sixty.insight.minute_report.speed import SpeedFigures, speed_of
from sixty.insight.models import Visit
from sixty.insight.rules import ClockRules
from sixty.tables import column


@dataclass(frozen=True)
class Figures:
    """What is known of one product category, or of all visits together.

    Attributes:
        category: Its name; empty for visits in which no product was named, None for all visits together.
        courses: How visits ended; None where none is over.
        curves: Willingness through the minute.
        losses: Where customers left.
        experiment: What the pushes did.
        offered: What the bot offered by itself.
        foreseen: Which answers were already there; None where nobody asked on.
        speed: Waiting times.
    """

    category: str | None
    courses: Courses | None
    curves: tuple[Curve, ...]
    losses: Losses | None
    experiment: Experiment
    offered: OfferedFigures
    foreseen: ForeseenFigures | None
    speed: SpeedFigures | None


@dataclass(frozen=True)
class MinuteReport:
    """A whole report.

    Attributes:
        scope: Which visits it is about.
        first, last: When the first and the last of them began; None without any.
        visits: How many the customer wrote in, …
        running: … how many of these may still go on, and count nowhere but in the experiment and the waiting times, …
        other: … and how many were not about buying, such as those about a parcel; they count there, too.
        whole: All of them together.
        categories: One by one, those with the most visits in front.
    """

    scope: Scope
    first: datetime | None
    last: datetime | None
    visits: int
    running: int
    other: int
    whole: Figures
    categories: tuple[Figures, ...]


def gather(session: Session, scope: Scope, clock: ClockRules, expected: float | None = None) -> MinuteReport:
    """Reads a report.

    Args:
        session: Any session.
        scope: Which visits it is about.
        clock: How long the minute of each category is.
        expected: The share of conversations that should be without pushes, to test the draw.
    """
    courses = courses_of(session, scope)
    curves = curves_of(session, scope, clock)
    losses = losses_of(session, scope)
    offered = offered_of(session, scope)
    foreseen = foreseen_of(session, scope)
    speeds = speed_of(session, scope)

    def figures(category: str | None) -> Figures:
        named = scope.category if category is None else category
        return Figures(
            category,
            courses.get(category),
            tuple(curves.get(category, ())),
            losses.get(category),
            experiment(session, scope.since, scope.until, named, expected),
            offered.get(category, {}),
            foreseen.get(category),
            speeds.get(category),
        )

    names = [] if scope.category is not None else [name for name in courses if name is not None]
    names.sort(key=lambda name: (not name, -courses[name].visits, name))
    first, last, visits = session.execute(
        select(func.min(Visit.started_at), func.max(Visit.started_at), func.count()).where(*scope.visits())
    ).one()
    running = _count(session, [*scope.visits(), column(Visit.ended_at) >= scope.now - scope.pause])
    other = _count(
        session,
        [*scope.visits(), column(Visit.ended_at) < scope.now - scope.pause, column(Visit.line).is_(None)],
    )
    whole, *categories = map(figures, (None, *names))
    return MinuteReport(scope, first, last, visits, running, other, whole, tuple(categories))


def _count(session: Session, wanted: list[Any]) -> int:
    return int(session.execute(select(func.count()).select_from(Visit).where(*wanted)).scalar_one())
