"""Looks at tickets and promises when their time comes: overdue ones are marked, and somebody is turned to, once a step.

Each is claimed by its lock, so that several desks share the work and none is done twice. After an outage each is looked
at once: of the steps that have been missed only the last is taken, and of many at once one alert tells all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import find_agent
from sixty.desk.desk_rules import RoutingRules, routing_rules
from sixty.desk.feed import announce
from sixty.desk.office_hours import OfficeHours
from sixty.desk.tickets.due import next_look, plan, step_at
from sixty.desk.tickets.flow import stir
from sixty.desk.tickets.promises import deeds_are_to_be_noted, note_deeds, settle, words_of
from sixty.desk.tickets.rows import Promise, Ticket, TicketEntry
from sixty.desk.tickets.rules import EscalatesTo, StepEntry, TicketRules, ticket_rules
from sixty.desk.tickets.unanswered import hear, heard_of, look_at_waiting, unplanned
from sixty.tables import column

AT_A_TIME = 200
ALERTS_EACH = 5
"""So many are told one by one to the same people in one go; of more they are told the number and the first ones."""


@dataclass(frozen=True, order=True)
class Addressee:
    """Who is told: an agent, a group, or the supervisors."""

    to: EscalatesTo
    agent: str = ""
    group: str = ""


@dataclass
class Watched:
    """What one look has done.

    Attributes:
        overdue: How many have become overdue.
        escalated: How many steps have been taken.
        lapsed: How many proposed promises nobody has said yes to in time.
        noted: How many deeds are watched from now on, or have been done.
        reminded: How many customers have been reminded that a ticket waits for them.
        closed: How many tickets have been closed because they did not answer.
        answered: How many tickets go on because they did, or wait anew.
    """

    overdue: int = 0
    escalated: int = 0
    lapsed: int = 0
    noted: int = 0
    reminded: int = 0
    closed: int = 0
    answered: int = 0
    told: dict[Addressee, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def done(self) -> int:
        """How much of all that."""
        said = self.reminded + self.closed + self.answered
        return self.overdue + self.escalated + self.lapsed + self.noted + said


def is_due(session: Session, now: datetime, rules: TicketRules | None = None) -> bool:
    """Whether there is anything to look at."""
    rules = rules or ticket_rules()
    for table in (Ticket, Promise):
        if session.scalar(select(table.id).where(column(table.watch_at) <= now).limit(1)) is not None:
            return True
    return deeds_are_to_be_noted(session, rules)


def watch(
    session: Session, now: datetime, rules: TicketRules | None = None, routing: RoutingRules | None = None
) -> Watched:
    """Looks at what is due, at most `AT_A_TIME` tickets and as many promises.

    Args:
        session: A session that may write.
        now: The present moment.
        rules: The merchant's; those of the playbook when left out.
        routing: The merchant's.
    """
    rules, routing = rules or ticket_rules(), routing or routing_rules()
    watched = Watched()
    watched.noted = note_deeds(session, now, rules, routing)
    for ticket in _claimed(session, Ticket, now):
        _look_at_ticket(session, ticket, now, rules, routing, watched)
    for promise in _claimed(session, Promise, now):
        _look_at_promise(session, promise, now, rules, routing, watched)
    session.flush()
    for addressee in sorted(watched.told):
        _alert(session, addressee, watched.told[addressee], now)
    return watched


def written_about(
    session: Session, since: datetime, now: datetime, rules: TicketRules, routing: RoutingRules
) -> list[int]:
    """Tickets that wait for customers, or were closed for want of an answer, and about which something is to be done.

    Args:
        session: Any session.
        since: From which moment on what customers write is looked at.
        now: The present moment.
        rules: The merchant's.
        routing: The merchant's.
    """
    return sorted({*unplanned(session, rules), *heard_of(session, since, now, rules, routing)})


def listen(session: Session, ids: Collection[int], now: datetime, rules: TicketRules, routing: RoutingRules) -> int:
    """Does it, with a session that may write; returns how many tickets go on, or wait anew."""
    return len(hear(session, ids, now, rules, routing))


def _claimed(session: Session, table: Any, now: datetime) -> list[Any]:
    query = (
        select(table)
        .where(column(table.watch_at) <= now)
        .order_by(table.watch_at, table.id)
        .limit(AT_A_TIME)
        .with_for_update(skip_locked=True, of=table)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def _look_at_ticket(
    session: Session, ticket: Ticket, now: datetime, rules: TicketRules, routing: RoutingRules, watched: Watched
) -> None:
    if ticket.closed_at is None and rules.state(ticket.state).kind == "waiting":
        deed = look_at_waiting(session, ticket, now, rules, routing)
        watched.reminded += deed == "reminded"
        watched.closed += deed == "closed"
        watched.answered += deed == "answered"
        return
    if ticket.due_at is None or ticket.closed_at is not None:
        ticket.watch_at = None
        return
    hours = rules.hours(ticket.type, ticket.group_id, routing)
    what: str | None = None
    if ticket.due_at <= now and ticket.overdue_since != ticket.due_at:
        ticket.overdue_since = ticket.due_at
        _enter(session, ticket, "overdue", now, {"due_at": ticket.due_at.isoformat()})
        watched.overdue += 1
    step, ticket.step = _last_step(rules.steps(ticket.type), ticket.step, ticket.due_at, now, hours)
    if step is not None:
        what = "overdue" if ticket.due_at <= now else "due_soon"
        to = _take(session, ticket, step, routing, now)
        _enter(session, ticket, "escalated", now, {"what": what, **to.__dict__, "step": ticket.step})
        watched.escalated += 1
        shown = {"id": ticket.id, "no": ticket.no, "title": ticket.title, "what": what}
        watched.told[to].append({"ticket": shown})
        ticket.version += 1 if step.move is not None else 0
    plan(ticket, now, rules, routing)
    stir(session, ticket, now)


def _look_at_promise(
    session: Session, promise: Promise, now: datetime, rules: TicketRules, routing: RoutingRules, watched: Watched
) -> None:
    if promise.state == "proposed":
        settle(session, promise.id, False, "system", now)
        watched.lapsed += 1
        return
    if promise.state != "open":
        promise.watch_at = None
        return
    hours = routing.group(promise.group_id).hours
    if promise.due_at <= now and promise.overdue_since != promise.due_at:
        promise.overdue_since = promise.due_at
        watched.overdue += 1
    steps = rules.steps_of_promises()
    step, promise.step = _last_step(steps, promise.step, promise.due_at, now, hours)
    if step is not None:
        what = "overdue" if promise.due_at <= now else "due_soon"
        to = _addressee(session, step.to or "group", promise.agent_id, promise.group_id or "")
        shown = {"id": promise.id, "chat": promise.conversation_id, "title": words_of(promise), "what": what}
        watched.told[to].append({"promise": shown})
        watched.escalated += 1
    promise.watch_at = next_look(steps, promise.step, promise.due_at, promise.overdue_since, hours)
    session.flush()
    data = {"promise": promise.id, "state": promise.state, "agent": promise.agent_id, "chat": promise.conversation_id}
    announce(session, "promise", promise.conversation_id, data, now, group=promise.group_id)


def _last_step(
    steps: list[StepEntry], taken: int, due: datetime, now: datetime, hours: OfficeHours
) -> tuple[StepEntry | None, int]:
    """The last step whose time has come and that has not been taken yet, and how many have been with it."""
    last: StepEntry | None = None
    while taken < len(steps) and step_at(steps[taken], due, hours) <= now:
        last = steps[taken]
        taken += 1
    return last, taken


def _take(session: Session, ticket: Ticket, step: StepEntry, routing: RoutingRules, now: datetime) -> Addressee:
    if step.move is not None and step.move != ticket.group_id and routing.knows(step.move):
        data = {"group": [ticket.group_id, str(step.move)], "agent": [ticket.agent_id, None]}
        ticket.group_id, ticket.agent_id = str(step.move), None
        _enter(session, ticket, "changed", now, data)
        return Addressee("group", group=ticket.group_id)
    return _addressee(session, step.to or "group", ticket.agent_id, ticket.group_id)


def _addressee(session: Session, to: EscalatesTo, agent_id: str | None, group_id: str) -> Addressee:
    """Who is told; the whole group where nobody is at it, or who was has left."""
    if to == "agent" and agent_id is not None and find_agent(session, agent_id).active:
        return Addressee("agent", agent_id, group_id)
    return Addressee("supervisor", group=group_id) if to == "supervisor" else Addressee("group", group=group_id)


def _alert(session: Session, to: Addressee, told: list[dict[str, Any]], now: datetime) -> None:
    common = {"to": to.to, "group": to.group}
    parts = [told] if len(told) > ALERTS_EACH else [[each] for each in told]
    for part in parts:
        shown = part[:ALERTS_EACH]
        data: Mapping[str, Any] = {
            **common,
            "what": "overdue" if any(_what(each) == "overdue" for each in part) else "due_soon",
            "tickets": [each["ticket"] for each in shown if "ticket" in each],
            "promises": [each["promise"] for each in shown if "promise" in each],
            "count": len(part),
        }
        announce(session, "ticket_alert", None, data, now, agent_id=to.agent or None, group=to.group or None)


def _what(told: Mapping[str, Any]) -> str:
    return str((told.get("ticket") or told.get("promise") or {}).get("what"))


def _enter(session: Session, ticket: Ticket, kind: Any, now: datetime, data: Mapping[str, Any]) -> None:
    session.add(TicketEntry(ticket_id=ticket.id, kind=kind, by="system", text="", data=dict(data), at=now))
