"""A product and what the merchant paired it with, bought together, and what that saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.models import Coupon, Product, Sku
from sixty.shop.pricing.basket import Basket, BasketLine, Buyer
from sixty.shop.pricing.engine import price_basket
from sixty.shop.pricing.explanation import Quote
from sixty.shop.pricing.offers import cheapest, line_of, presales_at, promotions_for
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.relink import pairings_of
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
        coupon: The coupon that the price counts on, the one that takes off most, when there is one.
        bundle_price: What everything costs together, all that counts taken off.
        saving: How much less that is than buying each by itself at its own final price; zero when it is not less.
        quote: The whole explanation of the price.
    """

    product: Product
    items: tuple[BundleItem, ...]
    coupon: Coupon | None
    bundle_price: Decimal
    saving: Decimal
    quote: Quote


def bundle_for(
    session: Session,
    product_no: str,
    now: datetime | None = None,
    limit: int = MOST_ITEMS,
    level: str | None = None,
) -> Bundle | None:
    """Puts a product together with what is paired with it and can be bought now.

    Args:
        session: The shop's database.
        product_no: The product.
        now: The moment; this one when left out.
        limit: How many products are added at most.
        level: The customer's level of membership; None for a stranger.

    Returns:
        The bundle, or `None` when the product is unknown or nothing to go with it is in
        stock.
    """
    product = session.get(Product, product_no)
    sku = _quoted(session, product_no, only_in_stock=False)
    if product is None or sku is None:
        return None
    chosen: list[tuple[BundleItem, Sku]] = []
    for pairing in pairings_of(session, product_no):
        if len(chosen) == limit:
            break
        paired = session.get(Product, pairing.with_no)
        fitting = _quoted(session, pairing.with_no, only_in_stock=True)
        if paired is not None and paired.status == "on_sale" and fitting is not None:
            chosen.append((BundleItem(paired, pairing.reason), fitting))
    return bundle_of(session, product, sku, chosen, now or datetime.now(timezone.utc), level) if chosen else None


def bundle_of(
    session: Session,
    product: Product,
    sku: Sku,
    chosen: Sequence[tuple[BundleItem, Sku]],
    moment: datetime,
    level: str | None = None,
) -> Bundle:
    """Puts a product together with what was chosen to go with it.

    Args:
        session: The shop's database.
        product: The product …
        sku: … and which variant of it counts for the price.
        chosen: What is added, each in the variant that counts.
        moment: When it is bought.
        level: The customer's level of membership; None for a stranger.
    """
    parts = [(product, sku), *((item.product, each) for item, each in chosen)]
    presales = presales_at(session, [each.no for each, _ in parts], moment)
    lines = [line_of(piece, each, presales.get(each.no)) for each, piece in parts]
    promotions = promotions_for(session, lines, moment)

    def priced(some: list[BasketLine]) -> Quote:
        return price_basket(Basket.of(some), moment, promotions, Buyer(level), shop_rules())

    together = priced(lines)
    # What is bought one by one has its own coupons; only what goes beyond them is saved.
    apart = sum((priced([line]).goods for line in lines), Decimal("0.00"))
    best = min(together.coupons, key=lambda step: (step.amount, step.code), default=None)
    return Bundle(
        product,
        tuple(item for item, _ in chosen),
        session.get(Coupon, best.code) if best is not None else None,
        together.goods,
        max(apart - together.goods, Decimal("0.00")),
        together,
    )


def _quoted(session: Session, product_no: str, *, only_in_stock: bool) -> Sku | None:
    skus = list(session.scalars(select(Sku).where(column(Sku.product_no) == product_no)))
    if only_in_stock:
        skus = [sku for sku in skus if sku.stock > 0]
    return cheapest(skus) if skus else None
