"""Hands SMS to the provider: a last look before each attempt, and never twice.

`waiting` says of an SMS that nothing of it was sent, for sure; `sending`, that it may have been. What may have been
sent is handed over again only to a provider that knows our key, and sends what it gets twice once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import and_, or_, select, text
from sqlalchemy.orm import Session

from sixty.outreach.contacts import NotSentError, OutboxProvider, Sms, SmsProvider
from sixty.outreach.going_on import MOST_ATTEMPTS, delay_after, set_apart
from sixty.outreach.looking import leave_unsaid, locked_rung, look, say_sent
from sixty.outreach.models import OutreachCase, OutreachContact, OutreachRung
from sixty.outreach.reasons import BROKEN, say_reason
from sixty.outreach.scenes import Book
from sixty.outreach.sending import give_up

OpenSession = Callable[[], AbstractContextManager[Session]]

_LEASE = timedelta(minutes=2)
_AT_ONCE = 50
_LONGEST_S = 30.0
"""What is looked at within so many seconds is looked at with the round's moment."""

_UNCLEAR = "不知道送到没有，不会再发一遍"

_log = structlog.get_logger(__name__)


def send_texts(writing: OpenSession, provider: SmsProvider, book: Book, now: datetime) -> int:
    """Hands over the SMS that may go out; returns how many were sent.

    Args:
        writing: Opens a session that may write and commits at its end.
        provider: Who carries them.
        book: The scenes.
        now: The present moment.
    """
    # The outbox sends nothing itself, so what it keeps is part of the transaction. Of any other, an attempt stands in
    # the table before the SMS is handed over, one at a time, so that the last look is never an old one.
    keeps = isinstance(provider, OutboxProvider)
    sent, until = 0, monotonic() + _LONGEST_S
    while monotonic() < until:
        with writing() as session:
            claimed = _claim(session, now, _AT_ONCE if keeps else 1)
            going = [sms for each in claimed if (sms := _may_go(session, provider, book, each, now)) is not None]
            if keeps:
                sent += sum(_arrived(session, book, provider, number, sms.key, now) for number, sms in going)
        if not keeps:
            sent += sum(_hand_over(writing, provider, book, number, sms, now) for number, sms in going)
        if not claimed:
            break
    return sent


