"""What staff see of reminders: what is planned for today, what went out to whom and why, and why it did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.outreach.models import OutreachCase, OutreachContact, OutreachRung, RungState
from sixty.outreach.stopping import whose
from sixty.shop.models import Customer, Order
from sixty.tables import column

WAITING: tuple[RungState, ...] = ("planned", "queued")
DECIDED: tuple[RungState, ...] = ("sent", "skipped", "held", "failed", "queued")


@dataclass(frozen=True)
class Step:
    """One rung together with the case that it belongs to."""

    rung: OutreachRung
    case: OutreachCase


@dataclass(frozen=True)
class SceneDay:
    """How a scene's rungs stand on one day, by state."""

    scene: str
    planned: int = 0
    sent: int = 0
    skipped: int = 0
    held: int = 0
    failed: int = 0


def planned(
    session: Session,
    until: datetime,
    scene: str | None = None,
    after: tuple[datetime, int] | None = None,
    limit: int = 100,
) -> list[Step]:
    """What is to be said until a moment, what is due first in front.

    Args:
        session: Any session.
        until: Due before this moment.
        scene: Only of this scene.
        after: Behind this one, by when it is due and its id, for the next page.
        limit: How many at most.
    """
    query = _steps().where(column(OutreachRung.state).in_(WAITING), column(OutreachRung.due_at) < until)
    if scene is not None:
        query = query.where(column(OutreachRung.scene) == scene)
    if after is not None:
        due, number = after
        later = column(OutreachRung.due_at) > due
        same = and_(column(OutreachRung.due_at) == due, column(OutreachRung.id) > number)
        query = query.where(or_(later, same))
    query = query.order_by(column(OutreachRung.due_at), column(OutreachRung.id)).limit(limit)
    return [Step(*row) for row in session.execute(query)]


