"""The table of talks: what one agent's part of a conversation came to, worked out once it is over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String

from sixty.tables import Base, UtcDateTime


class TalkFigure(Base):
    """An assignment that has ended. Derived from the ledger, and never changed.

    Attributes:
        began_at: When it was given to the agent.
        ended_at: When it was with them no longer; at goodbye, not at the end of the wrap-up.
        left_for: Why it left them, as `Assignment` has it.
        first_reply: Seconds from the beginning to the agent's first line; None where they said nothing.
        first_reply_office: The same, counting only the group's office hours.
        replies: How many times the agent answered a customer who waited, the first line included.
        reply_seconds: Seconds that customers waited for those answers, in all.
        reply_seconds_office: The same, counting only the group's office hours.
        lines: How many lines the agent wrote.
    """

    __tablename__ = "talk_figure"
    __table_args__ = (
        Index("ix_talk_figure_began_at", "began_at"),
        Index("ix_talk_figure_agent_id_began_at", "agent_id", "began_at"),
    )

    assignment_id: int = Column(Integer, ForeignKey("assignment.id", ondelete="CASCADE"), primary_key=True)
    hand_off_id: int = Column(Integer, nullable=False)
    conversation_id: str = Column(String(64), nullable=False)
    agent_id: str = Column(String(32), nullable=False)
    group_id: str | None = Column(String(32))
    customer_id: str | None = Column(String(64))
    channel: str = Column(String(32), nullable=False)
    began_at: datetime = Column(UtcDateTime, nullable=False)
    ended_at: datetime = Column(UtcDateTime, nullable=False)
    left_for: str | None = Column(String(16))
    first_reply: float | None = Column(Float)
    first_reply_office: float | None = Column(Float)
    replies: int = Column(Integer, nullable=False)
    reply_seconds: float = Column(Float, nullable=False)
    reply_seconds_office: float = Column(Float, nullable=False)
    lines: int = Column(Integer, nullable=False)
