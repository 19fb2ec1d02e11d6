"""What staff look at: what is planned and was said on a day, to whom and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from sixty.outreach.models import OutreachCase, OutreachRung
from sixty.outreach.scenes import Book

_C: Any = OutreachCase.__table__.c
_G: Any = OutreachRung.__table__.c


@dataclass(frozen=True)
class Step:
    """One step of a case, as a row to show; codes as in the tables."""

    rung_id: int
    case_id: int
    scene: str
    rung: int
    way: str
    state: str
    reason: str | None
    due_at: datetime
    decided_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    text: str
    who: str
    customer_id: str | None
    conversation_id: str | None
    order_no: str | None
    product_no: str | None
    arm: str
    audience: str
    variant: str
    why: str | None
    moment: datetime
    answered_at: datetime | None
    converted_at: datetime | None


def today(
    session: Session,
    book: Book,
    now: datetime,
    *,
    scene: str | None = None,
    states: Sequence[str] = (),
    limit: int = 200,
    before: tuple[datetime, int] | None = None,
) -> list[Step]:
    """The steps of the merchant's day: those due in it, and those decided in it, the latest due first.

    Args:
        session: Any session.
        book: The scenes, for the merchant's clock.
        now: A moment of the day.
        scene: Only of this scene.
        states: Only in these states.
        limit: How many at most.
        before: Behind this row of an earlier page: its `due_at` and `rung_id`.
    """
    local = now.astimezone(book.clock.zone)
    begin = local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(timezone.utc)
    end = begin + timedelta(days=1)
    of_today = or_(
        and_(_G.due_at >= begin, _G.due_at < end),
        and_(_G.decided_at >= begin, _G.decided_at < end),
    )
    query = (
        select(
            *(_G.id.label("rung_id"), _C.id.label("case_id"), _G.scene, _G.rung, _G.way, _G.state, _G.reason),
            *(_G.due_at, _G.decided_at, _G.sent_at, _G.delivered_at, _G.text, _G.who, _C.customer_id),
            *(_C.conversation_id, _C.order_no, _C.product_no, _C.arm, _C.audience, _C.variant, _C.why, _C.moment),
            *(_C.answered_at, _C.converted_at),
        )
        .select_from(OutreachRung.__table__.join(OutreachCase.__table__, _C.id == _G.case_id))
        .where(of_today)
        .order_by(_G.due_at.desc(), _G.id.desc())
        .limit(limit)
    )
    if scene is not None:
        query = query.where(_G.scene == scene)
    if states:
        query = query.where(_G.state.in_(list(states)))
    if before is not None:
        query = query.where(or_(_G.due_at < before[0], and_(_G.due_at == before[0], _G.id < before[1])))
    return [Step(**row._mapping) for row in session.execute(query)]
