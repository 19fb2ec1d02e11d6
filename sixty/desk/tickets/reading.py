"""Tickets as the workbench shows them: lists, the board, one ticket with all that happened to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from sixty.desk.agents import names_of
from sixty.desk.chat_rows import Viewing
from sixty.desk.conversations import Conversation
from sixty.desk.customer_names import customer_shown
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.tickets.promises import words_of
from sixty.desk.tickets.rows import Promise, Ticket, TicketEntry
from sixty.desk.tickets.rules import FieldEntry, TicketRules
from sixty.desk.tickets.searching import ENOUGH, score_of
from sixty.identity.upload_links import upload_link
from sixty.masking import mask_phone
from sixty.tables import column

Sort = Literal["due", "newest", "changed"]
Late = Literal["overdue", "today"]

MOST = 200
_MOST_ENTRIES = 500
# Before how long from now on what is late is due.
_LATE: dict[Late, timedelta] = {"overdue": timedelta(0), "today": timedelta(days=1)}


@dataclass(frozen=True)
class Filters:
    """What is looked for; what is left out may be anything.

    Attributes:
        open: Only what is to be done, or only what is done.
        unassigned: Only what nobody has taken.
        late: Only what is overdue, or that and what is due within a day.
        words: Of the text, or a number.
    """

    states: Sequence[str] = ()
    types: Sequence[str] = ()
    group: str | None = None
    agent: str | None = None
    by: str | None = None
    open: bool | None = None
    unassigned: bool = False
    urgent: bool = False
    late: Late | None = None
    customer_id: str | None = None
    conversation_id: str | None = None
    order_no: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""


def may_see(viewing: Viewing, ticket: Ticket) -> bool:
    """Whether a ticket is any of somebody's business: their group's, their own, or raised by them."""
    own = viewing.agent_id is not None and viewing.agent_id in (ticket.agent_id, ticket.by)
    return viewing.everything or own or viewing.groups is None or ticket.group_id in viewing.groups


def find_tickets(
    session: Session,
    viewing: Viewing,
    filters: Filters,
    now: datetime,
    *,
    sort: Sort = "due",
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[Ticket], bool]:
    """Finds tickets that somebody may see.

    Args:
        session: Any session.
        viewing: Who looks.
        filters: What for.
        now: The present moment.
        sort: `due` has what is urgent and due next first; where words are looked for, the best fit comes first.
        offset: How many are left out, for the next page.
        limit: How many at most.

    Returns:
        The tickets, and whether there are more.
    """
    score = score_of(filters.words)
    query = select(Ticket).where(*_conditions(viewing, filters, now))
    if score is not None:
        query = query.where(score >= ENOUGH).order_by(score.desc())
    query = query.order_by(*_order(sort)).offset(offset).limit(min(limit, MOST) + 1)
    found = list(session.scalars(query.execution_options(populate_existing=True)))
    return found[:limit], len(found) > limit


def count_by_state(session: Session, viewing: Viewing, filters: Filters, now: datetime) -> dict[str, int]:
    """How many tickets there are in each state."""
    query = select(Ticket.state, func.count()).where(*_conditions(viewing, filters, now))
    score = score_of(filters.words)
    if score is not None:
        query = query.where(score >= ENOUGH)
    return {str(state): int(count) for state, count in session.execute(query.group_by(Ticket.state))}


def count_views(session: Session, viewing: Viewing, now: datetime) -> dict[str, int]:
    """How many are in each of the views: `mine`, `unassigned`, `open`, `overdue`."""
    views = {
        "mine": Filters(open=True, agent=viewing.agent_id or "-"),
        "unassigned": Filters(open=True, unassigned=True),
        "open": Filters(open=True),
        "overdue": Filters(open=True, late="overdue"),
    }
    return {
        name: int(session.scalar(select(func.count(Ticket.id)).where(*_conditions(viewing, filters, now))) or 0)
        for name, filters in views.items()
    }


def _conditions(viewing: Viewing, filters: Filters, now: datetime) -> list[Any]:
    ticket: Any = Ticket
    found: list[Any] = []
    if not viewing.everything and viewing.groups is not None:
        own = [ticket.agent_id == viewing.agent_id, ticket.by == viewing.agent_id] if viewing.agent_id else []
        found.append(or_(ticket.group_id.in_(sorted(viewing.groups)), *own))
    same = (
        (ticket.group_id, filters.group),
        (ticket.agent_id, filters.agent),
        (ticket.by, filters.by),
        (ticket.customer_id, filters.customer_id),
        (ticket.conversation_id, filters.conversation_id),
        (ticket.order_no, filters.order_no),
    )
    found += [attribute == value for attribute, value in same if value is not None]
    if filters.states:
        found.append(ticket.state.in_(list(filters.states)))
    if filters.types:
        found.append(ticket.type.in_(list(filters.types)))
    if filters.open is not None:
        found.append(ticket.closed_at.is_(None) if filters.open else ticket.closed_at.is_not(None))
    if filters.unassigned:
        found.append(ticket.agent_id.is_(None))
    if filters.urgent:
        found.append(ticket.urgent.is_(True))
    if filters.late is not None:
        found += [ticket.closed_at.is_(None), ticket.due_at < now + _LATE[filters.late]]
    if filters.since is not None:
        found.append(ticket.created_at >= filters.since)
    if filters.until is not None:
        found.append(ticket.created_at < filters.until)
    return found


def _order(sort: Sort) -> list[Any]:
    ticket: Any = Ticket
    if sort == "newest":
        return [ticket.created_at.desc(), ticket.id.desc()]
    if sort == "changed":
        return [ticket.updated_at.desc(), ticket.id.desc()]
    without = case((ticket.due_at.is_(None), 1), else_=0)
    done = case((ticket.closed_at.is_(None), 0), else_=1)
    # What is done comes last, the newest of it first.
    return [done, ticket.urgent.desc(), without, ticket.due_at, ticket.id.desc()]


def ticket_forms(
    session: Session,
    tickets: Sequence[Ticket],
    viewing: Viewing,
    rules: TicketRules,
    routing: RoutingRules,
    now: datetime,
) -> list[dict[str, Any]]:
    """Tickets in a line each, as the workbench's API has them."""
    names = names_of(session, [each for ticket in tickets for each in (ticket.agent_id, ticket.by)])
    chats = [each.conversation_id for each in tickets if each.conversation_id]
    query = select(Conversation).where(column(Conversation.id).in_(chats))
    conversations = {each.id: each for each in session.scalars(query)} if chats else {}
    return [
        _form(session, each, viewing, rules, routing, now, names, conversations.get(each.conversation_id or ""))
        for each in tickets
    ]


