"""Stock and prices as the merchant's system says them now, as it said them before, or as our tables have them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.current_variants import age_of_tables, current_variants
from sixty.shop.gateways.errors import GatewayError, NonsenseError, OutOfReachError, RefusedError
from sixty.shop.gateways.normal_form import CatalogueProduct, CatalogueSku
from sixty.shop.gateways.ports import Reading
from sixty.shop.gateways.sql import SqlCatalogue
from sixty.shop.models import CatalogueImport, Product, Sku
from sixty.shop.prices import price_card
from sixty.shop.stock import stock_among, stock_of
from sixty.shop.variants import variant_text

PRODUCT = "GZ2101"


class System:
    """A system that says one thing."""

    def __init__(self, says: Reading[CatalogueProduct | None] | GatewayError) -> None:
        self.says = says

    def product(self, no: str) -> Reading[CatalogueProduct | None]:
        if isinstance(self.says, GatewayError):
            raise self.says
        return self.says

    def products(self, after: str | None = None, limit: int = 100) -> tuple[CatalogueProduct, ...]:
        raise NotImplementedError


def product_of(shop: Session) -> Product:
    found = find_product(shop, PRODUCT)
    assert found is not None
    return found


def sku(**differing: object) -> CatalogueSku:
    values: dict[str, object] = {"code": "X-1", "stock": 3, "list_price": Decimal(100), "price": Decimal(80)}
    return CatalogueSku(**{**values, **differing})  # type: ignore[arg-type]


def told(now: datetime, *skus: CatalogueSku, status: str = "on_sale", stale: bool = False) -> System:
    found = CatalogueProduct(no=PRODUCT, name="裤", skus=skus, status=status)  # type: ignore[arg-type]
    return System(Reading(found, now, stale))


def test_what_the_system_says_counts(shop: Session, now: datetime) -> None:
    system = told(now, sku(color="卡其", size="M", stock=7), sku(code="X-2", color="卡其", size="L", stock=0))
    found = current_variants(shop, system, product_of(shop), now)
    assert (found.off_sale, found.stale, found.as_of) == (False, False, now)
    answer = stock_among(found.variants, color="卡其", size="M")
    assert ([match.stock for match in answer.matches], answer.available_sizes) == ([7], ("M",))
    card = price_card(shop, product_of(shop), None, now, variants=found.variants)
    assert (card.price, card.list_price) == (Decimal(80), Decimal(100))


def test_our_own_tables_say_the_same_either_way(shop: Session, now: datetime) -> None:
    product = product_of(shop)
    found = current_variants(shop, SqlCatalogue(shop, now), product, now)
    assert not found.stale
    assert stock_among(found.variants, size="M") == stock_of(shop, PRODUCT, size="M")
    assert price_card(shop, product, "金卡", now, variants=found.variants) == price_card(shop, product, "金卡", now)
    assert {variant_text(each) for each in found.variants} == {each.text for each in product.skus}


@pytest.mark.parametrize("error", [OutOfReachError("down"), RefusedError("401"), NonsenseError("?")])
def test_without_an_answer_our_tables_are_told_as_old_as_they_are(
    shop: Session, now: datetime, error: GatewayError
) -> None:
    product = product_of(shop)
    found = current_variants(shop, System(error), product, now)
    assert (found.stale, found.as_of, found.off_sale) == (True, None, False)
    assert {each.code for each in found.variants} == {each.code for each in product.skus}
    shop.add(CatalogueImport(kind="catalogue", at=now - timedelta(hours=2), rows=15, whole=True))
    shop.flush()
    assert current_variants(shop, System(error), product, now).as_of == now - timedelta(hours=2)


def test_what_it_said_before_is_told_as_such(shop: Session, now: datetime) -> None:
    before = now - timedelta(minutes=10)
    found = current_variants(shop, told(before, sku(), stale=True), product_of(shop), now)
    assert (found.stale, found.as_of) == (True, before)


def test_what_the_system_does_not_sell_is_off_sale(shop: Session, now: datetime) -> None:
    product = product_of(shop)
    assert current_variants(shop, told(now, sku(), status="off_sale"), product, now).off_sale
    gone = current_variants(shop, System(Reading(None, now)), product, now)
    assert (gone.off_sale, gone.variants) == (True, ())


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ({"list_price": Decimal(0)}, (3, Decimal(80), Decimal(80), None)),
        ({"member_price": Decimal(90)}, (3, Decimal(100), Decimal(80), None)),
        ({"member_price": Decimal(70)}, (3, Decimal(100), Decimal(80), Decimal(70))),
        ({"stock": -4}, (0, Decimal(100), Decimal(80), None)),
    ],
)
def test_what_cannot_be_is_mended_and_priced(
    shop: Session,
    now: datetime,
    wrong: dict[str, object],
    right: tuple[int, Decimal, Decimal, Decimal | None],
) -> None:
    (found,) = current_variants(shop, told(now, sku(**wrong)), product_of(shop), now).variants
    assert (found.stock, found.list_price, found.price, found.member_price) == right
    assert price_card(shop, product_of(shop), "金卡", now, variants=[found]).final_price <= found.price


def test_a_price_below_zero_is_no_variant(shop: Session, now: datetime) -> None:
    found = current_variants(shop, told(now, sku(price=Decimal(-1)), sku(code="X-2")), product_of(shop), now)
    assert [each.code for each in found.variants] == ["X-2"]


@pytest.mark.parametrize(
    ("imports", "hours"),
    [
        ([], None),
        ([("stock", 1, True)], None),
        ([("catalogue", 9, False)], None),
        ([("catalogue", 9, True)], 9),
        ([("catalogue", 9, True), ("stock", 1, True)], 9),
        ([("catalogue", 9, True), ("stock", 1, True), ("prices", 2, True)], 2),
        ([("catalogue", 9, True), ("stock", 1, True), ("prices", 2, False)], 9),
        ([("stock", 3, True), ("prices", 5, True)], 5),
        ([("stock", 3, True), ("prices", 5, True), ("catalogue", 1, True)], 1),
        ([("attributes", 1, True)], None),
    ],
)
def test_tables_are_as_old_as_their_oldest_part(
    shop: Session, now: datetime, imports: list[tuple[str, int, bool]], hours: int | None
) -> None:
    for kind, ago, whole in imports:
        shop.add(CatalogueImport(kind=kind, at=now - timedelta(hours=ago), rows=1, whole=whole))
    shop.flush()
    assert age_of_tables(shop) == (None if hours is None else now - timedelta(hours=hours))


def test_rows_of_our_tables_are_variants(shop: Session) -> None:
    row = shop.get(Sku, "GZ2101-01")
    assert row is not None
    assert variant_text(row) == row.text
