"""What the engine is told: reads baskets, customers and promotions from the shop's tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import bindparam, func, select, union_all
from sqlalchemy.orm import Session

from sixty.errors import OperatorError
from sixty.shop.deeds.models import CustomerCoupon
from sixty.shop.models import Coupon, Customer, Order, Pairing, Presale, Product, Sku
from sixty.shop.pricing.basket import STRANGER, Allowance, Basket, BasketLine, Buyer
from sixty.shop.pricing.engine import price_basket
from sixty.shop.pricing.explanation import Quote
from sixty.shop.pricing.models import Credit, PromotionRow, PromotionScopeRow
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.pricing.presale import PresaleTerms
from sixty.shop.pricing.promotions import Promotion, PromotionKind, Scope
from sixty.shop.pricing.rules import Rules
from sixty.shop.reading import any_of, read
from sixty.shop.variants import Article, Variant, variant_text

V = TypeVar("V", bound=Variant)

_COUPON_KINDS: dict[str, PromotionKind] = {
    "store": "store_coupon",
    "category": "category_coupon",
    "bundle": "bundle_coupon",
}


_SKU, _PRODUCT, _CUSTOMER = Sku.__table__.c, Product.__table__.c, Customer.__table__.c
_PRESALE, _CREDIT, _PAIRING = Presale.__table__.c, Credit.__table__.c, Pairing.__table__.c
_C, _H, _O = Coupon.__table__.c, CustomerCoupon.__table__.c, Order.__table__.c
_P, _SCOPE = PromotionRow.__table__.c, PromotionScopeRow.__table__.c

# Made once: building a query takes longer than running it, and a price needs them all. Read as columns: mapped objects
# take longer to make than all the rest of a price.
_SKUS = (
    select(
        *(_SKU.code, _SKU.color, _SKU.size, _SKU.spec, _SKU.stock, _SKU.list_price, _SKU.price, _SKU.member_price),
        *(_PRODUCT.no, _PRODUCT.name, _PRODUCT.category),
    )
    .select_from(Sku.__table__.join(Product.__table__, _PRODUCT.no == _SKU.product_no))
    .where(_SKU.code.in_(any_of("codes")))
)
_PRESALES = (
    select(*_PRESALE)
    .where(
        _PRESALE.product_no.in_(any_of("products")),
        _PRESALE.starts_at <= bindparam("at"),
        _PRESALE.ends_at > bindparam("at"),
    )
    .order_by(_PRESALE.starts_at.desc())
)
# Who, once for each of their credits; once without any.
_BUYER = (
    select(_CUSTOMER.level, _CUSTOMER.region, *_CREDIT)
    .select_from(Customer.__table__.outerjoin(Credit.__table__, _CREDIT.customer_id == _CUSTOMER.id))
    .where(_CUSTOMER.id == bindparam("customer"))
)
_PAIRS = select(_PAIRING.coupon_code, _PAIRING.product_no, _PAIRING.with_no).where(
    _PAIRING.coupon_code.is_not(None),
    _PAIRING.product_no.in_(any_of("products")),
    _PAIRING.with_no.in_(any_of("products")),
)
_BUNDLES = select(_PAIRING.coupon_code).where(
    _PAIRING.coupon_code.is_not(None),
    _PAIRING.product_no.in_(any_of("products")),
    _PAIRING.with_no.in_(any_of("products")),
)
# What somebody was given counts for them only: see `_HELD`.
_USABLE = (_C.ends_at > bindparam("at")) & _C.personal.is_(False)
# Each part goes by an index of its own. With OR between them, neither database would use any, and read all that the
# shop has ever offered.
_COUPON = select(_C.code, _C.title, _C.kind, _C.threshold, _C.amount, _C.category, _C.starts_at, _C.ends_at)
_OF_ARTICLES = (
    _COUPON.where(_C.kind == "category", _C.category.in_(any_of("categories")), _USABLE),
    # Found by their codes: by their kind, which the expression hides, all of the shop's bundles would be read.
    _COUPON.where(_C.code.in_(_BUNDLES), func.lower(_C.kind) == "bundle", _USABLE),
)
_COUPONS = union_all(
    _COUPON.where(_C.kind == "store", _C.category.is_(None), _USABLE),
    *_OF_ARTICLES,
    _COUPON.where(_C.code.in_(any_of("named")), _C.personal.is_(False)),
)
_FURTHER_COUPONS = union_all(*_OF_ARTICLES)
_HELD = (
    select(
        *(_C.code, _C.title, _C.kind, _C.threshold, _C.amount, _C.category),
        *(_H.claimed_at.label("starts_at"), _C.ends_at.label("coupon_ends_at"), _H.ends_at.label("held_until")),
    )
    .select_from(Coupon.__table__.join(CustomerCoupon.__table__, _H.coupon_code == _C.code))
    .where(
        _H.customer_id == bindparam("customer"),
        _C.personal,
        # It is gone with the first order that had as much taken off, until somebody says so.
        ~select(_O.no)
        .where(
            _O.customer_id == bindparam("customer"),
            _O.placed_at >= _H.claimed_at,
            _O.state != "closed",
            _O.discount >= _C.amount,
            _O.goods_amount >= _C.threshold,
        )
        .exists(),
    )
)
_RUNS_OUT = _P.ends_at > bindparam("at")
_OF_A_CAMPAIGN = _P.ends_at.is_(None)
_COVERING = _P.code.in_(
    select(_SCOPE.promotion_code).where(
        ((_SCOPE.field == "product") & _SCOPE.value.in_(any_of("products")))
        | ((_SCOPE.field == "category") & _SCOPE.value.in_(any_of("categories")))
    )
)
_PROMOTION = select(*_P)
_FURTHER_PROMOTIONS = _PROMOTION.where(_COVERING, _RUNS_OUT | _OF_A_CAMPAIGN)
_PROMOTIONS = union_all(
    _PROMOTION.where(_P.everywhere, _RUNS_OUT),
    _PROMOTION.where(_P.everywhere, _OF_A_CAMPAIGN),
    _FURTHER_PROMOTIONS,
)
_SCOPES = select(_SCOPE.promotion_code, _SCOPE.field, _SCOPE.value).where(
    _SCOPE.promotion_code.in_(any_of("promotions"))
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
    found = {row.code: row for row in read(session, _SKUS, {"codes": list(wanted)})}
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
    running = read(session, _PRESALES, {"products": list(products), "at": at})
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
    """What a price depends on in a customer, and what counts for them alone: red packets, and coupons they were given.

    Raises:
        UnknownCustomerError: There is no such customer.
    """
    if customer_id is None:
        return STRANGER, ()
    found = read(session, _BUYER, {"customer": customer_id})
    if not found:
        raise UnknownCustomerError(f"there is no customer {customer_id}")
    credits_held = [row for row in found if row.code is not None]
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
    return Buyer(found[0].level, found[0].region, allowances), (*packets, *_held_coupons(session, customer_id))


def _held_coupons(session: Session, customer_id: str) -> tuple[Promotion, ...]:
    held = read(session, _HELD, {"customer": customer_id})
    return tuple(
        Promotion(
            row.code,
            _COUPON_KINDS[row.kind],
            row.title,
            row.starts_at,
            min(row.coupon_ends_at, row.held_until or row.coupon_ends_at),
            scope=_scope_of(row.category),
            threshold=row.threshold,
            amount=row.amount,
        )
        for row in held
    )


def _scope_of(category: str | None) -> Scope:
    return Scope(categories=frozenset({category} if category else ()))


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


def with_further(
    session: Session,
    known: Iterable[Promotion],
    lines: Iterable[BasketLine],
    further: Iterable[BasketLine],
    at: datetime,
) -> tuple[Promotion, ...]:
    """Adds what the shop offers for further articles to what was read for some.

    Args:
        session: The shop's database.
        known: What `promotions_for` has read for the first ones at that moment.
        lines: The first articles.
        further: The others.
        at: As there.
    """
    first, others = list(lines), list(further)
    products, categories = {line.product_no for line in first}, {line.category for line in first}
    new = {line.product_no for line in others} - products
    new_categories = {line.category for line in others} - categories
    asked = {"at": at, "categories": list(new_categories), "products": list(products | new)}
    coupons = read(session, _FURTHER_COUPONS, asked) if new or new_categories else []
    pairs = _pairs(session, products | new, coupons)
    asked = {"at": at, "products": list(new), "categories": list(new_categories)}
    rows = read(session, _FURTHER_PROMOTIONS, asked) if new or new_categories else ()
    found = {offer.code: offer for offer in known}
    # A coupon of bundles that is known may have further pairs.
    found |= {row.code: coupon_promotion(row, frozenset(pairs.get(row.code, ()))) for row in coupons}
    found |= {offer.code: offer for offer in _with_scopes(session, [row for row in rows if row.code not in found])}
    return tuple(found.values())


def _coupons(
    session: Session, products: set[str], categories: set[str], at: datetime, named: Collection[str]
) -> list[Promotion]:
    wanted = {"at": at, "categories": list(categories), "products": list(products), "named": list(named)}
    coupons = list(_distinct(read(session, _COUPONS, wanted)))
    pairs = _pairs(session, products, coupons)
    return [coupon_promotion(coupon, frozenset(pairs.get(coupon.code, ()))) for coupon in coupons]


def _pairs(session: Session, products: set[str], coupons: Iterable[Any]) -> dict[str, set[tuple[str, str]]]:
    pairs: dict[str, set[tuple[str, str]]] = {}
    if any(coupon.kind == "bundle" for coupon in coupons):
        for code, product, other in read(session, _PAIRS, {"products": list(products)}):
            pairs.setdefault(code, set()).add((product, other))
    return pairs


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
        scope=_scope_of(coupon.category),
        threshold=coupon.threshold,
        amount=coupon.amount,
        pairs=pairs,
    )


def _promotions(session: Session, products: set[str], categories: set[str], at: datetime) -> list[Promotion]:
    wanted = {"at": at, "products": list(products), "categories": list(categories)}
    return _with_scopes(session, list(_distinct(read(session, _PROMOTIONS, wanted))))


def _with_scopes(session: Session, rows: Sequence[Any]) -> list[Promotion]:
    scopes: dict[str, list[tuple[str, str]]] = {row.code: [] for row in rows}
    for code, field, value in read(session, _SCOPES, {"promotions": list(scopes)}) if rows else ():
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
