"""What is done with tickets: raised, moved along, changed, commented; each with who and why, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import find_agent
from sixty.desk.desk_errors import UnknownAgentError, UnknownGroupError
from sixty.desk.desk_rules import RoutingRules, routing_rules
from sixty.desk.feed import announce
from sixty.desk.tickets.due import begin_clock, go_on, pass_clock_on, plan, stop_clock
from sixty.desk.tickets.field_values import checked_fields
from sixty.desk.tickets.promises import free_promises_of, keep_promises_of, reopen_promises_of
from sixty.desk.tickets.rows import LONGEST_KEY, LONGEST_TITLE, EntryKind, Promise, Ticket, TicketEntry
from sixty.desk.tickets.rules import StateEntry, TicketRules, ticket_rules
from sixty.desk.tickets.searching import searched_text
from sixty.desk.tickets.telling import tell_state
from sixty.desk.tickets.ticket_errors import (
    ForbiddenTransitionError,
    OnlySupervisorsError,
    TicketChangedError,
    WhyMissingError,
)
from sixty.ledger.rows import add_new
from sixty.tables import column

LONGEST_TEXT = 4000
LONGEST_COMMENT = 2000
_MOST_MESSAGES = 50


@dataclass(frozen=True)
class Wanted:
    """A ticket that somebody raises.

    Attributes:
        key: Under which it is raised once, however often it is asked for.
        type: Of the playbook.
        text: What it is about, in full.
        group: Who solves it; the type's group when left out.
        agent: Who is at it from the beginning.
        urgent: Whether it comes first; as its type says when left out.
        promise_id: The promise that it is to keep; left alone where its type keeps no such promises.
    """

    key: str
    type: str
    title: str
    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    group: str | None = None
    agent: str | None = None
    urgent: bool | None = None
    conversation_id: str | None = None
    hand_off_id: int | None = None
    message_ids: Sequence[int] = ()
    customer_id: str | None = None
    channel: str | None = None
    order_no: str | None = None
    product_no: str | None = None
    promise_id: int | None = None


def raise_ticket(
    session: Session,
    wanted: Wanted,
    by: str,
    now: datetime,
    *,
    tell: bool = True,
    rules: TicketRules | None = None,
    routing: RoutingRules | None = None,
) -> tuple[Ticket, bool]:
    """Raises a ticket, once under its key.

    Args:
        session: A session that may write.
        wanted: What it is.
        by: Who raises it: an agent's id, or `bot`.
        now: The present moment.
        tell: Whether the customer is told.
        rules: The merchant's; those of the playbook when left out.
        routing: The merchant's.

    Returns:
        The ticket, and whether this call has raised it.

    Raises:
        FieldsMissingError: What its type asks for in the beginning is missing or wrong.
        UnknownGroupError: There is no such group.
        UnknownAgentError: There is no such agent.
        ValueError: The key, the type, the title or the text can't be used.
    """
    rules, routing = rules or ticket_rules(), routing or routing_rules()
    if not 1 <= len(wanted.key) <= LONGEST_KEY:
        raise ValueError(f"a key has 1 to {LONGEST_KEY} characters")
    known = session.scalars(select(Ticket).where(column(Ticket.key) == wanted.key)).first()
    if known is not None:
        return known, False
    if not rules.knows_type(wanted.type):
        raise ValueError(f"there is no type {wanted.type}")
    kind = rules.type(wanted.type)
    group, agent = wanted.group or str(kind.group), wanted.agent
    _check_people(session, group, agent, routing)
    state = rules.first_state(wanted.type)
    given = {name: text for name, text in wanted.fields.items() if name in {str(each.id) for each in kind.fields}}
    fields = checked_fields(rules, wanted.type, state.id, given)
    values: dict[str, Any] = {
        **dict.fromkeys(("seconds_left", "due_at", "overdue_since", "watch_at", "closed_at")),
        "key": wanted.key,
        "type": str(kind.id),
        "state": str(state.id),
        "group_id": group,
        "agent_id": agent,
        "urgent": kind.urgent if wanted.urgent is None else wanted.urgent,
        "title": _title(wanted.title),
        "text": _text(wanted.text),
        "fields": fields,
        "conversation_id": wanted.conversation_id,
        "hand_off_id": wanted.hand_off_id,
        "message_ids": list(wanted.message_ids)[:_MOST_MESSAGES],
        "customer_id": wanted.customer_id,
        "channel": wanted.channel,
        "order_no": _linked(rules, str(kind.id), fields, "order", wanted.order_no),
        "product_no": _linked(rules, str(kind.id), fields, "product", wanted.product_no),
        "by": by,
        "version": 1,
        "created_at": now,
        "updated_at": now,
        "state_since": now,
        "step": 0,
        "searched": "",
    }
    made = add_new(session, Ticket, values, ("key",))
    if made is None:
        other: Ticket = session.scalars(select(Ticket).where(column(Ticket.key) == wanted.key)).one()
        return other, False
    ticket: Ticket = made
    begin_clock(ticket, now, now, rules, routing)
    promise = _promise_for(session, wanted.promise_id, ticket, rules)
    if promise is not None:
        # What was promised holds where the type would allow more.
        ticket.due_at = min(ticket.due_at or promise.due_at, promise.due_at)
        plan(ticket, now, rules, routing, anew=True)
        promise.ticket_id = ticket.id
    _make_findable(ticket, rules)
    _enter(session, ticket, "created", by, now, after=ticket.state)
    if tell:
        tell_state(session, ticket, "", now, rules)
    stir(session, ticket, now)
    if agent is not None and agent != by:
        _alert_assigned(session, ticket, now)
    return ticket, True


def move(
    session: Session,
    ticket_id: int,
    version: int,
    to: str,
    by: str,
    now: datetime,
    *,
    why: str = "",
    fields: Mapping[str, str] | None = None,
    supervisor: bool = False,
    tell: bool = True,
    rules: TicketRules | None = None,
    routing: RoutingRules | None = None,
) -> Ticket:
    """Takes a ticket into another state, along the rules.

    Args:
        session: A session that may write.
        ticket_id: The ticket.
        version: Which one whoever moves it has seen.
        to: The state.
        by: Who.
        now: The present moment.
        why: A reason; some ways need one. The customer reads it where the state's words have room for it.
        fields: What is filled in together with it.
        supervisor: Whether they may go the ways that are for supervisors only.
        tell: Whether the customer is told.
        rules: The merchant's; those of the playbook when left out.
        routing: The merchant's.

    Raises:
        TicketChangedError: Somebody else has changed it since.
        ForbiddenTransitionError: There is no such way.
        OnlySupervisorsError: It is for supervisors only.
        WhyMissingError: It needs a reason.
        FieldsMissingError: Something has to be filled in first.
        LookupError: There is no such ticket.
    """
    rules, routing = rules or ticket_rules(), routing or routing_rules()
    ticket = locked_ticket(session, ticket_id, version)
    reason = why.strip()
    _check_way(rules, ticket, to, reason, supervisor)
    changed = _fill(ticket, to, fields, rules)
    before, after = rules.state(ticket.state), rules.state(to)
    ended_at = ticket.closed_at
    _turn_clock(ticket, before, after, now, rules, routing)
    ticket.state, ticket.state_since = to, now
    if ticket.agent_id is None and after.kind == "open" and before.id != after.id and _is_an_agent(session, by):
        # Who begins with it is at it.
        ticket.agent_id = by
    _touch(ticket, now, rules)
    data = {"fields": changed} if changed else {}
    _enter(session, ticket, "moved", by, now, before=str(before.id), after=to, text=reason, data=data)
    if rules.is_solved(to):
        keep_promises_of(session, ticket.id, by, now)
    elif after.kind == "done":
        free_promises_of(session, ticket.id, now, rules, routing)
    elif before.kind == "done":
        reopen_promises_of(session, ticket.id, ended_at, now, rules, routing)
    # Who was told that it is solved need not hear that it is put away.
    if tell and not before.kind == after.kind == "done":
        tell_state(session, ticket, reason, now, rules)
    stir(session, ticket, now)
    return ticket


def move_by_itself(
    session: Session,
    ticket: Ticket,
    to: str,
    why: str,
    now: datetime,
    rules: TicketRules,
    routing: RoutingRules,
    data: Mapping[str, Any],
) -> None:
    """Takes a ticket into another state without anybody's doing it: what people have to fill in is not asked for.

    Args:
        session: A session that may write.
        ticket: The ticket, locked.
        to: The state; that a way leads there is checked with the playbook.
        why: The reason for its history.
        now: The present moment.
        rules: The merchant's.
        routing: The merchant's.
        data: What is kept of it in the history.
    """
    before, after = rules.state(ticket.state), rules.state(to)
    _turn_clock(ticket, before, after, now, rules, routing)
    ticket.state, ticket.state_since = to, now
    _touch(ticket, now, rules)
    _enter(session, ticket, "moved", "system", now, before=str(before.id), after=to, text=why, data=data)


def change(
    session: Session,
    ticket_id: int,
    version: int,
    by: str,
    now: datetime,
    changes: Mapping[str, Any],
    *,
    why: str = "",
    rules: TicketRules | None = None,
    routing: RoutingRules | None = None,
) -> Ticket:
    """Changes what a ticket says, who solves it, or which type it is.

    Args:
        session: A session that may write.
        ticket_id: The ticket.
        version: Which one whoever changes it has seen.
        by: Who.
        now: The present moment.
        changes: Any of `title`, `text`, `type`, `fields`, `group`, `agent`, `urgent`; fields that are left out stay.
        why: A reason, for the history.
        rules: The merchant's; those of the playbook when left out.
        routing: The merchant's.

    Raises:
        TicketChangedError: Somebody else has changed it since.
        FieldsMissingError: A field is wrong, or missing for the state that it is in.
        UnknownGroupError: There is no such group.
        UnknownAgentError: There is no such agent.
        LookupError: There is no such ticket.
        ValueError: A value can't be used.
    """
    rules, routing = rules or ticket_rules(), routing or routing_rules()
    ticket = locked_ticket(session, ticket_id, version)
    seen = _snapshot(ticket)
    was_with, was_of = ticket.agent_id, rules.type(ticket.type)
    clock = rules.hours(ticket.type, ticket.group_id, routing)
    _change_words(ticket, changes)
    clock_changes = _change_type(ticket, changes, rules)
    clock_changes = _change_people(session, ticket, changes, routing) or clock_changes
    if "fields" in changes or "type" in changes:
        _fill(ticket, ticket.state, changes.get("fields"), rules)
    differences = {name: [seen[name], value] for name, value in _snapshot(ticket).items() if value != seen[name]}
    if not differences:
        return ticket
    if clock_changes and ticket.closed_at is None and rules.state(ticket.state).kind == "open":
        if _keeps_a_promise(session, ticket):
            # That was said, whoever solves it.
            plan(ticket, now, rules, routing, anew=True)
        else:
            pass_clock_on(ticket, was_of, clock, now, rules, routing)
    _touch(ticket, now, rules)
    _enter(session, ticket, "changed", by, now, text=why.strip()[:LONGEST_COMMENT], data=differences)
    stir(session, ticket, now)
    if ticket.agent_id is not None and ticket.agent_id not in (by, was_with):
        _alert_assigned(session, ticket, now)
    return ticket


def comment(session: Session, ticket_id: int, by: str, text: str, now: datetime) -> TicketEntry:
    """Writes something to a ticket; no customer reads it.

    Raises:
        LookupError: There is no such ticket.
        ValueError: The text is empty or too long.
    """
    said = text.strip()
    if not 1 <= len(said) <= LONGEST_COMMENT:
        raise ValueError(f"a comment has 1 to {LONGEST_COMMENT} characters")
    ticket = locked_ticket(session, ticket_id)
    ticket.updated_at = now
    ticket.searched = f"{ticket.searched} {searched_text(said)}"[:8000]
    entry = _enter(session, ticket, "comment", by, now, text=said)
    stir(session, ticket, now)
    return entry


def attach(
    session: Session, ticket_id: int, by: str, attachment: Mapping[str, Any], folder: str, now: datetime
) -> TicketEntry:
    """Adds a file to a ticket.

    Args:
        session: A session that may write.
        ticket_id: The ticket.
        by: Who.
        attachment: As `Upload.attachment` has it.
        folder: Where it lies: the conversation's, or the ticket's own.
        now: The present moment.

    Raises:
        LookupError: There is no such ticket.
    """
    ticket = locked_ticket(session, ticket_id)
    ticket.updated_at = now
    names = ("id", "kind", "name", "size", "content_type")
    data = {**{name: attachment.get(name) for name in names}, "folder": folder}
    entry = _enter(session, ticket, "file", by, now, data=data)
    stir(session, ticket, now)
    return entry


def locked_ticket(session: Session, ticket_id: int, version: int | None = None) -> Ticket:
    """Finds a ticket as it is now, for nobody else to change until the transaction ends.

    Raises:
        LookupError: There is none of that id.
        TicketChangedError: It is not of that version any more.
    """
    query = select(Ticket).where(column(Ticket.id) == ticket_id).with_for_update()
    found: Ticket | None = session.scalars(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise LookupError(f"there is no ticket {ticket_id}")
    if version is not None and found.version != version:
        raise TicketChangedError(found.id, found.version)
    return found


def folder_of(ticket: Ticket) -> str:
    """Where a ticket's files lie: with those of its conversation, so that they are forgotten together."""
    return ticket.conversation_id or f"ticket-{ticket.id}"


