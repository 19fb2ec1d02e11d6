"""Hands out and erases what the ledger knows of some conversations, as a customer may ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sixty.ledger.models import LedgerEvent, Message, OutboxRow
from sixty.tables import column


@dataclass(frozen=True)
class Erased:
    """How many rows are gone."""

    messages: int = 0
    events: int = 0
    outbox: int = 0


def erase(session: Session, conversation_ids: Collection[str]) -> Erased:
    """Erases conversations from the ledger, with all that was still to be said in them.

    Their ids are not given to others, and events that are still under way find nothing to add to.
    """
    if not conversation_ids:
        return Erased()

    def gone(table: Any) -> int:
        statement = delete(table).where(table.conversation_id.in_(list(conversation_ids)))
        return int(session.execute(statement.execution_options(synchronize_session=False)).rowcount)

    outbox, events, messages = gone(OutboxRow), gone(LedgerEvent), gone(Message)
    return Erased(messages, events, outbox)


def export(session: Session, conversation_ids: Collection[str]) -> Iterator[dict[str, Any]]:
    """Hands out all that the ledger knows of conversations, each in order, as objects that JSON can say.

    Args:
        session: An open session.
        conversation_ids: The conversations; one after another.
    """
    for conversation_id in conversation_ids:
        for kind, table in (("message", Message), ("event", LedgerEvent), ("outbox", OutboxRow)):
            order = LedgerEvent.at if table is LedgerEvent else table.id
            query = select(table).where(column(table.conversation_id) == conversation_id).order_by(order, table.id)
            for row in session.scalars(query.execution_options(yield_per=500)):
                yield {"record": kind, **plain(row)}


def plain(row: Any) -> dict[str, Any]:
    """A row as JSON can say it: times in ISO 8601, amounts as texts; who claimed it is nobody's business."""
    said = {}
    for each in row.__table__.columns:
        value = getattr(row, each.name)
        if value is not None and not each.name.startswith("claimed_"):
            said[each.name] = _said(value)
    return said


def _said(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
