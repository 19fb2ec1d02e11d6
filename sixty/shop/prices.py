"""Works out what a customer pays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.models import Coupon, Presale, Product, Sku
from sixty.tables import column

MEMBER_LEVELS = frozenset({"银卡", "金卡", "PLUS"})


@dataclass(frozen=True)
class PriceLine:
    """One step on the way to the final price; what is taken off is negative."""

    label: str
    amount: Decimal


@dataclass(frozen=True)
class AppliedCoupon:
    """A coupon that counts towards the final price, and what it takes off."""

    code: str
    title: str
    amount: Decimal


@dataclass(frozen=True)
class PresaleCard:
    """A running presale: what is paid when."""

    price: Decimal
    deposit: Decimal
    deposit_worth: Decimal
    balance: Decimal
    balance_from: datetime
    balance_until: datetime
    ships_by: datetime


@dataclass(frozen=True)
class PriceCard:
    """All prices of a product for one customer at one moment.

    Prices are those of the cheapest variant in stock (of all variants when none is).

    Attributes:
        member_price: What members pay, whether this customer is one or not.
        member_applies: Whether the final price counts on it.
        is_range: Whether other variants cost more, up to `highest_price`.
        lines: How the final price comes about, in order.
        final_price: What the customer really pays (到手价).
    """

    product_no: str
    list_price: Decimal
    price: Decimal
    member_price: Decimal | None
    member_applies: bool
    presale: PresaleCard | None
    coupons: tuple[AppliedCoupon, ...]
    lines: tuple[PriceLine, ...]
    final_price: Decimal
    is_range: bool
    highest_price: Decimal


class NoPriceError(LookupError):
    """A product without a single variant has no price."""


def price_card(session: Session, product: Product, level: str | None, now: datetime) -> PriceCard:
    """Works out the prices of a product.

    The final price is the member price where the customer is a member, less the one store
    or category coupon that takes off most. While a presale runs, it is the presale price
    less what the deposit is worth beyond itself; coupons and member prices don't add to it.
    It is never below zero nor above the list price.

    Raises:
        NoPriceError: The product has no variant.
    """
    skus = list(session.scalars(select(Sku).where(column(Sku.product_no) == product.no)))
    if not skus:
        raise NoPriceError(product.no)
    offered = [sku for sku in skus if sku.stock > 0] or skus
    sku = min(offered, key=lambda each: (each.price, each.code))
    presale = _running_presale(session, product.no, now)
    member_applies = level in MEMBER_LEVELS and sku.member_price is not None
    coupons: tuple[AppliedCoupon, ...] = ()
    lines = [PriceLine("原价", sku.list_price)] if sku.list_price > sku.price else []
    if presale is not None:
        card = _presale_card(presale, sku)
        final = card.deposit + card.balance
        lines.append(PriceLine("预售价", card.price))
        lines.append(PriceLine("定金", card.deposit))
        if card.deposit_worth > card.deposit:
            lines.append(PriceLine("定金膨胀立减", card.deposit - card.deposit_worth))
        lines.append(PriceLine("尾款", card.balance))
    else:
        card = None
        final = sku.price
        lines.append(PriceLine("活动价" if lines else "售价", sku.price))
        if member_applies and sku.member_price is not None:
            final = sku.member_price
            lines.append(PriceLine(f"{level}会员价", final))
        coupons = _best_coupon(session, product.category, final, now)
        for coupon in coupons:
            lines.append(PriceLine(coupon.title, -coupon.amount))
            final -= coupon.amount
    return PriceCard(
        product_no=product.no,
        list_price=sku.list_price,
        price=sku.price,
        member_price=sku.member_price,
        member_applies=member_applies and presale is None,
        presale=card,
        coupons=coupons,
        lines=tuple(lines),
        final_price=final,
        is_range=any(each.price != sku.price for each in offered),
        highest_price=max(each.price for each in offered),
    )


def valid_coupon(coupon: Coupon, amount: Decimal, now: datetime) -> bool:
    """Tells whether a coupon can be used on an amount at a moment."""
    return coupon.starts_at <= now < coupon.ends_at and coupon.threshold <= amount


def _best_coupon(session: Session, category: str, amount: Decimal, now: datetime) -> tuple[AppliedCoupon, ...]:
    query = select(Coupon).where(
        (column(Coupon.kind) == "store") | ((column(Coupon.kind) == "category") & (column(Coupon.category) == category))
    )
    usable = [each for each in session.scalars(query) if valid_coupon(each, amount, now)]
    if not usable or amount <= 0:
        return ()
    best = min(usable, key=lambda each: (-each.amount, each.code))
    return (AppliedCoupon(best.code, best.title, min(best.amount, amount)),)


def _running_presale(session: Session, product_no: str, now: datetime) -> Presale | None:
    query = (
        select(Presale)
        .where(
            column(Presale.product_no) == product_no,
            column(Presale.starts_at) <= now,
            column(Presale.ends_at) > now,
        )
        .order_by(Presale.starts_at)
        .limit(1)
    )
    found: Presale | None = session.scalars(query).first()
    return found


def _presale_card(presale: Presale, sku: Sku) -> PresaleCard:
    # The files are checked for it; a table filled otherwise must not show a presale that
    # costs more than the article without it.
    price = min(presale.price, sku.list_price)
    deposit = min(presale.deposit, price)
    worth = min(presale.deposit_worth, price)
    return PresaleCard(
        price=price,
        deposit=deposit,
        deposit_worth=worth,
        balance=price - worth,
        balance_from=presale.balance_from,
        balance_until=presale.balance_until,
        ships_by=presale.ships_by,
    )
