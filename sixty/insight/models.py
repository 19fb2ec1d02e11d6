"""The tables of what chats teach. Every row is derived and can be worked out again; see `sixty.insight.follower`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
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
    UniqueConstraint,
    false,
)

from sixty.tables import Base, Money, UtcDateTime

Arm = Literal["pushes", "quiet"]
Segment = Literal["ask", "answer", "win_back"]
Line = Literal["A", "B", "B+", "C", "C+", "Z"]
Outcome = Literal["answered", "asked_back", "missed", "apologised", "handed_over", "to_person"]
ShownBy = Literal["playbook", "pinned", "mined", "welcome"]

SEGMENTS: tuple[Segment, ...] = ("ask", "answer", "win_back")
LINES: tuple[Line, ...] = ("A", "B", "B+", "C", "C+", "Z")

# SQLite counts rows in INTEGER columns only.
_BigId = BigInteger().with_variant(Integer(), "sqlite")


def _one_of(name: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{name} IN ({listed})", name=name)


class Visit(Base):
    """The messages of one conversation without a long pause: the span that a golden minute, a score and a line have.

    A visit is known by its first message, so working it out again finds the same row. It goes when its messages go.

    Attributes:
        first_message_id: Its first message, whoever wrote it.
        ended_at: When its last message was written.
        category: The product category that it was mostly about; None where no product was named.
        product_no: The product that it was about last.
        entry: Where the conversation stood open: `shop`, `product`, `order`; None without a row of the conversation.
        arm: Whether the bot may offer something by itself.
        turns: How many messages the customer wrote.
        questions: How many of them asked something.
        segment: How far the golden minute was at its last message.
        score: Willingness to buy after its last message, 0 … 1.
        reasons: What moved the score, in order: `message_id`, `rule`, `delta`, `words`.
        curve: `[seconds since the customer's first message, score]` after each step.
        line: Which of the lines it took; while it runs, the line so far. None while nothing was asked that leads to
            buying: a greeting, the state of an order.
        pages: On which pages the conversation stood open, the first first: `[from message id, entry, product_no]`.
            The ledger doesn't tell, so it is noted when it is seen, and kept when the rest is worked out again.
        next_questions: The three likeliest next questions: `question`, `title`, `share`.
        ordered_at: When the first order that is attributed to it was placed; see `sixty.insight.attribution`.
        order_no: That order.
        order_amount: What was to be paid for all orders that are attributed to it, in yuan.
        order_lines: How many different products they had.
        handed_over: Whether a person was called or came.
    """

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("first_message_id"),
        _one_of("arm", "pushes", "quiet"),
        _one_of("segment", *SEGMENTS),
        _one_of("line", *LINES),
        CheckConstraint("score >= 0 AND score <= 1", name="score"),
        Index("ix_visit_conversation_id_started_at", "conversation_id", "started_at"),
        Index("ix_visit_started_at", "started_at"),
        Index("ix_visit_ended_at", "ended_at"),
        Index("ix_visit_category_started_at", "category", "started_at"),
        Index("ix_visit_customer_id_ended_at", "customer_id", "ended_at"),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(_BigId, primary_key=True)
    conversation_id: str = Column(String(64), nullable=False)
    first_message_id: int = Column(_BigId, ForeignKey("message.id", ondelete="CASCADE"), nullable=False)
    started_at: datetime = Column(UtcDateTime, nullable=False)
    ended_at: datetime = Column(UtcDateTime, nullable=False)
    category: str | None = Column(String(32))
    product_no: str | None = Column(String(64))
    entry: str | None = Column(String(16))
    pages: list[list[Any]] = Column(JSON, nullable=False, default=list)
    channel: str = Column(String(32), nullable=False)
    arm: Arm = Column(String(8), nullable=False)
    customer_id: str | None = Column(String(64))
    turns: int = Column(Integer, nullable=False, default=0)
    questions: int = Column(Integer, nullable=False, default=0)
    segment: Segment = Column(String(16), nullable=False)
    score: float = Column(Float, nullable=False)
    reasons: list[dict[str, Any]] = Column(JSON, nullable=False, default=list)
    curve: list[list[float]] = Column(JSON, nullable=False, default=list)
    line: Line | None = Column(String(2))
    next_questions: list[dict[str, Any]] = Column(JSON, nullable=False, default=list)
    ordered_at: datetime | None = Column(UtcDateTime)
    order_no: str | None = Column(String(64))
    order_amount: Decimal | None = Column(Money)
    order_lines: int | None = Column(Integer)
    handed_over: bool = Column(Boolean, nullable=False, default=False, server_default=false())
    updated_at: datetime = Column(UtcDateTime, nullable=False)


class ChatTurn(Base):
    """One message of a customer, as it was understood and answered.

    Attributes:
        ordinal: The how-manieth of its visit, from 0.
        intent: What was understood; empty where nothing was.
        topic: Of an intent with attributes or topics, which one.
        question: `intent` or `intent.topic` as in `playbook/capsules.yml`; None when it asked nothing.
        category: Of the product that it was about.
        mood: `negative`, `angry` or `abandoning`; None for none of them.
        tapped: Whether it was a tapped capsule.
        pushed: Whether this question was among the capsules that were shown just before.
        answered_already: Whether the same question had been answered before in this visit, about the same product.
        outcome: What came of it; None while it waits.
        response_ms: From its arrival to the first reply.
        score: Willingness after it was dealt with, 0 … 1.
        segment: Where the golden minute was when it came.
    """

    __tablename__ = "chat_turn"
    __table_args__ = (
        _one_of("outcome", "answered", "asked_back", "missed", "apologised", "handed_over", "to_person"),
        _one_of("segment", *SEGMENTS),
        CheckConstraint("score >= 0 AND score <= 1", name="score"),
        Index("ix_chat_turn_visit_id_ordinal", "visit_id", "ordinal"),
        Index("ix_chat_turn_question_category_at", "question", "category", "at"),
        Index("ix_chat_turn_at", "at"),
    )

    message_id: int = Column(_BigId, ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    visit_id: int = Column(_BigId, ForeignKey("visit.id", ondelete="CASCADE"), nullable=False)
    conversation_id: str = Column(String(64), nullable=False)
    ordinal: int = Column(Integer, nullable=False)
    at: datetime = Column(UtcDateTime, nullable=False)
    intent: str = Column(String(64), nullable=False, default="")
    topic: str | None = Column(String(32))
    question: str | None = Column(String(97))
    category: str | None = Column(String(32))
    product_no: str | None = Column(String(64))
    mood: str | None = Column(String(16))
    confidence: float | None = Column(Float)
    tapped: bool = Column(Boolean, nullable=False, default=False, server_default=false())
    pushed: bool = Column(Boolean, nullable=False, default=False, server_default=false())
    answered_already: bool = Column(Boolean, nullable=False, default=False, server_default=false())
    outcome: Outcome | None = Column(String(16))
    response_ms: int | None = Column(Integer)
    score: float = Column(Float, nullable=False)
    segment: Segment = Column(String(16), nullable=False)


class RelatedQuestion(Base):
    """What customers ask after a question, as mined from the turns.

    Attributes:
        question: After which question.
        category: Of which product category; empty for all of them.
        place: 1 for what is asked next, 2 for what is asked after that.
        following: The question that follows.
        count: How often it did.
        share: Of all that followed there, smoothed.
        weight: What it does to ordering.
        rank_score: By which it is ranked, from share and weight.
    """

    __tablename__ = "related_question"
    __table_args__ = (
        CheckConstraint("place IN (1, 2)", name="place"),
        Index("ix_related_question_rank", "question", "category", "place", "rank_score"),
    )

    question: str = Column(String(97), primary_key=True)
    category: str = Column(String(32), primary_key=True)
    place: int = Column(Integer, primary_key=True, autoincrement=False)
    following: str = Column(String(97), primary_key=True)
    count: int = Column(Integer, nullable=False)
    share: float = Column(Float, nullable=False)
    weight: float = Column(Float, nullable=False)
    rank_score: float = Column(Float, nullable=False)
    mined_at: datetime = Column(UtcDateTime, nullable=False)


class CapsuleShowing(Base):
    """One capsule that a customer saw, and what came of it.

    Attributes:
        message_id: The bot's message that showed it.
        position: The how-manieth of that message, from 0.
        after: The question that was answered when it was shown; empty for the welcome.
        source: Who chose it: the playbook, a merchant's pin, mining, or the welcome card.
        phase: Of the campaign that ran, where one did.
        tapped_message_id: The customer's message that the tap was.
        ordered_at: When an order was placed that is attributed to the visit, after it was shown.
    """

    __tablename__ = "capsule_showing"
    __table_args__ = (
        UniqueConstraint("message_id", "position"),
        _one_of("source", "playbook", "pinned", "mined", "welcome"),
        _one_of("arm", "pushes", "quiet"),
        Index("ix_capsule_showing_conversation_id_shown_at", "conversation_id", "shown_at"),
        Index("ix_capsule_showing_visit_id", "visit_id"),
        Index("ix_capsule_showing_question_shown_at", "question", "shown_at"),
        Index("ix_capsule_showing_after_category_shown_at", "after", "category", "shown_at"),
        Index("ix_capsule_showing_shown_at", "shown_at"),
        {"sqlite_autoincrement": True},
    )

    id: int = Column(_BigId, primary_key=True)
    message_id: int = Column(_BigId, ForeignKey("message.id", ondelete="CASCADE"), nullable=False)
    position: int = Column(Integer, nullable=False)
    conversation_id: str = Column(String(64), nullable=False)
    visit_id: int | None = Column(_BigId, ForeignKey("visit.id", ondelete="CASCADE"))
    question: str = Column(String(97), nullable=False)
    after: str = Column(String(97), nullable=False, default="", server_default="")
    title: str = Column(String(64), nullable=False)
    source: ShownBy = Column(String(16), nullable=False)
    arm: Arm = Column(String(8), nullable=False)
    category: str | None = Column(String(32))
    entry: str | None = Column(String(16))
    phase: str | None = Column(String(16))
    shown_at: datetime = Column(UtcDateTime, nullable=False)
    tapped_at: datetime | None = Column(UtcDateTime)
    tapped_message_id: int | None = Column(_BigId)
    ordered_at: datetime | None = Column(UtcDateTime)


class Follower(Base):
    """How far somebody has followed the ledger.

    Attributes:
        name: What is followed, and what for.
        cursor: The last row that was dealt with.
    """

    __tablename__ = "follower"

    name: str = Column(String(64), primary_key=True)
    cursor: int = Column(BigInteger, nullable=False)
    updated_at: datetime = Column(UtcDateTime, nullable=False)
