"""Which customers wait for a person's words, since when, and how many of their lines nobody has read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from sixty.desk.handoff_rows import HandOff
from sixty.ledger.models import Message
from sixty.ledger.unsaid import SILENT
from sixty.tables import column


def waiting_since(session: Session, hand_offs: Sequence[HandOff]) -> dict[int, datetime]:
    """Since when customers wait for a person's words, by hand-off; who does not is left out.

    In the queue that is since they were put there, with an agent since their oldest line that no agent has answered.
    """
    found = {each.id: each.queued_at for each in hand_offs if each.state == "queued"}
    found |= {each.id: each.created_at for each in hand_offs if each.state == "left"}
    taken = {each.conversation_id: each for each in hand_offs if each.state == "taken" and each.wrap_up_at is None}
    if not taken:
        return found
    answered = (
        select(Message.conversation_id, func.max(Message.id).label("last"))
        .where(column(Message.conversation_id).in_(list(taken)), column(Message.author) == "agent")
        .group_by(Message.conversation_id)
        .subquery()
    )
    query = (
        select(Message.conversation_id, func.min(Message.id))
        .outerjoin(answered, answered.c.conversation_id == column(Message.conversation_id))
        .where(
            column(Message.conversation_id).in_(list(taken)),
            column(Message.author) == "customer",
            column(Message.kind).notin_(SILENT),
            or_(answered.c.last.is_(None), column(Message.id) > answered.c.last),
        )
        .group_by(Message.conversation_id)
    )
    first = dict(session.execute(query).all())
    at = dict(session.execute(select(Message.id, Message.at).where(column(Message.id).in_(list(first.values())))).all())
    spoken = set(session.scalars(select(answered.c.conversation_id)))
    for conversation_id, hand_off in taken.items():
        message_id = first.get(conversation_id)
        if message_id is not None:
            # What was said to the bot before has waited since a person was called.
            found[hand_off.id] = max(at[message_id], hand_off.created_at)
        elif conversation_id not in spoken:
            found[hand_off.id] = hand_off.created_at
    return found


def unread_of(session: Session, ids: Collection[str]) -> dict[str, int]:
    """Customers' messages that came to a person and have not been read."""
    if not ids:
        return {}
    query = (
        select(Message.conversation_id, func.count())
        .where(
            column(Message.conversation_id).in_(list(ids)),
            column(Message.author) == "customer",
            column(Message.state) == "to_person",
            column(Message.read_at).is_(None),
        )
        .group_by(Message.conversation_id)
    )
    return dict(session.execute(query).all())
