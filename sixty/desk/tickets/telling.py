"""Tells customers how their tickets go: in the channel they came by, in their newest conversation there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.conversations import Conversation
from sixty.desk.speaking import tell
from sixty.desk.tickets.rows import Ticket, TicketEntry
from sixty.desk.tickets.rules import TicketRules
from sixty.shop.wording import say_moment
from sixty.tables import column

NOTICE = "ticket"
# The words go on behind a reason with marks of their own.
_CLOSING = " 。.！!～~；;，,\n"


def tell_state(session: Session, ticket: Ticket, why: str, now: datetime, rules: TicketRules) -> TicketEntry | None:
    """Tells the customer that a ticket has come into its state, in the playbook's words.

    Args:
        session: A session that may write.
        ticket: The ticket, as it is now.
        why: What whoever moved it has written.
        now: The present moment.
        rules: The merchant's.

    Returns:
        What stands of it in the ticket's history; None where there is nothing to say, or nobody to say it to.
    """
    text = words_for(ticket, why, now, rules)
    return tell_words(session, ticket, text, f"{ticket.state}:{ticket.version}", now)


def tell_words(
    session: Session, ticket: Ticket, text: str, key: str, now: datetime, about: Mapping[str, Any] | None = None
) -> TicketEntry | None:
    """Tells the customer something about a ticket, once under its key.

    Args:
        session: A session that may write.
        ticket: The ticket.
        text: What they read; empty for nothing.
        key: The same for the same thing to say about this ticket.
        now: The present moment.
        about: What is kept of it in the ticket's history, beside the words.

    Returns:
        What stands of it in the ticket's history; None where there is nothing to say, or nobody to say it to.
    """
    conversation_id = where_to_tell(session, ticket) if text else None
    if conversation_id is None:
        return None
    message = tell(session, conversation_id, NOTICE, text, f"ticket:{ticket.id}:{key}", now)
    if message is None:
        return None
    data = {"message": message.id, "chat": conversation_id, **(about or {})}
    entry = TicketEntry(ticket_id=ticket.id, kind="told", by="system", after=ticket.state, text=text, data=data, at=now)
    session.add(entry)
    session.flush()
    return entry


def words_for(ticket: Ticket, why: str, now: datetime, rules: TicketRules) -> str:
    """What a customer reads when a ticket is in its state; empty for nothing."""
    return filled_in(rules.told(ticket.type, ticket.state), ticket, why, ticket.due_at, now, rules)


def filled_in(words: str, ticket: Ticket, why: str, due: datetime | None, now: datetime, rules: TicketRules) -> str:
    """The playbook's words with what is to be said in their places.

    Where they name a time that has passed, or that there is none, the playbook has others for that.
    """
    if "{due}" in words and due is None:
        words = rules.undated
    elif "{due}" in words and due is not None and due < now:
        words = rules.late
    until = say_moment(due, now) if due is not None else ""
    reason = why.rstrip(_CLOSING)
    return words.format(no=ticket.no, title=rules.type(ticket.type).title, due=until, why=reason).strip()


def where_to_tell(session: Session, ticket: Ticket) -> str | None:
    """The conversation in which the customer is told: the newest of theirs in the channel they came by."""
    if ticket.customer_id is not None and ticket.channel is not None:
        query = (
            select(Conversation.id)
            .where(
                column(Conversation.customer_id) == ticket.customer_id, column(Conversation.channel) == ticket.channel
            )
            .order_by(column(Conversation.last_at).desc())
            .limit(1)
        )
        newest: str | None = session.scalar(query)
        if newest is not None:
            return newest
    return ticket.conversation_id
