"""The tables of own channels: the marks that were handed out, and who came by them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, UniqueConstraint

from sixty.tables import Base, UtcDateTime

VisitKind = Literal["scan", "joined"]


class OwnChannelMark(Base):
    """A source mark: which channel was shown to whom, where and when. One for each channel and conversation.

    Attributes:
        situation: What made it be shown, such as `silence`; the first time counts.
    """

    __tablename__ = "own_channel_mark"
    __table_args__ = (
        Index("ix_own_channel_mark_channel_id_made_at", "channel_id", "made_at"),
        Index("ix_own_channel_mark_conversation_id", "conversation_id"),
    )

    mark: str = Column(String(40), primary_key=True)
    channel_id: str = Column(String(64), nullable=False)
    conversation_id: str = Column(String(64), nullable=False)
    customer_id: str | None = Column(String(64))
    situation: str = Column(String(16), nullable=False, default="")
    made_at: datetime = Column(UtcDateTime, nullable=False)


class OwnChannelVisit(Base):
    """Somebody scanned a code, or joined a channel: counted once for each visitor and channel.

    Attributes:
        visitor: Who, as a digest: no number of WeChat is kept here.
    """

    __tablename__ = "own_channel_visit"
    __table_args__ = (
        CheckConstraint("kind IN ('scan', 'joined')", name="kind"),
        UniqueConstraint("channel_id", "kind", "visitor"),
    )

    id: int = Column(Integer, primary_key=True)
    mark: str = Column(String(40), ForeignKey("own_channel_mark.mark", ondelete="CASCADE"), nullable=False, index=True)
    channel_id: str = Column(String(64), nullable=False)
    kind: VisitKind = Column(String(16), nullable=False)
    visitor: str = Column(String(64), nullable=False)
    at: datetime = Column(UtcDateTime, nullable=False)
