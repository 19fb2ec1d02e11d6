"""What somebody has begun to write and not sent yet; kept for them alone, over reloads and windows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Text, delete, select
from sqlalchemy.orm import Session

from sixty.desk.speaking import LONGEST_TEXT
from sixty.tables import Base, UtcDateTime, column


class DraftChangedError(Exception):
    """Another window of the same person has written meanwhile.

    Attributes:
        draft: What stands there; None when it was removed.
    """

    def __init__(self, draft: Draft | None) -> None:
        super().__init__()
        self.draft = draft


class Draft(Base):
    """What one person has begun to write in one conversation.

    Attributes:
        version: Grows with each change; who changes it says which one they have seen.
    """

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_conversation_id", "conversation_id"),)

    account_id: int = Column(Integer, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: str = Column(String(64), primary_key=True)
    text: str = Column(Text, nullable=False)
    version: int = Column(Integer, nullable=False)
    updated_at: datetime = Column(UtcDateTime, nullable=False)


def draft_of(session: Session, account_id: int, conversation_id: str) -> Draft | None:
    """What somebody has begun to write in a conversation."""
    found: Draft | None = session.get(Draft, (account_id, conversation_id))
    return found


def put_draft(
    session: Session, account_id: int, conversation_id: str, text: str, version: int, now: datetime
) -> Draft | None:
    """Keeps what somebody has begun to write; nothing removes it.

    Args:
        session: A session that may write.
        account_id: Who writes.
        conversation_id: Where.
        text: What they have so far.
        version: The version that their window has seen; 0 for none.
        now: The present moment.

    Returns:
        The draft; None when there is none any more.

    Raises:
        DraftChangedError: Another window has written since that version.
        ValueError: The text is longer than a message may be.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"a draft has at most {LONGEST_TEXT} characters")
    query = (
        select(Draft)
        .where(column(Draft.account_id) == account_id, column(Draft.conversation_id) == conversation_id)
        .with_for_update()
    )
    there: Draft | None = session.scalars(query.execution_options(populate_existing=True)).first()
    if there is not None and there.version != version and there.text != text:
        raise DraftChangedError(there)
    if not text.strip():
        drop_draft(session, account_id, conversation_id)
        return None
    if there is None:
        there = Draft(account_id=account_id, conversation_id=conversation_id, text=text, version=0, updated_at=now)
        session.add(there)
    there.text = text
    there.version = max(there.version, version) + 1
    there.updated_at = now
    session.flush()
    return there


def drop_draft(session: Session, account_id: int, conversation_id: str) -> None:
    """Removes it."""
    here = column(Draft.account_id) == account_id, column(Draft.conversation_id) == conversation_id
    session.execute(delete(Draft).where(*here).execution_options(synchronize_session=False))
    session.expire_all()


def drafted(session: Session, conversation_ids: Collection[str]) -> frozenset[tuple[int, str]]:
    """Who has begun to write in which of these conversations: account and conversation."""
    if not conversation_ids:
        return frozenset()
    query = select(Draft.account_id, Draft.conversation_id).where(
        column(Draft.conversation_id).in_(list(conversation_ids))
    )
    return frozenset((account, conversation) for account, conversation in session.execute(query))
