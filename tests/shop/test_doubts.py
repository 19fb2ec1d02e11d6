"""Which doubts are settled, and which the shop could still settle."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.doubts import doubts_open, doubts_settled, facts_about
from sixty.shop.models import Attribute, Doubt, Product


@pytest.fixture
def trousers(shop: Session) -> Product:
    found = find_product(shop, "GZ2101")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("asked", "settled"),
    [
        ([("ask_attribute", "版型")], {"fit"}),
        ([("ask_attribute", "材质"), ("ask_attribute", "面料")], {"quality"}),
        ([("ask_size", None)], {"size"}),
        ([("ask_delivery_time", None), ("ask_usage", None)], {"date", "use"}),
        ([("ask_price", None), ("ask_promotion", "尾款时间"), ("inform", None)], set()),
        ([], set()),
    ],
)
def test_a_question_settles_its_doubt(
    shop: Session, trousers: Product, asked: list[tuple[str, str | None]], settled: set[Doubt]
) -> None:
    assert doubts_settled(shop, trousers, asked) == settled


def test_what_the_merchant_says_of_an_attribute_wins(shop: Session, trousers: Product) -> None:
    fact = shop.get(Attribute, (trousers.no, "材质"))
    assert fact is not None
    fact.doubt = "comfort"
    shop.flush()
    assert doubts_settled(shop, trousers, [("ask_attribute", "材质")]) == {"comfort"}


def test_what_the_shop_cannot_tell_is_not_open(shop: Session, trousers: Product) -> None:
    able = doubts_open(shop, trousers, ())
    assert "size" in able
    assert doubts_open(shop, trousers, able) == set()
    assert "size" not in doubts_open(shop, trousers, {"size"})
    trousers.size_chart_id = None
    for fact in shop.query(Attribute).filter_by(product_no=trousers.no, doubt="size"):
        shop.delete(fact)
    shop.flush()
    assert "size" not in doubts_open(shop, trousers, ())


def test_the_facts_that_answer_a_doubt_the_plainest_first(shop: Session, trousers: Product) -> None:
    for key, doubt in (("起球", None), ("质检", "quality"), ("版型", "fit")):
        shop.add(Attribute(product_no=trousers.no, key=key, value="好", doubt=doubt))
    shop.flush()
    assert facts_about(shop, trousers, "quality") == ["材质", "起球", "质检"]
    assert facts_about(shop, trousers, "fit") == ["版型"]
    assert facts_about(shop, trousers, "date") == []
