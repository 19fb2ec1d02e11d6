"""How many answers were already there: whether the next question stood before the customer when they asked it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import astuple, dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from sixty.insight.minute_report.scope import Scope
from sixty.insight.models import ChatTurn, Visit
from sixty.shop.intervals import Interval, wilson
from sixty.tables import column

_SHOWN_QUESTIONS = 12


@dataclass(frozen=True)
class Foreseen:
    """Questions after a visit's first message, in conversations with pushes.

    Attributes:
        questions: How many there were.
        offered: How many of them stood among the capsules just shown.
        tapped: How many of the offered ones were tapped; the rest were typed all the same.
        again: How many had been answered before in the visit, about the same product.
        visits: Visits with such a question.
        visits_offered: Those in which at least one of them was offered.
    """

    questions: int = 0
    offered: int = 0
    tapped: int = 0
    again: int = 0
    visits: int = 0
    visits_offered: int = 0

    @property
    def share(self) -> Interval:
        """The share of visits in which a next question was there already."""
        return wilson(self.visits_offered, self.visits)

    def __add__(self, other: Foreseen) -> Foreseen:
        """Counts both."""
        return Foreseen(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class ForeseenQuestion:
    """One question: how often it came next, and how often it was there already."""

    question: str
    asked: int
    offered: int
    tapped: int


@dataclass(frozen=True)
class ForeseenFigures:
    """All of them, and the most frequent questions one by one."""

    total: Foreseen
    questions: tuple[ForeseenQuestion, ...]


def foreseen_of(session: Session, scope: Scope) -> dict[str | None, ForeseenFigures]:
    """Counts what was offered before it was asked; by category of the visit, and under None of all visits."""
    next_ones = [
        *scope.visits(),
        column(Visit.arm) == "pushes",
        column(ChatTurn.question).is_not(None),
        column(ChatTurn.ordinal) > 0,
    ]
    offered = case((column(ChatTurn.pushed), 1), else_=0)
    tapped = case((column(ChatTurn.pushed) & column(ChatTurn.tapped), 1), else_=0)
    again = case((column(ChatTurn.answered_already), 1), else_=0)
    visits = (
        select(
            column(Visit.category).label("category"),
            func.count().label("questions"),
            func.sum(offered).label("offered"),
            func.sum(tapped).label("tapped"),
            func.sum(again).label("again"),
        )
        .join(ChatTurn, column(ChatTurn.visit_id) == column(Visit.id))
        .where(*next_ones)
        .group_by(column(Visit.id), column(Visit.category))
        .subquery()
    )
    each = visits.c
    totals: dict[str | None, Foreseen] = defaultdict(Foreseen)
    for category, *sums in session.execute(
        select(
            each.category,
            func.sum(each.questions),
            func.sum(each.offered),
            func.sum(each.tapped),
            func.sum(each.again),
            func.count(),
            func.sum(case((each.offered > 0, 1), else_=0)),
        ).group_by(each.category)
    ):
        for name in {None, category or ""}:
            totals[name] += Foreseen(*(int(number) for number in sums))
    questions: dict[str | None, dict[str, ForeseenQuestion]] = defaultdict(dict)
    for category, question, *sums in session.execute(
        select(Visit.category, ChatTurn.question, func.count(), func.sum(offered), func.sum(tapped))
        .join(ChatTurn, column(ChatTurn.visit_id) == column(Visit.id))
        .where(*next_ones)
        .group_by(column(Visit.category), column(ChatTurn.question))
    ):
        for name in {None, category or ""}:
            before = questions[name].get(question, ForeseenQuestion(question, 0, 0, 0))
            asked, there, taps = (int(number) for number in sums)
            questions[name][question] = ForeseenQuestion(
                question, before.asked + asked, before.offered + there, before.tapped + taps
            )
    return {name: ForeseenFigures(total, _most_asked(questions[name])) for name, total in totals.items()}


def _most_asked(questions: dict[str, ForeseenQuestion]) -> tuple[ForeseenQuestion, ...]:
    ranked = sorted(questions.values(), key=lambda each: (-each.asked, each.question))
    return tuple(ranked[:_SHOWN_QUESTIONS])