def stir(session: Session, ticket: Ticket, now: datetime) -> None:
    """Tells open windows that a ticket is new or has changed."""
    session.flush()
    data = {
        "ticket": ticket.id,
        "version": ticket.version,
        "state": ticket.state,
        "agent": ticket.agent_id,
        "by": ticket.by,
        "chat": ticket.conversation_id,
    }
    announce(session, "ticket", None, data, now, group=ticket.group_id)


def _check_way(rules: TicketRules, ticket: Ticket, to: str, reason: str, supervisor: bool) -> None:
    way = rules.transition(ticket.type, ticket.state, to)
    if way is None:
        possible = [str(each.id) for each in rules.states_of(ticket.type) if _leads(rules, ticket, each.id)]
        raise ForbiddenTransitionError(ticket.state, to, possible)
    if way.only == "supervisor" and not supervisor:
        raise OnlySupervisorsError(to)
    if way.why and not reason:
        raise WhyMissingError(to)
    if len(reason) > LONGEST_COMMENT:
        raise ValueError(f"a reason has at most {LONGEST_COMMENT} characters")


def _turn_clock(
    ticket: Ticket, before: StateEntry, after: StateEntry, now: datetime, rules: TicketRules, routing: RoutingRules
) -> None:
    """Lets a ticket's time run, stand still, end, or begin anew with the state that it goes into."""
    if after.kind == "done" and before.kind != "done":
        if ticket.due_at is not None and ticket.due_at < now:
            ticket.overdue_since = ticket.due_at
        ticket.closed_at, ticket.watch_at = now, None
    elif before.kind == "done" and after.kind != "done":
        ticket.closed_at = None
        begin_clock(ticket, now, now, rules, routing)
    elif before.kind == "waiting" and after.kind == "open":
        go_on(ticket, now, rules, routing)
    if after.kind == "waiting" and before.kind != "waiting":
        stop_clock(ticket, now, rules, routing)


