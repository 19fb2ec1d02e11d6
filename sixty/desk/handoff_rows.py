"""The table of conversations that wait for a person, are with one, or have been."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Text, select, text
from sqlalchemy.orm import Session

from sixty.tables import Base, UtcDateTime, column

HandOffState = Literal["queued", "left", "taken", "closed"]
_OPEN = text("state <> 'closed'")


class HandOff(Base):
    """A conversation that waits for, or is with, a person.

    Attributes:
        reason: Why, the first reason that there was.
        question: What the customer wants, in their own words.
        context: What the bot knew when it handed over.
        state: `queued` waits now; `left` is a message left, which somebody answers later; `taken` is with a person.
        group_id: The group of `playbook/routing.yml` that answers; None for anybody.
        skill: What whoever answers should know more of than others.
        language: What the customer writes.
        region: Where the customer lives.
        priority: Minutes that the customer is ahead of others who came at the same time.
        raised_by: What has raised it: `vip`, `angry`, `amount` …
        counts_from: Since when the customer counts as waiting: `queued_at` less the priority. Whoever counts for
            longest is next, so that nobody waits for ever behind those who matter more.
        wanted_agent_id: Who shall take it: the customer's own agent, the last one, or whom it was passed to.
        wanted_until: Until when nobody else takes it.
        agent_id: Who has it, or had it last.
        queued_at: When the present waiting began.
        wrap_up_at: When the agent has said goodbye; they still write down what it was about.
        end: How it ended: `solved`, `to_bot`, `given_up`, `replaced`, `cut_off` by a supervisor.
        summary: What came of it, in a person's words.
        told_place: The place in the queue that the customer has been told last.
    """

    __tablename__ = "hand_off"
    __table_args__ = (
        Index(
            "uq_hand_off_open",
            "conversation_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_hand_off_state_created_at", "state", "created_at"),
        Index("ix_hand_off_created_at", "created_at"),
        Index("ix_hand_off_state_counts_from", "state", "counts_from", "id"),
        Index("ix_hand_off_agent_id_state", "agent_id", "state"),
        Index("ix_hand_off_conversation_id", "conversation_id"),
        Index("ix_hand_off_group_id_ended_at", "group_id", "ended_at"),
        Index("ix_hand_off_customer_id", "customer_id"),
    )

    id: int = Column(Integer, primary_key=True)
    conversation_id: str = Column(String(64), nullable=False)
    channel: str = Column(String(32), nullable=False)
    customer_id: str | None = Column(String(64))
    reason: str = Column(String(64), nullable=False)
    question: str = Column(Text, nullable=False)
    context: dict[str, Any] = Column(JSON, nullable=False)
    state: HandOffState = Column(String(16), nullable=False, default="queued")
    created_at: datetime = Column(UtcDateTime, nullable=False)
    group_id: str | None = Column(String(32))
    skill: str | None = Column(String(32))
    language: str = Column(String(8), nullable=False, default="zh")
    region: str | None = Column(String(64))
    priority: int = Column(Integer, nullable=False, default=0)
    raised_by: list[str] = Column(JSON, nullable=False, default=list)
    counts_from: datetime = Column(UtcDateTime, nullable=False)
    wanted_agent_id: str | None = Column(String(32), ForeignKey("agent.id"))
    wanted_until: datetime | None = Column(UtcDateTime)
    agent_id: str | None = Column(String(32), ForeignKey("agent.id"))
    queued_at: datetime = Column(UtcDateTime, nullable=False)
    assigned_at: datetime | None = Column(UtcDateTime)
    wrap_up_at: datetime | None = Column(UtcDateTime)
    ended_at: datetime | None = Column(UtcDateTime)
    end: str | None = Column(String(16))
    summary: str = Column(Text, nullable=False, default="")
    tags: list[str] = Column(JSON, nullable=False, default=list)
    told_place: int | None = Column(Integer)
    told_at: datetime | None = Column(UtcDateTime)


def current_handoff(session: Session, conversation_id: str) -> HandOff | None:
    """Finds the hand-off of a conversation that is still open."""
    query = select(HandOff).where(column(HandOff.conversation_id) == conversation_id, column(HandOff.state) != "closed")
    found: HandOff | None = session.scalars(query).first()
    return found


def locked_handoff(session: Session, conversation_id: str) -> HandOff | None:
    """Finds the open hand-off as it is now, for nobody else to change until the transaction ends."""
    query = (
        select(HandOff)
        .where(column(HandOff.conversation_id) == conversation_id, column(HandOff.state) != "closed")
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found: HandOff | None = session.scalars(query).first()
    return found


def latest_handoff(session: Session, conversation_id: str) -> HandOff | None:
    """Finds the newest hand-off of a conversation, open or not."""
    query = select(HandOff).where(column(HandOff.conversation_id) == conversation_id)
    found: HandOff | None = session.scalars(query.order_by(column(HandOff.id).desc()).limit(1)).first()
    return found