def decided(
    session: Session,
    *,
    scene: str | None = None,
    states: Sequence[RungState] = DECIDED,
    who: str | None = None,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[Step]:
    """What was said and what was not, the newest first.

    Args:
        session: Any session.
        scene: Only of this scene.
        states: Only in these states.
        who: Only of this customer, conversation or order.
        before: In front of this one, by when it was decided and its id, for the next page.
        limit: How many at most.
    """
    query = _steps().where(column(OutreachRung.state).in_(states), column(OutreachRung.decided_at).is_not(None))
    if scene is not None:
        query = query.where(column(OutreachRung.scene) == scene)
    if who is not None:
        query = query.where(or_(whose(who, None), column(OutreachCase.order_no) == who))
    if before is not None:
        at, number = before
        earlier = column(OutreachRung.decided_at) < at
        same = and_(column(OutreachRung.decided_at) == at, column(OutreachRung.id) < number)
        query = query.where(or_(earlier, same))
    query = query.order_by(column(OutreachRung.decided_at).desc(), column(OutreachRung.id).desc()).limit(limit)
    return [Step(*row) for row in session.execute(query)]


def person(session: Session, words: str) -> str | None:
    """Whom staff look up: the customer of an order, a customer, or the visitor of a conversation; None for nobody."""
    order: Order | None = session.get(Order, words)
    if order is not None:
        return order.customer_id
    known = session.get(Customer, words) is not None or session.get(Conversation, words) is not None
    return words if known else None


def course(session: Session, case_id: int) -> tuple[OutreachCase, list[OutreachRung]] | None:
    """A case with all its rungs in their order; None where there is none."""
    case: OutreachCase | None = session.get(OutreachCase, case_id)
    if case is None:
        return None
    query = select(OutreachRung).where(column(OutreachRung.case_id) == case_id)
    return case, list(session.scalars(query.order_by(column(OutreachRung.rung))))


def by_scene(session: Session, since: datetime, until: datetime) -> dict[str, SceneDay]:
    """How the rungs of a day stand: planned ones by when they are due, the others by when that was decided."""
    found: dict[str, dict[str, int]] = {}
    due = (
        select(column(OutreachRung.scene), func.count())
        .where(column(OutreachRung.state) == "planned", column(OutreachRung.due_at) < until)
        .group_by(column(OutreachRung.scene))
    )
    for scene, many in session.execute(due):
        found.setdefault(scene, {})["planned"] = int(many)
    done = (
        select(column(OutreachRung.scene), column(OutreachRung.state), func.count())
        .where(column(OutreachRung.decided_at) >= since, column(OutreachRung.decided_at) < until)
        .group_by(column(OutreachRung.scene), column(OutreachRung.state))
    )
    for scene, state, many in session.execute(done):
        # What lies in the outbox is as good as planned still.
        name = "planned" if state == "queued" else state
        counts = found.setdefault(scene, {})
        counts[name] = counts.get(name, 0) + int(many)
    return {scene: SceneDay(scene, **counts) for scene, counts in found.items()}


def reasons(session: Session, since: datetime, until: datetime, scene: str | None = None) -> dict[str, int]:
    """Why rungs were skipped in a stretch of time, and how often."""
    query = (
        select(column(OutreachRung.reason), func.count())
        .where(
            column(OutreachRung.state) == "skipped",
            column(OutreachRung.decided_at) >= since,
            column(OutreachRung.decided_at) < until,
        )
        .group_by(column(OutreachRung.reason))
    )
    if scene is not None:
        query = query.where(column(OutreachRung.scene) == scene)
    return {str(reason or "unknown"): int(many) for reason, many in session.execute(query)}


@dataclass(frozen=True)
class Sending:
    """An SMS or a call, with what it is about."""

    contact: OutreachContact
    rung: OutreachRung
    case: OutreachCase


def outbox(
    session: Session, way: str | None = None, state: str | None = None, before: int | None = None, limit: int = 50
) -> list[Sending]:
    """SMS and calls, the newest first.

    Args:
        session: Any session.
        way: Only `sms` or `phone`.
        state: Only in this state.
        before: Only in front of this id, for the next page.
        limit: How many at most.
    """
    query = _sendings()
    if way is not None:
        query = query.where(column(OutreachContact.way) == way)
    if state is not None:
        query = query.where(column(OutreachContact.state) == state)
    if before is not None:
        query = query.where(column(OutreachContact.id) < before)
    return [Sending(*row) for row in session.execute(query.order_by(column(OutreachContact.id).desc()).limit(limit))]


def calls_of(session: Session, agent: str, now: datetime, limit: int = 50) -> list[Sending]:
    """Calls to make: those that an agent has taken in front, then those that wait, the highest amount first."""
    mine = and_(column(OutreachContact.state) == "taken", column(OutreachContact.taken_by) == agent)
    free = and_(column(OutreachContact.state) == "waiting", column(OutreachContact.due_at) <= now)
    query = (
        _sendings()
        .where(column(OutreachContact.way) == "phone", or_(mine, free))
        .order_by(
            column(OutreachContact.state) != "taken",
            func.coalesce(column(OutreachCase.amount), 0).desc(),
            column(OutreachContact.due_at),
        )
        .limit(limit)
    )
    return [Sending(*row) for row in session.execute(query)]


def sending(session: Session, contact_id: int) -> Sending | None:
    """One SMS or call; None where there is none."""
    row = session.execute(_sendings().where(column(OutreachContact.id) == contact_id)).first()
    return Sending(*row) if row is not None else None


def _steps() -> Any:
    return select(OutreachRung, OutreachCase).join(
        OutreachCase, column(OutreachCase.id) == column(OutreachRung.case_id)
    )


def _sendings() -> Any:
    return (
        select(OutreachContact, OutreachRung, OutreachCase)
        .join(OutreachRung, column(OutreachRung.id) == column(OutreachContact.rung_id))
        .join(OutreachCase, column(OutreachCase.id) == column(OutreachRung.case_id))
    )
