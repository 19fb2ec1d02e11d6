"""A product's variants as they are now: of the merchant's system while it answers, else as our tables have them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.shop.gateways.errors import GatewayError
from sixty.shop.gateways.normal_form import CatalogueProduct, CatalogueSku
from sixty.shop.gateways.ports import CatalogueGateway
from sixty.shop.gateways.sql import SqlCatalogue
from sixty.shop.models import CatalogueImport, Product
from sixty.shop.variants import Variant
from sixty.tables import column

_log = structlog.get_logger(__name__)

# A catalogue brings stock and prices with it.
_WITH_STOCK_AND_PRICES = "catalogue"
_PARTS = ("stock", "prices")


@dataclass(frozen=True)
class CurrentVariants:
    """What is known of a product's variants.

    Attributes:
        variants: Them, with stock and prices.
        off_sale: Whether the product is not sold any more.
        stale: Whether the system could not be asked now; the customer is told how old this is.
        as_of: When it was so; None when nobody knows.
    """

    variants: tuple[Variant, ...]
    off_sale: bool
    stale: bool
    as_of: datetime | None


def current_variants(session: Session, catalogue: CatalogueGateway, product: Product, now: datetime) -> CurrentVariants:
    """Asks for a product's variants.

    Args:
        session: A session on our own tables, for when the system gives no answer.
        catalogue: The shop's system, as the settings say.
        product: The product.
        now: The moment.

    Returns:
        What the system says; what it said before, or what our tables have, when it gives no answer. A product that it
        does not know is not sold.
    """
    try:
        reading = catalogue.product(product.no)
    except GatewayError as error:
        _log.warning("catalogue.no_answer", product=product.no, kind=type(error).__name__, reason=str(error))
        kept = SqlCatalogue(session, now).product(product.no).value
        return _made(kept, stale=True, as_of=age_of_tables(session))
    if reading.value is None:
        _log.warning("catalogue.unknown_product", product=product.no)
    return _made(reading.value, stale=reading.stale, as_of=reading.read_at)


def age_of_tables(session: Session) -> datetime | None:
    """Since when nothing in our tables' stock and prices is older; None when nobody knows.

    Only a file that named every variant tells; what came later by smaller files is newer.
    """
    query = (
        select(CatalogueImport.kind, func.max(CatalogueImport.at))
        .where(column(CatalogueImport.whole), column(CatalogueImport.kind).in_((_WITH_STOCK_AND_PRICES, *_PARTS)))
        .group_by(CatalogueImport.kind)
    )
    newest: dict[str, datetime] = dict(session.execute(query).all())
    whole = newest.get(_WITH_STOCK_AND_PRICES)
    parts = [max((at for at in (newest.get(part), whole) if at is not None), default=None) for part in _PARTS]
    known = [at for at in parts if at is not None]
    return min(known) if len(known) == len(_PARTS) else None


def _made(found: CatalogueProduct | None, *, stale: bool, as_of: datetime | None) -> CurrentVariants:
    if found is None:
        return CurrentVariants((), off_sale=True, stale=stale, as_of=as_of)
    variants = tuple(_sound(sku) for sku in found.skus if sku.price >= 0)
    return CurrentVariants(variants, off_sale=found.status == "off_sale", stale=stale, as_of=as_of)


def _sound(sku: CatalogueSku) -> CatalogueSku:
    """What can't be is mended on the safe side: no price above its label's, no member price above the usual one."""
    member = sku.member_price
    return replace(
        sku,
        stock=max(0, sku.stock),
        list_price=max(sku.list_price, sku.price),
        member_price=member if member is not None and Decimal(0) <= member <= sku.price else None,
    )
