"""Coupons, presales and other promotions that hold at a moment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.models import Coupon, Presale, Product
from sixty.shop.pricing.models import PromotionRow
from sixty.shop.pricing.offers import line_of, promotion_of, promotions_for
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.pricing.promotions import COUPON_KINDS, Promotion
from sixty.shop.pricing.rules import Rules
from sixty.tables import column


def running_coupons(session: Session, now: datetime, category: str | None = None) -> list[Coupon]:
    """Store coupons, and those of a category, that can be used now; the most worth first.

    Args:
        session: The shop's database.
        now: The moment.
        category: The category of the product in question; without one only store coupons count.

    Returns:
        Coupons by amount, largest first. Bundle coupons are offered with their bundle, not here, and what was given
        to somebody is nobody else's.
    """
    of_kind = column(Coupon.kind) == "store"
    if category:
        of_kind = of_kind | ((column(Coupon.kind) == "category") & (column(Coupon.category) == category))
    running = (column(Coupon.starts_at) <= now, column(Coupon.ends_at) > now)
    query = select(Coupon).where(of_kind, *running, column(Coupon.personal).is_(False))
    return sorted(session.scalars(query), key=lambda coupon: (-coupon.amount, coupon.code))


def running_presales(session: Session, now: datetime) -> list[Presale]:
    """Presales that take deposits now, the one that ends first in front."""
    query = (
        select(Presale)
        .where(column(Presale.starts_at) <= now, column(Presale.ends_at) > now)
        .order_by(Presale.ends_at, Presale.product_no)
    )
    return list(session.scalars(query))


def running_promotions(
    session: Session, now: datetime, product: Product | None = None, rules: Rules | None = None
) -> list[Promotion]:
    """Promotions that run now and are no coupons: cuts, discounts, gifts, in a campaign's phase or by themselves.

    Args:
        session: The shop's database.
        now: The moment.
        product: The product in question; without one, those for the whole shop count.
        rules: The shop's rules, for its campaigns; as the playbook says when left out.

    Returns:
        Promotions by their code.
    """
    campaigns = (rules or shop_rules()).campaigns
    if product is None:
        rows = session.scalars(select(PromotionRow).where(column(PromotionRow.everywhere)))
        found = [promotion_of(row) for row in rows]
    elif product.skus:
        line = line_of(product.skus[0], product)
        found = [each for each in promotions_for(session, [line], now) if each.scope.covers(line)]
    else:
        found = []
    running = [each for each in found if each.kind not in COUPON_KINDS and each.runs(now, campaigns)]
    return sorted(running, key=lambda each: each.code)
