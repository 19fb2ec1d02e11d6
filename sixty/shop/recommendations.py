"""Suggests what goes well with a product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.shop.models import Coupon, Pairing, Product, Sku
from sixty.shop.prices import price_card, valid_coupon
from sixty.tables import column

MOST_ITEMS = 2


@dataclass(frozen=True)
class BundleItem:
    """One product that goes with another, and why."""

    product: Product
    reason: str


@dataclass(frozen=True)
class Bundle:
    """A product and what goes with it, bought together.

    Attributes:
        items: What is added to the product, the best match first.
        coupon: The bundle or store coupon that takes off most of the whole now, when there is one.
        bundle_price: What everything costs together, the coupon taken off.
        saving: How much less that is than buying each by itself at its own final price; zero when it is not less.
    """

    product: Product
    items: tuple[BundleItem, ...]
    coupon: Coupon | None
    bundle_price: Decimal
    saving: Decimal


def bundle_for(
    session: Session,
    product_no: str,
    now: datetime | None = None,
    limit: int = MOST_ITEMS,
) -> Bundle | None:
    """Puts a product together with what is paired with it and can be bought now.

    Returns:
        The bundle, or `None` when the product is unknown or nothing to go with it is in
        stock.
    """
    product = session.get(Product, product_no)
    if product is None:
        return None
    moment = now or datetime.now(timezone.utc)
    pairings = session.scalars(
        select(Pairing).where(column(Pairing.product_no) == product_no).order_by(Pairing.ordinal, Pairing.with_no)
    )
    total = _cheapest(session, product_no, only_in_stock=False)
    if total is None:
        return None
    items: list[BundleItem] = []
    codes: list[str] = []
    for pairing in pairings:
        paired = session.get(Product, pairing.with_no)
        price = _cheapest(session, pairing.with_no, only_in_stock=True)
        if len(items) == limit or paired is None or paired.status != "on_sale" or price is None:
            continue
        items.append(BundleItem(paired, pairing.reason))
        total += price
        if pairing.coupon_code is not None:
            codes.append(pairing.coupon_code)
    if not items:
        return None
    coupon = _best_of(session, codes, total, moment)
    off = min(coupon.amount, total) if coupon else Decimal("0.00")
    # What is bought one by one has its own coupons; only what goes beyond them is saved.
    apart = sum(
        (price_card(session, each, None, moment).final_price for each in (product, *(item.product for item in items))),
        Decimal("0.00"),
    )
    return Bundle(product, tuple(items), coupon, total - off, max(apart - (total - off), Decimal("0.00")))


def _cheapest(session: Session, product_no: str, *, only_in_stock: bool) -> Decimal | None:
    query = select(func.min(Sku.price)).where(column(Sku.product_no) == product_no)
    in_stock: Decimal | None = session.scalar(query.where(column(Sku.stock) > 0))
    if in_stock is not None or only_in_stock:
        return in_stock
    any_at_all: Decimal | None = session.scalar(query)
    return any_at_all


def _best_of(session: Session, codes: list[str], amount: Decimal, now: datetime) -> Coupon | None:
    query = select(Coupon).where(column(Coupon.code).in_(codes) | (column(Coupon.kind) == "store"))
    usable = [each for each in session.scalars(query) if valid_coupon(each, amount, now)]
    return min(usable, key=lambda each: (-each.amount, each.code), default=None)
