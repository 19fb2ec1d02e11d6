"""Lets an unknown visitor prove that an order is theirs.

The proof is the order's number and the last four digits of its phone. Wrong answers are
counted per conversation and per order number, so that neither many orders from one chat
nor one order from many chats can be guessed; an order that doesn't exist is answered
exactly like a wrong tail.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from sixty.shop.models import Order, OrderProof, ProofAttempt
from sixty.tables import column

TRIES = 3
TRIES_WINDOW = timedelta(hours=1)
PROOF_LASTS = timedelta(minutes=30)
TAIL_DIGITS = 4
LONGEST_ORDER_NO = 31

# Digits, which people part with blanks; the one letter that some platforms put before them (E2018…) belongs to them.
_ORDER_NO = re.compile(r"(?:(?<![A-Z])[A-Z](?=[0-9]))?[0-9][0-9-]*")


@dataclass(frozen=True)
class Proof:
    """How a try ended; `tries_left` is what the visitor may still try within the hour."""

    outcome: Literal["proved", "wrong", "locked"]
    tries_left: int


def prove_order(session: Session, conversation_id: str, order_no: str, phone_tail: str, now: datetime) -> Proof:
    """Checks a visitor's claim to an order of the tables; see :func:`check_proof`."""
    number = plain_order_no(order_no)
    order = session.get(Order, number)
    return check_proof(session, conversation_id, number, phone_tail, order.phone if order is not None else None, now)


def check_proof(
    session: Session, conversation_id: str, number: str, phone_tail: str, phone: str | None, now: datetime
) -> Proof:
    """Checks a visitor's claim to an order and remembers it for this conversation.

    The try is counted in the session passed in: it has to be committed before the outcome
    is said.

    Args:
        session: A session that may write.
        conversation_id: The server's id of the conversation.
        number: The number that the visitor gave, plainly written.
        phone_tail: The last four digits of the phone, or the whole number.
        phone: The order's phone; `None` when there is no such order.
        now: The present moment.
    """
    _take_turns(session, conversation_id, number)
    tries_left = TRIES - _tries_used(session, conversation_id, number, now)
    if tries_left <= 0:
        return Proof("locked", 0)
    known = _plain_digits(phone) if phone is not None else ""
    # An unknown order is compared as well, with something that no answer can equal.
    if not (_tail_matches(phone_tail, known) and phone is not None):
        session.add(ProofAttempt(conversation_id=conversation_id, order_no=number, at=now))
        session.flush()
        return Proof("wrong" if tries_left > 1 else "locked", tries_left - 1)
    session.merge(
        OrderProof(
            conversation_id=conversation_id,
            order_no=number,
            proved_at=now,
            expires_at=now + PROOF_LASTS,
        )
    )
    session.flush()
    return Proof("proved", tries_left)


def proved_orders(session: Session, conversation_id: str, now: datetime) -> list[str]:
    """Lists the orders that were proved in a conversation and still count."""
    query = select(OrderProof.order_no).where(
        column(OrderProof.conversation_id) == conversation_id,
        column(OrderProof.proved_at) <= now,
        column(OrderProof.expires_at) > now,
    )
    return list(session.scalars(query))


def forget_old_proofs(session: Session, now: datetime) -> int:
    """Removes tries and proofs that no longer count; returns how many rows went."""
    tries = session.execute(delete(ProofAttempt).where(column(ProofAttempt.at) <= now - TRIES_WINDOW))
    proofs = session.execute(delete(OrderProof).where(column(OrderProof.expires_at) <= now))
    return int(tries.rowcount) + int(proofs.rowcount)


def plain_order_no(order_no: str) -> str:
    """Writes an order number as it is stored, however it was typed; empty when there is no digit in it."""
    normal = "".join(unicodedata.normalize("NFKC", order_no).upper().split())
    found = "".join(part.replace("-", "") for part in _ORDER_NO.findall(normal))
    return found[: LONGEST_ORDER_NO + 1]


def _tries_used(session: Session, conversation_id: str, number: str, now: datetime) -> int:
    since = column(ProofAttempt.at) > now - TRIES_WINDOW
    count = select(func.count()).select_from(ProofAttempt).where(since)
    here = session.scalar(count.where(column(ProofAttempt.conversation_id) == conversation_id))
    # What has no digits is nobody's order: it must not lock out the next who mistypes.
    there = number and session.scalar(count.where(column(ProofAttempt.order_no) == number))
    return max(int(here or 0), int(there or 0))


def _tail_matches(given: str, phone: str) -> bool:
    digits = _plain_digits(given)
    whole = len(digits) > TAIL_DIGITS
    expected = (phone if whole else phone[-TAIL_DIGITS:]).rjust(TAIL_DIGITS, "x")
    return hmac.compare_digest(digits.encode(), expected.encode())


def _plain_digits(text_given: str) -> str:
    normal = unicodedata.normalize("NFKC", text_given)
    return "".join(char for char in normal if "0" <= char <= "9")


def _take_turns(session: Session, conversation_id: str, number: str) -> None:
    # SQLite's writers take turns anyway. On PostgreSQL two tries at the same moment would
    # not see each other's count; always in one order, so that two never wait for each other.
    if session.get_bind().dialect.name != "postgresql":
        return
    for key in sorted((f"conversation {conversation_id}", f"order {number}")):
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