def _form(
    session: Session,
    ticket: Ticket,
    viewing: Viewing,
    rules: TicketRules,
    routing: RoutingRules,
    now: datetime,
    names: dict[str, str],
    conversation: Conversation | None,
) -> dict[str, Any]:
    state = rules.state(ticket.state)
    group = routing.group(ticket.group_id)
    return {
        "id": ticket.id,
        "no": ticket.no,
        "version": ticket.version,
        "type": ticket.type,
        "state": ticket.state,
        "kind": state.kind,
        "group": {"id": group.id, "title": group.title},
        "agent": {"id": ticket.agent_id, "name": names.get(ticket.agent_id, "")} if ticket.agent_id else None,
        "urgent": ticket.urgent,
        "title": ticket.title,
        "customer": _customer(session, ticket, conversation, viewing, routing),
        "chat": ticket.conversation_id,
        "channel": ticket.channel,
        "order_no": ticket.order_no,
        "product_no": ticket.product_no,
        "by": {"id": ticket.by, "name": names.get(ticket.by, "机器人" if ticket.by == "bot" else ticket.by)},
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "state_since": ticket.state_since,
        "due_at": ticket.due_at,
        "overdue": ticket.closed_at is None and ticket.due_at is not None and ticket.due_at < now,
        "was_overdue": ticket.overdue_since is not None,
        "closed_at": ticket.closed_at,
    }


def _customer(
    session: Session, ticket: Ticket, conversation: Conversation | None, viewing: Viewing, routing: RoutingRules
) -> dict[str, Any]:
    shown = customer_shown(session, conversation, ticket.customer_id, routing, clear=viewing.clear).dict()
    nobody = conversation is None and ticket.customer_id is None
    return {**shown, "name": "—"} if nobody else shown


def whole_ticket(
    session: Session,
    ticket: Ticket,
    viewing: Viewing,
    rules: TicketRules,
    routing: RoutingRules,
    secret: str,
    now: datetime,
) -> dict[str, Any]:
    """One ticket with its fields, its history, its files, what it keeps, and where it may go."""
    form = ticket_forms(session, [ticket], viewing, rules, routing, now)[0]
    query = select(TicketEntry).where(column(TicketEntry.ticket_id) == ticket.id)
    entries = list(session.scalars(query.order_by(column(TicketEntry.id).desc()).limit(_MOST_ENTRIES)))[::-1]
    promises = select(Promise).where(column(Promise.ticket_id) == ticket.id).order_by(Promise.id)
    clear = viewing.clear or (viewing.agent_id is not None and viewing.agent_id in (ticket.agent_id, ticket.by))
    return {
        **form,
        "text": ticket.text,
        "fields": [_field(each, ticket.fields.get(each.id, ""), clear) for each in rules.type(ticket.type).fields],
        "message_ids": list(ticket.message_ids),
        "entries": entry_forms(session, entries, secret, now, frozenset() if clear else rules.phones()),
        "promises": promise_forms(session, list(session.scalars(promises)), rules, now),
        "ways": [
            {
                "to": str(each.id),
                "why": way.why,
                "only": way.only,
                "may": way.only is None or viewing.everything,
                "missing": [str(field.id) for field in rules.missing(ticket.type, each.id, ticket.fields)],
                "told": rules.told(ticket.type, each.id),
            }
            for each in rules.states_of(ticket.type)
            if (way := rules.transition(ticket.type, ticket.state, each.id)) is not None
        ],
    }


