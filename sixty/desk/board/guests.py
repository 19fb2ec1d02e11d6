"""Who has joined a colleague's talk (强插): a supervisor writes beside the agent, and the customer sees their name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, String, select, text
from sqlalchemy.orm import Session

from sixty.desk.handoff_rows import HandOff
from sixty.tables import Base, UtcDateTime, column

_THERE = text("left_at IS NULL")


class ChatGuest(Base):
    """That somebody is, or was, in a talk that is not theirs."""

    __tablename__ = "chat_guest"
    __table_args__ = (
        Index(
            "uq_chat_guest_there", "hand_off_id", "agent_id", unique=True, sqlite_where=_THERE, postgresql_where=_THERE
        ),
        Index("ix_chat_guest_conversation_id", "conversation_id"),
    )

    id: int = Column(Integer, primary_key=True)
    conversation_id: str = Column(String(64), nullable=False)
    hand_off_id: int = Column(Integer, ForeignKey("hand_off.id", ondelete="CASCADE"), nullable=False)
    agent_id: str = Column(String(32), ForeignKey("agent.id"), nullable=False)
    joined_at: datetime = Column(UtcDateTime, nullable=False)
    left_at: datetime | None = Column(UtcDateTime)


def guest_of(session: Session, hand_off: HandOff | None, agent_id: str | None) -> ChatGuest | None:
    """The row of somebody who is in a talk beside its agent; None where they are not, or the talk is over."""
    if hand_off is None or hand_off.state != "taken" or hand_off.wrap_up_at is not None or agent_id is None:
        return None
    query = select(ChatGuest).where(
        column(ChatGuest.hand_off_id) == hand_off.id,
        column(ChatGuest.agent_id) == agent_id,
        column(ChatGuest.left_at).is_(None),
    )
    found: ChatGuest | None = session.scalars(query).first()
    return found


def guests_of(session: Session, hand_off: HandOff) -> list[ChatGuest]:
    """Everybody who is in a talk beside its agent, who came first first."""
    query = select(ChatGuest).where(column(ChatGuest.hand_off_id) == hand_off.id, column(ChatGuest.left_at).is_(None))
    return list(session.scalars(query.order_by(ChatGuest.id)))
