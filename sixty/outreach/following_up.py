"""The follow-up inside a chat as one of the scenes.

When silence is followed up and with which words stands in `minutes.yml`, and `sixty.insight.silence` does it, within
seconds of a chat's own time. Here it becomes part of the whole: staff can pause it, whoever wants no messages gets
none, it counts for the caps of what comes later, and it is reported like any other scene.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.insight.models import Visit
from sixty.insight.silence import last_look
from sixty.ledger.models import OutboxRow
from sixty.outreach.models import OutreachCase, OutreachRung
from sixty.outreach.pausing import is_paused, paused
from sixty.outreach.planning import insert_new
from sixty.outreach.scenes import Book, Scene
from sixty.outreach.scenes_file import shop_book
from sixty.outreach.stopping import stops_for
from sixty.tables import column


def follow_up_scene(book: Book) -> Scene | None:
    """The scene that stands for it; None where the file has none."""
    return next((each for each in book.scenes.values() if "silence" in each.triggers), None)


def last_look_into_silence(
    session: Session, row: OutboxRow, now: datetime, book: Book | None = None
) -> Mapping[str, Any] | None:
    """What is said when a follow-up is due; None when it is better left unsaid.

    Args:
        session: A session that has claimed the row.
        row: The row of the outbox.
        now: The present moment.
        book: The scenes; those of this deployment when left out.
    """
    scene = follow_up_scene(book or shop_book())
    if scene is not None and is_paused(paused(session), scene.id):
        return None
    visit = _visit(session, row)
    case = _case(scene, visit, now) if scene is not None and visit is not None else None
    if case is not None and scene is not None:
        against = stops_for(session, [case]).against(case, scene.id, scene.kind == "selling", "chat", now)
        if against is not None:
            return None
    said = last_look(session, row, now)
    if said is not None and case is not None and scene is not None:
        _note(session, scene, case, str(said.get("text") or ""), now)
    return said


def _visit(session: Session, row: OutboxRow) -> Visit | None:
    first = row.key.rpartition(":")[2]
    if not first.isdigit():
        return None
    found: Visit | None = session.scalars(select(Visit).where(column(Visit.first_message_id) == int(first))).first()
    return found


def _case(scene: Scene, visit: Visit, now: datetime) -> OutreachCase:
    return OutreachCase(
        scene=scene.id,
        subject_kind="visit",
        subject_id=str(visit.first_message_id),
        who=visit.customer_id or visit.conversation_id,
        customer_id=visit.customer_id,
        conversation_id=visit.conversation_id,
        product_no=visit.product_no,
        category=visit.category or "",
        region="",
        audience="all",
        variant="minutes",
        arm="reminded",
        moment=visit.ended_at,
        state="ended",
        ended_at=now,
        ended_because="exhausted",
        exposed_at=now,
        watch_until=now + scene.attributed_within,
        created_at=now,
    )


def _note(session: Session, scene: Scene, case: OutreachCase, text: str, now: datetime) -> None:
    cases: Any = OutreachCase.__table__
    values = {each.name: getattr(case, each.name) for each in cases.columns if each.name != "id"}
    insert_new(session, cases, [values], ("scene", "subject_kind", "subject_id"))
    number = session.scalar(
        select(cases.c.id).where(
            cases.c.scene == scene.id, cases.c.subject_kind == "visit", cases.c.subject_id == case.subject_id
        )
    )
    rung = {
        "case_id": number,
        "rung": 1,
        "scene": scene.id,
        "who": case.who,
        "way": "chat",
        "state": "sent",
        "priority": scene.place,
        "due_at": now,
        "latest_at": now,
        "decided_at": now,
        "sent_at": now,
        "text": text,
    }
    insert_new(session, OutreachRung.__table__, [rung], ("case_id", "rung"))
