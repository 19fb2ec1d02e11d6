"""The list of calls: an agent takes one, is told when it is not to be made any more, and says how it went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, get_args

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from sixty.desk.agents import Agent
from sixty.outreach.checking import Against
from sixty.outreach.going_on import set_apart
from sixty.outreach.looking import Seen, leave_unsaid, locked_rung, look
from sixty.outreach.models import OutreachCase, OutreachContact, OutreachRung
from sixty.outreach.reasons import say_reason
from sixty.outreach.scenes import Book
from sixty.outreach.scenes_file import shop_book
from sixty.outreach.sending import lock_customer, plan_next
from sixty.outreach.stopping import end_cases, stop_case, stop_customer
from sixty.tables import column

Outcome = Literal["will_buy", "reached", "not_reached", "refused", "no_more", "wrong_number"]

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
"""How a call may go; `no_more` wants no messages at all any more."""

TALKED: frozenset[Outcome] = frozenset({"will_buy", "reached", "refused", "no_more"})
"""The customer was on the phone."""

_LONGEST_CALL = timedelta(hours=1)
"""So long whoever has taken a call is left in peace with it."""

_LATER = frozenset({"quiet"})
"""Reasons for which a call waits on the list: people ring when it suits."""


@dataclass(frozen=True)
class Taking:
    """What came of an agent's taking a call; true when it is theirs.

    Attributes:
        taken: Whether it is theirs.
        why_not: Why it is not to be made, as in `reasons`; None when it is theirs, somebody else's, or made.
    """

    taken: bool
    why_not: str | None = None

    def __bool__(self) -> bool:
        """Whether it is theirs."""
        return self.taken


def call_list(session: Session, now: datetime, limit: int = 50) -> Sequence[OutreachContact]:
    """Calls that somebody may make, the longest waiting first."""
    contact: Any = OutreachContact
    query = select(OutreachContact).where(contact.way == "phone", contact.state.in_(("waiting", "taken")))
    return list(session.scalars(query.where(contact.due_at <= now).order_by(contact.due_at, contact.id).limit(limit)))


def take_call(session: Session, contact_id: int, agent: str, now: datetime, book: Book | None = None) -> Taking:
    """An agent takes a call; what is not to be made any more is taken off the list, in the caller's transaction.

    Args:
        session: A session that may write.
        contact_id: The call.
        agent: Who takes it.
        now: The present moment.
        book: The scenes; those of this deployment when left out.
    """
    book = book or shop_book()
    owner = session.scalar(
        select(column(OutreachRung.who))
        .join(OutreachContact, column(OutreachContact.rung_id) == column(OutreachRung.id))
        .where(column(OutreachContact.id) == contact_id)
    )
    if owner is None:
        return Taking(False)
    # Whoever decides on what else this customer hears waits, so that caps hold.
    lock_customer(session, owner)
    call, rung = _locked(session, contact_id)
    if call is None or rung is None or call.state != "waiting" or rung.state != "queued":
        return Taking(False)
    seen = look(session, book, rung, now, counts=True)
    if seen.against is None:
        call.state, call.taken_by, call.taken_at = "taken", agent, now
        session.flush()
        return Taking(True)
    if seen.against.why not in _LATER:
        _withdraw(session, book, call, rung, seen, seen.against, now)
    return Taking(False, seen.against.reason)


def give_back_call(session: Session, contact_id: int, agent: str) -> bool:
    """An agent gives a call back that they have taken; False when it is not theirs."""
    done = session.execute(
        update(OutreachContact)
        .where(
            column(OutreachContact.id) == contact_id,
            column(OutreachContact.way) == "phone",
            column(OutreachContact.state) == "taken",
            column(OutreachContact.taken_by) == agent,
        )
        .values(state="waiting", taken_by=None, taken_at=None)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)


def call_outcome(
    session: Session,
    contact_id: int,
    outcome: Outcome,
    agent: str,
    now: datetime,
    note: str = "",
    cost: Decimal | None = None,
    book: Book | None = None,
) -> bool:
    """An agent says how a call went.

    Who refuses is left alone about it, who wants no more is left alone at all. With whom nobody could talk, the ladder
    goes on, if it has another step.

    Args:
        session: A session that may write.
        contact_id: The call.
        outcome: How it went.
        agent: Who made it.
        now: The present moment.
        note: What else there is to know.
        cost: What a call costs, in yuan; as the playbook says when left out.
        book: The scenes; those of this deployment when left out.

    Returns:
        False when it is not this agent's call.
    """
    book = book or shop_book()
    call, rung = _locked(session, contact_id)
    if call is None or rung is None or call.state != "taken" or call.taken_by != agent:
        return False
    call.state, call.outcome, call.note, call.done_at, call.sent_at = "done", outcome, note, now, now
    rung.state, rung.sent_at, rung.cost = "sent", now, book.cost["phone"] if cost is None else cost
    if outcome in TALKED:
        call.delivered_at = rung.delivered_at = now
    session.flush()
    case: OutreachCase = session.get(OutreachCase, rung.case_id, populate_existing=True, with_for_update=True)
    if outcome == "refused":
        stop_case(session, now, order_no=case.order_no, product_no=case.product_no, customer_id=case.who, by=agent)
        end_cases(session, [case.id], "abandoned", now)
    elif outcome == "no_more":
        stop_customer(session, now, customer_id=case.customer_id, conversation_id=case.conversation_id, by=agent)
        end_cases(session, [case.id], "asked", now)
    elif outcome in TALKED:
        end_cases(session, [case.id], "answered", now)
    else:
        scene = book.scenes.get(case.scene)
        if scene is not None:
            plan_next(session, book, scene, case, rung, now, now)
        else:
            end_cases(session, [case.id], "withdrawn", now)
    session.flush()
    return True


def tend_calls(session: Session, book: Book, now: datetime, limit: int = 200) -> int:
    """Takes calls off the list that are not to be made any more, and puts back what somebody took and left.

    Args:
        session: A session that may write.
        book: The scenes.
        now: The present moment.
        limit: How many are looked at: those that are taken, then those that wait longest.

    Returns:
        How many were taken off.
    """
    contact: Any = OutreachContact
    query = (
        select(OutreachContact)
        .where(contact.way == "phone", contact.state.in_(("waiting", "taken")))
        # Those that somebody has taken are few, and must come back onto the list.
        .order_by(contact.state == "waiting", contact.due_at, contact.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken_off = 0
    for each in list(session.scalars(query.execution_options(populate_existing=True))):
        gone = False
        with set_apart(session, "outreach.call_broken", contact=each.id):
            gone = _tend(session, book, each, now)
        taken_off += gone
    return taken_off


def _tend(session: Session, book: Book, call: OutreachContact, now: datetime) -> bool:
    if call.state == "taken":
        assert call.taken_at is not None  # that is what taking writes
        # Whoever is on the phone writes down what came of it, whatever has happened meanwhile.
        signed_off = _signed_off_since(session, str(call.taken_by), call.taken_at)
        if not signed_off and now < call.taken_at + _LONGEST_CALL:
            return False
    rung = locked_rung(session, call.rung_id)
    if rung is None:
        return False
    seen = look(session, book, rung, now)
    found = seen.against
    if found is not None and (found.ends or found.why in ("missed", "unsubscribed", "no_number")):
        _withdraw(session, book, call, rung, seen, found, now)
        return True
    if call.state == "taken" and signed_off:
        call.state, call.taken_by, call.taken_at = "waiting", None, None
    return False


def _signed_off_since(session: Session, agent_id: str, since: datetime) -> bool:
    """Whether an agent has signed off, or left for good, since a moment."""
    gone = or_(
        (column(Agent.presence) == "offline") & (column(Agent.presence_since) >= since),
        column(Agent.active).is_(False),
    )
    return session.scalar(select(Agent.id).where(column(Agent.id) == agent_id, gone)) is not None


def _withdraw(
    session: Session,
    book: Book,
    call: OutreachContact,
    rung: OutreachRung,
    seen: Seen,
    found: Against,
    now: datetime,
) -> None:
    call.state, call.problem = "failed", f"没打：{say_reason(found.reason)}"
    session.flush()
    leave_unsaid(session, book, rung, seen, found, now)


def _locked(session: Session, contact_id: int) -> tuple[OutreachContact | None, OutreachRung | None]:
    """A call and its step, locked."""
    call: OutreachContact | None = session.get(
        OutreachContact, contact_id, populate_existing=True, with_for_update=True
    )
    if call is None or call.way != "phone":
        return None, None
    return call, locked_rung(session, call.rung_id)
