"""Tickets that wait for customers: who does not answer is reminded once, then theirs is closed; who writes is heard.

What a customer writes while nobody of the shop talks with them takes their ticket back to work, also for some days
after it was closed; courtesies, taps, and what they say to a person who is there only begin the waiting anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from sixty.desk.agents import find_agent
from sixty.desk.conversations import Conversation
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.feed import announce
from sixty.desk.handoff_rows import HandOff
from sixty.desk.inspection.courtesy import is_courtesy
from sixty.desk.tickets.due import be_patient, is_known
from sixty.desk.tickets.flow import move_by_itself, stir
from sixty.desk.tickets.promises import drop_promises_of
from sixty.desk.tickets.rows import Ticket, TicketEntry
from sixty.desk.tickets.rules import Patience, TicketRules, UnansweredEntry
from sixty.desk.tickets.telling import filled_in, tell_words
from sixty.desk.tickets.working_time import days_after
from sixty.ledger.models import Message
from sixty.ledger.unsaid import SILENT
from sixty.nlu.normal_form import normal_form
from sixty.tables import column

UNANSWERED = "unanswered"
"""In the data of an entry: what was done because the customer had not answered: `reminded`, `closed`, `reopened`."""

Deed = Literal["reminded", "closed", "answered", "kept"]

_AGAIN = timedelta(minutes=30)
_TAP = "tap"
_AT_A_TIME = 100
_LINES = 50


@dataclass(frozen=True)
class _Heard:
    """What a customer has said since a ticket waits.

    Attributes:
        at: When, the last time; None for nothing.
        answers: Whether any of it may be what the ticket waits for.
        present: Whether a person of the shop has to do with them now.
    """

    at: datetime | None
    answers: bool
    present: bool


def look_at_waiting(
    session: Session, ticket: Ticket, now: datetime, rules: TicketRules, routing: RoutingRules
) -> Deed | None:
    """Reminds the customer of a ticket that waits for them, closes it, or finds that they have written.

    Args:
        session: A session that may write.
        ticket: A ticket in a state of waiting, locked, whose time to be looked at has come.
        now: The present moment.
        rules: The merchant's.
        routing: The merchant's.

    Returns:
        What was done; None where it is not time for anything yet.
    """
    patience, words = rules.patience(ticket.type), rules.unanswered
    if patience is None or words is None or not is_known(ticket):
        ticket.watch_at = None
        return None
    heard = _heard(session, ticket, ticket.state_since)
    if heard.answers and rules.way_on(ticket.type, ticket.state) is not None:
        _go_on(session, ticket, heard, words, now, rules, routing)
        return "answered"
    if heard.present:
        # Nobody is reminded of anything while they talk with a person, who may do so.
        ticket.watch_at = now + _AGAIN
        return None
    return _lose_patience(session, ticket, heard.at or ticket.state_since, patience, words, now, rules, routing)


def unplanned(session: Session, rules: TicketRules) -> list[int]:
    """Tickets that wait for customers, and that nobody will look at: they waited before there was such a rule."""
    ticket: Any = Ticket
    types = [str(each.id) for each in rules.types if rules.patience(each.id) is not None]
    if not types or not rules.waiting_states():
        return []
    query = select(ticket.id).where(
        ticket.state.in_(rules.waiting_states()),
        ticket.watch_at.is_(None),
        ticket.type.in_(types),
        or_(ticket.conversation_id.is_not(None), and_(ticket.customer_id.is_not(None), ticket.channel.is_not(None))),
    )
    return list(session.scalars(query.limit(_AT_A_TIME)))


def heard_of(session: Session, since: datetime, now: datetime, rules: TicketRules, routing: RoutingRules) -> list[int]:
    """Tickets whose customers have written since, so that something is to be done about it.

    Args:
        session: Any session.
        since: From which moment on lines are looked at.
        now: The present moment.
        rules: The merchant's.
        routing: The merchant's.
    """
    if rules.unanswered is None:
        return []
    return [
        ticket.id
        for ticket in _whose_customers_wrote(session, since, now, rules)
        if _is_news(session, ticket, now, rules, routing)
    ]


def hear(
    session: Session, ids: Collection[int], now: datetime, rules: TicketRules, routing: RoutingRules
) -> dict[int, Deed]:
    """Takes tickets whose customers have written back to work, or lets them wait anew.

    Args:
        session: A session that may write.
        ids: As `heard_of` or `unplanned` has found them.
        now: The present moment.
        rules: The merchant's.
        routing: The merchant's.
    """
    query = (
        select(Ticket)
        .where(column(Ticket.id).in_(list(ids)))
        .order_by(Ticket.id)
        .with_for_update(skip_locked=True, of=Ticket)
        .execution_options(populate_existing=True)
    )
    done: dict[int, Deed] = {}
    for ticket in session.scalars(query).all():
        words = rules.unanswered
        waits, reopens = _waits(ticket, rules), words is not None and _reopens(session, ticket, now, rules)
        if words is None or not (waits or reopens):
            continue
        heard = _heard(session, ticket, ticket.state_since)
        if heard.answers and rules.way_on(ticket.type, ticket.state) is not None:
            _go_on(session, ticket, heard, words, now, rules, routing)
            done[ticket.id] = "answered"
        elif waits:
            be_patient(ticket, heard.at or ticket.state_since, rules, routing)
            done[ticket.id] = "kept"
    session.flush()
    return done


def was_left_unanswered(session: Session, ticket: Ticket) -> bool:
    """Whether a ticket that is done was closed because its customer had not answered."""
    query = (
        select(TicketEntry.data)
        .where(column(TicketEntry.ticket_id) == ticket.id, column(TicketEntry.kind) == "moved")
        .order_by(column(TicketEntry.id).desc())
        .limit(1)
    )
    return (session.scalar(query) or {}).get(UNANSWERED) == "closed"


def _lose_patience(
    session: Session,
    ticket: Ticket,
    since: datetime,
    patience: Patience,
    words: UnansweredEntry,
    now: datetime,
    rules: TicketRules,
    routing: RoutingRules,
) -> Deed | None:
    hours = routing.group(ticket.group_id).hours
    left = patience.close_after - patience.remind_after
    reminded_at = _reminded_at(session, ticket, since)
    if reminded_at is None:
        ticket.watch_at = days_after(hours, since, patience.remind_after)
        if ticket.watch_at > now:
            return None
        # They have the whole time that was set behind a reminder, also where it came late.
        closes = max(days_after(hours, since, patience.close_after), days_after(hours, now, left))
        text = filled_in(words.remind, ticket, _asked_for(session, ticket), closes, now, rules)
        told = tell_words(session, ticket, text, f"remind:{int(since.timestamp())}", now, {UNANSWERED: "reminded"})
        # Who can't be told is not closed behind their back.
        ticket.watch_at = closes if told is not None else now + timedelta(days=1)
        stir(session, ticket, now)
        return "reminded" if told is not None else None
    closes = max(days_after(hours, since, patience.close_after), days_after(hours, reminded_at, left))
    if closes > now:
        ticket.watch_at = closes
        return None
    asked_for = _asked_for(session, ticket)
    move_by_itself(session, ticket, str(words.to), words.why, now, rules, routing, {UNANSWERED: "closed"})
    drop_promises_of(session, ticket.id, "system", now)
    text = filled_in(words.closed, ticket, asked_for, None, now, rules)
    tell_words(session, ticket, text, f"{words.to}:{ticket.version}", now)
    stir(session, ticket, now)
    return "closed"


def _go_on(
    session: Session,
    ticket: Ticket,
    heard: _Heard,
    words: UnansweredEntry,
    now: datetime,
    rules: TicketRules,
    routing: RoutingRules,
) -> None:
    to = rules.way_on(ticket.type, ticket.state)
    assert to is not None
    data = {UNANSWERED: "answered" if ticket.closed_at is None else "reopened"}
    move_by_itself(session, ticket, to, "顾客有回复", now, rules, routing, data)
    if not heard.present:
        text = filled_in(words.answered, ticket, "", ticket.due_at, now, rules)
        tell_words(session, ticket, text, f"{to}:{ticket.version}", now)
    shown = {"id": ticket.id, "no": ticket.no, "title": ticket.title, "what": "answered"}
    agent_id = ticket.agent_id if ticket.agent_id and find_agent(session, ticket.agent_id).active else None
    alert = {"what": "answered", "to": "agent" if agent_id else "group", "group": ticket.group_id, "tickets": [shown]}
    announce(session, "ticket_alert", None, {**alert, "count": 1}, now, agent_id=agent_id, group=ticket.group_id)
    stir(session, ticket, now)


def _heard(session: Session, ticket: Ticket, since: datetime) -> _Heard:
    """What the customer has said since, in any of their conversations."""
    ids = _conversations_of(session, ticket)
    talks = select(HandOff.state, HandOff.ended_at).where(column(HandOff.conversation_id).in_(ids))
    talked = session.execute(talks.where(or_(column(HandOff.ended_at).is_(None), column(HandOff.ended_at) > since)))
    states = talked.all()
    present = any(state != "closed" for state, _ in states)
    alone = max((ended for _, ended in states if ended is not None), default=since)
    query = (
        select(Message.at, Message.kind, Message.text)
        .where(
            column(Message.conversation_id).in_(ids),
            column(Message.author) == "customer",
            column(Message.kind).notin_(SILENT),
            column(Message.at) > since,
        )
        .order_by(column(Message.id).desc())
        .limit(_LINES)
    )
    lines = session.execute(query).all()
    answers = not present and any(_may_answer(kind, text) for at, kind, text in lines if at > alone)
    return _Heard(max((row[0] for row in lines), default=None), answers, present)


def _may_answer(kind: str, text: str) -> bool:
    return kind != _TAP and (kind != "text" or not is_courtesy(normal_form(text)))


def _conversations_of(session: Session, ticket: Ticket) -> list[str]:
    ids = {ticket.conversation_id} if ticket.conversation_id is not None else set()
    if ticket.customer_id is not None:
        ids.update(
            session.scalars(select(Conversation.id).where(column(Conversation.customer_id) == ticket.customer_id))
        )
    return sorted(ids)


def _whose_customers_wrote(session: Session, since: datetime, now: datetime, rules: TicketRules) -> Iterable[Ticket]:
    assert rules.unanswered is not None
    ticket: Any = Ticket
    message: Any = Message
    waits = and_(ticket.state.in_(rules.waiting_states()), ticket.closed_at.is_(None))
    looked_for = waits
    if rules.unanswered.reopen_within is not None:
        recently = ticket.closed_at > now - rules.unanswered.reopen_within
        looked_for = or_(waits, and_(ticket.state == str(rules.unanswered.to), recently))
    wrote = and_(
        message.at >= since, message.author == "customer", message.kind.notin_(SILENT), message.at > ticket.state_since
    )
    here = select(ticket.id).join(message, message.conversation_id == ticket.conversation_id).where(looked_for, wrote)
    theirs = (
        select(ticket.id)
        .join(Conversation, column(Conversation.customer_id) == ticket.customer_id)
        .join(message, message.conversation_id == column(Conversation.id))
        .where(looked_for, wrote)
    )
    found = sorted({*session.scalars(here.distinct()), *session.scalars(theirs.distinct())})[:_AT_A_TIME]
    return list(session.scalars(select(Ticket).where(ticket.id.in_(found)).order_by(ticket.id))) if found else []


def _is_news(session: Session, ticket: Ticket, now: datetime, rules: TicketRules, routing: RoutingRules) -> bool:
    """Whether anything has to be written because of what was said: it goes on, or waits for longer."""
    heard = _heard(session, ticket, ticket.state_since)
    if not _waits(ticket, rules):
        return heard.answers and _reopens(session, ticket, now, rules)
    if heard.answers and rules.way_on(ticket.type, ticket.state) is not None:
        return True
    patience = rules.patience(ticket.type)
    if patience is None or heard.at is None:
        return False
    longer = days_after(routing.group(ticket.group_id).hours, heard.at, patience.remind_after)
    if ticket.watch_at is None or ticket.watch_at < longer:
        return True
    # It was to be closed, or to be reminded of something later, and they have said that they are there.
    return ticket.watch_at > longer and not heard.present and _reminded_at(session, ticket, heard.at) is None


def _waits(ticket: Ticket, rules: TicketRules) -> bool:
    return ticket.closed_at is None and rules.state(ticket.state).kind == "waiting"


def _reopens(session: Session, ticket: Ticket, now: datetime, rules: TicketRules) -> bool:
    within = rules.unanswered.reopen_within if rules.unanswered is not None else None
    if within is None or ticket.closed_at is None or not was_left_unanswered(session, ticket):
        return False
    return ticket.closed_at + within > now


def _reminded_at(session: Session, ticket: Ticket, since: datetime) -> datetime | None:
    query = (
        select(TicketEntry)
        .where(
            column(TicketEntry.ticket_id) == ticket.id,
            column(TicketEntry.kind) == "told",
            column(TicketEntry.at) >= since,
        )
        .order_by(column(TicketEntry.id).desc())
    )
    return next((each.at for each in session.scalars(query) if each.data.get(UNANSWERED) == "reminded"), None)


def _asked_for(session: Session, ticket: Ticket) -> str:
    """What the ticket waits for, in the words of whoever has put it there."""
    query = (
        select(TicketEntry.text)
        .where(
            column(TicketEntry.ticket_id) == ticket.id,
            column(TicketEntry.kind) == "moved",
            column(TicketEntry.after) == ticket.state,
        )
        .order_by(column(TicketEntry.id).desc())
        .limit(1)
    )
    return str(session.scalar(query) or "补充资料")
