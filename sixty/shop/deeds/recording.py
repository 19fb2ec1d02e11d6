"""Keeps each deed once under its key."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, get_args

from sqlalchemy import and_, desc, select, text
from sqlalchemy.orm import Session

from sixty.shop.deeds.deed import Deed, DeedError, DeedRecord, DeedState, Done
from sixty.shop.deeds.models import DeedRow
from sixty.shop.orders import Viewer
from sixty.shop.policies.verdicts import Verdict
from sixty.shop.wording import SHOP_ZONE
from sixty.tables import column

LONGEST_CAUSE = 256


class KeyTakenError(DeedError):
    """The key names another deed, or somebody else's: whoever made it must make another one."""


@dataclass(frozen=True)
class Outcome:
    """What came of doing a deed, wherever it was done.

    Attributes:
        state: Whether it has taken effect or is left to people.
        external_ref: What it is called where it was done.
    """

    state: Literal["done", "accepted"]
    promised_at: datetime | None = None
    external_ref: str | None = None
    amount: Decimal | None = None
    link: str | None = None


def take_turns(session: Session, *names: str) -> None:
    """Makes everybody who would do one of these at the same moment wait until this transaction ends."""
    # SQLite's writers take turns anyway. Always in one order, so that two never wait for each other.
    if session.get_bind().dialect.name != "postgresql":
        return
    for name in sorted(set(names)):
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": name})


def done_before(session: Session, viewer: Viewer, deed: Deed, order_no: str | None) -> Done | None:
    """What came of a deed when it was done under its key; `None` when it wasn't, or was refused or failed.

    Raises:
        KeyTakenError: The key names another deed.
    """
    row = _row(session, deed.key)
    if row is None:
        return None
    own = (
        row.customer_id == viewer.customer_id
        if viewer.customer_id is not None
        else row.customer_id is None and row.conversation_id == viewer.conversation_id
    )
    # Of an order with one article, it may be named or not.
    same = (row.kind, row.order_no) == (deed.kind, order_no) and (
        None in (row.line, deed.line) or row.line == deed.line
    )
    if not (own and same):
        raise KeyTakenError(f"the key of this {deed.kind} is that of another deed")
    if row.state == "accepted" or row.state == "done":
        return Done(row.reference, row.state, row.promised_at, row.link, row.amount, repeated=True)
    return None


def record(
    session: Session,
    viewer: Viewer,
    deed: Deed,
    order_no: str | None,
    verdict: Verdict,
    now: datetime,
    state: DeedState,
    outcome: Outcome | None = None,
) -> DeedRow:
    """Writes down a deed: who asked for what, when and why, by which rule, and what came of it."""
    row = _row(session, deed.key)
    if row is None:
        row = DeedRow(key=deed.key, reference=_reference(deed.key, now), asked_at=now)
        session.add(row)
    row.kind = deed.kind
    row.order_no = order_no
    row.line = deed.line
    row.customer_id = viewer.customer_id
    row.conversation_id = viewer.conversation_id
    row.by = deed.by
    row.cause = deed.cause[:LONGEST_CAUSE]
    row.details = dict(deed.details)
    row.state = state
    row.row_id = verdict.row_id
    if outcome is not None:
        row.promised_at = outcome.promised_at
        row.done_at = now if outcome.state == "done" else None
        row.external_ref = outcome.external_ref
        row.amount = outcome.amount
        row.link = outcome.link
    session.flush()
    return row


def deeds_of(session: Session, viewer: Viewer, order_no: str | None) -> tuple[DeedRecord, ...]:
    """Lists deeds, the newest first.

    Args:
        session: Our own database.
        viewer: Whose.
        order_no: Those of this order, which must be the viewer's; `None` for all that they asked for.
    """
    if order_no is not None:
        whose = column(DeedRow.order_no) == order_no
    elif viewer.customer_id is not None:
        whose = column(DeedRow.customer_id) == viewer.customer_id
    else:
        whose = and_(column(DeedRow.customer_id).is_(None), column(DeedRow.conversation_id) == viewer.conversation_id)
    rows: Sequence[DeedRow] = session.scalars(
        select(DeedRow).where(whose).order_by(desc(DeedRow.asked_at), DeedRow.reference)
    ).all()
    return tuple(
        DeedRecord(
            kind=row.kind,
            order_no=row.order_no,
            line=row.line,
            state=row.state,
            asked_at=row.asked_at,
            promised_at=row.promised_at,
            done_at=row.done_at,
            reference=row.reference,
            cause=row.cause,
            details=dict(row.details),
            amount=row.amount,
            link=row.link,
            by=row.by,
        )
        for row in rows
    )


def deeds_in(session: Session, state: str, limit: int, due_before: datetime | None = None) -> tuple[DeedRow, ...]:
    """Lists the deeds in a state, those that are promised earliest first.

    Args:
        session: Our own database.
        state: The state, or `all`.
        limit: How many at most.
        due_before: Only those that are promised before.

    Raises:
        ValueError: There is no such state.
    """
    known = get_args(DeedState)
    if state != "all" and state not in known:
        raise ValueError(f"{state!r} is none of {', '.join(known)}, all")
    query = select(DeedRow)
    if state != "all":
        query = query.where(column(DeedRow.state) == state)
    if due_before is not None:
        query = query.where(column(DeedRow.promised_at) < due_before)
    # What is promised for no time comes last, on every database.
    promised = column(DeedRow.promised_at)
    order = (promised.is_(None), promised, DeedRow.asked_at, DeedRow.reference)
    return tuple(session.scalars(query.order_by(*order).limit(limit)))


def finish(session: Session, reference: str, now: datetime) -> DeedRow | None:
    """Marks a deed as done that people were to carry out; `None` when none of this reference waits."""
    query = select(DeedRow).where(column(DeedRow.reference) == reference, column(DeedRow.state) == "accepted")
    row: DeedRow | None = session.scalars(query.with_for_update()).first()
    if row is not None:
        row.state = "done"
        row.done_at = now
        session.flush()
    return row


def _row(session: Session, key: str) -> DeedRow | None:
    query = select(DeedRow).where(column(DeedRow.key) == key).execution_options(populate_existing=True)
    row: DeedRow | None = session.scalars(query).first()
    return row


def _reference(key: str, now: datetime) -> str:
    """A number that people can read to each other: `D260520-7KQ2MX3B`; the same for the same key and day."""
    digest = base64.b32encode(hashlib.sha256(key.encode()).digest()).decode()
    return f"D{now.astimezone(SHOP_ZONE):%y%m%d}-{digest[:8]}"
