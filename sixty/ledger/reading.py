"""Reads the ledger: a conversation, what is new, what was said of something."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select, text
from sqlalchemy.orm import Session

from sixty.ledger.models import Author, Message, OutboxRow
from sixty.ledger.prepared import Prepared
from sixty.tables import column

INSERTING = 6007
"""The advisory lock that PostgreSQL's `next_message_id()` holds, shared; see migration 0007."""

_OUTBOX: Any = OutboxRow.__table__
_DUE = Prepared(
    select(_OUTBOX.c.id)
    .where(
        _OUTBOX.c.state.in_([literal_column("'waiting'"), literal_column("'sending'")]),
        _OUTBOX.c.due_at <= bindparam("now"),
    )
    .limit(literal_column("1"))
)


@dataclass(frozen=True)
class Capsule:
    """A choice that a message showed: what it says, and what a tap on it means.

    Attributes:
        message_id: The message that showed it.
        index: Its place there, from 0; see `choices`.
    """

    conversation_id: str
    title: str
    payload: str
    message_id: int
    index: int


@dataclass(frozen=True)
class Marks:
    """How far a customer's own messages have come; 0 for not at all."""

    delivered_to: int
    read_to: int


def history(
    session: Session, conversation_id: str, after: int = 0, limit: int = 200, before: int | None = None
) -> list[Message]:
    """Reads a conversation in order.

    Args:
        session: An open session.
        conversation_id: The conversation.
        after: Only messages behind this id: the first `limit` of them. Without it the last `limit` of the conversation.
        limit: How many at most.
        before: Only messages in front of this id, to page backwards.
    """
    query = select(Message).where(column(Message.conversation_id) == conversation_id)
    if before is not None:
        query = query.where(column(Message.id) < before)
    if after:
        return _fresh(session, query.where(column(Message.id) > after).order_by(Message.id).limit(limit))
    return _fresh(session, query.order_by(column(Message.id).desc()).limit(limit))[::-1]


def undelivered(session: Session, conversation_id: str, until: int, limit: int = 50) -> list[Message]:
    """Reads what was said to a customer and has not reached them, as far as is known.

    A reply may be on its way while the customer's next message is written; who comes back and asks only for what is
    behind their own message would never see it.

    Args:
        session: An open session.
        conversation_id: The conversation.
        until: Only messages up to this id.
        limit: How many at most, the latest.
    """
    query = (
        select(Message)
        .where(
            column(Message.conversation_id) == conversation_id,
            column(Message.id) <= until,
            column(Message.author) != "customer",
            column(Message.state) == "written",
        )
        .order_by(column(Message.id).desc())
        .limit(limit)
    )
    return _fresh(session, query)[::-1]


def since(session: Session, cursor: int, limit: int = 500) -> list[Message]:
    """Reads what has been written in all conversations behind a cursor, in order, and misses nothing.

    Args:
        session: A session in which nothing has been written.
        cursor: The highest id that the reader has dealt with; 0 in the beginning.
        limit: How many at most.
    """
    return _fresh(session, _behind(session, select(Message), cursor).limit(limit))


@dataclass(frozen=True)
class Said:
    """That somebody said something, without the words.

    Attributes:
        outcome: What the bot says of its own reply: `answered`, `missed` …; None where it says nothing.
    """

    id: int
    conversation_id: str
    author: Author
    kind: str
    at: datetime
    outcome: str | None


def said_since(session: Session, cursor: int, limit: int = 5000) -> list[Said]:
    """Reads who said something in all conversations behind a cursor, in order, and misses nothing.

    Args:
        session: A session in which nothing has been written.
        cursor: The highest id that the reader has dealt with; 0 in the beginning.
        limit: How many at most.
    """
    columns = select(Message.id, Message.conversation_id, Message.author, Message.kind, Message.at, Message.payload)
    return [
        Said(row.id, row.conversation_id, row.author, row.kind, row.at, (row.payload or {}).get("outcome"))
        for row in session.execute(_behind(session, columns, cursor).limit(limit))
    ]


def first_id_since(session: Session, moment: datetime) -> int:
    """The lowest id of a message that was written since a moment; above all there are where none was."""
    found = session.scalar(select(func.min(Message.id)).where(column(Message.at) >= moment))
    return int(found) if found is not None else newest_id(session) + 1


