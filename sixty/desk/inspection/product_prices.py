"""What the products of a chat may be said to cost, by the shop's own functions at that moment."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from itertools import combinations

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.desk.inspection.chat import ProductPrices
from sixty.nlu.normal_form import normal_form
from sixty.shop.models import Listing, Product, Sku
from sixty.shop.prices import NoPriceError, PriceCard, price_card
from sixty.shop.pricing.offers import UnknownCustomerError
from sixty.tables import column

_MOST_PRODUCTS = 12
# Every price with some of the reductions taken off may be said; of more than these there are too many.
_MOST_REDUCTIONS = 5
_SHORTEST_NAME = 2

_log = structlog.get_logger(__name__)


def named_products(session: Session, text: str) -> list[str]:
    """The numbers of products whose name or number stands in a text."""
    holds = func.instr if session.get_bind().dialect.name == "sqlite" else func.strpos
    query = (
        select(column(Product.no))
        .where((holds(text, column(Product.name)) > 0) | (holds(text.upper(), column(Product.no)) > 0))
        .order_by(column(Product.no))
        .limit(_MOST_PRODUCTS)
    )
    return list(session.scalars(query))


def names_in(session: Session, text: str, product_nos: Collection[str]) -> list[str]:
    """Names and brands in a text that are words of nobody, in normal form."""
    holds = func.instr if session.get_bind().dialect.name == "sqlite" else func.strpos
    brands = session.scalars(
        select(column(Product.brand)).where(holds(text, column(Product.brand)) > 0).distinct().limit(_MOST_PRODUCTS)
    )
    products = _products(session, [*named_products(session, text), *product_nos])
    names = [name for each in products for name in _called(each, ())]
    return [normal_form(each) for each in dict.fromkeys([*names, *brands]) if len(each) >= _SHORTEST_NAME]


def product_prices(
    session: Session, product_nos: Iterable[str], now: datetime, level: str | None, customer_id: str | None
) -> list[ProductPrices]:
    """What products may be said to cost.

    Args:
        session: The shop's database.
        product_nos: Their numbers, the one that the chat is about first; unknown ones are left out.
        now: The moment.
        level: The customer's level of membership.
        customer_id: Whose coupons count; a stranger's price may be said as well.
    """
    wanted = list(dict.fromkeys(product_nos))[:_MOST_PRODUCTS]
    listings: dict[str, list[str]] = {}
    for row in session.execute(select(Listing).where(column(Listing.product_no).in_(wanted))).scalars():
        listings.setdefault(row.product_no, []).append(row.external_id)
    found = []
    for product in _products(session, wanted):
        prices: dict[tuple[str, ...], frozenset[Decimal]] = {}
        before: dict[tuple[str, ...], frozenset[Decimal]] = {}
        known: dict[tuple[Decimal, Decimal, Decimal | None], frozenset[Decimal]] = {}
        for sku in product.skus:
            words = tuple(normal_form(word) for word in (sku.color, sku.size, sku.spec) if word)
            terms = (sku.list_price, sku.price, sku.member_price)
            if terms not in known:
                known[terms] = _prices_of(session, product, sku, now, level, customer_id)
            prices[words] = known[terms]
            before[words] = frozenset({sku.list_price})
        called = tuple(normal_form(each) for each in _called(product, listings.get(product.no, ())))
        found.append(ProductPrices(product.no, called, prices, before))
    return found


def _products(session: Session, product_nos: Collection[str]) -> list[Product]:
    wanted = list(dict.fromkeys(product_nos))
    rows = {each.no: each for each in session.scalars(select(Product).where(column(Product.no).in_(wanted)))}
    return [rows[no] for no in wanted if no in rows]


def _called(product: Product, listings: Iterable[str]) -> list[str]:
    return [product.name, product.no, *product.aliases, *listings]


def _prices_of(
    session: Session, product: Product, sku: Sku, now: datetime, level: str | None, customer_id: str | None
) -> frozenset[Decimal]:
    amounts = {sku.price, *([sku.member_price] if sku.member_price is not None else [])}
    for buyer in dict.fromkeys([None, customer_id]):
        for of_level in dict.fromkeys([None, level]) if buyer is None else [level]:
            try:
                amounts |= _said_by(price_card(session, product, of_level, now, buyer, variants=[sku]))
            except (NoPriceError, UnknownCustomerError) as error:
                _log.info("inspection.no_price", product=product.no, kind=type(error).__name__)
    return frozenset(amounts)


def _said_by(card: PriceCard) -> set[Decimal]:
    amounts = {card.final_price, card.price}
    if card.member_price is not None:
        amounts.add(card.member_price)
    if card.presale is not None:
        terms = card.presale
        amounts |= {terms.price, terms.deposit, terms.balance, terms.price - terms.deposit_worth + terms.deposit}
    amounts |= {line.amount for line in card.lines if line.amount > 0}
    off = [-line.amount for line in card.lines if line.amount < 0][:_MOST_REDUCTIONS]
    for count in range(1, len(off) + 1):
        for some in combinations(off, count):
            amounts |= {start - sum(some, Decimal(0)) for start in (card.price, card.list_price, card.final_price)}
    return {each for each in amounts if each > 0}
