from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from sixty.shop.stock import plain_size, stock_of, variant_named


def test_the_stock_of_one_variant(shop: Session) -> None:
    answer = stock_of(shop, "GZ2101", color="黑色", size="L")
    assert [(sku.color, sku.size, sku.stock) for sku in answer.matches] == [("黑色", "L", 3)]
    assert answer.in_stock


def test_what_is_sold_out_comes_with_what_is_left(shop: Session) -> None:
    answer = stock_of(shop, "GZ2101", color="黑", size="xl码")
    assert not answer.in_stock
    assert not answer.unknown_color
    assert answer.available_colors == ("卡其",)
    assert answer.available_sizes == ("L",)


def test_a_colour_that_was_never_made_is_said(shop: Session) -> None:
    answer = stock_of(shop, "GZ2101", color="粉色", size="L")
    assert (answer.unknown_color, answer.unknown_size, answer.in_stock) == (True, False, False)
    assert answer.matches == ()
    assert answer.available_colors == ("卡其", "黑色")


def test_a_size_that_was_never_made_is_said(shop: Session) -> None:
    answer = stock_of(shop, "GZ2101", size="5XL")
    assert answer.unknown_size
    assert answer.available_sizes == ("M", "L", "XL", "2XL")


def test_without_a_wish_everything_matches(shop: Session) -> None:
    answer = stock_of(shop, "GZ2101")
    assert len(answer.matches) == 8
    assert answer.in_stock


def test_a_part_of_a_spec_is_enough(shop: Session) -> None:
    answer = stock_of(shop, "SM1101", spec="256gb")
    assert [sku.spec for sku in answer.matches] == ["8GB+256GB"]


def test_an_unknown_product_has_nothing(shop: Session) -> None:
    answer = stock_of(shop, "NOTHING", color="黑色")
    assert (answer.matches, answer.in_stock, answer.unknown_color) == ((), False, False)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [("xl", "XL"), ("XXL", "2XL"), ("xxxl码", "3XL"), ("L码", "L"), ("１１０", "110"), ("42号", "42")],
)
def test_sizes_are_compared_in_one_form(typed: str, plain: str) -> None:
    assert plain_size(typed) == plain


@pytest.mark.parametrize(
    ("no", "text", "variant"),
    [
        ("GZ2101", "那黑色的XL呢", {"color": "黑色", "size": "XL"}),
        ("GZ2101", "那xl呢", {"size": "XL"}),
        ("GZ2101", "2XL呢", {"size": "2XL"}),
        ("GZ2101", "XLM呢", {}),
        ("GZ2101", "粉色呢", {}),
        ("SM1101", "8gb+256GB的多少钱", {"spec": "8GB+256GB"}),
        ("NOTHING", "黑色", {}),
    ],
)
def test_words_name_a_variant_of_the_product(shop: Session, no: str, text: str, variant: dict[str, str]) -> None:
    assert variant_named(shop, no, text) == variant
