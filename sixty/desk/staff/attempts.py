"""Failed sign-ins, counted in the table so that all desks of a shop count together.

A try is written before its password is compared, and taken out when that was right: of many at the same moment no more
are heard than of as many one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Column, Index, Integer, String, delete, func, select
from sqlalchemy.orm import Session

from sixty.shop.deeds.recording import take_turns
from sixty.tables import Base, UtcDateTime, column

WINDOW = timedelta(minutes=15)
MOST_OF_A_LOGIN = 5
MOST_OF_AN_ADDRESS = 50
"""An office has one address for all who work there."""


class SignInAttempt(Base):
    """A sign-in that failed. Login and address are kept as hashes: people type their password into the wrong field."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_login_at", "login", "at"),
        Index("ix_sign_in_attempt_address_at", "address", "at"),
    )

    id: int = Column(Integer, primary_key=True)
    login: str = Column(String(64), nullable=False)
    address: str = Column(String(64), nullable=False)
    at: datetime = Column(UtcDateTime, nullable=False)


@dataclass(frozen=True)
class Locked:
    """No more attempts for now.

    Attributes:
        login: Whether it is the login that was tried too often, rather than the address that tried.
        until: When the next one is heard.
    """

    login: bool
    until: datetime


def locked(session: Session, login: str, address: str, now: datetime) -> Locked | None:
    """Whether a sign-in is refused before its password is looked at."""
    for is_login, kept, value, most in (
        (True, SignInAttempt.login, _kept(login.strip().lower()), MOST_OF_A_LOGIN),
        (False, SignInAttempt.address, _kept(address), MOST_OF_AN_ADDRESS),
    ):
        recent = column(kept) == value, column(SignInAttempt.at) > now - WINDOW
        count, first = session.execute(select(func.count(), func.min(column(SignInAttempt.at))).where(*recent)).one()
        if count >= most:
            return Locked(is_login, first + WINDOW)
    return None


def count_try(session: Session, login: str, address: str, now: datetime) -> int | Locked:
    """Counts a try as a failed one until it is forgiven, and forgets those that count no more.

    Args:
        session: A session that may write.
        login: As typed.
        address: Where the request comes from.
        now: The present moment.

    Returns:
        Its row; Locked where there were too many, and this one is not counted.
    """
    hashes = _kept(login.strip().lower()), _kept(address)
    take_turns(session, *(f"sign-in {each}" for each in hashes))
    lock = locked(session, login, address, now)
    if lock is not None:
        return lock
    session.execute(delete(SignInAttempt).where(column(SignInAttempt.at) <= now - WINDOW))
    made = SignInAttempt(login=hashes[0], address=hashes[1], at=now)
    session.add(made)
    session.flush()
    return made.id


def forgive(session: Session, login: str, attempt_id: int) -> None:
    """Who has signed in begins anew: their tries up to this one count no more, later ones may be somebody else's."""
    session.execute(
        delete(SignInAttempt).where(
            column(SignInAttempt.login) == _kept(login.strip().lower()), column(SignInAttempt.id) <= attempt_id
        )
    )


def _kept(value: str) -> str:
    return sha256(value.encode()).hexdigest()
