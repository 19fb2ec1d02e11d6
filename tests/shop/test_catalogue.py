from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from sixty.shop.catalogue import (
    ATTRIBUTE_KEYS,
    CANONICAL_KEYS,
    attribute_answer,
    attribute_keys,
    find_product,
    product_of_listing,
    search_products,
    successor,
)


@pytest.mark.parametrize("no", ["GZ2101", "gz2101", " GZ2101 ", "ＧＺ２１０１"])
def test_a_product_is_found_however_its_number_is_typed(shop: Session, no: str) -> None:
    product = find_product(shop, no)
    assert product is not None
    assert product.name == "多口袋工装裤"


@pytest.mark.parametrize("no", ["", "XX9999", "GZ21", "'; DROP TABLE product; --"])
def test_an_unknown_number_finds_nothing(shop: Session, no: str) -> None:
    assert find_product(shop, no) is None


@pytest.mark.parametrize(
    ("platform", "number"), [("taobao", "681203457712"), ("jd", "100045120993"), ("shop", "gz2101")]
)
def test_a_listing_leads_to_its_product(shop: Session, platform: str, number: str) -> None:
    product = product_of_listing(shop, platform, number)
    assert product is not None
    assert product.no == "GZ2101"


def test_a_number_belongs_to_its_platform(shop: Session) -> None:
    assert product_of_listing(shop, "jd", "681203457712") is None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["工装裤"], ["GZ2101", "GZ2102"]),
        (["裤子"], ["GZ2101", "GZ2102"]),
        (["多口袋裤"], ["GZ2101"]),
        (["澜星"], ["SM1101"]),
        (["膝盖"], ["GZ2101"]),
        (["纯棉"], ["GZ3101", "GZ2102"]),
        (["老款"], []),
        (["100%"], []),
        (["潜水艇"], []),
    ],
)
def test_words_find_products_the_best_first(shop: Session, words: list[str], found: list[str]) -> None:
    assert [product.no for product in search_products(shop, words)] == found


def test_a_category_narrows_and_a_limit_ends_a_search(shop: Session) -> None:
    assert [product.no for product in search_products(shop, [], "数码家电")] == ["SM1101"]
    assert len(search_products(shop, [], "工装", limit=2)) == 2


def test_what_is_in_stock_comes_first(shop: Session) -> None:
    for sku in find_product(shop, "GZ2101").skus:  # type: ignore[union-attr]
        sku.stock = 0
    shop.flush()
    assert [product.no for product in search_products(shop, ["工装裤"])] == ["GZ2102", "GZ2101"]


@pytest.mark.parametrize("word", ["材质", "面料", "料子"])
def test_a_fact_is_found_by_any_word_for_it(shop: Session, word: str) -> None:
    answer = attribute_answer(shop, "GZ2101", word)
    assert answer is not None
    assert (answer.key, answer.value, answer.selling_point) == ("材质", "98%棉 2%氨纶", "膝盖双层加固")


def test_what_is_not_known_is_not_made_up(shop: Session) -> None:
    assert attribute_answer(shop, "GZ2101", "续航") is None
    assert attribute_answer(shop, "NOTHING", "材质") is None


def test_facts_are_listed_in_the_order_of_the_file(shop: Session) -> None:
    assert attribute_keys(shop, "GZ2101") == ["材质", "厚薄"]


def test_words_lead_to_keys_that_exist() -> None:
    assert set(CANONICAL_KEYS.values()) <= set(ATTRIBUTE_KEYS)
    assert not set(CANONICAL_KEYS) & set(ATTRIBUTE_KEYS)


def test_a_product_off_sale_has_a_successor(shop: Session) -> None:
    old = find_product(shop, "GZ2001")
    assert old is not None
    following = successor(shop, old)
    assert following is not None
    assert following.no == "GZ2101"
    assert successor(shop, following) is None


def test_successors_in_a_circle_end(shop: Session) -> None:
    old, new = find_product(shop, "GZ2001"), find_product(shop, "GZ2101")
    assert old is not None
    assert new is not None
    new.status, new.successor_no = "off_sale", "GZ2001"
    shop.flush()
    assert successor(shop, old) is None
