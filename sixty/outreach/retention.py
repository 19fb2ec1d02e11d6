"""Takes out of old reminders what is personal: what is counted stays, with whom it was about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.masking import mask_phone, mask_text, mask_within
from sixty.outreach.models import OutreachContact, OutreachRung
from sixty.tables import column

OpenSession = Callable[[], AbstractContextManager[Session]]


def mask_old(open_session: OpenSession, end: datetime, now: datetime, batch: int = 500) -> int:
    """Masks numbers of SMS and calls, and what is personal in the words of all steps, in many short transactions.

    Args:
        open_session: Opens a session that may write and commits at its end.
        end: What was decided on before this is old enough.
        now: The present moment.
        batch: How many rows at once.

    Returns:
        How many steps, SMS and calls have been masked.
    """
    steps = (
        column(OutreachRung.decided_at) < end,
        column(OutreachRung.state).in_(("sent", "held", "skipped", "failed")),
        column(OutreachRung.text) != "",
    )
    over = (
        column(OutreachContact.created_at) < end,
        column(OutreachContact.state).in_(("sent", "delivered", "failed", "done")),
    )
    masked = 0
    for many in _pages(open_session, OutreachRung, steps, _mask_step, now, batch):
        masked += many
    for many in _pages(open_session, OutreachContact, over, _mask_contact, now, batch):
        masked += many
    return masked


def _pages(
    open_session: OpenSession, table: Any, conditions: Any, mask: Callable[[Any], None], now: datetime, batch: int
) -> Iterator[int]:
    last = 0
    while True:
        with open_session() as session:
            query = select(table).where(table.id > last, table.masked_at.is_(None), *conditions)
            rows = list(session.scalars(query.order_by(table.id).limit(batch)))
            for row in rows:
                mask(row)
                row.masked_at, last = now, row.id
        yield len(rows)
        if len(rows) < batch:
            return


def _mask_step(step: OutreachRung) -> None:
    step.text = mask_text(step.text)


def _mask_contact(contact: OutreachContact) -> None:
    # A number that turned out to be somebody else's must be known again, lest they be called once more.
    if contact.outcome != "wrong_number" and contact.number:
        contact.number = mask_phone(contact.number)
    contact.variables, contact.text = mask_within(contact.variables), mask_text(contact.text)
    contact.note, contact.problem = mask_text(contact.note), mask_within(contact.problem)
