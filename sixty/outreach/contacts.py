"""SMS and calls: an outbox of their own, a small port for who carries an SMS, and the list of calls for people.

A provider that knows our key sends what it gets twice once; of any other, what was on its way when a worker died is
not sent again, because it may have arrived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, Protocol, get_args

import structlog
from sqlalchemy import and_, or_, select, text, update
from sqlalchemy.orm import Session

from sixty.outreach.crediting import credit_refusal
from sixty.outreach.models import OutreachCase, OutreachContact, OutreachRung
from sixty.outreach.numbers import mobile_number
from sixty.outreach.scenes import shop_book
from sixty.outreach.stopping import end_cases, stop, stop_case, stop_customer
from sixty.shop.models import Customer
from sixty.tables import column

Receipt = Literal["delivered", "failed"]
Outcome = Literal["will_buy", "reached", "not_reached", "refused", "no_more", "wrong_number"]

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
"""How a call may go; `no_more` wants no messages at all any more."""

OUTBOX = "outbox"
"""The provider that sends nothing and keeps what it would have sent."""

_LEASE = timedelta(minutes=2)
_MOST_ATTEMPTS = 5

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Sms:
    """One SMS for a provider.

    Attributes:
        key: The same for the same SMS.
        number: In the international form.
        template: The provider's name of the words.
        variables: What fills its gaps.
        text: The words as they are read.
    """

    key: str
    number: str
    template: str
    variables: Mapping[str, Any]
    text: str


class SmsProvider(Protocol):
    """Who carries SMS.

    Attributes:
        name: What it is called in our tables.
        knows_keys: Whether it sends what it gets twice under one key once.
    """

    name: str
    knows_keys: bool

    def send(self, sms: Sms) -> str:
        """Sends one.

        Returns:
            What the provider calls it; receipts name it.

        Raises:
            Exception: It was not sent.
        """
        ...


class OutboxProvider:
    """Sends nothing: what would have been sent stands in the table, where the workbench shows it."""

    name = OUTBOX
    knows_keys = True

    def send(self, sms: Sms) -> str:
        """Takes the key for the provider's own number."""
        return sms.key


def put_contact(
    session: Session,
    rung: OutreachRung,
    number: str,
    template: str,
    variables: Mapping[str, Any],
    written: str,
    now: datetime,
) -> None:
    """Puts an SMS into the outbox, or a call onto the list; of a step there is one.

    Args:
        session: A session that may write; the step's own.
        rung: The step.
        number: In the international form.
        template: The provider's name of the words.
        variables: What fills its gaps.
        written: What is read, or what is to be said.
        now: The present moment.
    """
    session.add(
        OutreachContact(
            rung_id=rung.id,
            way=rung.way,
            number=number,
            template=template,
            variables=dict(variables),
            text=written,
            state="waiting",
            due_at=now,
            attempts=0,
            created_at=now,
        )
    )


