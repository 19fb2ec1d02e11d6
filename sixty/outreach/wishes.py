"""Wishes to hear when a thing is back: asked for, so a wrong moment puts them off and loses none."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.outreach.models import OutreachCase, OutreachContact, OutreachRung
from sixty.outreach.scenes import Book
from sixty.shop.deeds.models import StockWish
from sixty.tables import column

AGAIN_AFTER = timedelta(minutes=10)
"""After so long a step that was put off is looked at again."""

_OF_THE_MOMENT = frozenset({"quiet", "talking", "with_person", "capped"})


def put_off(session: Session, book: Book, case: OutreachCase, rung: OutreachRung, why: str, now: datetime) -> bool:
    """Puts a wish's step off where only the moment is wrong, until `late` is over; then the case begins anew.

    Args:
        session: A session that may write, and that holds the step.
        book: The scenes, for the quiet hours.
        case: The step's case.
        rung: The step, planned or in an outbox.
        why: What stands against it.
        now: The present moment.

    Returns:
        False where the step is to be passed over as any other.
    """
    if case.subject_kind != "wish":
        return False
    if why == "missed":
        take_back(session, case)
        return True
    if why not in _OF_THE_MOMENT:
        return False
    _drop_contacts(session, [rung])
    rung.state, rung.due_at, rung.decided_at, rung.text = (
        "planned",
        book.clock.out_of_quiet(now + AGAIN_AFTER),
        None,
        "",
    )
    # Of a wish one step is said at most, so none was before this one.
    case.exposed_at = case.watch_until = None
    return True


def take_back(session: Session, case: OutreachCase) -> None:
    """Takes a case back, so that the next round that sees the thing on the shelf begins another one."""
    query = select(OutreachRung).where(column(OutreachRung.case_id) == case.id)
    rungs = list(session.scalars(query))
    _drop_contacts(session, rungs)
    for each in rungs:
        session.delete(each)
    session.flush()
    session.delete(case)
    session.flush()


def told(session: Session, case: OutreachCase, now: datetime) -> None:
    """Writes down that somebody has heard that it is back."""
    wisher = case.subject_id.rsplit(":", 2)[0]
    wish = session.get(StockWish, (wisher, case.sku_code))
    if wish is not None and wish.told_at is None:
        wish.told_at = now


def _drop_contacts(session: Session, rungs: list[OutreachRung]) -> None:
    """What lay in the outbox of SMS, or on the list of calls, was not said."""
    query = select(OutreachContact).where(column(OutreachContact.rung_id).in_([each.id for each in rungs]))
    for each in session.scalars(query):
        session.delete(each)
    session.flush()
