"""Who is signed in: a random token in a cookie, of which only a hash is kept, and a second one against forgery."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Column, ForeignKey, Index, Integer, String, delete, select
from sqlalchemy.orm import Session

from sixty.desk.staff.accounts import Account
from sixty.tables import Base, UtcDateTime, column

COOKIE = "sixty_desk"
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)

_BYTES = 32
# Not every request writes.
_NOTED_EVERY = timedelta(minutes=1)


class StaffSession(Base):
    """One browser that is signed in.

    Attributes:
        token: SHA-256 of the cookie. The token is random, so a fast hash keeps it as safe as a slow one.
    """

    __tablename__ = "staff_session"
    __table_args__ = (
        Index("ix_staff_session_account_id", "account_id"),
        Index("ix_staff_session_seen_at", "seen_at"),
    )

    token: str = Column(String(64), primary_key=True)
    account_id: int = Column(Integer, ForeignKey("account.id", ondelete="CASCADE"), nullable=False)
    created_at: datetime = Column(UtcDateTime, nullable=False)
    seen_at: datetime = Column(UtcDateTime, nullable=False)


def begin_session(session: Session, account: Account, now: datetime) -> str:
    """Signs somebody in.

    Returns:
        What the cookie holds.
    """
    token = secrets.token_urlsafe(_BYTES)
    session.add(StaffSession(token=_kept(token), account_id=account.id, created_at=now, seen_at=now))
    session.flush()
    return token


def session_of(session: Session, token: str, now: datetime) -> tuple[Account, StaffSession] | None:
    """Who a cookie belongs to; None when it is unknown, out of date, or its owner may not sign in any more."""
    query = (
        select(Account, StaffSession)
        .join(StaffSession, column(StaffSession.account_id) == column(Account.id))
        .where(column(StaffSession.token) == _kept(token))
    )
    found = session.execute(query).first()
    if found is None:
        return None
    account, there = found
    if not account.active or now - there.seen_at >= IDLE or now - there.created_at >= LONGEST:
        return None
    return account, there


def is_due(there: StaffSession, now: datetime) -> bool:
    """Whether it is to be noted again that the browser was heard of."""
    return now - there.seen_at >= _NOTED_EVERY


def note_seen(session: Session, token: str, now: datetime) -> None:
    """Notes that the browser was heard of."""
    there = session.get(StaffSession, _kept(token))
    if there is not None:
        there.seen_at = now


def end_session(session: Session, token: str) -> None:
    """Signs one browser out."""
    session.execute(delete(StaffSession).where(column(StaffSession.token) == _kept(token)))


def end_sessions_of(session: Session, account_id: int, but: str | None = None) -> None:
    """Signs all browsers of an account out, but for one."""
    ended = delete(StaffSession).where(column(StaffSession.account_id) == account_id)
    if but is not None:
        ended = ended.where(column(StaffSession.token) != _kept(but))
    session.execute(ended)


def has_sessions(session: Session, account_id: int, now: datetime) -> bool:
    """Whether somebody is signed in anywhere."""
    query = select(StaffSession.token).where(
        column(StaffSession.account_id) == account_id, column(StaffSession.seen_at) > now - IDLE
    )
    return session.scalar(query.limit(1)) is not None


def forget_old_sessions(session: Session, now: datetime) -> None:
    """Removes those that nobody can use any more."""
    session.execute(
        delete(StaffSession).where(
            (column(StaffSession.seen_at) <= now - IDLE) | (column(StaffSession.created_at) <= now - LONGEST)
        )
    )


def csrf_of(token: str, secret: str) -> str:
    """What a page sends along with every request that changes something: a MAC of its cookie (OWASP's HMAC pattern)."""
    return hmac.new(secret.encode(), f"desk-csrf {token}".encode(), sha256).hexdigest()


def is_csrf(given: str, token: str, secret: str) -> bool:
    """Whether a page has sent what belongs to its cookie."""
    return hmac.compare_digest(given.encode(), csrf_of(token, secret).encode())


def _kept(token: str) -> str:
    return sha256(token.encode()).hexdigest()
