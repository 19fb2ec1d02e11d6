"""What customers were promised: noted as it is said, watched until it is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from sixty.desk.agents import Agent
from sixty.desk.assignments import held_at
from sixty.desk.deed_titles import DEED_TITLES
from sixty.desk.desk_rules import RoutingRules, routing_rules
from sixty.desk.feed import announce
from sixty.desk.handoff_rows import latest_handoff
from sixty.desk.inspection.courtesy import is_courtesy
from sixty.desk.office_hours import OfficeHours
from sixty.desk.tickets.due import plan_promise
from sixty.desk.tickets.promise_words import promises_in
from sixty.desk.tickets.rows import Promise
from sixty.desk.tickets.rules import TicketRules, ticket_rules
from sixty.desk.tickets.ticket_errors import SettledError
from sixty.ledger.models import Message
from sixty.ledger.rows import add_new
from sixty.ledger.unsaid import SILENT
from sixty.nlu.normal_form import normal_form
from sixty.shop.deeds.models import DeedRow
from sixty.tables import column

DEED = "deed"
"""The kind of what a deed has promised, be it done through the bot or by an agent."""

_LONGEST_WORDS = 200
_BLANK = dict.fromkeys(("message_id", "ticket_id", "overdue_since", "watch_at", "settled_at", "settled_by"))
_AT_A_TIME = 200
# What an agent adds to a promise follows within so long.
_SAME_BREATH = timedelta(minutes=3)


def note_promises(
    session: Session,
    message: Message,
    customer_id: str | None,
    now: datetime,
    rules: TicketRules | None = None,
    routing: RoutingRules | None = None,
) -> list[Promise]:
    """Notes what an agent's line promises: watched at once, or proposed to the agent, as the playbook says.

    An agent's further line keeps what they have promised to answer, unless it is a courtesy or said in the same breath.

    Args:
        session: A session that may write, in which the line stands.
        message: The line.
        customer_id: To whom, as far as it is known.
        now: When it was said.
        rules: The merchant's; those of the playbook when left out.
        routing: The merchant's.

    Returns:
        What it promises, as far as it is due some time.
    """
    rules = rules or ticket_rules()
    if not rules.promises or message.author != "agent" or not message.text:
        return []
    routing = routing or routing_rules()
    agent_id = str((message.payload or {}).get("agent") or "") or None
    group_id, hours = _whose(session, message.conversation_id, agent_id, routing)
    found = promises_in(message.text, now, rules, hours)
    if not found:
        _keep_by_answering(session, message, agent_id, now, rules)
    noted = []
    for each in found:
        entry = rules.promise(each.kind)
        if each.due_at is None or entry is None:
            continue
        values: dict[str, Any] = {
            **_BLANK,
            "key": f"message:{message.id}:{each.kind}:{each.start}",
            "conversation_id": message.conversation_id,
            "message_id": message.id,
            "kind": each.kind,
            "words": each.words[:_LONGEST_WORDS],
            "customer_id": customer_id,
            "agent_id": agent_id,
            "group_id": group_id,
            "state": "open" if entry.keep == "auto" else "proposed",
            "said_at": now,
            "due_at": each.due_at,
            "step": 0,
        }
        promise = add_new(session, Promise, values, ("key",))
        if promise is not None:
            plan_promise(promise, now, rules, hours, anew=True)
            _stir(session, promise, now)
            noted.append(promise)
    return noted


def keep_watching(
    session: Session,
    promise_id: int,
    by: str,
    now: datetime,
    due_at: datetime | None = None,
    rules: TicketRules | None = None,
    routing: RoutingRules | None = None,
) -> Promise:
    """Says yes to a promise that was found: it is watched from now on; or sets another time for one that is watched.

    Raises:
        LookupError: There is none of that id.
        SettledError: It has been kept or dropped.
        ValueError: The time has passed.
    """
    promise = _locked(session, promise_id)
    if promise.state not in ("proposed", "open"):
        raise SettledError(promise_id)
    if due_at is not None:
        if due_at <= now:
            raise ValueError("the time has passed")
        promise.due_at = due_at
    promise.state = "open"
    _plan(session, promise, now, rules, routing)
    _stir(session, promise, now)
    return promise


def settle(session: Session, promise_id: int, kept: bool, by: str, now: datetime) -> Promise:
    """Says that a promise has been kept, or that it was none or counts no more.

    Raises:
        LookupError: There is none of that id.
        SettledError: Somebody has said so before.
    """
    promise = _locked(session, promise_id)
    if promise.state not in ("proposed", "open"):
        raise SettledError(promise_id)
    _settle(session, promise, kept, by, now)
    return promise


def words_of(promise: Promise) -> str:
    """What was promised, for people to read; rows that were noted with the code of their deed have its title."""
    return DEED_TITLES.get(promise.words, promise.words) if promise.kind == DEED else promise.words  # type: ignore[call-overload]


def keep_promises_of(session: Session, ticket_id: int, by: str, now: datetime) -> int:
    """Counts what a ticket was raised for as kept, now that it is solved; returns how many."""
    return _settle_those_of(session, ticket_id, True, by, now)


def drop_promises_of(session: Session, ticket_id: int, by: str, now: datetime) -> int:
    """Counts what a ticket was raised for no more, now that it is closed without having been done; returns how many."""
    return _settle_those_of(session, ticket_id, False, by, now)


def free_promises_of(
    session: Session,
    ticket_id: int,
    now: datetime,
    rules: TicketRules | None = None,
    routing: RoutingRules | None = None,
) -> None:
    """Has what a ticket was raised for watched by itself again: the ticket was closed without having been solved."""
    for each in _open_ones_of(session, ticket_id):
        each.ticket_id = None
        _plan(session, each, now, rules, routing)
        _stir(session, each, now)


def reopen_promises_of(
    session: Session, ticket_id: int, kept_at: datetime | None, now: datetime, rules: TicketRules, routing: RoutingRules
) -> None:
    """Watches again what a ticket's end had kept: it was not solved after all.

    Args:
        session: A session that may write.
        ticket_id: The ticket.
        kept_at: When it had ended; what somebody had kept by hand before stays kept.
        now: The present moment.
        rules: The merchant's.
        routing: The merchant's.
    """
    query = select(Promise).where(
        column(Promise.ticket_id) == ticket_id, column(Promise.state) == "kept", column(Promise.settled_at) == kept_at
    )
    for each in session.scalars(query.with_for_update()).all():
        each.state, each.settled_at, each.settled_by = "open", None, None
        _plan(session, each, now, rules, routing)
        _stir(session, each, now)


def _settle_those_of(session: Session, ticket_id: int, kept: bool, by: str, now: datetime) -> int:
    found = _open_ones_of(session, ticket_id)
    for each in found:
        _settle(session, each, kept, by, now)
    return len(found)


def _open_ones_of(session: Session, ticket_id: int) -> list[Promise]:
    query = (
        select(Promise)
        .where(column(Promise.ticket_id) == ticket_id, column(Promise.state) == "open")
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def promises_of(session: Session, conversation_id: str) -> list[Promise]:
    """What was promised in a conversation and counts, the newest first."""
    query = (
        select(Promise)
        .where(column(Promise.conversation_id) == conversation_id, column(Promise.state) != "dropped")
        .order_by(column(Promise.id).desc())
        .limit(50)
    )
    return list(session.scalars(query))


def deeds_are_to_be_noted(session: Session, rules: TicketRules) -> bool:
    """Whether a deed promises something that is not watched yet, or has been done since."""
    return bool(_new_deeds(session, rules, 1)) or bool(_finished_deeds(session, 1))


def note_deeds(session: Session, now: datetime, rules: TicketRules, routing: RoutingRules) -> int:
    """Watches what the shop has accepted to do by some time, and keeps what has been done; returns how many."""
    done = 0
    for deed in _new_deeds(session, rules, _AT_A_TIME):
        hand_off = latest_handoff(session, deed.conversation_id)
        group_id = _group_of_deeds(rules, routing)
        values: dict[str, Any] = {
            **_BLANK,
            "key": f"deed:{deed.key}",
            "conversation_id": deed.conversation_id,
            "kind": DEED,
            "words": _deed_words(deed),
            "customer_id": deed.customer_id,
            "agent_id": held_at(session, deed.conversation_id, deed.asked_at) if deed.by == "agent" else None,
            "group_id": hand_off.group_id if hand_off is not None and hand_off.group_id else group_id,
            "state": "open",
            "said_at": deed.asked_at,
            "due_at": deed.promised_at,
            "step": 0,
        }
        promise = add_new(session, Promise, values, ("key",))
        if promise is not None:
            _plan(session, promise, now, rules, routing)
            _stir(session, promise, now)
            done += 1
    for promise, state in _finished_deeds(session, _AT_A_TIME):
        _settle(session, promise, state == "done", "system", now)
        done += 1
    return done


def _new_deeds(session: Session, rules: TicketRules, limit: int) -> list[DeedRow]:
    if not rules.deeds:
        return []
    noted = exists().where(column(Promise.key) == "deed:" + column(DeedRow.key))
    query = (
        select(DeedRow)
        .where(
            column(DeedRow.state) == "accepted",
            column(DeedRow.promised_at).is_not(None),
            column(DeedRow.kind).in_([str(each) for each in rules.deeds]),
            ~noted,
        )
        .order_by(DeedRow.asked_at)
        .limit(limit)
    )
    return list(session.scalars(query))


def _finished_deeds(session: Session, limit: int) -> list[tuple[Promise, str]]:
    query = (
        select(Promise, DeedRow.state)
        .join(DeedRow, column(Promise.key) == "deed:" + column(DeedRow.key))
        .where(
            column(Promise.state) == "open",
            column(Promise.kind) == DEED,
            column(DeedRow.state).in_(("done", "refused", "failed")),
        )
        .limit(limit)
    )
    return [(promise, str(state)) for promise, state in session.execute(query)]


def _deed_words(deed: DeedRow) -> str:
    """What was accepted, as agents read it: 退货（订单 SO1）."""
    about = f"订单 {deed.order_no}" if deed.order_no else deed.reference
    return f"{DEED_TITLES[deed.kind]}（{about}）"[:_LONGEST_WORDS]


def _keep_by_answering(
    session: Session, message: Message, agent_id: str | None, now: datetime, rules: TicketRules
) -> None:
    """Keeps what an agent has promised to answer, once a line is an answer.

    A courtesy is none, nor is what still belongs to the promise: said right behind it, the customer not having written.
    """
    kinds = [str(each.id) for each in rules.promises if each.kept == "reply"]
    if not kinds or is_courtesy(normal_form(message.text)):
        return
    query = (
        select(Promise)
        .where(
            column(Promise.conversation_id) == message.conversation_id,
            column(Promise.state).in_(("proposed", "open")),
            column(Promise.kind).in_(kinds),
        )
        .with_for_update()
    )
    for each in session.scalars(query).all():
        if now - each.said_at >= _SAME_BREATH or _has_written_since(session, each):
            _settle(session, each, True, agent_id or "system", now)


def _has_written_since(session: Session, promise: Promise) -> bool:
    query = select(Message.id).where(
        column(Message.conversation_id) == promise.conversation_id,
        column(Message.author) == "customer",
        column(Message.kind).notin_(SILENT),
        column(Message.id) > promise.message_id,
    )
    return session.scalar(query.limit(1)) is not None


def _settle(session: Session, promise: Promise, kept: bool, by: str, now: datetime) -> None:
    if kept and promise.due_at < now:
        promise.overdue_since = promise.due_at
    promise.state = "kept" if kept else "dropped"
    promise.watch_at, promise.settled_at, promise.settled_by = None, now, by
    _stir(session, promise, now)


def _plan(
    session: Session, promise: Promise, now: datetime, rules: TicketRules | None, routing: RoutingRules | None
) -> None:
    hours = (routing or routing_rules()).group(promise.group_id).hours
    plan_promise(promise, now, rules or ticket_rules(), hours, anew=True)
    session.flush()


def _whose(
    session: Session, conversation_id: str, agent_id: str | None, routing: RoutingRules
) -> tuple[str | None, OfficeHours]:
    """The group whose business a conversation is, and its hours."""
    hand_off = latest_handoff(session, conversation_id)
    agent: Agent | None = session.get(Agent, agent_id) if agent_id else None
    group_id = hand_off.group_id if hand_off is not None else None
    if group_id is None and agent is not None and agent.groups:
        group_id = agent.groups[0]
    group = routing.group(group_id)
    return group.id, group.hours


def _group_of_deeds(rules: TicketRules, routing: RoutingRules) -> str:
    first = str(rules.types[0].group)
    return first if routing.knows(first) else routing.groups[-1].id


def _locked(session: Session, promise_id: int) -> Promise:
    query = select(Promise).where(column(Promise.id) == promise_id).with_for_update()
    found: Promise | None = session.scalars(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise LookupError(f"there is no promise {promise_id}")
    return found


def _stir(session: Session, promise: Promise, now: datetime) -> None:
    session.flush()
    data = {"promise": promise.id, "state": promise.state, "agent": promise.agent_id, "chat": promise.conversation_id}
    announce(session, "promise", promise.conversation_id, data, now, group=promise.group_id)