def _claim(session: Session, now: datetime, limit: int) -> list[OutreachContact]:
    contact: Any = OutreachContact
    lapsed = and_(contact.state == "sending", contact.claimed_until <= now)
    query = (
        select(OutreachContact)
        .where(
            text("outreach_contact.state IN ('waiting', 'sending')"),
            contact.way == "sms",
            contact.due_at <= now,
            or_(contact.state == "waiting", lapsed),
        )
        .order_by(contact.due_at, contact.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def _may_go(
    session: Session, provider: SmsProvider, book: Book, contact: OutreachContact, now: datetime
) -> tuple[int, Sms] | None:
    """Takes a last look at an SMS; None when it is not to be handed over now."""
    rung = locked_rung(session, contact.rung_id)
    if rung is None or rung.state != "queued":
        contact.state, contact.problem = "failed", f"没发：{say_reason(rung.reason if rung is not None else None)}"
        return None
    contact.attempts += 1
    going = False
    with set_apart(session, "sms.last_look_broken", contact=contact.id) as looked:
        going = _looked(session, provider, book, contact, rung, now)
    if looked.broken:
        _look_later(session, book, contact, rung, now)
    if not going:
        session.flush()
        return None
    contact.state, contact.claimed_until = "sending", now + _LEASE
    session.flush()
    sms = Sms(f"sixty:{contact.rung_id}", contact.number, contact.template, contact.variables, contact.text)
    return contact.id, sms


def _looked(
    session: Session, provider: SmsProvider, book: Book, contact: OutreachContact, rung: OutreachRung, now: datetime
) -> bool:
    unclear = contact.state == "sending"
    if unclear and (not provider.knows_keys or contact.attempts > MOST_ATTEMPTS):
        _unclear(session, book, contact, rung, now)
        return False
    seen = look(session, book, rung, now)
    if seen.against is None:
        return True
    if unclear:
        _unclear(session, book, contact, rung, now)
        return False
    contact.state, contact.problem = "failed", f"没发：{say_reason(seen.against.reason)}"
    session.flush()
    leave_unsaid(session, book, rung, seen, seen.against, now)
    return False


def _look_later(session: Session, book: Book, contact: OutreachContact, rung: OutreachRung, now: datetime) -> None:
    """Puts an SMS off whose last look has broken; in the end it is given up."""
    if contact.attempts < MOST_ATTEMPTS:
        contact.due_at = now + delay_after(contact.attempts)
    elif contact.state == "sending":
        _unclear(session, book, contact, rung, now)
    else:
        contact.state, contact.problem = "failed", f"没发：{say_reason(BROKEN)}"
        give_up(session, book, _case(session, rung), rung, "skipped", BROKEN, now)


def _hand_over(
    writing: OpenSession, provider: SmsProvider, book: Book, contact_id: int, sms: Sms, now: datetime
) -> bool:
    try:
        ref = provider.send(sms)
    except Exception as error:
        # The error's own words may hold a number.
        _log.warning("sms.not_sent", contact=contact_id, error=type(error).__name__)
        with writing() as session:
            _not_arrived(session, provider, book, contact_id, error, now)
        return False
    with writing() as session:
        return _arrived(session, book, provider, contact_id, ref, now)


def _arrived(
    session: Session, book: Book, provider: SmsProvider, contact_id: int, ref: str | None, now: datetime
) -> bool:
    """Writes down that the provider has taken an SMS; False when that is known."""
    contact = _sending(session, contact_id)
    rung = locked_rung(session, contact.rung_id) if contact is not None else None
    if contact is None or rung is None:
        return False
    contact.state, contact.provider, contact.sent_at, contact.problem = "sent", provider.name, now, None
    _say_sent(session, book, rung, now)
    with set_apart(session, "sms.name_taken", contact=contact_id):
        # A provider that calls two SMS the same cannot tell of either what became of it; sent they are.
        contact.provider_ref = ref or None
    return True


def _not_arrived(
    session: Session, provider: SmsProvider, book: Book, contact_id: int, error: Exception, now: datetime
) -> None:
    contact = _sending(session, contact_id)
    rung = locked_rung(session, contact.rung_id) if contact is not None else None
    if contact is None or rung is None:
        return
    contact.problem = f"没发出去（{type(error).__name__}）"
    again_at = now + timedelta(seconds=30 * 2**contact.attempts)
    if isinstance(error, NotSentError):
        if contact.attempts < MOST_ATTEMPTS:
            contact.state, contact.due_at = "waiting", again_at
            return
        contact.state = "failed"
        give_up(session, book, _case(session, rung), rung, "failed", "not_delivered", now)
    elif provider.knows_keys and contact.attempts < MOST_ATTEMPTS:
        contact.claimed_until = again_at
    else:
        _unclear(session, book, contact, rung, now)


def _unclear(session: Session, book: Book, contact: OutreachContact, rung: OutreachRung, now: datetime) -> None:
    """Lets an SMS be that may have been sent: the customer is taken for one who has read it."""
    contact.state, contact.problem = "failed", _UNCLEAR
    _say_sent(session, book, rung, now)


def _say_sent(session: Session, book: Book, rung: OutreachRung, now: datetime) -> None:
    case = _case(session, rung)
    scene = book.scenes.get(case.scene)
    if scene is not None:
        say_sent(session, book, scene, case, rung, now)
    else:
        rung.state, rung.sent_at, rung.cost = "sent", now, book.cost[rung.way]
    session.flush()


def _case(session: Session, rung: OutreachRung) -> OutreachCase:
    case: OutreachCase = session.get(OutreachCase, rung.case_id, populate_existing=True, with_for_update=True)
    return case


def _sending(session: Session, contact_id: int) -> OutreachContact | None:
    """An SMS that is on its way, locked."""
    contact: OutreachContact | None = session.get(
        OutreachContact, contact_id, populate_existing=True, with_for_update=True
    )
    return contact if contact is not None and contact.state == "sending" else None
