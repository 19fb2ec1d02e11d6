"""SMS and calls: an outbox of their own, and a small port for who carries an SMS.

How they are sent tells `sixty.outreach.texting`, how calls are made `sixty.outreach.calling`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sixty.outreach.crediting import credit_refusal
from sixty.outreach.models import OutreachCase, OutreachContact, OutreachRung
from sixty.outreach.nameless import nameless_number
from sixty.outreach.numbers import mobile_number
from sixty.outreach.stopping import stop
from sixty.shop.models import Customer
from sixty.tables import column

Receipt = Literal["delivered", "failed"]
OUTBOX = "outbox"
"""The provider that sends nothing and keeps what it would have sent."""


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


class NotSentError(Exception):
    """An SMS was not sent, and that is sure: the provider has refused it, or could not be reached at all."""


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
            NotSentError: It was not sent, for sure: it is tried again. After any other error it may have been sent, so
                that only a provider that knows our keys gets it again.
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
        each.problem = "服务商回执：没有送到"
        _rung_failed(session, each, now)
    return True


def unsubscribe(session: Session, number: str, now: datetime) -> int | None:
    """Takes an answer `R` or `退订` to an SMS: no SMS to that number any more, nor to those who have it now.

    Args:
        session: A session that may write.
        number: As the provider tells it.
        now: The present moment.

    Returns:
        How many customers have it; None where it is no mobile number.
    """
    found = mobile_number(number)
    if found is None:
        return None
    stop(session, "number", nameless_number(found), "unsubscribed", now, way="sms")
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


def _rung(contact: OutreachContact) -> Any:
    rungs = OutreachRung.__table__
    return update(rungs).where(rungs.c.id == contact.rung_id)


def _rung_failed(session: Session, contact: OutreachContact, now: datetime) -> None:
    session.execute(_rung(contact).values(state="failed", reason="not_delivered"))