def _leads(rules: TicketRules, ticket: Ticket, state_id: str) -> bool:
    return rules.transition(ticket.type, ticket.state, state_id) is not None


def _fill(ticket: Ticket, state: str, given: Mapping[str, str] | None, rules: TicketRules) -> dict[str, list[str]]:
    """Fills fields in, checked for a state; returns which have changed, with what they were and are."""
    before = dict(ticket.fields)
    ticket.fields = checked_fields(rules, ticket.type, state, {**before, **(given or {})})
    ticket.order_no = _linked(rules, ticket.type, ticket.fields, "order", ticket.order_no)
    ticket.product_no = _linked(rules, ticket.type, ticket.fields, "product", ticket.product_no)
    names = {*before, *ticket.fields}
    return {
        name: [before.get(name, ""), ticket.fields.get(name, "")]
        for name in sorted(names)
        if before.get(name, "") != ticket.fields.get(name, "")
    }


def _change_words(ticket: Ticket, changes: Mapping[str, Any]) -> None:
    if "title" in changes:
        ticket.title = _title(str(changes["title"]))
    if "text" in changes:
        ticket.text = _text(str(changes["text"]))
    if "urgent" in changes:
        ticket.urgent = bool(changes["urgent"])


def _change_people(session: Session, ticket: Ticket, changes: Mapping[str, Any], routing: RoutingRules) -> bool:
    """Passes a ticket on; returns whether another group's clock counts."""
    moves = changes.get("group") is not None and changes["group"] != ticket.group_id
    if moves:
        _check_people(session, str(changes["group"]), None, routing)
        ticket.group_id = str(changes["group"])
        if "agent" not in changes and not _works_for(session, ticket.agent_id, ticket.group_id):
            ticket.agent_id = None
    if "agent" in changes:
        _check_people(session, ticket.group_id, changes["agent"], routing)
        ticket.agent_id = changes["agent"]
    return moves


