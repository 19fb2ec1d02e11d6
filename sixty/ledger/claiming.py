"""Sees to it that one process at a time answers a message, and that none is left behind when one dies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, literal_column, or_, select, update
from sqlalchemy.orm import Session

from sixty.ledger.models import OPEN_STATES, Message
from sixty.ledger.prepared import Prepared
from sixty.tables import column

_TABLE: Any = Message.__table__
IS_OPEN: Any = _TABLE.c.state.in_([literal_column(repr(each)) for each in OPEN_STATES])
"""That a row of the table `message` still waits for its answer, for statements that are prepared."""

_OPEN = and_(_TABLE.c.id == bindparam("message"), IS_OPEN)
_CLAIM = Prepared(
    update(_TABLE)
    .where(
        _OPEN,
        or_(
            _TABLE.c.claimed_until.is_(None),
            _TABLE.c.claimed_until <= bindparam("now"),
            and_(_TABLE.c.state == "received", _TABLE.c.claimed_by == bindparam("taker")),
        ),
    )
    .values(
        state="handling",
        claimed_by=bindparam("taker"),
        claimed_until=bindparam("until"),
        attempts=_TABLE.c.attempts + 1,
    )
)
_MOVE_END = Prepared(
    update(_TABLE).where(_OPEN, _TABLE.c.claimed_by == bindparam("taker")).values(claimed_until=bindparam("until"))
)


def claim(session: Session, message_id: int, by: str, until: datetime, now: datetime) -> bool:
    """Takes a customer's message to answer it, unless somebody else has it or it is settled.

    Args:
        session: A session that may write.
        message_id: The message.
        by: Who takes it. One that was received for the same taker is theirs; one that is being handled is nobody's
            until its claim has run out, not even the same taker's.
        until: Until when nobody else may.
        now: The present moment.

    Returns:
        Whether it is taken.
    """
    values = {"message": message_id, "taker": by, "until": until, "now": now}
    return bool(_CLAIM.run(session, values).changed)


def extend(session: Session, message_id: int, by: str, until: datetime) -> bool:
    """Keeps a claim for longer; False when it is no longer one's own."""
    return _move_end(session, message_id, by, until)


def release(session: Session, message_id: int, by: str) -> bool:
    """Gives a claimed message back at once, as when a server is stopped; False when it is no longer one's own."""
    return _move_end(session, message_id, by, None)


def unanswered(session: Session, now: datetime, limit: int = 100) -> list[Message]:
    """Finds customers' messages that nobody deals with: never claimed, or claimed by one who has not come back.

    Returns:
        At most `limit` messages, in order of conversation and id.
    """
    query = (
        select(Message)
        .where(
            column(Message.state).in_(OPEN_STATES),
            or_(column(Message.claimed_until).is_(None), column(Message.claimed_until) <= now),
        )
        .order_by(Message.conversation_id, Message.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def _move_end(session: Session, message_id: int, by: str, until: datetime | None) -> bool:
    values = {"message": message_id, "taker": by, "until": until}
    return bool(_MOVE_END.run(session, values).changed)
