"""The tables of product trials: every impression, what came of it, and the sum of what is known."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, UniqueConstraint, text

from sixty.tables import Base, FixedPoint, UtcDateTime

OutcomeKind = Literal["tap", "favourite", "cart", "order"]

_OPEN = text("settled_at IS NULL")


class Reward(FixedPoint):
    """What an impression was worth, from 0 to 1, kept in thousandths; also sums of that."""

    cache_ok = True
    places = 3


class SquareOfReward(FixedPoint):
    """The square of a reward, and sums of that."""

    cache_ok = True
    places = 6


class TrialImpression(Base):
    """One time that a candidate was shown, once under its key.

    Attributes:
        settled_at: When its time to bring something was over and it was counted.
        reward: What it was counted with.
    """

    __tablename__ = "trial_impression"
    __table_args__ = (
        Index("ix_trial_impression_customer_id_product_no_shown_at", "customer_id", "product_no", "shown_at"),
        Index("ix_trial_impression_conversation_id_product_no_shown_at", "conversation_id", "product_no", "shown_at"),
        Index("ix_trial_impression_open", "trial_id", "shown_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    key: str = Column(String(160), primary_key=True)
    trial_id: str = Column(String(64), nullable=False)
    product_no: str = Column(String(32), nullable=False)
    customer_id: str | None = Column(String(64))
    conversation_id: str = Column(String(64), nullable=False)
    scene: str = Column(String(32), nullable=False, default="")
    shown_at: datetime = Column(UtcDateTime, nullable=False)
    settled_at: datetime | None = Column(UtcDateTime)
    reward: Decimal | None = Column(Reward)


class TrialOutcome(Base):
    """Something that came of an impression; each kind once."""

    __tablename__ = "trial_outcome"
    __table_args__ = (
        CheckConstraint("kind IN ('tap', 'favourite', 'cart', 'order')", name="kind"),
        UniqueConstraint("impression_key", "kind"),
    )

    key: str = Column(String(160), primary_key=True)
    impression_key: str = Column(String(160), ForeignKey("trial_impression.key", ondelete="CASCADE"), nullable=False)
    kind: OutcomeKind = Column(String(16), nullable=False)
    at: datetime = Column(UtcDateTime, nullable=False)


class TrialArm(Base):
    """How a candidate stands: how often it was shown, how much of that is settled, and what that was worth.

    Attributes:
        reward: The sum of what settled impressions were worth …
        squares: … and of the squares of it, which tell how much it varies.
    """

    __tablename__ = "trial_arm"
    __table_args__ = (
        CheckConstraint("shown >= settled AND settled >= 0 AND reward >= 0 AND squares >= 0", name="counts"),
    )

    trial_id: str = Column(String(64), primary_key=True)
    product_no: str = Column(String(32), primary_key=True)
    shown: int = Column(Integer, nullable=False, default=0)
    settled: int = Column(Integer, nullable=False, default=0)
    reward: Decimal = Column(Reward, nullable=False, default=Decimal(0))
    squares: Decimal = Column(SquareOfReward, nullable=False, default=Decimal(0))
