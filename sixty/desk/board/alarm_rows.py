"""The table of alarms: what was out of bounds, since when, who has seen it, and when it was over."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, Column, Float, ForeignKey, Index, Integer, String, select, text
from sqlalchemy.orm import Session

from sixty.tables import Base, UtcDateTime, column

AlarmState = Literal["open", "acknowledged", "closed"]

_STANDING = text("state <> 'closed'")


class Alarm(Base):
    """One alarm. At most one stands for the same thing.

    Attributes:
        rule: Of `playbook/supervision.yml`.
        what: What is measured.
        subject: Of what: empty for the whole desk, else `group:…`, `chat:…`, `agent:…`.
        measured: The newest value; seconds where a time is measured.
        worst: The worst one so far.
        threshold: The rule's, when it opened.
        calm_since: Since when the value is harmless again; None while it is not.
        acknowledged_by: Whose account has said that they see to it.
    """

    __tablename__ = "alarm"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'acknowledged', 'closed')", name="state"),
        Index("uq_alarm_standing", "rule", "subject", unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING),
        Index("ix_alarm_opened_at", "opened_at"),
    )

    id: int = Column(Integer, primary_key=True)
    rule: str = Column(String(32), nullable=False)
    what: str = Column(String(16), nullable=False)
    subject: str = Column(String(80), nullable=False)
    conversation_id: str | None = Column(String(64))
    agent_id: str | None = Column(String(32))
    group_id: str | None = Column(String(32))
    title: str = Column(String(64), nullable=False)
    measured: float = Column(Float, nullable=False)
    worst: float = Column(Float, nullable=False)
    threshold: float = Column(Float, nullable=False)
    state: AlarmState = Column(String(16), nullable=False, default="open")
    opened_at: datetime = Column(UtcDateTime, nullable=False)
    calm_since: datetime | None = Column(UtcDateTime)
    acknowledged_at: datetime | None = Column(UtcDateTime)
    acknowledged_by: int | None = Column(Integer, ForeignKey("account.id"))
    closed_at: datetime | None = Column(UtcDateTime)


def standing_alarms(session: Session) -> list[Alarm]:
    """The alarms that are not over, the oldest first."""
    query = select(Alarm).where(column(Alarm.state) != "closed").order_by(Alarm.opened_at, Alarm.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def alarms_since(session: Session, since: datetime, limit: int = 200) -> list[Alarm]:
    """The alarms that were given since a moment, the newest first."""
    query = select(Alarm).where(column(Alarm.opened_at) >= since).order_by(column(Alarm.opened_at).desc()).limit(limit)
    return list(session.scalars(query))
