"""The tables of what happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)

from sixty.tables import Base, UtcDateTime

EventKind = Literal["order", "payment", "parcel", "refund", "cart", "favourite"]
Way = Literal["webhook", "poll"]

_PENDING = text("applied_at IS NULL")


class OrderEvent(Base):
    """One thing that happened, as a shop's system told it; never changed but for its marks.

    `occurred_at` orders events of one object, not the moment or the way they came. `applied_at` stands when the
    shop's tables say what the event says; until then `problem` says why not, and it is tried again.
    """

    __tablename__ = "order_event"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        CheckConstraint("kind IN ('order', 'payment', 'parcel', 'refund', 'cart', 'favourite')", name="kind"),
        CheckConstraint("way IN ('webhook', 'poll')", name="way"),
        Index("ix_order_event_order_no_occurred_at", "order_no", "occurred_at"),
        Index("ix_order_event_customer_id_occurred_at", "customer_id", "occurred_at"),
        Index("ix_order_event_kind_occurred_at", "kind", "occurred_at"),
        Index("ix_order_event_pending", "tried_at", sqlite_where=_PENDING, postgresql_where=_PENDING),
    )

    id: int = Column(Integer, primary_key=True)
    source: str = Column(String(64), nullable=False)
    external_id: str = Column(String(128), nullable=False)
    kind: EventKind = Column(String(16), nullable=False)
    object_id: str = Column(String(64), nullable=False)
    order_no: str | None = Column(String(64))
    customer_id: str | None = Column(String(64))
    occurred_at: datetime = Column(UtcDateTime, nullable=False)
    received_at: datetime = Column(UtcDateTime, nullable=False)
    way: Way = Column(String(16), nullable=False)
    payload: dict[str, Any] = Column(JSON, nullable=False)
    tried_at: datetime | None = Column(UtcDateTime)
    applied_at: datetime | None = Column(UtcDateTime)
    problem: str | None = Column(Text)


class EventMark(Base):
    """That a consumer – a reminder scene, a report – has dealt with an event."""

    __tablename__ = "order_event_mark"

    consumer: str = Column(String(32), primary_key=True)
    event_id: int = Column(Integer, ForeignKey("order_event.id", ondelete="CASCADE"), primary_key=True, index=True)
    at: datetime = Column(UtcDateTime, nullable=False)


class PollCursor(Base):
    """Up to when the changes of a source have been read."""

    __tablename__ = "poll_cursor"

    source: str = Column(String(64), primary_key=True)
    until: datetime = Column(UtcDateTime, nullable=False)
    polled_at: datetime = Column(UtcDateTime, nullable=False)