def _change_type(ticket: Ticket, changes: Mapping[str, Any], rules: TicketRules) -> bool:
    wanted = changes.get("type")
    if wanted is None or wanted == ticket.type:
        return False
    if not rules.knows_type(str(wanted)):
        raise ValueError(f"there is no type {wanted}")
    if not any(each.id == ticket.state for each in rules.states_of(str(wanted))):
        raise ValueError(f"the type {wanted} has no state {ticket.state}")
    own_group = str(rules.type(ticket.type).group)
    ticket.type = str(wanted)
    if ticket.group_id == own_group and "group" not in changes:
        ticket.group_id = str(rules.type(ticket.type).group)
    return True


def _linked(
    rules: TicketRules, type_id: str, fields: Mapping[str, str], kind: str, otherwise: str | None
) -> str | None:
    """The order or the product that a ticket is about: what is filled in where its type asks for it."""
    named = [fields[each.id] for each in rules.type(type_id).fields if each.kind == kind and fields.get(each.id)]
    return named[0] if named else otherwise


def _snapshot(ticket: Ticket) -> dict[str, Any]:
    return {
        "title": ticket.title,
        "text": ticket.text,
        "type": ticket.type,
        "fields": dict(ticket.fields),
        "group": ticket.group_id,
        "agent": ticket.agent_id,
        "urgent": ticket.urgent,
    }


