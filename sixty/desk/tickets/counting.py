"""How tickets and promises stand, in numbers: for the board, and for whoever counts by themselves what it shows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from sixty.desk.tickets.rows import Promise, Ticket
from sixty.tables import column


@dataclass(frozen=True)
class TicketStanding:
    """Numbers of one moment.

    Attributes:
        open: Tickets that are not done.
        overdue: Of these, those whose due time has passed.
        unassigned: Of these, those that nobody has taken.
        by_state: All tickets by state, those that are done only of the last days; see `since`.
        by_group: Open ones by group, with how many are overdue.
        raised: Raised since.
        solved: Done since.
        promises: Promises that are watched.
        promises_overdue: Of these, those whose due time has passed.
        promises_kept: Kept since, in time.
        promises_late: Kept since, too late.
    """

    open: int = 0
    overdue: int = 0
    unassigned: int = 0
    by_state: dict[str, int] = field(default_factory=dict)
    by_group: dict[str, tuple[int, int]] = field(default_factory=dict)
    raised: int = 0
    solved: int = 0
    promises: int = 0
    promises_overdue: int = 0
    promises_kept: int = 0
    promises_late: int = 0


def standing_of(
    session: Session, now: datetime, since: datetime, groups: Collection[str] | None = None
) -> TicketStanding:
    """Counts.

    Args:
        session: Any session.
        now: The present moment.
        since: From when on what was raised, solved and kept counts.
        groups: Only of these groups; None for all.
    """
    ticket, promise = Ticket.__table__.c, Promise.__table__.c
    mine = [ticket.group_id.in_(list(groups))] if groups is not None else []
    theirs = [promise.group_id.in_(list(groups))] if groups is not None else []
    late = case((ticket.due_at < now, 1), else_=0)
    free = case((ticket.agent_id.is_(None), 1), else_=0)
    open_ones = session.execute(
        select(ticket.group_id, func.count(), func.sum(late), func.sum(free))
        .where(ticket.closed_at.is_(None), *mine)
        .group_by(ticket.group_id)
    ).all()
    states = session.execute(
        select(ticket.state, func.count())
        .where(ticket.closed_at.is_(None) | (ticket.closed_at >= since), *mine)
        .group_by(ticket.state)
    ).all()
    kept = promise.settled_at >= since
    return TicketStanding(
        open=sum(row[1] for row in open_ones),
        overdue=sum(int(row[2] or 0) for row in open_ones),
        unassigned=sum(int(row[3] or 0) for row in open_ones),
        by_state={str(state): int(count) for state, count in states},
        by_group={str(row[0]): (int(row[1]), int(row[2] or 0)) for row in open_ones},
        raised=_count(session, ticket.id, ticket.created_at >= since, *mine),
        solved=_count(session, ticket.id, ticket.closed_at >= since, *mine),
        promises=_count(session, promise.id, promise.state == "open", *theirs),
        promises_overdue=_count(session, promise.id, promise.state == "open", promise.due_at < now, *theirs),
        promises_kept=_count(
            session, promise.id, promise.state == "kept", kept, promise.settled_at <= promise.due_at, *theirs
        ),
        promises_late=_count(
            session, promise.id, promise.state == "kept", kept, promise.settled_at > promise.due_at, *theirs
        ),
    )


def _count(session: Session, what: Any, *conditions: Any) -> int:
    return int(session.scalar(select(func.count(column(what))).where(*conditions)) or 0)
