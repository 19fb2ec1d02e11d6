"""The tables of a merchant's promotions and of what customers hold.

Coupons and presales have tables of their own (`sixty.shop.models`).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String
from sqlalchemy.orm import relationship

from sixty.shop.pricing.phases import PhaseName
from sixty.shop.pricing.promotions import MerchantKind, Which
from sixty.tables import Base, FixedPoint, Money, UtcDateTime

ScopeField = Literal["category", "product", "without"]
CreditKind = Literal["allowance", "red_packet"]


class Rate(FixedPoint):
    """What is left to pay, kept in thousandths: 8.5折 is 0.850."""

    cache_ok = True
    places = 3


class PromotionRow(Base):
    """One promotion; what its columns mean is told by `sixty.shop.pricing.promotions.Promotion`.

    Attributes:
        everywhere: Whether it is for the whole shop, so that no scope names what it is for.
    """

    __tablename__ = "promotion"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('timed_discount', 'bundle_price', 'pieces', 'store_cut', 'cross_shop_cut', 'allowance', 'gift')",
            name="kind",
        ),
        CheckConstraint(
            "(campaign IS NULL AND starts_at IS NOT NULL AND ends_at IS NOT NULL AND starts_at < ends_at) "
            "OR (campaign IS NOT NULL AND starts_at IS NULL AND ends_at IS NULL)",
            name="times",
        ),
        CheckConstraint("threshold >= 0", name="threshold"),
        Index("ix_promotion_ends_at", "ends_at"),
        Index("ix_promotion_everywhere_ends_at", "everywhere", "ends_at"),
    )

    code: str = Column(String(48), primary_key=True)
    kind: MerchantKind = Column(String(16), nullable=False)
    title: str = Column(String(64), nullable=False)
    starts_at: datetime | None = Column(UtcDateTime)
    ends_at: datetime | None = Column(UtcDateTime)
    campaign: str | None = Column(String(32))
    phases: list[PhaseName] = Column(JSON, nullable=False, default=list)
    levels: list[str] = Column(JSON, nullable=False, default=list)
    everywhere: bool = Column(Boolean, nullable=False)
    threshold: Decimal = Column(Money, nullable=False, default=Decimal(0))
    amount: Decimal | None = Column(Money)
    rate: Decimal | None = Column(Rate)
    price: Decimal | None = Column(Money)
    pieces: int | None = Column(Integer)
    which: Which | None = Column(String(8))
    repeats: bool = Column(Boolean, nullable=False, default=False)
    gift: str | None = Column(String(64))

    scope: list[PromotionScopeRow] = relationship("PromotionScopeRow", cascade="all, delete-orphan", lazy="selectin")


class PromotionScopeRow(Base):
    """What a promotion is for, or never for: one category or product a row."""

    __tablename__ = "promotion_scope"
    __table_args__ = (
        CheckConstraint("field IN ('category', 'product', 'without')", name="field"),
        Index("ix_promotion_scope_value_field", "value", "field"),
    )

    promotion_code: str = Column(String(48), ForeignKey("promotion.code", ondelete="CASCADE"), primary_key=True)
    field: ScopeField = Column(String(16), primary_key=True)
    value: str = Column(String(32), primary_key=True)


class Credit(Base):
    """Money that a customer holds: shopping allowance (购物津贴) or a red packet (红包).

    Attributes:
        amount: What the red packet takes off, or how much allowance is left.
        threshold: What has to be spent to use a red packet; zero for none. How allowance is
            spent is told by the promotion of that kind.
    """

    __tablename__ = "credit"
    __table_args__ = (
        CheckConstraint("kind IN ('allowance', 'red_packet')", name="kind"),
        CheckConstraint("amount > 0 AND threshold >= 0", name="amounts"),
        CheckConstraint("starts_at < ends_at", name="times"),
    )

    code: str = Column(String(48), primary_key=True)
    customer_id: str = Column(String(64), ForeignKey("customer.id", ondelete="CASCADE"), nullable=False, index=True)
    kind: CreditKind = Column(String(16), nullable=False)
    title: str = Column(String(64), nullable=False)
    amount: Decimal = Column(Money, nullable=False)
    threshold: Decimal = Column(Money, nullable=False, default=Decimal(0))
    starts_at: datetime = Column(UtcDateTime, nullable=False)
    ends_at: datetime = Column(UtcDateTime, nullable=False)
