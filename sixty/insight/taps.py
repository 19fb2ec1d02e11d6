"""How often capsules were shown and tapped at a place, from the newest showings there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.insight.models import CapsuleShowing
from sixty.insight.related import ALL
from sixty.tables import column

NEWEST = 4000
"""So many of the newest showings count: reading them costs the same however busy a shop is."""


@dataclass(frozen=True)
class Taps:
    """What became of a capsule at a place."""

    shown: int
    tapped: int


def taps_at(session: Session, after: str, category: str, since: datetime, least: int) -> Mapping[str, Taps]:
    """Counts showings and taps behind a question, by the question that the capsule asks.

    Args:
        session: A session on the database.
        after: The question that had been answered; empty for the welcome.
        category: Of the product that it was about.
        since: Older showings don't count.
        least: With fewer showings in the category, those of all categories count.
    """
    if category != ALL:
        own = _counted(session, after, category, since)
        if sum(each.shown for each in own.values()) >= least:
            return own
    return _counted(session, after, None, since)


def _counted(session: Session, after: str, category: str | None, since: datetime) -> dict[str, Taps]:
    newest = (
        select(CapsuleShowing.question, CapsuleShowing.tapped_at)
        .where(column(CapsuleShowing.after) == after, column(CapsuleShowing.shown_at) >= since)
        .order_by(column(CapsuleShowing.shown_at).desc())
        .limit(NEWEST)
    )
    if category is not None:
        newest = newest.where(column(CapsuleShowing.category) == category)
    rows = newest.subquery()
    query = select(rows.c.question, func.count(), func.count(rows.c.tapped_at)).group_by(rows.c.question)
    return {question: Taps(shown, tapped) for question, shown, tapped in session.execute(query)}