def claim_sms(session: Session, provider: SmsProvider, now: datetime, limit: int = 50) -> list[int]:
    """Takes SMS that are to be sent; what a worker that has died had taken is taken again, or given up."""
    contact: Any = OutreachContact
    lapsed = and_(contact.state == "sending", contact.claimed_until <= now)
    query = (
        select(OutreachContact)
        .where(
            text("outreach_contact.state IN ('waiting', 'sending')"),
            contact.way == "sms",
            contact.due_at <= now,
            or_(contact.state == "waiting", lapsed),
        )
        .order_by(contact.due_at, contact.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    taken = []
    for each in session.scalars(query):
        if each.state == "sending" and not provider.knows_keys:
            each.state, each.problem = "failed", "nobody knows whether it was sent; it is not sent twice"
            _rung_failed(session, each, now)
            continue
        each.state, each.claimed_until = "sending", now + _LEASE
        each.attempts += 1
        taken.append(each.id)
    session.flush()
    return taken


def sms_of(session: Session, contact_id: int) -> Sms:
    """An SMS of the outbox for a provider."""
    each: OutreachContact = session.get(OutreachContact, contact_id)
    return Sms(f"sixty:{each.rung_id}", each.number, each.template, each.variables, each.text)


def sms_sent(session: Session, contact_id: int, provider: str, ref: str, now: datetime) -> bool:
    """Says that an SMS was sent; False when that is known."""
    each: OutreachContact | None = session.get(
        OutreachContact, contact_id, populate_existing=True, with_for_update=True
    )
    if each is None or each.state != "sending":
        return False
    each.state, each.provider, each.provider_ref, each.sent_at, each.problem = "sent", provider, ref, now, None
    return True


def sms_failed(session: Session, contact_id: int, problem: str, now: datetime) -> None:
    """Says that an SMS could not be sent; it is tried again a few times."""
    each: OutreachContact | None = session.get(
        OutreachContact, contact_id, populate_existing=True, with_for_update=True
    )
    if each is None or each.state != "sending":
        return
    each.problem = problem
    if each.attempts >= _MOST_ATTEMPTS:
        each.state = "failed"
        _rung_failed(session, each, now)
        return
    each.state, each.due_at = "waiting", now + timedelta(seconds=30 * 2**each.attempts)


def receipt(session: Session, provider: str, ref: str, state: Receipt, now: datetime) -> bool:
    """Takes a provider's receipt.

    Args:
        session: A session that may write.
        provider: Who sends it.
        ref: What they call the SMS.
        state: What became of it.
        now: The present moment.

    Returns:
        False when no SMS is called so, or what became of it is known already.
    """
    query = select(OutreachContact).where(
        column(OutreachContact.provider) == provider, column(OutreachContact.provider_ref) == ref
    )
    each: OutreachContact | None = session.scalars(query.with_for_update()).first()
    if each is None or each.state != "sent":
        return False
    each.state = state
    if state == "delivered":
        each.delivered_at = now
        session.execute(_rung(each).values(delivered_at=now))
    else:
        each.problem = "the provider could not deliver it"
        _rung_failed(session, each, now)
    return True


def unsubscribe(session: Session, number: str, now: datetime) -> int:
    """Takes an answer `R` or `退订` to an SMS: no SMS to anybody with that number any more.

    Args:
        session: A session that may write.
        number: As the provider tells it.
        now: The present moment.

    Returns:
        How many customers have it.
    """
    found = mobile_number(number)
    if found is None:
        return 0
    query = (
        select(OutreachCase.id, OutreachCase.customer_id)
        .join(OutreachRung, column(OutreachRung.case_id) == column(OutreachCase.id))
        .join(OutreachContact, column(OutreachContact.rung_id) == column(OutreachRung.id))
        .where(column(OutreachContact.number) == found, column(OutreachCase.customer_id).is_not(None))
    )
    rows = list(session.execute(query))
    local = found.removeprefix("+86")
    owners = set(session.scalars(select(Customer.id).where(column(Customer.phone).in_((found, local)))))
    customers = {row.customer_id for row in rows} | owners
    for each in sorted(customers):
        stop(session, "customer", each, "unsubscribed", now, way="sms")
    if rows:
        credit_refusal(session, column(OutreachCase.id).in_([row.id for row in rows]), now, "sms")
    return len(customers)


def call_list(session: Session, now: datetime, limit: int = 50) -> Sequence[OutreachContact]:
    """Calls that somebody may make, the longest waiting first."""
    contact: Any = OutreachContact
    query = select(OutreachContact).where(contact.way == "phone", contact.state.in_(("waiting", "taken")))
    return list(session.scalars(query.where(contact.due_at <= now).order_by(contact.due_at, contact.id).limit(limit)))


def take_call(session: Session, contact_id: int, agent: str, now: datetime) -> bool:
    """An agent takes a call; False when another one has it, or it is made."""
    done = session.execute(
        update(OutreachContact)
        .where(
            column(OutreachContact.id) == contact_id,
            column(OutreachContact.way) == "phone",
            column(OutreachContact.state) == "waiting",
        )
        .values(state="taken", taken_by=agent, taken_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)


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
) -> bool:
    """An agent says how a call went; who refuses is left alone about it, who wants no more is left alone at all.

    Args:
        session: A session that may write.
        contact_id: The call.
        outcome: How it went.
        agent: Who made it.
        now: The present moment.
        note: What else there is to know.
        cost: What a call costs, in yuan; as the playbook says when left out.

    Returns:
        False when it is not this agent's call.
    """
    each: OutreachContact | None = session.get(
        OutreachContact, contact_id, populate_existing=True, with_for_update=True
    )
    if each is None or each.way != "phone" or each.state != "taken" or each.taken_by != agent:
        return False
    each.state, each.outcome, each.note, each.done_at, each.sent_at = "done", outcome, note, now, now
    rung: OutreachRung = session.get(OutreachRung, each.rung_id, populate_existing=True)
    rung.state, rung.sent_at, rung.cost = "sent", now, shop_book().cost["phone"] if cost is None else cost
    if outcome in ("reached", "will_buy", "refused", "no_more"):
        each.delivered_at = rung.delivered_at = now
    session.flush()
    case: OutreachCase = session.get(OutreachCase, rung.case_id, populate_existing=True)
    if outcome == "refused":
        stop_case(session, now, order_no=case.order_no, product_no=case.product_no, customer_id=case.who, by=agent)
    elif outcome == "no_more":
        stop_customer(session, now, customer_id=case.customer_id, conversation_id=case.conversation_id, by=agent)
    end_cases(session, [case.id], "exhausted", now)
    return True


def deliver_sms(session: Session, contact_ids: Sequence[int], provider: SmsProvider, now: datetime) -> int:
    """Hands SMS to a provider, one transaction for all: only for one that knows our keys."""
    sent = 0
    for each in contact_ids:
        try:
            ref = provider.send(sms_of(session, each))
        except Exception as error:
            # The error's own words may hold a number.
            _log.warning("sms.not_sent", contact=each, error=type(error).__name__)
            sms_failed(session, each, type(error).__name__, now)
        else:
            sent += sms_sent(session, each, provider.name, ref, now)
    return sent


def _rung(contact: OutreachContact) -> Any:
    rungs = OutreachRung.__table__
    return update(rungs).where(rungs.c.id == contact.rung_id)


def _rung_failed(session: Session, contact: OutreachContact, now: datetime) -> None:
    session.execute(_rung(contact).values(state="failed", reason="not_delivered"))
