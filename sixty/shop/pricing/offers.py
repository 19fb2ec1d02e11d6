"""What the engine is told: reads baskets, customers and promotions from the shop's tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from sixty.errors import OperatorError
from sixty.shop.models import Coupon, Customer, Pairing, Presale, Product, Sku
from sixty.shop.pricing.basket import STRANGER, Allowance, Basket, BasketLine, Buyer
from sixty.shop.pricing.engine import price_basket
from sixty.shop.pricing.explanation import Quote
from sixty.shop.pricing.models import Credit, PromotionRow, PromotionScopeRow
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.pricing.presale import PresaleTerms
from sixty.shop.pricing.promotions import Promotion, PromotionKind, Scope
from sixty.shop.pricing.rules import Rules
from sixty.tables import column

_COUPON_KINDS: dict[str, PromotionKind] = {
    "store": "store_coupon",
    "category": "category_coupon",
    "bundle": "bundle_coupon",
}


def _any_of(name: str) -> Any:
    return bindparam(name, expanding=True)


# Made once: building a query takes longer than running it, and a price needs them all.
_SKUS = select(Sku, Product).join(Product).where(column(Sku.code).in_(_any_of("codes")))
_PRESALES = (
    select(Presale)
    .where(
        column(Presale.product_no).in_(_any_of("products")),
        column(Presale.starts_at) <= bindparam("at"),
        column(Presale.ends_at) > bindparam("at"),
    )
    .order_by(column(Presale.starts_at).desc())
)
_CREDITS = select(Credit).where(column(Credit.customer_id) == bindparam("customer"))
_PAIRS = select(Pairing.coupon_code, Pairing.product_no, Pairing.with_no).where(
    column(Pairing.coupon_code).is_not(None),
    column(Pairing.product_no).in_(_any_of("products")),
    column(Pairing.with_no).in_(_any_of("products")),
)
_COUPONS = select(Coupon).where(
    (
        (column(Coupon.ends_at) > bindparam("at"))
        & (
            (column(Coupon.kind) == "store")
            | ((column(Coupon.kind) == "category") & column(Coupon.category).in_(_any_of("categories")))
            | ((column(Coupon.kind) == "bundle") & column(Coupon.code).in_(_any_of("bundles")))
        )
    )
    | column(Coupon.code).in_(_any_of("named"))
)
_FIELD, _VALUE = column(PromotionScopeRow.field), column(PromotionScopeRow.value)
_PROMOTIONS = select(PromotionRow).where(
    column(PromotionRow.everywhere)
    | column(PromotionRow.code).in_(
        select(PromotionScopeRow.promotion_code).where(
            ((_FIELD == "product") & _VALUE.in_(_any_of("products")))
            | ((_FIELD == "category") & _VALUE.in_(_any_of("categories")))
        )
    ),
    column(PromotionRow.ends_at).is_(None) | (column(PromotionRow.ends_at) > bindparam("at")),
)


class UnknownSkuError(OperatorError, LookupError):
    """There is no such variant."""


class UnknownCustomerError(OperatorError, LookupError):
    """There is no such customer."""


def quote(
    session: Session,
    wanted: Mapping[str, int],
    at: datetime,
    customer_id: str | None = None,
    coupons: Collection[str] | None = None,
    rules: Rules | None = None,
) -> Quote:
    """Works out what a customer pays for some variants.

    Args:
        session: The shop's database.
        wanted: How many pieces of which variant, by SKU.
        at: When.
        customer_id: Who; a stranger when left out.
        coupons: The codes of the coupons and red packets to use; when left out, what is best.
        rules: How the shop counts; as the playbook says when left out.

    Raises:
        UnknownSkuError: There is no such variant.
        UnknownCustomerError: There is no such customer.
        ValueError: Less than one piece, or a moment without a zone.
    """
    basket = basket_of(session, wanted, at)
    buyer, packets = buyer_of(session, customer_id)
    promotions = promotions_for(session, basket.lines, at, coupons)
    return price_basket(basket, at, (*promotions, *packets), buyer, rules or shop_rules(), coupons)


def basket_of(session: Session, wanted: Mapping[str, int], at: datetime) -> Basket:
    """Puts variants into a basket, each with the presale that takes deposits for it.

    Raises:
        UnknownSkuError: There is no such variant.
        ValueError: Less than one piece.
    """
    rows = session.execute(_SKUS, {"codes": list(wanted)})
    found = {sku.code: (sku, product) for sku, product in rows}
    missing = sorted(set(wanted) - set(found))
    if missing:
        raise UnknownSkuError(
            f"there is no SKU {missing[0]}; SKUs look like GZ2101-01, a product's number and two digits"
        )
    presales = presales_at(session, {product.no for _, product in found.values()}, at)
    return Basket.of(
        line_of(sku, product, presales.get(product.no), wanted[code]) for code, (sku, product) in found.items()
    )


def line_of(sku: Sku, product: Product, presale: PresaleTerms | None = None, quantity: int = 1) -> BasketLine:
    """Makes a line of a variant.

    Raises:
        ValueError: Less than one piece.
    """
    return BasketLine(
        sku=sku.code,
        product_no=product.no,
        name=" ".join(part for part in (product.name, sku.text) if part),
        category=product.category,
        quantity=quantity,
        list_price=sku.list_price,
        price=sku.price,
        member_price=sku.member_price,
        presale=presale,
    )


def cheapest(skus: Sequence[Sku]) -> Sku:
    """The variant that is quoted: the cheapest one in stock, of all when none is."""
    offered = [sku for sku in skus if sku.stock > 0] or skus
    return min(offered, key=lambda each: (each.price, each.code))


def presales_at(session: Session, products: Collection[str], at: datetime) -> dict[str, PresaleTerms]:
    """The presales that take deposits at a moment, by product."""
    running = session.scalars(_PRESALES, {"products": list(products), "at": at})
    # Of several, the one that began first counts.
    return {presale.product_no: terms_of(presale) for presale in running}


def terms_of(presale: Presale) -> PresaleTerms:
    """The terms of a presale."""
    return PresaleTerms(
        price=presale.price,
        deposit=presale.deposit,
        deposit_worth=presale.deposit_worth,
        starts_at=presale.starts_at,
        ends_at=presale.ends_at,
        balance_from=presale.balance_from,
        balance_until=presale.balance_until,
        ships_by=presale.ships_by,
    )


def buyer_of(session: Session, customer_id: str | None) -> tuple[Buyer, tuple[Promotion, ...]]:
    """What a price depends on in a customer, and the red packets that they hold.

    Raises:
        UnknownCustomerError: There is no such customer.
    """
    if customer_id is None:
        return STRANGER, ()
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise UnknownCustomerError(f"there is no customer {customer_id}")
    credits_held = list(session.scalars(_CREDITS, {"customer": customer_id}))
    allowances = tuple(
        Allowance(each.amount, each.starts_at, each.ends_at) for each in credits_held if each.kind == "allowance"
    )
    packets = tuple(
        Promotion(
            each.code,
            "red_packet",
            each.title,
            each.starts_at,
            each.ends_at,
            threshold=each.threshold,
            amount=each.amount,
        )
        for each in credits_held
        if each.kind == "red_packet"
    )
    return Buyer(customer.level, customer.region, allowances), packets


def promotions_for(
    session: Session, lines: Iterable[BasketLine], at: datetime, coupons: Collection[str] | None = None
) -> tuple[Promotion, ...]:
    """Reads what the shop offers for some articles, now and later: a balance is paid later.

    Args:
        session: The shop's database.
        lines: The articles.
        at: What has ended by then is left out.
        coupons: Coupons that are read in any case, so that it can be said why they don't count.
    """
    products = {line.product_no for line in lines}
    categories = {line.category for line in lines}
    return (
        *_coupons(session, products, categories, at, coupons or ()),
        *_promotions(session, products, categories, at),
    )


def _coupons(
    session: Session, products: set[str], categories: set[str], at: datetime, named: Collection[str]
) -> list[Promotion]:
    pairs: dict[str, set[tuple[str, str]]] = {}
    if len(products) > 1:
        for code, product, other in session.execute(_PAIRS, {"products": list(products)}):
            pairs.setdefault(code, set()).add((product, other))
    wanted = {"at": at, "categories": list(categories), "bundles": list(pairs), "named": list(named)}
    return [
        coupon_promotion(coupon, frozenset(pairs.get(coupon.code, ()))) for coupon in session.scalars(_COUPONS, wanted)
    ]


def coupon_promotion(coupon: Coupon, pairs: frozenset[tuple[str, str]] = frozenset()) -> Promotion:
    """A coupon as the engine knows it.

    Args:
        coupon: The coupon.
        pairs: For one of bundles, what must be bought together.
    """
    return Promotion(
        coupon.code,
        _COUPON_KINDS[coupon.kind],
        coupon.title,
        coupon.starts_at,
        coupon.ends_at,
        scope=Scope(categories=frozenset({coupon.category} if coupon.category else ())),
        threshold=coupon.threshold,
        amount=coupon.amount,
        pairs=pairs,
    )


def _promotions(session: Session, products: set[str], categories: set[str], at: datetime) -> list[Promotion]:
    wanted = {"at": at, "products": list(products), "categories": list(categories)}
    return [promotion_of(row) for row in session.scalars(_PROMOTIONS, wanted)]


def promotion_of(row: PromotionRow) -> Promotion:
    """A row of the promotions as the engine knows it."""

    def values(field: str) -> frozenset[str]:
        return frozenset(each.value for each in row.scope if each.field == field)

    return Promotion(
        code=row.code,
        kind=row.kind,
        title=row.title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        campaign=row.campaign,
        phases=tuple(row.phases),
        scope=Scope(values("category"), values("product"), values("without"), levels=frozenset(row.levels)),
        threshold=row.threshold,
        amount=row.amount,
        rate=row.rate,
        price=row.price,
        pieces=row.pieces,
        which=row.which,
        repeats=row.repeats,
        gift=row.gift,
    )
