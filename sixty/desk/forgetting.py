"""Finds, hands out and erases what is kept of one customer's conversations."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from sixty.desk.assignments import Assignment
from sixty.desk.beside.ratings import Satisfaction
from sixty.desk.beside.suggestion_uses import SuggestionUse
from sixty.desk.board.alarm_rows import Alarm
from sixty.desk.board.guests import ChatGuest
from sixty.desk.board.whispers import Whisper
from sixty.desk.conversations import Conversation, ConversationChange
from sixty.desk.drafts import Draft
from sixty.desk.feed import DeskEvent
from sixty.desk.handoff_rows import HandOff
from sixty.desk.inspection.rows import Inspection
from sixty.desk.notes import DeskNote
from sixty.desk.people_figures.talk_rows import TalkFigure
from sixty.desk.tickets.rows import Promise, Ticket, TicketEntry
from sixty.desk.typing_marks import TypingMark
from sixty.ledger.erasure import Erased, erase, export, plain
from sixty.ledger.models import Message
from sixty.outreach.forgetting import forget_customer, forget_rooms
from sixty.outreach.handing_out import reminders_of
from sixty.tables import column

_CHUNK = 500


@dataclass(frozen=True)
class Forgotten:
    """How much is gone."""

    conversations: int
    handoffs: int
    ledger: Erased
    reminders: int = 0


def conversations_of(session: Session, customer_id: str | None = None, visitor_id: str | None = None) -> list[str]:
    """The conversations of a customer or of a browser, over all channels, the oldest first.

    Args:
        session: An open session.
        customer_id: The merchant's number of the customer; also where they are no longer proved.
        visitor_id: Of a visitor.
    """
    found: list[str] = []
    if customer_id is not None:
        found += session.scalars(
            select(Conversation.id)
            .where(column(Conversation.customer_id) == customer_id)
            .order_by(Conversation.created_at, Conversation.id)
        )
        # A hand-off may be older than the table of conversations.
        found += session.scalars(
            select(HandOff.conversation_id).where(column(HandOff.customer_id) == customer_id).order_by(HandOff.id)
        )
    if visitor_id is not None:
        found += session.scalars(
            select(Conversation.id)
            .where(column(Conversation.visitor_id) == visitor_id)
            .order_by(Conversation.created_at, Conversation.id)
        )
    return list(dict.fromkeys(found))


def forget(
    session: Session, conversation_ids: Collection[str], now: datetime, customer_id: str | None = None
) -> Forgotten:
    """Erases conversations: what was said, who was in them, and who waited for a person.

    Orders, and what was done about them, are the shop's records of a trade and stay.

    Args:
        session: A session that may write.
        conversation_ids: The conversations.
        now: The present moment.
        customer_id: A customer who is forgotten altogether: reminders become nobody's, and none follows.
    """
    ids = list(conversation_ids)
    # First, while the conversations still tell whose they are.
    reminders = forget_customer(session, customer_id, now) if customer_id is not None else 0
    reminders += forget_rooms(session, ids, now)
    ledger = erase(session, ids)
    for table in (
        TalkFigure,
        Whisper,
        ChatGuest,
        Alarm,
        Assignment,
        DeskNote,
        DeskEvent,
        TypingMark,
        Draft,
        Satisfaction,
        SuggestionUse,
        Inspection,
    ):
        session.execute(_those(delete(table), table.conversation_id, ids))
    _forget_tickets(session, ids)
    handoffs = session.execute(_those(delete(HandOff), HandOff.conversation_id, ids)).rowcount
    session.execute(_those(delete(ConversationChange), ConversationChange.conversation_id, ids))
    conversations = session.execute(_those(delete(Conversation), Conversation.id, ids)).rowcount
    return Forgotten(conversations, handoffs, ledger, reminders)


def hand_out(
    session: Session, conversation_ids: Collection[str], customer_id: str | None = None
) -> Iterator[dict[str, Any]]:
    """All that is kept of conversations, as objects that JSON can say, each with what `record` it is.

    Args:
        session: An open session.
        conversation_ids: The conversations.
        customer_id: A customer whose they are: then also what they were reminded of without any.
    """
    for conversation_id in conversation_ids:
        for kind, table, owner in (
            ("conversation", Conversation, Conversation.id),
            ("change", ConversationChange, ConversationChange.conversation_id),
            ("hand_off", HandOff, HandOff.conversation_id),
            ("note", DeskNote, DeskNote.conversation_id),
            ("whisper", Whisper, Whisper.conversation_id),
            ("satisfaction", Satisfaction, Satisfaction.conversation_id),
            ("ticket", Ticket, Ticket.conversation_id),
            ("promise", Promise, Promise.conversation_id),
            ("inspection", Inspection, Inspection.conversation_id),
        ):
            for row in session.scalars(_those(select(table), owner, [conversation_id]).order_by(column(table).id)):
                yield {"record": kind, **plain(row)}
        yield from export(session, [conversation_id])
    yield from reminders_of(session, conversation_ids, customer_id)


def _forget_tickets(session: Session, ids: list[str]) -> None:
    """Erases what was promised in conversations, and the tickets that were raised from them with their history."""
    session.execute(_those(delete(Promise), Promise.conversation_id, ids))
    tickets = list(session.scalars(_those(select(Ticket.id), Ticket.conversation_id, ids)))
    session.execute(_those(delete(TicketEntry), TicketEntry.ticket_id, tickets))
    session.execute(_those(delete(Ticket), Ticket.id, tickets))


def quiet(session: Session, conversation_ids: Collection[str], since: datetime) -> list[str]:
    """Those of the conversations in which nothing has been said since that moment, but something before."""
    ids = list(conversation_ids)
    found: list[str] = []
    for start in range(0, len(ids), _CHUNK):
        query = _those(select(Message.conversation_id), Message.conversation_id, ids[start : start + _CHUNK])
        found += session.scalars(query.group_by(Message.conversation_id).having(func.max(Message.at) < since))
    return found


def outlived(session: Session, end: datetime, limit: int = 500) -> list[str]:
    """Conversations that ended before that moment, of which nothing needs to be kept any longer."""
    query = (
        select(Conversation.id).where(column(Conversation.last_at) < end).order_by(Conversation.last_at).limit(limit)
    )
    return list(session.scalars(query))


def _those(statement: Any, owner: Any, ids: list[str]) -> Any:
    return statement.where(owner.in_(ids)).execution_options(synchronize_session=False)
