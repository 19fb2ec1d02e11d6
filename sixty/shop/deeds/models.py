"""The tables of deeds, and of what only a deed brings about."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Integer, String, UniqueConstraint

from sixty.shop.deeds.deed import By, DeedState
from sixty.shop.deeds.kinds import DeedKind
from sixty.tables import Base, Money, UtcDateTime


class DeedRow(Base):
    """One deed: who asked for what, when and why, by which rule, and how far it is.

    Its order is no foreign key: it may be kept in the merchant's system only.

    Attributes:
        by: Who did it: the customer through the bot, an agent for them, or the shop by itself.
        row_id: The policy's row that decided.
        external_ref: What it is called elsewhere: the after-sales case of our tables, or the number that the
            merchant's system gave it.
    """

    __tablename__ = "deed"
    __table_args__ = (
        CheckConstraint("by IN ('customer', 'agent', 'system')", name="by"),
        CheckConstraint("state IN ('asked', 'accepted', 'done', 'refused', 'failed')", name="state"),
        CheckConstraint("line >= 1", name="line"),
        UniqueConstraint("reference"),
        Index("ix_deed_order_no_asked_at", "order_no", "asked_at"),
        Index("ix_deed_customer_id_asked_at", "customer_id", "asked_at"),
        Index("ix_deed_conversation_id_asked_at", "conversation_id", "asked_at"),
        Index("ix_deed_state_promised_at", "state", "promised_at"),
    )

    key: str = Column(String(128), primary_key=True)
    kind: DeedKind = Column(String(32), nullable=False)
    order_no: str | None = Column(String(64))
    line: int | None = Column(Integer)
    customer_id: str | None = Column(String(64))
    conversation_id: str = Column(String(64), nullable=False)
    by: By = Column(String(16), nullable=False, default="customer")
    cause: str = Column(String(256), nullable=False, default="")
    details: dict[str, str] = Column(JSON, nullable=False, default=dict)
    state: DeedState = Column(String(16), nullable=False)
    row_id: str | None = Column(String(64))
    reference: str = Column(String(32), nullable=False)
    external_ref: str | None = Column(String(128))
    amount: Decimal | None = Column(Money)
    link: str | None = Column(String(512))
    asked_at: datetime = Column(UtcDateTime, nullable=False)
    promised_at: datetime | None = Column(UtcDateTime)
    done_at: datetime | None = Column(UtcDateTime)


class CustomerCoupon(Base):
    """A coupon that a customer has claimed or was given, once.

    Attributes:
        ends_at: Until when this customer can use it, where that is not how long the coupon lasts.
    """

    __tablename__ = "customer_coupon"

    customer_id: str = Column(String(64), ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    coupon_code: str = Column(String(48), ForeignKey("coupon.code", ondelete="CASCADE"), primary_key=True)
    claimed_at: datetime = Column(UtcDateTime, nullable=False)
    ends_at: datetime | None = Column(UtcDateTime)


class StockWish(Base):
    """Somebody who wants to be told when a variant is back.

    Attributes:
        wisher: The customer's id, or the conversation's of a visitor whom we don't know.
        conversation_id: Where they asked, and will be told.
        told_at: When they were told.
    """

    __tablename__ = "stock_wish"

    wisher: str = Column(String(80), primary_key=True)
    sku_code: str = Column(String(48), ForeignKey("sku.code", ondelete="CASCADE"), primary_key=True, index=True)
    conversation_id: str = Column(String(64), nullable=False)
    asked_at: datetime = Column(UtcDateTime, nullable=False)
    told_at: datetime | None = Column(UtcDateTime)
