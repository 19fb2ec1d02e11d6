"""What the engine is told: reads baskets, customers and promotions from the shop's tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import bindparam, select, union_all
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
from sixty.shop.variants import Article, Variant, variant_text
from sixty.tables import column

V = TypeVar("V", bound=Variant)

_COUPON_KINDS: dict[str, PromotionKind] = {
    "store": "store_coupon",
    "category": "category_coupon",
    "bundle": "bundle_coupon",
}


def _any_of(name: str) -> Any:
    return bindparam(name, expanding=True)


# Made once: building a query takes longer than running it, and a price needs them all.
_SKUS = (
    select(
        *(Sku.code, Sku.color, Sku.size, Sku.spec, Sku.stock, Sku.list_price, Sku.price, Sku.member_price),
        *(Product.no, Product.name, Product.category),
    )
    .join(Product)
    .where(column(Sku.code).in_(_any_of("codes")))
)
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
_USABLE = column(Coupon.ends_at) > bindparam("at")
# Each part goes by an index of its own. With OR between them, neither database would use any, and read all that the
# shop has ever offered.
# Read as columns: mapped objects take longer to make than all the rest of a price.
_COUPON = select(
    *(Coupon.code, Coupon.title, Coupon.kind, Coupon.threshold, Coupon.amount, Coupon.category),
    *(Coupon.starts_at, Coupon.ends_at),
)
_COUPONS = union_all(
    _COUPON.where(column(Coupon.kind) == "store", column(Coupon.category).is_(None), _USABLE),
    _COUPON.where(column(Coupon.kind) == "category", column(Coupon.category).in_(_any_of("categories")), _USABLE),
    _COUPON.where(column(Coupon.code).in_(_any_of("bundles")), column(Coupon.kind) == "bundle", _USABLE),
    _COUPON.where(column(Coupon.code).in_(_any_of("named"))),
)
_FIELD, _VALUE = column(PromotionScopeRow.field), column(PromotionScopeRow.value)
_RUNS_OUT = column(PromotionRow.ends_at) > bindparam("at")
_OF_A_CAMPAIGN = column(PromotionRow.ends_at).is_(None)
_COVERING = column(PromotionRow.code).in_(
    select(PromotionScopeRow.promotion_code).where(
        ((_FIELD == "product") & _VALUE.in_(_any_of("products")))
        | ((_FIELD == "category") & _VALUE.in_(_any_of("categories")))
    )
)
_PROMOTION = select(*PromotionRow.__table__.columns)
_PROMOTIONS = union_all(
    _PROMOTION.where(column(PromotionRow.everywhere), _RUNS_OUT),
    _PROMOTION.where(column(PromotionRow.everywhere), _OF_A_CAMPAIGN),
    _PROMOTION.where(_COVERING, _RUNS_OUT | _OF_A_CAMPAIGN),
)
_SCOPES = select(PromotionScopeRow.promotion_code, PromotionScopeRow.field, PromotionScopeRow.value).where(
    column(PromotionScopeRow.promotion_code).in_(_any_of("promotions"))
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
    found = {row.code: row for row in session.execute(_SKUS, {"codes": list(wanted)})}
    missing = sorted(set(wanted) - set(found))
    if missing:
        raise UnknownSkuError(
            f"there is no SKU {missing[0]}; SKUs look like GZ2101-01, a product's number and two digits"
        )
    presales = presales_at(session, {row.no for row in found.values()}, at)
    # A row is the variant and its product in one.
    return Basket.of(line_of(row, row, presales.get(row.no), wanted[code]) for code, row in found.items())


def line_of(sku: Variant, product: Article, presale: PresaleTerms | None = None, quantity: int = 1) -> BasketLine:
    """Makes a line of a variant.

    Raises:
        ValueError: Less than one piece.
    """
    return BasketLine(
        sku=sku.code,
        product_no=product.no,
        name=" ".join(part for part in (product.name, variant_text(sku)) if part),
        category=product.category,
        quantity=quantity,
        list_price=sku.list_price,
        price=sku.price,
        member_price=sku.member_price,
        presale=presale,
    )


def cheapest(skus: Sequence[V]) -> V:
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
        coupon_promotion(coupon, frozenset(pairs.get(coupon.code, ())))
        for coupon in _distinct(session.execute(_COUPONS, wanted))
    ]


def coupon_promotion(coupon: Any, pairs: frozenset[tuple[str, str]] = frozenset()) -> Promotion:
    """A coupon as the engine knows it.

    Args:
        coupon: The coupon, or a row with its columns.
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
    rows = list(_distinct(session.execute(_PROMOTIONS, wanted)))
    scopes: dict[str, list[tuple[str, str]]] = {row.code: [] for row in rows}
    for code, field, value in session.execute(_SCOPES, {"promotions": list(scopes)}) if rows else ():
        scopes[code].append((field, value))
    return [_promotion(row, scopes[row.code]) for row in rows]


def _distinct(rows: Iterable[Any]) -> Iterable[Any]:
    # Two parts of a query may have found the same.
    return {row.code: row for row in rows}.values()


def promotion_of(row: PromotionRow) -> Promotion:
    """A row of the promotions as the engine knows it."""
    return _promotion(row, [(each.field, each.value) for each in row.scope])


def _promotion(row: Any, scope: Iterable[tuple[str, str]]) -> Promotion:
    of_fields: dict[str, set[str]] = {}
    for field, value in scope:
        of_fields.setdefault(field, set()).add(value)

    def values(field: str) -> frozenset[str]:
        return frozenset(of_fields.get(field, ()))

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