def _field(field: FieldEntry, value: str, clear: bool) -> dict[str, Any]:
    shown = value if clear or field.kind != "phone" else _masked(value)
    return {"id": str(field.id), "value": shown, "masked": shown != value}


def entry_forms(
    session: Session, entries: Sequence[TicketEntry], secret: str, now: datetime, masked: Collection[str]
) -> list[dict[str, Any]]:
    """What happened to a ticket, as the workbench's API has it; the fields of these ids are masked."""
    named = {each.by for each in entries}
    for each in entries:
        change = each.data.get("agent") if each.kind == "changed" else None
        named |= {str(one) for one in change if one} if isinstance(change, list) else set()
    names = names_of(session, named)
    others = {"bot": "机器人", "system": "系统"}
    return [
        {
            "id": each.id,
            "kind": each.kind,
            "by": {"id": each.by, "name": names.get(each.by, others.get(each.by, each.by))},
            "before": each.before,
            "after": each.after,
            "text": each.text,
            "data": _shown(each, names, masked),
            "file": _file(each, secret, now) if each.kind == "file" else None,
            "at": each.at,
        }
        for each in entries
    ]


def _shown(entry: TicketEntry, names: dict[str, str], masked: Collection[str]) -> dict[str, Any]:
    if entry.kind == "file":
        return {}
    shown = dict(entry.data)
    change = shown.get("agent") if entry.kind == "changed" else None
    if isinstance(change, list):
        shown["agent"] = [names.get(str(each), str(each)) if each else None for each in change]
    fields = shown.get("fields")
    if isinstance(fields, list):
        # Of a change: all that was filled in, before and after.
        shown["fields"] = [
            {name: _masked(value) if name in masked else value for name, value in each.items()} for each in fields
        ]
    elif isinstance(fields, dict):
        # Of a move: what was filled in with it, each with what it was and is.
        shown["fields"] = {
            name: [_masked(each) for each in pair] if name in masked else pair for name, pair in fields.items()
        }
    return shown


def _masked(value: str) -> str:
    return mask_phone(value) if value else value


def _file(entry: TicketEntry, secret: str, now: datetime) -> dict[str, Any]:
    file = entry.data
    return {
        "kind": file["kind"],
        "name": file.get("name") or "",
        "size": file.get("size"),
        "content_type": file.get("content_type"),
        "url": upload_link("", secret, str(file["folder"]), str(file["id"]), now),
    }


def promise_forms(
    session: Session, promises: Sequence[Promise], rules: TicketRules, now: datetime
) -> list[dict[str, Any]]:
    """Promises as the workbench's API has them."""
    names = names_of(session, [each.agent_id for each in promises])
    return [
        {
            "id": each.id,
            "chat": each.conversation_id,
            "message": each.message_id,
            "kind": each.kind,
            "type": entry.type if (entry := rules.promise(each.kind)) is not None else None,
            "words": words_of(each),
            "agent": {"id": each.agent_id, "name": names.get(each.agent_id, "")} if each.agent_id else None,
            "group": each.group_id,
            "ticket": each.ticket_id,
            "state": each.state,
            "said_at": each.said_at,
            "due_at": each.due_at,
            "overdue": each.state == "open" and each.due_at < now,
            "settled_at": each.settled_at,
        }
        for each in promises
    ]


def find_promises(session: Session, viewing: Viewing, now: datetime, limit: int = 200) -> list[Promise]:
    """The promises that are watched and are somebody's business, the one that is due next first."""
    promise: Any = Promise
    query = select(Promise).where(promise.state == "open")
    if not viewing.everything and viewing.groups is not None:
        groups = promise.group_id.in_(sorted(viewing.groups)) | promise.group_id.is_(None)
        query = query.where(or_(groups, promise.agent_id == viewing.agent_id))
    return list(session.scalars(query.order_by(promise.due_at, promise.id).limit(limit)))


def may_see_promise(viewing: Viewing, promise: Promise) -> bool:
    """Whether a promise is any of somebody's business."""
    own = viewing.agent_id is not None and promise.agent_id == viewing.agent_id
    in_group = viewing.groups is None or promise.group_id is None or promise.group_id in viewing.groups
    return viewing.everything or own or in_group


def rules_form(rules: TicketRules) -> dict[str, Any]:
    """What the page has to know of the playbook."""
    return {
        "states": [
            {"id": each.id, "title": each.title, "title_en": each.title_en, "kind": each.kind} for each in rules.states
        ],
        "types": [
            {
                "id": each.id,
                "title": each.title,
                "title_en": each.title_en,
                "group": each.group,
                "urgent": each.urgent,
                "states": [str(state.id) for state in rules.states_of(each.id)],
                "fields": [field.dict() for field in each.fields],
                "words": {str(state.id): rules.told(each.id, state.id) for state in rules.states_of(each.id)},
            }
            for each in rules.types
        ],
        "transitions": [
            {"from": each.before, "to": list(each.to), "why": each.why, "only": each.only} for each in rules.transitions
        ],
        "promises": [{"id": each.id, "title": each.title, "title_en": each.title_en} for each in rules.promises],
    }
