"""Writes what is said to a customer, before it is delivered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, func, literal_column, select, update
from sqlalchemy.orm import Session

from sixty.ledger.claiming import IS_OPEN
from sixty.ledger.models import SETTLED_STATES, Author, CustomerState, Message
from sixty.ledger.prepared import Prepared
from sixty.ledger.receiving import blank_message
from sixty.ledger.rows import add_new
from sixty.tables import column

OFFERED = "offered"
"""In a reply whose capsules nobody asked for: where they were offered, and who chose each of them. The bot's own
choices, such as orders to pick from, have none."""

PUSH = "push"
"""In what the bot offers by itself: what sort of offer it is, such as `close` or `bundle`."""

_TABLE: Any = Message.__table__
_DELIVERED = Prepared(
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("message"), _TABLE.c.state == literal_column("'written'"))
    .values(state="delivered", delivered_at=bindparam("now"))
)
_FINISHED = Prepared(
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("message"), IS_OPEN)
    .values(state=bindparam("end"), handled_at=bindparam("now"), claimed_until=None, timings=bindparam("took"))
)


def write_reply(
    session: Session,
    answers_id: int | None,
    ordinal: int | None,
    conversation_id: str,
    channel: str,
    author: Author,
    form: Mapping[str, Any],
    now: datetime,
) -> tuple[Message, bool]:
    """Writes a reply, once per message answered and ordinal.

    A turn that is handled again after a restart says the same again: what stands there already is not new, and whoever
    delivers leaves it out.

    Args:
        session: A session that may write.
        answers_id: The message that it replies to; None for what answers nothing.
        ordinal: The how-manieth reply to it, from 0; None with `answers_id`.
        conversation_id: The conversation.
        channel: Through which it will be delivered.
        author: `bot`, `agent` or `system`.
        form: What is said: `text`, `capsules` (title, payload), `offered`, `card`, `image`, `outcome`.
        now: The present moment.

    Returns:
        The row, and whether this call has written it.
    """
    values = blank_message(
        conversation_id=conversation_id,
        author=author,
        channel=channel,
        kind=kind_of(form),
        answers_id=answers_id,
        ordinal=ordinal,
        text=str(form.get("text") or ""),
        payload={name: value for name, value in form.items() if name != "text" and value},
        state="written",
        at=now,
    )
    made = add_new(session, Message, values, ("answers_id", "ordinal"))
    if made is not None:
        return made, True
    known = select(Message).where(column(Message.answers_id) == answers_id, column(Message.ordinal) == ordinal)
    return session.scalars(known.execution_options(populate_existing=True)).one(), False


def kind_of(form: Mapping[str, Any]) -> str:
    """What a reply mainly is: `card`, `picture` or `text`."""
    return "card" if form.get("card") else "picture" if form.get("image") else "text"


def mark_delivered(session: Session, ids: Collection[int], now: datetime) -> int:
    """Says that replies have reached the customer's channel; returns how many had not before."""
    return sum(_DELIVERED.run(session, {"message": each, "now": now}).changed for each in ids)


def mark_read(
    session: Session,
    conversation_id: str,
    up_to_id: int,
    now: datetime,
    reader: Literal["customer", "shop"] = "customer",
) -> int:
    """Says that a conversation has been read up to a message; returns how many had not been before.

    Args:
        session: A session that may write.
        conversation_id: The conversation; an id of another one marks nothing there.
        up_to_id: The last message read.
        now: The present moment.
        reader: `customer` reads what was said to them; `shop`, a person, what the customer said, which says nothing of
            how far its answer is.
    """
    values: dict[str, Any] = {"read_at": now}
    if reader == "customer":
        unread = column(Message.author) != "customer"
        values |= {"state": "read", "delivered_at": func.coalesce(column(Message.delivered_at), now)}
    else:
        unread = column(Message.author) == "customer"
    statement = (
        update(Message)
        .where(
            column(Message.conversation_id) == conversation_id,
            column(Message.id) <= up_to_id,
            column(Message.read_at).is_(None),
            unread,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return int(session.execute(statement).rowcount)


def finish(session: Session, message_id: int, state: CustomerState, now: datetime, **timings: float) -> bool:
    """Settles a customer's message; the first to do so decides.

    Args:
        session: A session that may write.
        message_id: The customer's message.
        state: `answered`, `apologised`, `handed_over` or `to_person`.
        now: The present moment.
        timings: Milliseconds, by name.

    Returns:
        Whether it was still open.

    Raises:
        ValueError: That is no state in which a message is settled.
    """
    if state not in SETTLED_STATES:
        raise ValueError(f"a message is settled as one of {', '.join(SETTLED_STATES)}, not as {state!r}")
    values = {"message": message_id, "end": state, "now": now, "took": timings}
    return bool(_FINISHED.run(session, values).changed)
