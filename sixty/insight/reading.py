"""Reads what is kept of visits."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.insight.models import ChatTurn, Visit
from sixty.ledger.models import Message
from sixty.tables import column


def conversations(session: Session, among: Collection[str] = ()) -> list[str]:
    """The conversations in which something was said, in order of their ids; with `among` only those of these."""
    query = select(Message.conversation_id).distinct().order_by(Message.conversation_id)
    if among:
        query = query.where(column(Message.conversation_id).in_(sorted(among)))
    return list(session.scalars(query))


def visits_of(session: Session, conversation_id: str) -> list[tuple[Visit, list[ChatTurn]]]:
    """The visits of a conversation with their turns, the first first."""
    mine = column(Visit.conversation_id) == conversation_id
    visits = session.scalars(select(Visit).where(mine).order_by(Visit.first_message_id)).all()
    turns: dict[int, list[ChatTurn]] = {visit.id: [] for visit in visits}
    query = select(ChatTurn).where(column(ChatTurn.visit_id).in_(sorted(turns))).order_by(ChatTurn.message_id)
    for turn in session.scalars(query):
        turns[turn.visit_id].append(turn)
    return [(visit, turns[visit.id]) for visit in visits]
