"""How often customers ask each question, as far as it was mined."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.insight.models import RelatedQuestion
from sixty.insight.related import ALL
from sixty.tables import column


def popularity(session: Session) -> Mapping[str, int]:
    """In how many visits each question was asked.

    Every question of a visit follows another one, or the visit's beginning: the sum over all that it follows is how
    often it was asked, but for what was too rare to be kept.

    Returns:
        By question, as the playbook spells it; nothing before anything was mined.
    """
    asked = func.sum(RelatedQuestion.count)
    query = (
        select(RelatedQuestion.following, asked)
        .where(column(RelatedQuestion.category) == ALL, column(RelatedQuestion.place) == 1)
        .group_by(RelatedQuestion.following)
    )
    return {question: int(times) for question, times in session.execute(query)}