def _behind(session: Session, query: Any, cursor: int) -> Any:
    """What stands behind a cursor, in order, and nothing of which something in front may still be on its way."""
    query = query.where(column(Message.id) > cursor).order_by(Message.id)
    if session.get_bind().dialect.name == "postgresql":
        drawn = session.scalar(text("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM message_id_seq"))
        if drawn > cursor:
            # Ids up to `drawn` may be on their way. Once nobody holds the lock any more, they stand there or never
            # will.
            session.execute(text(f"SELECT pg_advisory_lock({INSERTING}), pg_advisory_unlock({INSERTING})"))
        query = query.where(column(Message.id) <= drawn)
    return query


def newest_id(session: Session) -> int:
    """The highest id there is, from which a reader that wants only what is to come begins."""
    return session.scalar(select(func.max(Message.id))) or 0


def search(
    session: Session,
    words: str,
    *,
    conversations: Collection[str] | None = None,
    author: Author | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Message]:
    """Finds messages whose text has all the words, the newest first.

    Args:
        session: An open session.
        words: What is looked for, parted by blanks; letters match in either case.
        conversations: Only in these.
        author: Only what they wrote.
        since: Not earlier.
        until: Earlier than this.
        before: Only in front of this id, for the next page.
        limit: How many at most.
    """
    wanted = words.split()
    if not wanted or (conversations is not None and not conversations):
        return []
    query = select(Message).where(*(column(Message.text).ilike(f"%{_literal(each)}%", escape="\\") for each in wanted))
    if conversations is not None:
        query = query.where(column(Message.conversation_id).in_(list(conversations)))
    if author is not None:
        query = query.where(column(Message.author) == author)
    if since is not None:
        query = query.where(column(Message.at) >= since)
    if until is not None:
        query = query.where(column(Message.at) < until)
    if before is not None:
        query = query.where(column(Message.id) < before)
    return _fresh(session, query.order_by(column(Message.id).desc()).limit(limit))


def replies_to(session: Session, message_id: int) -> list[Message]:
    """The replies to a customer's message, in order."""
    query = select(Message).where(column(Message.answers_id) == message_id).order_by(Message.ordinal)
    return _fresh(session, query)


def something_is_due(session: Session, now: datetime) -> bool:
    """Whether there is anything in the outbox that may have to be said now."""
    return _DUE.run(session, {"now": now}).row is not None


def marks(session: Session, conversation_id: str) -> Marks:
    """How far the customer's messages of a conversation have come: in the ledger, and read by the bot or a person."""
    own = column(Message.conversation_id) == conversation_id, column(Message.author) == "customer"
    read = column(Message.read_at).isnot(None) | column(Message.handled_at).isnot(None)
    found = session.execute(select(func.max(Message.id), func.max(column(Message.id)).filter(read)).where(*own)).one()
    return Marks(found[0] or 0, found[1] or 0)


def choices(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """All that can be tapped in a message: its capsules, then the choices of its card, in order.

    Returns:
        The dictionaries themselves, each with `title` and `payload`, so that a copy's can be changed in place.
    """
    return [*_choices_in(payload.get("capsules")), *_choices_in(payload.get("card"))]


def shown_capsule(session: Session, message_id: int, index: int) -> Capsule | None:
    """Finds what a customer has tapped.

    Args:
        session: An open session.
        message_id: The message that showed it.
        index: The how-manieth of its `choices`, from 0.
    """
    query = select(Message.conversation_id, Message.payload).where(
        column(Message.id) == message_id, column(Message.author) != "customer"
    )
    found = session.execute(query).first()
    if found is None:
        return None
    shown = choices(found.payload)
    if not 0 <= index < len(shown):
        return None
    return Capsule(found.conversation_id, shown[index]["title"], shown[index]["payload"], message_id, index)


def _fresh(session: Session, query: Any) -> list[Message]:
    # States are moved by statements of their own, past what the session remembers.
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _choices_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("title"), str) and isinstance(value.get("payload"), str):
            yield value
        for each in value.values():
            yield from _choices_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _choices_in(each)


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
