"""The last look: what lies in an outbox is checked again before it goes out; what becomes of it is written with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.ledger.models import OutboxRow
from sixty.outreach.checking import FORGET, why_not_now, why_over, why_stopped
from sixty.outreach.models import OutreachCase, OutreachContact, OutreachRung
from sixty.outreach.scenes import Book, Scene, shop_book
from sixty.outreach.sending import RUNG, plan_next
from sixty.outreach.standing import Standing
from sixty.outreach.stopping import end_cases
from sixty.outreach.telling_the_bot import tell_the_bot
from sixty.outreach.wishes import put_off, take_back, told
from sixty.tables import column

CALL_WITHIN = timedelta(days=1)
"""How long a call stays on the list."""

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
    rung = _locked(session, row.payload.get(RUNG))
    if rung is None or rung.state != "queued":
        return None
    found = look(session, book or shop_book(), rung, now)
    if found is None:
        return None
    case, scene, shop = found
    say_sent(session, shop, scene, case, rung, now)
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
    return dict(row.payload)


def look(session: Session, book: Book, rung: OutreachRung, now: datetime) -> tuple[OutreachCase, Scene, Book] | None:
    """Checks a step again that lies in an outbox; where it is not to be said, that is written down.

    Args:
        session: A session that may write, and that holds the step.
        book: The scenes.
        rung: The step.
        now: The present moment.

    Returns:
        Its case, its scene and the scenes when it may go out, else None.
    """
    case: OutreachCase = session.get(OutreachCase, rung.case_id, populate_existing=True, with_for_update=True)
    scene = book.scenes.get(case.scene)
    if scene is None:
        _leave(session, case, rung, "withdrawn", now)
        return None
    standing = Standing(session, book, [case], now)
    ends = why_over(standing, scene, case)
    stopped = why_stopped(standing, scene, case, rung)
    if ends is not None or (stopped is not None and stopped != "unsubscribed"):
        _leave(session, case, rung, ends or stopped or "over", now)
        return None
    passed = stopped or why_not_now(standing, scene, case, rung)
    if passed is not None and put_off(session, book, case, rung, passed, now):
        return None
    if passed is not None:
        rung.state, rung.reason, rung.decided_at = "skipped", passed, now
        plan_next(session, book, scene, case, rung, rung.due_at, now)
        return None
    return case, scene, book


def withdraw_calls(session: Session, book: Book, now: datetime, limit: int = 200) -> int:
    """Takes calls off the list that are not to be made any more; returns how many.

    Args:
        session: A session that may write.
        book: The scenes.
        now: The present moment.
        limit: How many are looked at, those first that wait longest.
    """
    contact: Any = OutreachContact
    query = (
        select(OutreachContact)
        .where(contact.way == "phone", contact.state.in_(("waiting", "taken")))
        .order_by(contact.due_at, contact.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken_off = 0
    for each in session.scalars(query.execution_options(populate_existing=True)):
        rung = _locked(session, each.rung_id)
        case = session.get(OutreachCase, rung.case_id, populate_existing=True) if rung is not None else None
        scene = book.scenes.get(case.scene) if case is not None else None
        if rung is None or case is None or scene is None:
            continue
        standing = Standing(session, book, [case], now)
        against = why_stopped(standing, scene, case, rung)
        why = why_over(standing, scene, case) or against
        if why is None and now <= each.due_at + CALL_WITHIN:
            continue
        each.state, each.problem = "failed", f"not called: {why or 'missed'}"
        _leave(session, case, rung, why or "missed", now)
        taken_off += 1
    return taken_off


def say_sent(session: Session, book: Book, scene: Scene, case: OutreachCase, rung: OutreachRung, now: datetime) -> None:
    """Writes down that a step goes out now, and plans the next one."""
    rung.state, rung.sent_at, rung.cost = "sent", now, book.cost[rung.way]
    if case.subject_kind == "wish":
        told(session, case, now)
    plan_next(session, book, scene, case, rung, now, now)


def _leave(session: Session, case: OutreachCase, rung: OutreachRung, why: str, now: datetime) -> None:
    _log.info("outreach.left_alone", case=case.id, rung=rung.rung, why=why)
    if why == FORGET:
        take_back(session, case)
        return
    rung.state, rung.reason, rung.decided_at = "skipped", why, now
    session.flush()
    end_cases(session, [case.id], why, now)


def _locked(session: Session, rung_id: Any) -> OutreachRung | None:
    query = select(OutreachRung).where(column(OutreachRung.id) == rung_id).with_for_update()
    found: OutreachRung | None = session.scalars(query.execution_options(populate_existing=True)).first()
    return found
