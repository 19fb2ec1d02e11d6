"""What inspection has found: lists with filters, and each agent's results over time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, cast, exists, func, select
from sqlalchemy.orm import Session

from sixty.desk.inspection.plans import span_of, week_of
from sixty.desk.inspection.rows import Appeal, Finding, Inspection, Task
from sixty.desk.inspection.rules import Audience, Risk
from sixty.tables import column

MOST = 100
MOST_WEEKS = 26


@dataclass(frozen=True)
class Wanted:
    """Which inspections are wanted; what is left out may be anything.

    Attributes:
        rule: With a standing finding of that rule.
        flagged: Only with findings that stand.
        appealed: Only with an open appeal.
    """

    agent_id: str | None = None
    group_id: str | None = None
    who: Audience | None = None
    risk: Risk | None = None
    rule: str | None = None
    channel: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    score_below: int | None = None
    flagged: bool = False
    appealed: bool = False


def inspections(
    session: Session, wanted: Wanted, before: int | None = None, limit: int = 50
) -> tuple[list[Inspection], bool]:
    """Inspected chats, the newest first.

    Args:
        session: Any session.
        wanted: Which.
        before: Only in front of this id, for the next page.
        limit: How many at most.

    Returns:
        The inspections, and whether there are more.
    """
    query = select(Inspection).where(*_conditions(wanted))
    if before is not None:
        query = query.where(column(Inspection.id) < before)
    limit = max(1, min(limit, MOST))
    found = list(session.scalars(query.order_by(column(Inspection.id).desc()).limit(limit + 1)))
    return found[:limit], len(found) > limit


def findings_of(session: Session, inspection_ids: Collection[int]) -> dict[int, list[Finding]]:
    """What was found in chats, in the order of its messages."""
    query = (
        select(Finding)
        .where(column(Finding.inspection_id).in_(list(inspection_ids)))
        .order_by(Finding.message_id, Finding.start, Finding.id)
    )
    found: dict[int, list[Finding]] = defaultdict(list)
    for each in session.scalars(query):
        found[each.inspection_id].append(each)
    return found


def scored_tasks_of(session: Session, inspection_ids: Collection[int]) -> dict[int, list[Task]]:
    """What people have given for chats."""
    query = (
        select(Task)
        .where(column(Task.inspection_id).in_(list(inspection_ids)), column(Task.state).in_(("scored", "withdrawn")))
        .order_by(Task.inspection_id, Task.ordinal)
    )
    found: dict[int, list[Task]] = defaultdict(list)
    for each in session.scalars(query):
        found[each.inspection_id].append(each)
    return found


def appeals_of(session: Session, inspection_ids: Collection[int]) -> dict[int, list[Appeal]]:
    """The appeals about chats."""
    query = select(Appeal).where(column(Appeal.inspection_id).in_(list(inspection_ids))).order_by(Appeal.id)
    found: dict[int, list[Appeal]] = defaultdict(list)
    for each in session.scalars(query):
        found[each.inspection_id].append(each)
    return found


@dataclass(frozen=True)
class AgentResult:
    """An agent's results in a span of time.

    Attributes:
        chats: How many were inspected.
        score: The mean of what the rules left; None without chats.
        flagged: How many have findings that stand.
        high: How many are of high risk.
        scored: How many scores people gave.
        by_people: The mean of these.
        findings: By rule.
        appeals: How many; `withdrawn` of them were right.
    """

    agent_id: str
    chats: int
    score: float | None
    flagged: int
    high: int
    scored: int
    by_people: float | None
    findings: dict[str, int]
    appeals: int
    withdrawn: int


def agent_results(
    session: Session, since: datetime, until: datetime, agent_id: str | None = None, group_id: str | None = None
) -> list[AgentResult]:
    """Each agent's results, the lowest score first.

    Args:
        session: Any session.
        since: Chats that ended then or later.
        until: And before that.
        agent_id: Only this agent's.
        group_id: Only chats of this group.
    """
    wanted = Wanted(agent_id=agent_id, group_id=group_id, who="person", since=since, until=until)
    here = [*_conditions(wanted), column(Inspection.agent_id).is_not(None)]
    totals = session.execute(
        select(
            Inspection.agent_id,
            func.count().label("chats"),
            func.avg(column(Inspection.score)).label("score"),
            func.sum(cast(column(Inspection.risk) != "none", Integer)).label("flagged"),
            func.sum(cast(column(Inspection.risk) == "high", Integer)).label("high"),
        )
        .where(*here)
        .group_by(Inspection.agent_id)
    ).all()
    rules: dict[str, dict[str, int]] = defaultdict(dict)
    counted = (
        select(Inspection.agent_id, Finding.rule, func.count())
        .join(Finding, column(Finding.inspection_id) == column(Inspection.id))
        .where(*here, column(Finding.state) == "standing")
        .group_by(Inspection.agent_id, Finding.rule)
    )
    for agent, rule, count in session.execute(counted):
        rules[agent][rule] = count
    people = {
        agent: (count, mean)
        for agent, count, mean in session.execute(
            select(Inspection.agent_id, func.count(), func.avg(column(Task.score)))
            .join(Task, column(Task.inspection_id) == column(Inspection.id))
            .where(*here, column(Task.state) == "scored")
            .group_by(Inspection.agent_id)
        )
    }
    appealed = {
        agent: (count, withdrawn)
        for agent, count, withdrawn in session.execute(
            select(Inspection.agent_id, func.count(), func.sum(cast(column(Appeal.state) == "withdrawn", Integer)))
            .join(Appeal, column(Appeal.inspection_id) == column(Inspection.id))
            .where(*here)
            .group_by(Inspection.agent_id)
        )
    }
    found = [
        AgentResult(
            agent_id=row.agent_id,
            chats=row.chats,
            score=_rounded(row.score),
            flagged=int(row.flagged or 0),
            high=int(row.high or 0),
            scored=people.get(row.agent_id, (0, None))[0],
            by_people=_rounded(people.get(row.agent_id, (0, None))[1]),
            findings=dict(sorted(rules[row.agent_id].items(), key=lambda each: (-each[1], each[0]))),
            appeals=appealed.get(row.agent_id, (0, 0))[0],
            withdrawn=int(appealed.get(row.agent_id, (0, 0))[1] or 0),
        )
        for row in totals
    ]
    return sorted(found, key=lambda each: (each.score if each.score is not None else 101, each.agent_id))


def by_week(
    session: Session,
    now: datetime,
    zone: ZoneInfo,
    weeks: int,
    agent_id: str | None = None,
    group_id: str | None = None,
) -> list[tuple[str, list[AgentResult]]]:
    """Each agent's results week by week, the oldest first, the present week last."""
    found = []
    for back in range(min(weeks, MOST_WEEKS) - 1, -1, -1):
        week = week_of(now - timedelta(weeks=back), zone)
        begin, end = span_of(week, zone)
        found.append((week, agent_results(session, begin, end, agent_id, group_id)))
    return found