def _touch(ticket: Ticket, now: datetime, rules: TicketRules) -> None:
    ticket.version += 1
    ticket.updated_at = now
    _make_findable(ticket, rules)


def _make_findable(ticket: Ticket, rules: TicketRules) -> None:
    values = [text for name, text in ticket.fields.items() if name not in rules.phones()]
    ticket.searched = searched_text(
        ticket.no,
        rules.type(ticket.type).title,
        ticket.title,
        ticket.text,
        *values,
        ticket.order_no or "",
        ticket.product_no or "",
        ticket.customer_id or "",
    )


def _enter(
    session: Session,
    ticket: Ticket,
    kind: EntryKind,
    by: str,
    now: datetime,
    *,
    before: str | None = None,
    after: str | None = None,
    text: str = "",
    data: Mapping[str, Any] | None = None,
) -> TicketEntry:
    entry = TicketEntry(
        ticket_id=ticket.id, kind=kind, by=by, before=before, after=after, text=text, data=dict(data or {}), at=now
    )
    session.add(entry)
    session.flush()
    return entry


def _alert_assigned(session: Session, ticket: Ticket, now: datetime) -> None:
    data = {"what": "assigned", "to": "agent", "tickets": [{"id": ticket.id, "no": ticket.no, "title": ticket.title}]}
    announce(session, "ticket_alert", None, data, now, agent_id=ticket.agent_id, group=ticket.group_id)


def _check_people(session: Session, group: str, agent: str | None, routing: RoutingRules) -> None:
    if not routing.knows(group):
        raise UnknownGroupError(group)
    if agent is not None and not find_agent(session, agent).active:
        raise UnknownAgentError(agent)


def _works_for(session: Session, agent_id: str | None, group: str) -> bool:
    if agent_id is None:
        return False
    groups = find_agent(session, agent_id).groups
    return not groups or group in groups


def _is_an_agent(session: Session, by: str) -> bool:
    try:
        return find_agent(session, by).active
    except UnknownAgentError:
        return False


def _promise_for(session: Session, promise_id: int | None, ticket: Ticket, rules: TicketRules) -> Promise | None:
    found: Promise | None = session.get(Promise, promise_id) if promise_id is not None else None
    free = found is not None and found.state == "open" and found.ticket_id is None
    return found if found is not None and free and rules.keeps(ticket.type, found.kind) else None


def _keeps_a_promise(session: Session, ticket: Ticket) -> bool:
    query = select(Promise.id).where(column(Promise.ticket_id) == ticket.id, column(Promise.state) == "open")
    return session.scalar(query.limit(1)) is not None


def _title(text: str) -> str:
    plain = " ".join(text.split())
    if not plain:
        raise ValueError("a ticket has a title")
    return plain if len(plain) <= LONGEST_TITLE else f"{plain[: LONGEST_TITLE - 1]}…"


def _text(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"a ticket's text has at most {LONGEST_TEXT} characters")
    return text.strip()
