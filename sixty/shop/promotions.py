"""Coupons and presales that hold at a moment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.models import Coupon, Presale
from sixty.tables import column


def running_coupons(session: Session, now: datetime, category: str | None = None) -> list[Coupon]:
    """Store coupons, and those of a category, that can be used now; the most worth first.

    Args:
        session: The shop's database.
        now: The moment.
        category: The category of the product in question; without one only store coupons count.

    Returns:
        Coupons by amount, largest first. Bundle coupons are offered with their bundle, not here.
    """
    of_kind = column(Coupon.kind) == "store"
    if category:
        of_kind = of_kind | ((column(Coupon.kind) == "category") & (column(Coupon.category) == category))
    query = select(Coupon).where(of_kind, column(Coupon.starts_at) <= now, column(Coupon.ends_at) > now)
    return sorted(session.scalars(query), key=lambda coupon: (-coupon.amount, coupon.code))


def running_presales(session: Session, now: datetime) -> list[Presale]:
    """Presales that take deposits now, the one that ends first in front."""
    query = (
        select(Presale)
        .where(column(Presale.starts_at) <= now, column(Presale.ends_at) > now)
        .order_by(Presale.ends_at, Presale.product_no)
    )
    return list(session.scalars(query))
