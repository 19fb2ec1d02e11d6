"""How long customers wait for the first line of an answer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from sixty.insight.minute_report.scope import Scope
from sixty.insight.models import ChatTurn, Visit
from sixty.tables import column

BOUNDS_MS: tuple[int, ...] = (500, 1_000, 2_000, 5_000, 10_000, 20_000)
"""The bounds of the groups in which answers are counted; the last group has no upper one."""


@dataclass(frozen=True)
class Speed:
    """Waiting times.

    Attributes:
        answers: How many answers were timed.
        median_ms, p90_ms: So long at most half of them took, and nine of ten.
        groups: How many there are up to each of `BOUNDS_MS` and above the last.
    """

    answers: int
    median_ms: int
    p90_ms: int
    groups: tuple[int, ...]


@dataclass(frozen=True)
class SpeedFigures:
    """The bot's and people's; None where there are no answers."""

    bot: Speed | None
    people: Speed | None


def speed_of(session: Session, scope: Scope) -> dict[str | None, SpeedFigures]:
    """Reads waiting times; by category of the visit, and under None of all visits."""
    by_person = case((column(ChatTurn.outcome) == "to_person", 1), else_=0)
    query = (
        select(Visit.category, by_person, ChatTurn.response_ms, func.count())
        .join(ChatTurn, column(ChatTurn.visit_id) == column(Visit.id))
        .where(*scope.visits(), column(ChatTurn.response_ms).is_not(None))
        .group_by(column(Visit.category), by_person, column(ChatTurn.response_ms))
    )
    times: dict[str | None, tuple[Counter[int], Counter[int]]] = defaultdict(lambda: (Counter(), Counter()))
    for category, person, milliseconds, number in session.execute(query):
        for each in {None, category or ""}:
            times[each][int(person)][int(milliseconds)] += int(number)
    return {each: SpeedFigures(speed(bot), speed(people)) for each, (bot, people) in times.items()}


def speed(times: Mapping[int, int]) -> Speed | None:
    """Sums up waiting times.

    Args:
        times: How often there was which, in milliseconds.
    """
    total = sum(times.values())
    if not total:
        return None
    groups = [0] * (len(BOUNDS_MS) + 1)
    for milliseconds, number in times.items():
        groups[sum(milliseconds > bound for bound in BOUNDS_MS)] += number
    return Speed(total, _at(times, total, 0.5), _at(times, total, 0.9), tuple(groups))


def _at(times: Mapping[int, int], total: int, share: float) -> int:
    seen = 0
    for milliseconds in sorted(times):
        seen += times[milliseconds]
        if seen >= share * total:
            return milliseconds
    raise AssertionError("shares are below one")
