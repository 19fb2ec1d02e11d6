"""Where customers are lost: the last question before they left without an order, and the answer they got to it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from sixty.insight.minute_report.scope import Scope
from sixty.insight.models import ChatTurn, Outcome, Visit
from sixty.shop.intervals import Interval, wilson
from sixty.tables import column


@dataclass(frozen=True)
class LastQuestion:
    """A question after which customers left.

    Attributes:
        lost: Visits without an order whose last question it was.
        asked: Visits in which it was asked.
        outcomes: What came of it in the visits that were lost; None is what nobody had answered.
        above: Whether customers leave after it more often than after a question in general, beyond chance.
    """

    question: str
    lost: int
    asked: int
    outcomes: Mapping[Outcome | None, int]
    above: bool

    @property
    def rate(self) -> Interval:
        """The share of visits that it ended, among those in which it was asked."""
        return wilson(self.lost, self.asked)


@dataclass(frozen=True)
class Losses:
    """What was lost of a category.

    Attributes:
        lost: Visits with a question that ended without an order.
        visits: Visits with a question that have ended.
        questions: After which questions, those with the most losses in front.
        usual: How often a question is the last one before a customer leaves, all questions together.
    """

    lost: int
    visits: int
    questions: tuple[LastQuestion, ...]
    usual: float


def losses_of(session: Session, scope: Scope) -> dict[str | None, Losses]:
    """Finds the last questions of visits that have ended; by category of the visit, and under None of all visits."""
    asked = _asked(session, scope)
    last = _last(session, scope)
    visits = _visits(session, scope)
    found: dict[str | None, Losses] = {}
    for category, number in visits.items():
        lost = last.get(category, {})
        total = sum(sum(outcomes.values()) for outcomes in lost.values())
        chances = sum(asked[category].values())
        usual = total / chances if chances else 0.0
        questions = [_question(name, outcomes, asked[category][name], usual) for name, outcomes in lost.items()]
        questions.sort(key=lambda each: (-each.lost, each.question))
        found[category] = Losses(total, number, tuple(questions), usual)
    return found


def _question(name: str, outcomes: Counter[Outcome | None], asked: int, usual: float) -> LastQuestion:
    lost = sum(outcomes.values())
    return LastQuestion(name, lost, asked, dict(outcomes), wilson(lost, asked).low > usual)


def _visits(session: Session, scope: Scope) -> Counter[str | None]:
    query = (
        select(Visit.category, func.count())
        .where(*scope.ended(), column(Visit.questions) > 0)
        .group_by(column(Visit.category))
    )
    found: Counter[str | None] = Counter()
    for category, number in session.execute(query):
        for each in {None, category or ""}:
            found[each] += int(number)
    return found


def _asked(session: Session, scope: Scope) -> dict[str | None, Counter[str]]:
    query = (
        select(Visit.category, ChatTurn.question, func.count(column(ChatTurn.visit_id).distinct()))
        .join(ChatTurn, column(ChatTurn.visit_id) == column(Visit.id))
        .where(*scope.ended(), column(ChatTurn.question).is_not(None))
        .group_by(column(Visit.category), column(ChatTurn.question))
    )
    found: dict[str | None, Counter[str]] = defaultdict(Counter)
    for category, question, number in session.execute(query):
        for each in {None, category or ""}:
            found[each][question] += int(number)
    return found


def _last(session: Session, scope: Scope) -> dict[str | None, dict[str, Counter[Outcome | None]]]:
    last = (
        select(
            column(ChatTurn.visit_id).label("visit"),
            func.max(case((column(ChatTurn.question).is_not(None), column(ChatTurn.ordinal)))).label("ordinal"),
        )
        .join(Visit, column(Visit.id) == column(ChatTurn.visit_id))
        .where(*scope.ended(), column(Visit.order_no).is_(None))
        .group_by(column(ChatTurn.visit_id))
        .subquery()
    )
    query = (
        select(Visit.category, ChatTurn.question, ChatTurn.outcome, func.count())
        .join(last, last.c.visit == column(Visit.id))
        .join(
            ChatTurn,
            (column(ChatTurn.visit_id) == last.c.visit) & (column(ChatTurn.ordinal) == last.c.ordinal),
        )
        .group_by(column(Visit.category), column(ChatTurn.question), column(ChatTurn.outcome))
    )
    found: dict[str | None, dict[str, Counter[Outcome | None]]] = defaultdict(lambda: defaultdict(Counter))
    for category, question, outcome, number in session.execute(query):
        for each in {None, category or ""}:
            found[each][question][outcome] += int(number)
    return found
