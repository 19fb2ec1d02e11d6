"""What one customer would hear from now on: every scene, when, with which words, and why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.outreach.looking import say_sent
from sixty.outreach.models import OutreachCase, OutreachRung
from sixty.outreach.planning import plan_scene
from sixty.outreach.reasons import say_reason
from sixty.outreach.scenes import Book, Scene
from sixty.outreach.sending import decide, in_turn, words_for
from sixty.outreach.sms_words import whole_sms
from sixty.outreach.standing import Standing
from sixty.outreach.stopping import whose
from sixty.outreach.words import NothingToSayError
from sixty.tables import column

_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Foreseen:
    """One step for one customer.

    Attributes:
        about: What it is about, such as `order 60123`.
        due_at: When it is due; None of cases that are for nobody.
        state: As in `outreach_rung`; `planned` when it would be said.
        text: What would be said at that moment, if nothing changes.
        why_not: Why it would not be said, or was not; None when it would.
        is_past: Whether that was decided before, and not foreseen.
    """

    scene: str
    title: str
    about: str
    order_no: str | None
    product_no: str | None
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
    is_past: bool


def preview(
    session: Session, book: Book, customer_id: str, at: datetime, now: datetime | None = None
) -> list[Foreseen]:
    """Foresees what a customer hears, as things stand now and if they do nothing; nothing of it is kept.

    It plans, decides and says in the caller's session as the worker does, step by step in the order of their moments,
    and takes all of that back. So caps, quiet hours, stops and the control group count as they will, and what is said
    first counts against what comes later.

    Args:
        session: A session that may write.
        book: The scenes.
        customer_id: The customer, with what is theirs from before they signed in; for a visitor, the conversation.
        at: The moment of the round that is foreseen.
        now: The present moment; what is due between it and `at` is taken as said then. Left out, nothing is.
    """
    begin = min(at, now or at)
    nested = session.begin_nested()
    try:
        for moment in _moments(begin, at):
            for scene in book.scenes.values():
                plan_scene(session, book, scene, moment, far=True, only=customer_id)
        found = [each for case in _cases(session, customer_id) for each in _as_it_is(session, book, case, begin)]
        while rungs := _next(session, customer_id, begin):
            found += _decided(session, book, rungs, max(begin, rungs[0].due_at))
    finally:
        nested.rollback()
        session.expire_all()
    return sorted(found, key=lambda each: (each.due_at is None, each.due_at or at))


def _moments(begin: datetime, at: datetime) -> Iterator[datetime]:
    """When to look for what is new: a look reaches back more than a day."""
    while begin < at:
        yield begin
        begin += _A_DAY
    yield at


def _cases(session: Session, customer_id: str) -> list[OutreachCase]:
    query = (
        select(OutreachCase)
        .where(whose(customer_id, None))
        .order_by(column(OutreachCase.moment), column(OutreachCase.id))
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def _as_it_is(session: Session, book: Book, case: OutreachCase, begin: datetime) -> list[Foreseen]:
    """The steps of a case that are decided on already; what it is for nobody counts as one."""
    scene = book.scenes.get(case.scene)
    if scene is None:
        return []
    query = select(OutreachRung).where(column(OutreachRung.case_id) == case.id).order_by(column(OutreachRung.rung))
    rungs = list(session.scalars(query.execution_options(populate_existing=True)))
    if not rungs:
        is_past = case.created_at < begin
        return [_row(scene, case, 0, "", None, "skipped", "", say_reason(case.ended_because), is_past=is_past)]
    return [
        _row(scene, case, each.rung, each.way, each.due_at, each.state, each.text, _why_not(each.reason), is_past=True)
        for each in rungs
        if each.state != "planned"
    ]


def _next(session: Session, customer_id: str, begin: datetime) -> list[OutreachRung]:
    """The planned steps that have their turn next, all that have it at one moment."""
    query = (
        select(OutreachRung)
        .join(OutreachCase, column(OutreachCase.id) == column(OutreachRung.case_id))
        .where(whose(customer_id, None), column(OutreachRung.state) == "planned")
        .execution_options(populate_existing=True)
    )
    planned = in_turn(session.scalars(query))
    return [each for each in planned if each.due_at <= max(begin, planned[0].due_at)]


def _decided(session: Session, book: Book, rungs: list[OutreachRung], then: datetime) -> list[Foreseen]:
    """Lets steps have their turn; without those that are only put off, and those of a scene that is no more."""
    turns = [(each, book.scenes.get(each.scene), session.get(OutreachCase, each.case_id)) for each in rungs]
    decide(session, book, rungs, then)
    found = []
    for rung, scene, case in turns:
        if scene is None:
            continue
        if rung not in session:
            # The case was taken back, so that what it is about may come again.
            found.append(_row(scene, case, rung.rung, rung.way, rung.due_at, "skipped", "", say_reason("gone")))
        elif rung.state != "planned":
            found.append(_told(session, book, scene, case, rung, then))
    session.flush()
    return found


def _told(
    session: Session, book: Book, scene: Scene, case: OutreachCase, rung: OutreachRung, then: datetime
) -> Foreseen:
    """What became of a step; what lies in an outbox goes out."""
    text = rung.text or _words(session, book, scene, case, rung, then)
    if rung.state != "queued":
        why_not = _why_not("held" if rung.state == "held" else rung.reason)
        return _row(scene, case, rung.rung, rung.way, rung.due_at, rung.state, text, why_not)
    if rung.way != "phone":
        # A call is said when somebody has made it, and nobody knows when that is.
        say_sent(session, book, scene, case, rung, then)
    return _row(scene, case, rung.rung, rung.way, rung.due_at, "planned", text, None)


def _why_not(reason: str | None) -> str | None:
    return say_reason(reason) if reason else None


def _words(session: Session, book: Book, scene: Scene, case: OutreachCase, rung: OutreachRung, then: datetime) -> str:
    """What would have been said, of a step that is not."""
    try:
        words, _ = words_for(session, Standing(session, book, [case], then), scene, case, rung, writes=False)
    except NothingToSayError:
        return ""
    return whole_sms(book.sms_signature, words["text"]) if rung.way == "sms" else str(words["text"])


def _row(
    scene: Scene,
    case: OutreachCase,
    rung: int,
    way: str,
    due_at: datetime | None,
    state: str,
    text: str,
    why_not: str | None,
    *,
    is_past: bool = False,
) -> Foreseen:
    about = f"{case.subject_kind} {case.order_no or case.product_no or case.subject_id}"
    return Foreseen(
        scene.id,
        scene.title,
        about,
        case.order_no,
        case.product_no,
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
        is_past,
    )
