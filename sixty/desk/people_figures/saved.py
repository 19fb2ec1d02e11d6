"""What the bot saved: the chats that it dealt with alone, at what a person would have cost, every assumption shown."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from sixty.desk.board.supervision_rules import SavedRules
from sixty.desk.people_figures.report import Span, TalkResult
from sixty.insight.models import ChatTurn, Visit
from sixty.tables import column

_HELPED = ("answered", "asked_back")
_FEN = Decimal("0.01")


@dataclass(frozen=True)
class Saved:
    """What the bot saved, with all that it was worked out from.

    Attributes:
        visits: Conversations in which customers wrote, a long pause beginning a new one.
        alone: Those in which nobody was called and the last message was answered.
        needs_person: The share of them that would have been asked of a person.
        minutes: A person's, for each.
        observed: Whether the minutes were observed; otherwise they are the playbook's.
        hour_costs: Yuan for an hour of a person.
        hours: Saved.
        amount: Yuan saved.
    """

    visits: int
    alone: int
    needs_person: Decimal
    minutes: Decimal | None
    observed: bool
    hour_costs: Decimal
    hours: Decimal | None
    amount: Decimal | None


def saved_by_bot(session: Session, span: Span, results: list[TalkResult], rules: SavedRules) -> Saved:
    """Works it out.

    Args:
        session: Any session.
        span: The days.
        results: The talks of those days, from which the handling time is taken.
        rules: The merchant's assumptions.
    """
    here = and_(column(Visit.started_at) >= span.start, column(Visit.started_at) < span.end, column(Visit.turns) > 0)
    visits = int(session.scalar(select(func.count()).select_from(Visit).where(here)) or 0)
    last = (
        select(ChatTurn.visit_id, func.max(ChatTurn.ordinal).label("ordinal"))
        .join(Visit, column(Visit.id) == column(ChatTurn.visit_id))
        .where(here, column(Visit.handed_over).is_(False))
        .group_by(ChatTurn.visit_id)
        .subquery()
    )
    alone = int(
        session.scalar(
            select(func.count())
            .select_from(ChatTurn)
            .join(
                last,
                and_(last.c.visit_id == column(ChatTurn.visit_id), last.c.ordinal == column(ChatTurn.ordinal)),
            )
            .where(column(ChatTurn.outcome).in_(_HELPED))
        )
        or 0
    )
    minutes = rules.minutes
    observed = False
    if minutes is None and results:
        mean = sum(each.handling for each in results) / len(results) / 60
        minutes, observed = Decimal(str(round(mean, 2))), True
    return _worked_out(visits, alone, minutes, observed, rules)


def _worked_out(visits: int, alone: int, minutes: Decimal | None, observed: bool, rules: SavedRules) -> Saved:
    hours = amount = None
    if minutes is not None:
        whole = Decimal(alone) * rules.needs_person * minutes / 60
        hours = whole.quantize(_FEN, ROUND_HALF_UP)
        amount = (whole * rules.hour_costs).quantize(_FEN, ROUND_HALF_UP)
    return Saved(visits, alone, rules.needs_person, minutes, observed, rules.hour_costs, hours, amount)
