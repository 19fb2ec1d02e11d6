"""The prices of one product, as a card shows them: a thin view of `sixty.shop.pricing`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.models import Product, Sku
from sixty.shop.pricing.basket import MEMBER_LEVELS, Basket, Buyer
from sixty.shop.pricing.engine import price_basket
from sixty.shop.pricing.explanation import Payment, Quote
from sixty.shop.pricing.offers import buyer_of, cheapest, line_of, presales_at, promotions_for
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.pricing.presale import PresaleTerms
from sixty.shop.variants import Variant
from sixty.shop.wording import say_amount
from sixty.tables import column

__all__ = [
    "MEMBER_LEVELS",
    "AppliedCoupon",
    "NoPriceError",
    "PresaleCard",
    "PriceCard",
    "PriceLine",
    "explain",
    "price_card",
]

# Parts of the final price, and no steps towards it.
_PAID_APART = ("定金", "尾款")


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
    """A running presale: what is paid when.

    Attributes:
        balance: What is left to pay for the goods, everything taken off that counts then.
    """

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

    Prices are those of one piece of the cheapest variant in stock (of all variants when none
    is).

    Attributes:
        member_price: What members pay, whether this customer is one or not.
        member_applies: Whether the final price counts on it.
        coupons: The coupons that the final price counts on.
        lines: How the final price comes about, in order.
        final_price: What the customer really pays for it (到手价), postage apart.
        is_range: Whether other variants cost more, up to `highest_price`.
        quote: The whole explanation, with postage, gifts, and what doesn't count and why.
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
    quote: Quote


class NoPriceError(LookupError):
    """A product without a single variant has no price."""


def price_card(
    session: Session,
    product: Product,
    level: str | None,
    now: datetime,
    customer_id: str | None = None,
    spec: str | None = None,
    variants: Sequence[Variant] | None = None,
) -> PriceCard:
    """Works out the prices of a product.

    Args:
        session: The shop's database.
        product: The product.
        level: The customer's level of membership; None for a stranger.
        now: The moment.
        spec: Only variants of this spec; all when left out.
        customer_id: Whose allowance and red packets count too; nobody's when left out.
        variants: The product's variants as they are now; those of our tables when left out.

    Raises:
        NoPriceError: The product has no variant.
        UnknownCustomerError: There is no such customer.
    """
    if variants is None:
        variants = list(session.scalars(select(Sku).where(column(Sku.product_no) == product.no)))
    skus = [sku for sku in variants if spec is None or sku.spec == spec]
    if not skus:
        raise NoPriceError(product.no)
    offered = [sku for sku in skus if sku.stock > 0] or skus
    sku = cheapest(skus)
    line = line_of(sku, product, presales_at(session, [product.no], now).get(product.no))
    buyer, packets = buyer_of(session, customer_id)
    if customer_id is None:
        buyer = Buyer(level)
    promotions = promotions_for(session, [line], now)
    quote = price_basket(Basket.of([line]), now, (*promotions, *packets), buyer, shop_rules())
    terms = line.presale.within(sku.price) if line.presale else None
    return PriceCard(
        product_no=product.no,
        list_price=sku.list_price,
        price=sku.price,
        member_price=sku.member_price,
        member_applies=any(step.kind == "member_price" for step in quote.steps),
        presale=_presale_card(terms, quote.payments[0]) if terms else None,
        coupons=tuple(AppliedCoupon(step.code, step.label, -step.amount) for step in quote.coupons),
        lines=tuple(_lines(sku, terms, quote)),
        final_price=quote.goods,
        is_range=any(each.price != sku.price for each in offered),
        highest_price=max(each.price for each in offered),
        quote=quote,
    )


def explain(card: PriceCard) -> str:
    """Says how a final price comes about (`售价329元，满300减50：−50元，到手279元`); empty where nothing is off."""
    if not any(line.amount < 0 for line in card.lines):
        return ""
    parts = [
        f"{line.label}：−{say_amount(-line.amount)}" if line.amount < 0 else f"{line.label}{say_amount(line.amount)}"
        for line in card.lines
        if line.label not in _PAID_APART
    ]
    return "，".join([*parts, f"到手{say_amount(card.final_price)}"])


def _lines(sku: Variant, terms: PresaleTerms | None, quote: Quote) -> list[PriceLine]:
    """The steps as a card says them: prices as what they are, reductions as what they take off."""
    lines = [PriceLine("原价", sku.list_price)] if sku.list_price > sku.price else []
    after: list[PriceLine] = []
    if terms is None:
        lines.append(PriceLine("活动价" if lines else "售价", sku.price))
    else:
        lines += [PriceLine("预售价", terms.price), PriceLine("定金", terms.deposit)]
        after.append(PriceLine("尾款", _presale_card(terms, quote.payments[0]).balance))
    for step in quote.steps:
        if step.kind == "deposit_expansion":
            lines.append(PriceLine("定金膨胀立减", step.amount))
        elif step.kind == "member_price" and sku.member_price is not None:
            lines.append(PriceLine(step.label, sku.member_price))
        elif step.kind not in ("sale_price", "presale", "gift"):
            lines.append(PriceLine(step.label, step.amount))
    return lines + after


def _presale_card(terms: PresaleTerms, payment: Payment) -> PresaleCard:
    return PresaleCard(
        price=terms.price,
        deposit=terms.deposit,
        deposit_worth=terms.deposit_worth,
        balance=payment.goods - terms.deposit,
        balance_from=terms.balance_from,
        balance_until=terms.balance_until,
        ships_by=terms.ships_by,
    )
