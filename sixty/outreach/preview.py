"""What one customer would hear from now on: every scene, when, with which words, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.outreach.checking import FORGET, why_capped, why_not_now, why_over, why_stopped
from sixty.outreach.models import OutreachCase, OutreachRung
from sixty.outreach.planning import plan_scene
from sixty.outreach.reasons import say_reason
from sixty.outreach.scenes import Book, Scene
from sixty.outreach.sending import choose_by_why
from sixty.outreach.standing import Standing
from sixty.outreach.words import Gaps, NothingToSayError, contact_text
from sixty.tables import column


@dataclass(frozen=True)
class Foreseen:
    """One step for one customer.

    Attributes:
        about: What it is about, such as `order 60123`.
        due_at: When it is due; None of cases that are for nobody.
        text: What would be said at that moment, if nothing changes.
        why_not: Why it would not be said, or was not; None when it would.
        state: As in `outreach_rung`.
    """

    scene: str
    title: str
    about: str
    rung: int
    way: str
    due_at: datetime | None
    state: str
    arm: str
    audience: str
    variant: str
    why: str | None
    text: str
    why_not: str | None


def preview(session: Session, book: Book, customer_id: str, at: datetime) -> list[Foreseen]:
    """Foresees what a customer hears, as things stand now; nothing of it is kept.

    It plans what it finds in the caller's session and takes that back, so it sees what a round at that moment would.

    Args:
        session: A session that may write.
        book: The scenes.
        customer_id: The customer; for a visitor, the conversation.
        at: The moment of the round.
    """
    nested = session.begin_nested()
    try:
        for scene in book.scenes.values():
            plan_scene(session, book, scene, at, far=True, only=customer_id)
        query = (
            select(OutreachCase)
            .where(column(OutreachCase.who) == customer_id)
            .order_by(column(OutreachCase.moment), column(OutreachCase.id))
            .execution_options(populate_existing=True)
        )
        found = [each for case in session.scalars(query).all() for each in _of_case(session, book, case, at)]
    finally:
        nested.rollback()
        session.expire_all()
    return sorted(found, key=lambda each: (each.due_at is None, each.due_at or at, each.scene))


def _of_case(session: Session, book: Book, case: OutreachCase, at: datetime) -> list[Foreseen]:
    scene = book.scenes.get(case.scene)
    if scene is None:
        return []
    query = select(OutreachRung).where(column(OutreachRung.case_id) == case.id).order_by(column(OutreachRung.rung))
    rungs = list(session.scalars(query.execution_options(populate_existing=True)))
    if not rungs:
        return [_row(scene, case, 0, "", None, "skipped", "", say_reason(case.ended_because))]
    return [_of_rung(session, book, scene, case, each, at) for each in rungs]


def _of_rung(
    session: Session, book: Book, scene: Scene, case: OutreachCase, rung: OutreachRung, at: datetime
) -> Foreseen:
    if rung.state != "planned":
        why_not = say_reason(rung.reason) if rung.reason else None
        return _row(scene, case, rung.rung, rung.way, rung.due_at, rung.state, rung.text, why_not)
    then = max(at, rung.due_at)
    standing = Standing(session, book, [case], then)
    against = why_stopped(standing, scene, case, rung)
    code = why_over(standing, scene, case) or against
    code = code or why_not_now(standing, scene, case, rung) or why_capped(standing, scene, case)
    if code is None and any(each.whys for each in scene.audiences.values()):
        choose_by_why(session, standing, scene, case)
        code = None if case.audience else "for_nobody"
    if code is None and case.arm == "control":
        code = "held"
    text, code = _words(session, standing, scene, case, rung, code)
    why_not = None if code is None else say_reason("gone" if code == FORGET else code)
    return _row(scene, case, rung.rung, rung.way, rung.due_at, rung.state, text, why_not)


def _words(
    session: Session, standing: Any, scene: Scene, case: OutreachCase, rung: OutreachRung, code: str | None
) -> tuple[str, str | None]:
    variant, step = scene.variant(case.variant), scene.rung(rung.rung)
    chat = standing.chat_for(case)
    gaps = Gaps(session, standing, scene, case, chat, writes=False)
    try:
        if rung.way != "chat" and step is not None:
            return contact_text(gaps, step)[0], code
        return (gaps.fill(variant.text) if variant is not None else ""), code
    except NothingToSayError:
        return "", code or "nothing_to_say"


def _row(
    scene: Scene,
    case: OutreachCase,
    rung: int,
    way: str,
    due_at: datetime | None,
    state: str,
    text: str,
    why_not: str | None,
) -> Foreseen:
    about = f"{case.subject_kind} {case.order_no or case.product_no or case.subject_id}"
    return Foreseen(
        scene.id,
        scene.title,
        about,
        rung,
        way,
        due_at,
        state,
        case.arm,
        case.audience,
        case.variant,
        case.why,
        text,
        why_not,
    )
