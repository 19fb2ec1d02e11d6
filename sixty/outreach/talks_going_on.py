"""A customer who goes on with a talk: what was planned of it as it stood is planned anew from its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from sixty.insight.models import Visit
from sixty.outreach.looking import locked_rung
from sixty.outreach.models import OutreachCase, OutreachRung
from sixty.outreach.scenes import Book
from sixty.outreach.triggers import TRIGGERS
from sixty.outreach.wishes import take_back

_LATELY = timedelta(hours=6)
"""What went on before that is seen when its step is due."""

_C: Any = OutreachCase.__table__.c
_G: Any = OutreachRung.__table__.c
_V: Any = Visit.__table__.c


def take_back_visits(session: Session, book: Book, now: datetime) -> int:
    """Takes back the cases of visits that have gone on since and of which nothing has been decided.

    Their moment, their product and with it their hours, audience and words were those of a talk that was not over.

    Args:
        session: A session that may write.
        book: The scenes; those that are about visits.
        now: The present moment.

    Returns:
        How many there were.
    """
    # Found by the case's key, so that many cases cost nothing.
    scenes = [
        scene.id for scene in book.scenes.values() if any(TRIGGERS[each].subject == "visit" for each in scene.triggers)
    ]
    went_on = (
        select(_G.id)
        .select_from(Visit.__table__)
        .join(
            OutreachCase.__table__,
            _C.scene.in_(scenes) & (_C.subject_kind == "visit") & (_C.subject_id == cast(_V.first_message_id, String)),
        )
        .join(OutreachRung.__table__, _G.case_id == _C.id)
        .where(_V.ended_at > now - _LATELY, _V.ended_at <= now, _V.ended_at > _C.moment)
        .where(_C.state == "open", _G.rung == 1, _G.state == "planned")
        .order_by(_G.id)
    )
    taken = 0
    for number in session.scalars(went_on).all():
        rung = locked_rung(session, number)
        if rung is None or rung.state != "planned":
            continue
        case = session.get(OutreachCase, rung.case_id, populate_existing=True, with_for_update=True)
        if case is not None and case.state == "open":
            take_back(session, case)
            taken += 1
    return taken
