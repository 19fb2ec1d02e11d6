"""By when tickets and promises have to be done, and when somebody has to look at them next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sixty.desk.desk_rules import RoutingRules
from sixty.desk.office_hours import OfficeHours
from sixty.desk.tickets.rows import Promise, Ticket
from sixty.desk.tickets.rules import StepEntry, TicketRules, TypeEntry
from sixty.desk.tickets.working_time import days_after, moment_after, worked_between

_NOTHING = timedelta(0)


def begin_clock(ticket: Ticket, start: datetime, now: datetime, rules: TicketRules, routing: RoutingRules) -> None:
    """Gives a ticket the whole time of its type, counted from a start."""
    due = rules.type(ticket.type).due
    hours = rules.hours(ticket.type, ticket.group_id, routing)
    ticket.seconds_left = None
    ticket.due_at = None if due is None else moment_after(hours, start, due)
    plan(ticket, now, rules, routing, anew=True)


def stop_clock(ticket: Ticket, now: datetime, rules: TicketRules, routing: RoutingRules) -> None:
    """Lets a ticket's time stand still, while it waits for the customer."""
    if ticket.due_at is not None:
        hours = rules.hours(ticket.type, ticket.group_id, routing)
        ticket.seconds_left = int(worked_between(hours, now, ticket.due_at).total_seconds())
        ticket.due_at = None
    be_patient(ticket, now, rules, routing)


def be_patient(ticket: Ticket, since: datetime, rules: TicketRules, routing: RoutingRules) -> None:
    """Finds out when the customer of a ticket that waits for them has to be reminded.

    Args:
        ticket: A ticket that waits for its customer.
        since: When they, or the shop, have said the last thing about it.
        rules: The merchant's.
        routing: The merchant's.
    """
    patience = rules.patience(ticket.type)
    if patience is None or not is_known(ticket):
        ticket.watch_at = None
        return
    ticket.watch_at = days_after(routing.group(ticket.group_id).hours, since, patience.remind_after)


def is_known(ticket: Ticket) -> bool:
    """Whether there is anybody who could be asked, reminded and told."""
    return ticket.conversation_id is not None or (ticket.customer_id is not None and ticket.channel is not None)


def go_on(ticket: Ticket, now: datetime, rules: TicketRules, routing: RoutingRules) -> None:
    """Lets it run on with what was left of it."""
    ticket.watch_at = None
    if ticket.seconds_left is None:
        return
    hours = rules.hours(ticket.type, ticket.group_id, routing)
    left = timedelta(seconds=ticket.seconds_left)
    late = left <= _NOTHING
    ticket.due_at, ticket.seconds_left = (now + left if late else moment_after(hours, now, left)), None
    if late and ticket.overdue_since is not None:
        # It was late before it waited, and everybody has been told.
        ticket.overdue_since = ticket.due_at
    plan(ticket, now, rules, routing, anew=not late)


def pass_clock_on(
    ticket: Ticket, before: TypeEntry, clock: OfficeHours, now: datetime, rules: TicketRules, routing: RoutingRules
) -> None:
    """Lets a ticket's time run on by another group's clock, or within another type's time: what is used stays used.

    Args:
        ticket: A ticket in work, with its new group and type.
        before: The type that it was of.
        clock: By which its time has counted.
        now: The present moment.
        rules: The merchant's.
        routing: The merchant's.
    """
    whole = rules.type(ticket.type).due
    if whole is None or before.due is None or ticket.due_at is None:
        begin_clock(ticket, now, now, rules, routing)
        return
    left = worked_between(clock, now, ticket.due_at) + (whole - before.due)
    ticket.seconds_left = int(left.total_seconds())
    go_on(ticket, now, rules, routing)


def plan(ticket: Ticket, now: datetime, rules: TicketRules, routing: RoutingRules, anew: bool = False) -> None:
    """Finds out when somebody has to look at a ticket next.

    Args:
        ticket: A ticket whose other attributes are as they should be.
        now: The present moment.
        rules: The merchant's.
        routing: The merchant's.
        anew: Whether its escalation begins from the first step again; reminders that would be too late are left out.
    """
    if ticket.due_at is None or ticket.closed_at is not None:
        ticket.watch_at = None
        return
    steps, hours = rules.steps(ticket.type), rules.hours(ticket.type, ticket.group_id, routing)
    if anew:
        ticket.step = first_step(steps, ticket.due_at, now, hours)
    ticket.watch_at = next_look(steps, ticket.step, ticket.due_at, ticket.overdue_since, hours)


def plan_promise(promise: Promise, now: datetime, rules: TicketRules, hours: OfficeHours, anew: bool = False) -> None:
    """The same of a promise."""
    if promise.state == "proposed":
        # Nobody has said yes to it by the time that it would be due: then it was none.
        promise.watch_at = promise.due_at
        return
    if promise.state != "open":
        promise.watch_at = None
        return
    steps = rules.steps_of_promises()
    if anew:
        promise.step = first_step(steps, promise.due_at, now, hours)
    promise.watch_at = next_look(steps, promise.step, promise.due_at, promise.overdue_since, hours)


def step_at(step: StepEntry, due: datetime, hours: OfficeHours) -> datetime:
    """When a step is to be taken: behind the due time by the group's clock, in front of it around the clock."""
    return due + step.after if step.after < _NOTHING else moment_after(hours, due, step.after)


def first_step(steps: Sequence[StepEntry], due: datetime, now: datetime, hours: OfficeHours) -> int:
    """The first one that is not a reminder for a moment that has passed."""
    return sum(1 for each in steps if each.after < _NOTHING and step_at(each, due, hours) <= now)


def next_look(
    steps: Sequence[StepEntry], step: int, due: datetime, overdue_since: datetime | None, hours: OfficeHours
) -> datetime | None:
    """When the next thing happens: it becomes overdue, or a step is to be taken; None where all has been."""
    moments = [] if overdue_since == due else [due]
    if step < len(steps):
        moments.append(step_at(steps[step], due, hours))
    return min(moments, default=None)
