"""The tables of benefits: what was offered, what was given, and what is left to give."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Text, UniqueConstraint, text

from sixty.shop.benefits.kinds import Answer, Authority, BenefitKind, GrantState, StepKind
from sixty.tables import Base, Money, UtcDateTime

_LIVE = text("state IN ('held', 'granted')")


class BenefitGrant(Base):
    """One benefit that was given to somebody, once under its key.

    Neither customers nor coupons are foreign keys: a customer may be kept in the merchant's system only, and what was
    given stays on record when they go.

    Attributes:
        reference: The number under which people find it again.
        title: What it was called when it was given.
        conversation_id: Where it was given. While there is no customer, it is held for whoever talks there.
        authority: Who gave it.
        cost: What it may cost the shop, in yuan: set aside from the budget until it has ended unused.
        stock_span: In which span of its stock it counts, such as `2026-11`; empty where stock has no span.
        budget: The budget that it was taken from, and in `budget_span` in which span of it.
        drawn_key: For a prize: the key of the draw that it was won in.
        ended_at: When it was used or revoked or ran out.
        ended_why: Why it was revoked.
    """

    __tablename__ = "benefit_grant"
    __table_args__ = (
        CheckConstraint("kind IN ('goods', 'service', 'coupon')", name="kind"),
        CheckConstraint("authority IN ('bot', 'agent', 'supervisor')", name="authority"),
        CheckConstraint("state IN ('held', 'granted', 'used', 'revoked', 'expired')", name="state"),
        CheckConstraint("cost >= 0", name="cost"),
        UniqueConstraint("reference"),
        Index("ix_benefit_grant_customer_id_granted_at", "customer_id", "granted_at"),
        Index("ix_benefit_grant_conversation_id_granted_at", "conversation_id", "granted_at"),
        Index("ix_benefit_grant_state_granted_at", "state", "granted_at"),
        Index("ix_benefit_grant_due", "benefit_id", "expires_at", sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_benefit_grant_budget", "budget", "expires_at", sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    key: str = Column(String(160), primary_key=True)
    reference: str = Column(String(32), nullable=False)
    benefit_id: str = Column(String(64), nullable=False)
    kind: BenefitKind = Column(String(16), nullable=False)
    title: str = Column(String(64), nullable=False)
    customer_id: str | None = Column(String(64))
    conversation_id: str = Column(String(64), nullable=False)
    authority: Authority = Column(String(16), nullable=False)
    situation: str = Column(String(16), nullable=False, default="")
    product_no: str | None = Column(String(32))
    cost: Decimal = Column(Money, nullable=False)
    stock_span: str = Column(String(16), nullable=False, default="")
    budget: str | None = Column(String(64))
    budget_span: str = Column(String(16), nullable=False, default="")
    coupon_code: str | None = Column(String(48))
    drawn_key: str | None = Column(String(160))
    state: GrantState = Column(String(16), nullable=False)
    granted_at: datetime = Column(UtcDateTime, nullable=False)
    expires_at: datetime = Column(UtcDateTime, nullable=False)
    ended_at: datetime | None = Column(UtcDateTime)
    ended_why: str | None = Column(String(128))


class BenefitCounter(Base):
    """How much of a stock or a budget is taken in a span; the row that everybody who gives writes to."""

    __tablename__ = "benefit_counter"
    __table_args__ = (CheckConstraint("taken >= 0 AND spent >= 0", name="amounts"),)

    name: str = Column(String(80), primary_key=True)
    span: str = Column(String(16), primary_key=True)
    taken: int = Column(Integer, nullable=False, default=0)
    spent: Decimal = Column(Money, nullable=False, default=Decimal(0))


class BenefitOffer(Base):
    """Something that was said in order to win a customer: a benefit offered, or a step of bargaining.

    Attributes:
        step: Which step of bargaining it was, from 1; 0 for what belongs to none.
        benefit_id: What was offered; None where only words were said.
        answer: What the customer made of it.
    """

    __tablename__ = "benefit_offer"
    __table_args__ = (
        CheckConstraint("kind IN ('reasons', 'benefit', 'last_word')", name="kind"),
        CheckConstraint("answer IN ('open', 'taken', 'declined')", name="answer"),
        CheckConstraint("quantity >= 1 AND step >= 0", name="counts"),
        Index("ix_benefit_offer_customer_id_offered_at", "customer_id", "offered_at"),
        Index("ix_benefit_offer_conversation_id_offered_at", "conversation_id", "offered_at"),
    )

    id: int = Column(Integer, primary_key=True)
    situation: str = Column(String(16), nullable=False)
    rule_id: str = Column(String(64), nullable=False)
    kind: StepKind = Column(String(16), nullable=False)
    step: int = Column(Integer, nullable=False, default=0)
    benefit_id: str | None = Column(String(64))
    text: str = Column(Text, nullable=False)
    customer_id: str | None = Column(String(64))
    conversation_id: str = Column(String(64), nullable=False)
    product_no: str | None = Column(String(32))
    sku_code: str | None = Column(String(48))
    quantity: int = Column(Integer, nullable=False, default=1)
    level: str | None = Column(String(16))
    answer: Answer = Column(String(16), nullable=False, default="open")
    offered_at: datetime = Column(UtcDateTime, nullable=False)
    answered_at: datetime | None = Column(UtcDateTime)
