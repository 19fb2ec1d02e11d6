"""To which message an answer or a refusal belongs: to what was said to somebody last before it, and to nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sixty.outreach.models import OutreachCase, OutreachRung, Way

WITHIN = timedelta(days=30)
"""How long after a message what somebody says may belong to it."""

_C: Any = OutreachCase.__table__.c
_G: Any = OutreachRung.__table__.c


def credit_refusal(session: Session, theirs: Any, at: datetime, way: Way | None = None) -> None:
    """Writes down after which message somebody refused further ones: one refusal counts once.

    Args:
        session: A session that may write.
        theirs: The condition that a case is theirs.
        at: When they refused.
        way: Of a refusal that came by a way of its own: only what was said by that one.
    """
    query = (
        select(_G.case_id)
        .select_from(OutreachRung.__table__.join(OutreachCase.__table__, _C.id == _G.case_id))
        .where(theirs, _G.state == "sent", _G.sent_at <= at, _G.sent_at > at - WITHIN)
        .order_by(_G.sent_at.desc(), _G.id.desc())
        .limit(1)
    )
    if way is not None:
        query = query.where(_G.way == way)
    last = session.scalar(query)
    if last is not None:
        session.execute(
            update(OutreachCase.__table__)
            .where(_C.id == last, _C.unsubscribed_at.is_(None))
            .values(unsubscribed_at=at)
            .execution_options(synchronize_session=False)
        )
