"""Keeps what people, reminders and deeds have to say until it is said, once and in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session, aliased

from sixty.ledger.models import Author, Message, OutboxRow
from sixty.ledger.receiving import blank_message
from sixty.ledger.replying import kind_of
from sixty.ledger.rows import add_new
from sixty.tables import column

REDELIVERY = "deliver"
"""In the payload of a row: the id of a message that stands in the ledger and is to be delivered."""


@dataclass(frozen=True)
class OutboxItem:
    """Something to say.

    Attributes:
        key: The same for the same thing to say, such as `deed:D260520-7KQ2MX3B:done`; at most 128 characters.
        author: `bot`, `agent` or `system`.
        payload: In the form of a reply: text, capsules, card, image.
        due_at: Not before.
        by: Who wants it said: an agent's id, a scene, a deed.
    """

    key: str
    conversation_id: str
    author: Author
    payload: dict[str, Any]
    due_at: datetime
    by: str = ""


def put(session: Session, item: OutboxItem, now: datetime | None = None) -> bool:
    """Puts something into the outbox.

    Args:
        session: A session that may write; with what it is said about, in one transaction.
        item: What is to be said.
        now: The present moment; the moment when it is due when left out.

    Returns:
        False when its key is there already.
    """
    values = {
        "key": item.key,
        "conversation_id": item.conversation_id,
        "author": item.author,
        "payload": item.payload,
        "due_at": item.due_at,
        "by": item.by,
        "state": "waiting",
        "attempts": 0,
        "claimed_by": None,
        "claimed_until": None,
        "message_id": None,
        "problem": None,
        "created_at": now or item.due_at,
    }
    return add_new(session, OutboxRow, values, ("key",)) is not None


def put_or_move(session: Session, item: OutboxItem, now: datetime | None = None) -> bool:
    """Puts something into the outbox, or moves what waits there under its key: it is due then, and says that.

    What has been said, is being said or was given up stays as it is, so that it is said once.

    Args:
        session: A session that may write.
        item: What is to be said.
        now: The present moment; the moment when it is due when left out.

    Returns:
        Whether it waits now.
    """
    if put(session, item, now):
        return True
    moved = (
        update(OutboxRow)
        .where(
            column(OutboxRow.key) == item.key,
            column(OutboxRow.state) == "waiting",
            column(OutboxRow.message_id).is_(None),
        )
        .values(due_at=item.due_at, payload=item.payload)
        .execution_options(synchronize_session=False)
    )
    return bool(session.execute(moved).rowcount)


def withdraw(session: Session, row: OutboxRow) -> None:
    """Takes back what has not been said; under its key something may be said later.

    Args:
        session: A session that may write, and that has claimed the row.
        row: The row; no message was made of it.

    Raises:
        ValueError: It has become a message already.
    """
    if row.message_id is not None:
        raise ValueError(f"row {row.id} of the outbox has become message {row.message_id}")
    session.delete(row)
    session.flush()


def deliver_written(session: Session, message: Message, due_at: datetime, now: datetime, by: str) -> bool:
    """Has a message delivered that stands in the ledger already, so that it has its place and its id at once.

    Args:
        session: A session that may write; the message's own.
        message: What is said.
        due_at: Not before; it is left alone if it has arrived by then.
        now: The present moment.
        by: Who wants it said.

    Returns:
        False when that is on its way already.
    """
    item = OutboxItem(
        key=f"{REDELIVERY}:{message.id}",
        conversation_id=message.conversation_id,
        author=message.author,
        payload={REDELIVERY: message.id},
        due_at=due_at,
        by=by,
    )
    return put(session, item, now)


def claim_due(session: Session, by: str, until: datetime, now: datetime, limit: int = 20) -> list[OutboxRow]:
    """Takes what is due, of each conversation the first only, so that its order is kept.

    Two couriers never take the same row: SQLite lets one writer in at a time, PostgreSQL passes over what another one
    has locked. A row whose courier has not come back is taken again.

    Returns:
        At most `limit` rows, those that have waited longest first.
    """
    other: Any = aliased(OutboxRow)
    row: Any = OutboxRow
    free = or_(row.state == "waiting", and_(row.state == "sending", row.claimed_until <= now))
    on_its_way = and_(other.state == "sending", other.claimed_until > now)
    before = and_(
        other.state.in_(("waiting", "sending")),
        or_(other.due_at < row.due_at, and_(other.due_at == row.due_at, other.id < row.id)),
    )
    blocked = (
        select(other.id)
        .where(other.conversation_id == row.conversation_id, other.id != row.id, or_(on_its_way, before))
        .exists()
    )
    query = (
        select(OutboxRow)
        .where(row.due_at <= now, free, ~blocked)
        .order_by(row.due_at, row.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=OutboxRow)
        .execution_options(populate_existing=True)
    )
    due: list[OutboxRow] = list(session.scalars(query))
    for each in due:
        each.state, each.claimed_by, each.claimed_until = "sending", by, until
        each.attempts += 1
    session.flush()
    return due


def write_message(session: Session, row: OutboxRow, channel: str, now: datetime) -> tuple[Message, bool]:
    """Writes the message that a row of the outbox becomes, once, before it is delivered.

    Returns:
        The message, and whether this call has written it; after a restart it stands there already, and its `state`
        says whether it was delivered.
    """
    text = str(row.payload.get("text") or "")
    values = blank_message(
        conversation_id=row.conversation_id,
        author=row.author,
        channel=channel,
        kind=kind_of(row.payload),
        client_id=f"outbox:{row.id}",
        text=text,
        payload={name: value for name, value in row.payload.items() if name != "text" and value},
        state="written",
        at=now,
    )
    made = add_new(session, Message, values, ("conversation_id", "client_id"))
    message: Message = (
        made
        or session.scalars(
            select(Message).where(
                column(Message.conversation_id) == row.conversation_id, column(Message.client_id) == f"outbox:{row.id}"
            )
        ).one()
    )
    row.message_id = message.id
    session.flush()
    return message, made is not None


def sent(session: Session, outbox_id: int, message_id: int | None, now: datetime) -> bool:
    """Says that a row has been delivered as that message; False when that is known."""
    return _settle(session, outbox_id, state="sent", message_id=message_id, claimed_until=None, problem=None)


def failed(session: Session, outbox_id: int, problem: str, retry_at: datetime | None) -> bool:
    """Says that a row could not be delivered.

    Args:
        session: A session that may write.
        outbox_id: The row.
        problem: Why, for people to read.
        retry_at: When it is tried again; None gives it up.

    Returns:
        False when it is settled already.
    """
    if retry_at is None:
        return _settle(session, outbox_id, state="failed", claimed_until=None, problem=problem)
    return _settle(session, outbox_id, state="waiting", due_at=retry_at, claimed_until=None, problem=problem)


def _settle(session: Session, outbox_id: int, **values: Any) -> bool:
    statement = (
        update(OutboxRow)
        .where(column(OutboxRow.id) == outbox_id, column(OutboxRow.state).in_(("waiting", "sending")))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(session.execute(statement).rowcount)
