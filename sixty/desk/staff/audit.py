"""Who looked at which customer's data, and who changed what at the desk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, String, select
from sqlalchemy.orm import Session

from sixty.tables import Base, UtcDateTime, column

LONGEST_DETAIL = 200


class AuditEntry(Base):
    """One thing that somebody did; never changed.

    Attributes:
        what: A word, such as `signed_in`, `chat_opened`, `phone_shown`, `role_changed`.
        detail: What else there is to know; no customer's data.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_account_id", "account_id", "id"),
        Index("ix_audit_entry_what", "what", "id"),
        Index("ix_audit_entry_conversation_id", "conversation_id"),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(Integer, primary_key=True)
    at: datetime = Column(UtcDateTime, nullable=False)
    account_id: int | None = Column(Integer, ForeignKey("account.id"))
    what: str = Column(String(32), nullable=False)
    conversation_id: str | None = Column(String(64))
    customer_id: str | None = Column(String(64))
    detail: str = Column(String(LONGEST_DETAIL), nullable=False, default="")


def note(
    session: Session,
    account_id: int | None,
    what: str,
    now: datetime,
    *,
    conversation_id: str | None = None,
    customer_id: str | None = None,
    detail: str = "",
) -> None:
    """Writes down what somebody did, in one transaction with it."""
    session.add(
        AuditEntry(
            at=now,
            account_id=account_id,
            what=what,
            conversation_id=conversation_id,
            customer_id=customer_id,
            detail=detail[:LONGEST_DETAIL],
        )
    )
    session.flush()


def entries(
    session: Session,
    *,
    before: int | None = None,
    limit: int = 100,
    account_id: int | None = None,
    what: str | None = None,
) -> list[AuditEntry]:
    """What was done, the newest first.

    Args:
        session: An open session.
        before: Only in front of this id, for the next page.
        limit: How many at most.
        account_id: Only by them.
        what: Only this.
    """
    query = select(AuditEntry)
    if before is not None:
        query = query.where(column(AuditEntry.id) < before)
    if account_id is not None:
        query = query.where(column(AuditEntry.account_id) == account_id)
    if what is not None:
        query = query.where(column(AuditEntry.what) == what)
    return list(session.scalars(query.order_by(column(AuditEntry.id).desc()).limit(limit)))
