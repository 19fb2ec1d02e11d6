"""Which way a product's size is found, and what fits who does not fit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.models import Product, Sku
from sixty.shop.size_charts import Body
from sixty.shop.size_guides import guide_of, has_size, substitute_for


def product_of(shop: Session, no: str) -> Product:
    found = find_product(shop, no)
    assert found is not None
    return found


def shoes(shop: Session, no: str, kind: str, *sizes: int) -> Product:
    skus = [
        Sku(code=f"{no}-{size}", size=str(size), stock=size % 2, list_price=Decimal(99), price=Decimal(99))
        for size in sizes
    ]
    product = Product(no=no, name=no, category="工装", kind=kind, brand="铁砧", runs="正常", skus=skus)
    shop.add(product)
    shop.flush()
    return product


def test_trousers_go_by_their_chart(shop: Session) -> None:
    guide = guide_of(shop, product_of(shop, "GZ2101"))
    assert guide is not None
    assert guide.missing(Body()) == ("height", "weight")
    assert guide.asks_for_fit
    # L by its chart, and it is cut large.
    assert guide.advise(Body(Decimal(172), Decimal(64))).size == "M"


def test_shoes_go_by_the_foot(shop: Session) -> None:
    guide = guide_of(shop, shoes(shop, "S1", "劳保鞋", 39, 40, 41))
    assert guide is not None
    assert guide.missing(Body(Decimal(172), Decimal(64))) == ("foot",)
    assert guide.missing(Body(foot=Decimal(25))) == ()
    assert not guide.asks_for_fit
    assert guide.advise(Body(foot=Decimal(25))).size == "40"


def test_what_has_no_sizes_has_no_guide(shop: Session) -> None:
    phone = product_of(shop, "SM1101")
    assert guide_of(shop, phone) is None
    assert substitute_for(shop, phone, Body(foot=Decimal(25))) is None


def test_a_substitute_is_one_that_fits(shop: Session) -> None:
    product = product_of(shop, "GZ2101")
    substitute = substitute_for(shop, product, Body(Decimal(180), Decimal(105)))
    assert substitute is not None
    assert substitute.no == "GZ2102"
    assert substitute_for(shop, product, Body(Decimal(180), Decimal(180))) is None


@pytest.mark.parametrize(("foot", "instead"), [("26.5", "S2"), ("27", None), ("19", None)])
def test_a_substitute_for_shoes_is_shoes_in_stock(shop: Session, foot: str, instead: str | None) -> None:
    small = shoes(shop, "S1", "劳保鞋", 39, 40, 41)
    shoes(shop, "S2", "劳保鞋", 42, 43, 44)
    found = substitute_for(shop, small, Body(Decimal(172), Decimal(64), foot=Decimal(foot)))
    assert (found.no if found else None) == instead


def test_whether_a_size_is_in_stock(shop: Session) -> None:
    pair = shoes(shop, "S1", "劳保鞋", 40, 41)
    assert has_size(pair, "41码")
    assert not has_size(pair, "40")
    assert not has_size(pair, "42")
