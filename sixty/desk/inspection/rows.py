"""The tables of inspection."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)

import sixty.desk.staff.accounts  # noqa: F401  (declares the table that inspectors refer to)
from sixty.desk.inspection.rules import Audience, Risk, Severity
from sixty.tables import Base, UtcDateTime

FindingState = Literal["standing", "withdrawn"]
TaskState = Literal["open", "scored", "withdrawn"]
AppealState = Literal["open", "upheld", "withdrawn"]

_BigId = BigInteger().with_variant(Integer(), "sqlite")


class Inspection(Base):
    """A chat that was looked at: the stretch of one person with a customer, or of the bot.

    Attributes:
        key: The same for the same stretch: it is looked at once.
        who: Whose stretch.
        agent_id: Which person's.
        from_id: The first message; None where nothing was said.
        customer_lines: How many the customer wrote.
        own_lines: How many the person, or the bot, wrote.
        state: `failed` where a rule broke on it.
        score: 100 less what was found.
        rules: Which rules it was looked at by: `InspectionRules.version`.
        look_again_at: When a promise that was made here runs out.
    """

    __tablename__ = "inspection"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("who IN ('person', 'bot')", name="who"),
        CheckConstraint("state IN ('done', 'failed')", name="state"),
        CheckConstraint("risk IN ('none', 'low', 'medium', 'high')", name="risk"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        Index("ix_inspection_conversation_id", "conversation_id"),
        Index("ix_inspection_agent_id_ended_at", "agent_id", "ended_at"),
        Index("ix_inspection_ended_at", "ended_at", "id"),
        Index("ix_inspection_look_again_at", "look_again_at"),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(Integer, primary_key=True)
    key: str = Column(String(128), nullable=False)
    conversation_id: str = Column(String(64), nullable=False)
    hand_off_id: int | None = Column(Integer)
    who: Audience = Column(String(8), nullable=False)
    agent_id: str | None = Column(String(32), ForeignKey("agent.id"))
    group_id: str | None = Column(String(32))
    channel: str = Column(String(32), nullable=False)
    from_id: int | None = Column(_BigId)
    to_id: int | None = Column(_BigId)
    began_at: datetime = Column(UtcDateTime, nullable=False)
    ended_at: datetime = Column(UtcDateTime, nullable=False)
    customer_lines: int = Column(Integer, nullable=False, default=0)
    own_lines: int = Column(Integer, nullable=False, default=0)
    state: Literal["done", "failed"] = Column(String(8), nullable=False, default="done")
    score: int = Column(Integer, nullable=False, default=100)
    risk: Risk = Column(String(8), nullable=False, default="none")
    rules: str = Column(String(16), nullable=False, default="")
    inspected_at: datetime = Column(UtcDateTime, nullable=False)
    look_again_at: datetime | None = Column(UtcDateTime)


class Finding(Base):
    """Something that a rule has found.

    Attributes:
        key: The same for the same thing in the same chat, however often it is looked at.
        message_id: The message that shows it.
        start: Where in its text; None for the whole of it.
        further: Other messages that belong to it.
        detail: What else there is to know, such as `seconds` or `named` and `right`; no customer's words.
        state: `withdrawn` after an appeal.
    """

    __tablename__ = "inspection_finding"
    __table_args__ = (
        UniqueConstraint("inspection_id", "key"),
        CheckConstraint("state IN ('standing', 'withdrawn')", name="state"),
        CheckConstraint("severity IN ('minor', 'major', 'fatal')", name="severity"),
        Index("ix_inspection_finding_rule", "rule", "inspection_id"),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(Integer, primary_key=True)
    inspection_id: int = Column(Integer, ForeignKey("inspection.id", ondelete="CASCADE"), nullable=False)
    key: str = Column(String(96), nullable=False)
    rule: str = Column(String(32), nullable=False)
    kind: str = Column(String(32), nullable=False)
    severity: Severity = Column(String(8), nullable=False)
    weight: int = Column(Integer, nullable=False)
    message_id: int | None = Column(_BigId)
    start: int | None = Column(Integer)
    end: int | None = Column(Integer)
    further: list[int] = Column(JSON, nullable=False, default=list)
    detail: dict[str, Any] = Column(JSON, nullable=False, default=dict)
    state: FindingState = Column(String(16), nullable=False, default="standing")
    found_at: datetime = Column(UtcDateTime, nullable=False)


class Plan(Base):
    """Which chats people score.

    Attributes:
        form: Of the playbook, by which they are scored.
        groups: Whose chats; none means everybody's.
        share: Of each agent's chats in a week.
        at_least: So many of each agent, where there are.
        by_risk: How much more often a chat of some risk is drawn than one of none.
        double_share: Of the drawn ones, how many a second person scores as well.
        inspectors: The accounts that score.
        seed: With the same chats, the same seed draws the same ones.
    """

    __tablename__ = "inspection_plan"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int = Column(Integer, primary_key=True)
    title: str = Column(String(64), nullable=False)
    form: str = Column(String(32), nullable=False)
    groups: list[str] = Column(JSON, nullable=False, default=list)
    share: float = Column(Float, nullable=False)
    at_least: int = Column(Integer, nullable=False)
    by_risk: dict[str, float] = Column(JSON, nullable=False, default=dict)
    double_share: float = Column(Float, nullable=False)
    inspectors: list[int] = Column(JSON, nullable=False, default=list)
    seed: int = Column(Integer, nullable=False)
    active: bool = Column(Boolean, nullable=False, default=True)
    created_by: int | None = Column(Integer, ForeignKey("account.id"))
    created_at: datetime = Column(UtcDateTime, nullable=False)


class Draw(Base):
    """That a plan has drawn its chats of a week, once.

    Attributes:
        week: `2026-W47`, of ISO 8601, in the shop's zone.
    """

    __tablename__ = "inspection_draw"

    plan_id: int = Column(Integer, ForeignKey("inspection_plan.id", ondelete="CASCADE"), primary_key=True)
    week: str = Column(String(8), primary_key=True)
    drawn_at: datetime = Column(UtcDateTime, nullable=False)
    chats: int = Column(Integer, nullable=False)
    tasks: int = Column(Integer, nullable=False)


class Task(Base):
    """A chat that somebody is to score.

    Attributes:
        ordinal: 1, or 2 for the second of two who score the same chat and do not see each other's points.
        form: The form as it was when the chat was drawn: a playbook may change.
        points: Of each criterion.
        score: Of 100.
    """

    __tablename__ = "inspection_task"
    __table_args__ = (
        UniqueConstraint("plan_id", "inspection_id", "ordinal"),
        CheckConstraint("state IN ('open', 'scored', 'withdrawn')", name="state"),
        CheckConstraint("ordinal IN (1, 2)", name="ordinal"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        Index("ix_inspection_task_inspector_id_state", "inspector_id", "state"),
        Index("ix_inspection_task_inspection_id", "inspection_id"),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(Integer, primary_key=True)
    plan_id: int = Column(Integer, ForeignKey("inspection_plan.id", ondelete="CASCADE"), nullable=False)
    inspection_id: int = Column(Integer, ForeignKey("inspection.id", ondelete="CASCADE"), nullable=False)
    ordinal: int = Column(Integer, nullable=False)
    week: str = Column(String(8), nullable=False)
    inspector_id: int = Column(Integer, ForeignKey("account.id"), nullable=False)
    form: dict[str, Any] = Column(JSON, nullable=False)
    state: TaskState = Column(String(16), nullable=False, default="open")
    points: dict[str, int] = Column(JSON, nullable=False, default=dict)
    score: int | None = Column(Integer)
    comment: str = Column(Text, nullable=False, default="")
    given_at: datetime = Column(UtcDateTime, nullable=False)
    scored_at: datetime | None = Column(UtcDateTime)


class Appeal(Base):
    """That an agent does not agree, once about the same finding or score.

    Attributes:
        state: `upheld`: what was found stands; `withdrawn`: it counts no longer.
        reason: Of whoever decided, who is not the one who scored.
    """

    __tablename__ = "inspection_appeal"
    __table_args__ = (
        UniqueConstraint("finding_id"),
        UniqueConstraint("task_id"),
        CheckConstraint("state IN ('open', 'upheld', 'withdrawn')", name="state"),
        CheckConstraint("(finding_id IS NULL) <> (task_id IS NULL)", name="against_one"),
        Index("ix_inspection_appeal_state", "state", "id"),
        Index("ix_inspection_appeal_inspection_id", "inspection_id"),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(Integer, primary_key=True)
    inspection_id: int = Column(Integer, ForeignKey("inspection.id", ondelete="CASCADE"), nullable=False)
    finding_id: int | None = Column(Integer, ForeignKey("inspection_finding.id", ondelete="CASCADE"))
    task_id: int | None = Column(Integer, ForeignKey("inspection_task.id", ondelete="CASCADE"))
    account_id: int = Column(Integer, ForeignKey("account.id"), nullable=False)
    text: str = Column(Text, nullable=False)
    state: AppealState = Column(String(16), nullable=False, default="open")
    decided_by: int | None = Column(Integer, ForeignKey("account.id"))
    reason: str = Column(Text, nullable=False, default="")
    made_at: datetime = Column(UtcDateTime, nullable=False)
    decided_at: datetime | None = Column(UtcDateTime)
