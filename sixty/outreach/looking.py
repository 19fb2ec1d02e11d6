"""The last look: what lies in an outbox is checked again before it goes out; what becomes of it is written with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.ledger.models import OutboxRow
from sixty.outreach.checking import FORGET, Against, against
from sixty.outreach.going_on import set_apart
from sixty.outreach.models import OutreachCase, OutreachRung
from sixty.outreach.scenes import Book, Scene
from sixty.outreach.scenes_file import shop_book
from sixty.outreach.sending import RUNG, plan_next, try_later
from sixty.outreach.standing import Standing
from sixty.outreach.stopping import end_cases
from sixty.outreach.telling_the_bot import tell_the_bot
from sixty.outreach.wishes import put_off, take_back, told
from sixty.tables import column

_log = structlog.get_logger(__name__)


def last_look(session: Session, row: OutboxRow, now: datetime, book: Book | None = None) -> Mapping[str, Any] | None:
    """What is said when a row of the ledger's outbox is due; None when it is better left unsaid.

    With what is said, in one transaction, stands that it was: the step is `sent`, the next one is planned, and the bot
    is told, so that it understands the answer.

    Args:
        session: A session that has claimed the row.
        row: The row of the outbox.
        now: The present moment.
        book: The scenes; those of this deployment when left out.
    """
    rung = locked_rung(session, row.payload.get(RUNG))
    if rung is None or rung.state != "queued":
        return None
    said: Mapping[str, Any] | None = None
    with set_apart(session, "outreach.last_look_broken", rung=rung.id) as looked:
        said = _said(session, row, rung, book or shop_book(), now)
    if looked.broken:
        # The row is taken back, so the step is decided on anew.
        try_later(rung, now)
        session.flush()
    return said


def _said(session: Session, row: OutboxRow, rung: OutreachRung, book: Book, now: datetime) -> Mapping[str, Any] | None:
    seen = look(session, book, rung, now)
    case, scene = seen.case, seen.scene
    if seen.against is not None:
        leave_unsaid(session, book, rung, seen, seen.against, now)
        return None
    assert scene is not None  # without one, that speaks against it
    say_sent(session, book, scene, case, rung, now)
    if scene.answers is not None:
        tell_the_bot(
            session,
            row.conversation_id,
            f"{rung.id}",
            scene.answers,
            now,
            order_no=case.order_no,
            product_no=case.product_no,
            case=case.id,
            scene=scene.id,
            why=case.why,
        )
    session.flush()
    return dict(row.payload)


@dataclass(frozen=True)
class Seen:
    """What a last look has seen.

    Attributes:
        case: The case, locked.
        scene: Its scene; None when the file has it no more.
        against: What speaks against saying the step; None where nothing does.
    """

    case: OutreachCase
    scene: Scene | None
    against: Against | None


def look(session: Session, book: Book, rung: OutreachRung, now: datetime, *, counts: bool = False) -> Seen:
    """Checks a step again that lies in an outbox, and writes nothing.

    Args:
        session: A session that may write, and that holds the step.
        book: The scenes.
        rung: The step.
        now: The present moment.
        counts: Whether the caps are asked, too: they count what lies in an outbox already, but for calls.
    """
    case: OutreachCase = session.get(OutreachCase, rung.case_id, populate_existing=True, with_for_update=True)
    scene = book.scenes.get(case.scene)
    if scene is None:
        return Seen(case, None, Against("withdrawn", ends=True))
    return Seen(case, scene, against(Standing(session, book, [case], now), scene, case, rung, counts=counts))


def leave_unsaid(session: Session, book: Book, rung: OutreachRung, seen: Seen, found: Against, now: datetime) -> None:
    """Writes down that a step is left unsaid, and why; what lay in an outbox goes with a case that is taken back."""
    if found.why == FORGET:
        # When it comes back, that is another time.
        take_back(session, seen.case)
        return
    if not found.ends and put_off(session, book, seen.case, rung, found.why, now):
        return
    rung.state, rung.reason, rung.decided_at = "skipped", found.why, now
    session.flush()
    if found.ends:
        end_cases(session, [seen.case.id], found.why, now)
    elif seen.scene is not None:
        plan_next(session, book, seen.scene, seen.case, rung, rung.due_at, now)
    _log.info("outreach.left_alone", case=seen.case.id, rung=rung.rung, why=found.why)


def say_sent(session: Session, book: Book, scene: Scene, case: OutreachCase, rung: OutreachRung, now: datetime) -> None:
    """Writes down that a step goes out now, and plans the next one."""
    rung.state, rung.sent_at, rung.cost = "sent", now, book.cost[rung.way]
    if case.subject_kind == "wish":
        told(session, case, now)
    plan_next(session, book, scene, case, rung, now, now)


def locked_rung(session: Session, rung_id: Any) -> OutreachRung | None:
    """A step, locked; None when there is none."""
    query = select(OutreachRung).where(column(OutreachRung.id) == rung_id).with_for_update()
    found: OutreachRung | None = session.scalars(query.execution_options(populate_existing=True)).first()
    return found
