"""What a benefit is thought of for: the article, the customer, and what they would pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.benefits.benefit import BenefitPlan, Circumstances, CouponTerms
from sixty.shop.benefits.kinds import VISITOR
from sixty.shop.benefits.models import BenefitGrant
from sixty.shop.models import Customer, Product, Sku
from sixty.shop.orders import Viewer
from sixty.shop.pricing.basket import Basket, Buyer
from sixty.shop.pricing.engine import price_basket
from sixty.shop.pricing.offers import basket_of, buyer_of, cheapest, promotions_for
from sixty.shop.pricing.phases import phases_at
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.pricing.promotions import Promotion, PromotionKind, Scope
from sixty.shop.pricing.rules import Rules
from sixty.tables import column

_KINDS: dict[str, PromotionKind] = {
    "store": "store_coupon",
    "category": "category_coupon",
    "red_packet": "red_packet",
}


@dataclass(frozen=True)
class About:
    """What the talk is about.

    Attributes:
        product_no: The product.
        sku_code: Its variant; without one the cheapest in stock is counted.
        quantity: How many pieces.
        level: The membership of a visitor; a known customer's own level wins.
    """

    product_no: str | None = None
    sku_code: str | None = None
    quantity: int = 1
    level: str | None = None

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError(f"nobody buys {self.quantity} pieces")


@dataclass(frozen=True)
class Priced:
    """What a customer pays for what the talk is about, and what they would pay with a coupon more.

    Attributes:
        price: What they pay, with all that they were given (到手价).
        usual: What they would pay if they had been given nothing.
        cost: What the goods cost the shop; None where that isn't known.
    """

    product: Product
    quantity: int
    price: Decimal
    usual: Decimal
    cost: Decimal | None
    now: datetime
    basket: Basket
    buyer: Buyer
    promotions: tuple[Promotion, ...]
    rules: Rules

    def with_coupon(self, terms: CouponTerms) -> Decimal:
        """What they would pay if they were given a coupon: never more, and no less where it cannot be used."""
        coupon = _promotion("benefit", terms, self.now)
        found = price_basket(self.basket, self.now, (*self.promotions, coupon), self.buyer, self.rules)
        return min(found.goods, self.price)


def priced(session: Session, plan: BenefitPlan, viewer: Viewer, now: datetime, about: About) -> Priced | None:
    """Works out what is paid for what the talk is about; None where it is about nothing that can be bought."""
    sku = _sku(session, about)
    if sku is None:
        return None
    basket = basket_of(session, {sku.code: about.quantity}, now)
    buyer, own = Buyer(about.level), tuple[Promotion, ...]()
    if viewer.customer_id is not None and session.get(Customer, viewer.customer_id) is not None:
        buyer, own = buyer_of(session, viewer.customer_id)
    given_codes = _given_codes(session, viewer)
    packets = tuple(each for each in own if each.code not in given_codes)
    given = (*(each for each in own if each.code in given_codes), *_held(session, plan, viewer, now))
    offers = (*promotions_for(session, basket.lines, now), *packets)
    rules = shop_rules()
    usual = price_basket(basket, now, offers, buyer, rules).goods
    price = price_basket(basket, now, (*offers, *given), buyer, rules).goods if given else usual
    cost = None if sku.cost is None else sku.cost * about.quantity
    return Priced(sku.product, about.quantity, price, usual, cost, now, basket, buyer, (*offers, *given), rules)


def circumstances_of(
    session: Session, viewer: Viewer, now: datetime, about: About, found: Priced | None
) -> Circumstances:
    """What the rules look at."""
    customer = session.get(Customer, viewer.customer_id) if viewer.customer_id is not None else None
    product = found.product if found is not None else _product(session, about)
    return Circumstances(
        phases=frozenset(window.phase for window in phases_at(shop_rules().campaigns.values(), now)),
        level=customer.level if customer is not None else about.level or VISITOR,
        category=product.category if product is not None else None,
        product_no=product.no if product is not None else None,
        value=found.price if found is not None else None,
    )


def _promotion(code: str, terms: CouponTerms, now: datetime) -> Promotion:
    return Promotion(
        code,
        _KINDS[terms.kind],
        terms.title,
        now,
        # Longer than any balance is open, as what a presale is paid with must still be there.
        now.replace(year=now.year + 1, day=min(now.day, 28)),
        scope=Scope(categories=frozenset({terms.category} if terms.category else ())),
        threshold=terms.threshold,
        amount=terms.amount,
    )


def _given_codes(session: Session, viewer: Viewer) -> frozenset[str]:
    if viewer.customer_id is None:
        return frozenset()
    query = select(BenefitGrant.coupon_code).where(
        column(BenefitGrant.customer_id) == viewer.customer_id, column(BenefitGrant.coupon_code).is_not(None)
    )
    return frozenset(session.scalars(query))


def _held(session: Session, plan: BenefitPlan, viewer: Viewer, now: datetime) -> tuple[Promotion, ...]:
    """Coupons that wait for a visitor to become known: what was promised counts when one goes on bargaining."""
    query = select(BenefitGrant).where(
        column(BenefitGrant.conversation_id) == viewer.conversation_id,
        column(BenefitGrant.state) == "held",
        column(BenefitGrant.kind) == "coupon",
        column(BenefitGrant.expires_at) > now,
    )
    rows: Sequence[BenefitGrant] = session.scalars(query).all()
    known = ((row.reference, plan.benefits.get(row.benefit_id)) for row in rows)
    return tuple(
        _promotion(reference, benefit.coupon, now)
        for reference, benefit in known
        if benefit is not None and benefit.coupon is not None
    )


def _sku(session: Session, about: About) -> Sku | None:
    if about.sku_code is not None:
        sku: Sku | None = session.get(Sku, about.sku_code)
        return sku if sku is not None and about.product_no in (None, sku.product_no) else None
    if about.product_no is None:
        return None
    skus = list(session.scalars(select(Sku).where(column(Sku.product_no) == about.product_no)))
    return cheapest(skus) if skus else None


def _product(session: Session, about: About) -> Product | None:
    found: Product | None = session.get(Product, about.product_no) if about.product_no is not None else None
    return found
