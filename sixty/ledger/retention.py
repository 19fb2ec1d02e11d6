"""Lets go of what need not be kept any longer: first of what is personal, then of everything."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from sixty.ledger.models import LedgerEvent, Message, OutboxRow
from sixty.masking import mask_within
from sixty.tables import column


@dataclass(frozen=True)
class Kept:
    """How long things are kept; None for as long as the shop wants.

    Attributes:
        messages: What was said, and what is still recorded of it.
        personal: Phones, addresses and the like within messages, which are masked for good behind it.
        events: What happened on a message's way, and what the outbox has sent.
    """

    messages: timedelta | None
    personal: timedelta | None
    events: timedelta | None


@dataclass(frozen=True)
class Tidied:
    """How many rows were masked and deleted."""

    masked: int = 0
    messages: int = 0
    events: int = 0
    outbox: int = 0


def tidy(
    open_session: Callable[[], AbstractContextManager[Session]], kept: Kept, now: datetime, batch: int = 500
) -> Tidied:
    """Masks and deletes what is old enough, in many short transactions, so that nobody waits for it.

    Args:
        open_session: Opens a session that may write and commits at its end.
        kept: How long things are kept.
        now: The present moment.
        batch: How many rows at once.
    """
    outbox_done = column(OutboxRow.state).in_(("sent", "failed"))
    messages = events = outbox = masked = 0
    if kept.messages is not None:
        end = now - kept.messages
        messages = _repeat(open_session, batch, lambda each: _delete(each, Message, Message.at, end, batch))
        events += _repeat(open_session, batch, lambda each: _delete(each, LedgerEvent, LedgerEvent.at, end, batch))
        outbox += _repeat(
            open_session, batch, lambda each: _delete(each, OutboxRow, OutboxRow.created_at, end, batch, outbox_done)
        )
    if kept.events is not None:
        past = now - kept.events
        events += _repeat(open_session, batch, lambda each: _delete(each, LedgerEvent, LedgerEvent.at, past, batch))
        outbox += _repeat(
            open_session, batch, lambda each: _delete(each, OutboxRow, OutboxRow.created_at, past, batch, outbox_done)
        )
    if kept.personal is not None:
        old = now - kept.personal
        masked = _repeat(open_session, batch, lambda each: _mask(each, old, now, batch))
    return Tidied(masked, messages, events, outbox)


def _repeat(open_session: Callable[[], AbstractContextManager[Session]], batch: int, step: Any) -> int:
    total = 0
    while True:
        with open_session() as session:
            done = int(step(session))
        total += done
        if done < batch:
            return total


def _delete(session: Session, table: Any, moment: Any, end: datetime, batch: int, *conditions: Any) -> int:
    old = select(table.id).where(moment < end, *conditions).order_by(table.id).limit(batch)
    statement = delete(table).where(table.id.in_(old)).execution_options(synchronize_session=False)
    return int(session.execute(statement).rowcount)


def _mask(session: Session, end: datetime, now: datetime, batch: int) -> int:
    query = (
        select(Message)
        .where(column(Message.at) < end, column(Message.masked_at).is_(None))
        .order_by(Message.id)
        .limit(batch)
    )
    found = list(session.scalars(query))
    for message in found:
        message.text = mask_within(message.text)
        message.payload = mask_within(message.payload)
        message.understood = mask_within(message.understood)
        message.masked_at = now
    ids = [message.id for message in found]
    # Slots and entities repeat what the message said.
    for event in session.scalars(
        select(LedgerEvent).where(
            or_(column(LedgerEvent.message_id).in_(ids), column(LedgerEvent.message_id).is_(None)),
            column(LedgerEvent.at) < end,
            column(LedgerEvent.conversation_id).in_({message.conversation_id for message in found}),
        )
    ):
        event.data = mask_within(event.data)
    for row in session.scalars(select(OutboxRow).where(column(OutboxRow.message_id).in_(ids))):
        row.payload = mask_within(row.payload)
    session.flush()
    return len(found)