def _conditions(wanted: Wanted) -> Sequence[Any]:
    # A stretch in which whoever had it wrote nothing counts where something was found in it.
    said: list[Any] = [(column(Inspection.own_lines) > 0) | (column(Inspection.risk) != "none")]
    for attribute, value in (
        (Inspection.agent_id, wanted.agent_id),
        (Inspection.group_id, wanted.group_id),
        (Inspection.who, wanted.who),
        (Inspection.risk, wanted.risk),
        (Inspection.channel, wanted.channel),
    ):
        if value is not None:
            said.append(column(attribute) == value)
    if wanted.since is not None:
        said.append(column(Inspection.ended_at) >= wanted.since)
    if wanted.until is not None:
        said.append(column(Inspection.ended_at) < wanted.until)
    if wanted.score_below is not None:
        said.append(column(Inspection.score) < wanted.score_below)
    if wanted.flagged:
        said.append(column(Inspection.risk) != "none")
    if wanted.rule is not None:
        said.append(
            exists().where(
                column(Finding.inspection_id) == column(Inspection.id),
                column(Finding.rule) == wanted.rule,
                column(Finding.state) == "standing",
            )
        )
    if wanted.appealed:
        said.append(
            exists().where(column(Appeal.inspection_id) == column(Inspection.id), column(Appeal.state) == "open")
        )
    return said


def _rounded(value: Any) -> float | None:
    return None if value is None else round(float(value), 1)
