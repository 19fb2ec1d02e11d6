from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.shop.haggling import price_wished, wants_price_changed_by_hand


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("200卖不卖", 200),
        ("180行不行", 180),
        ("三十五卖不卖", 35),
        ("80块钱拿走行不", 80),
        ("别家才150", 150),
        ("128算120得了", 120),
        ("给个整数吧 200行不", 200),
        ("那改成一百整吧", 100),
        ("一百二我就要 一百三就算了", 120),
    ],
)
def test_the_sum_that_a_customer_would_pay(text: str, price: int) -> None:
    assert price_wished(text) == Decimal(price)


@pytest.mark.parametrize(
    "text", ["能便宜点吗", "少5块", "便宜二十行不行", "打8折", "满300减50能用吗", "零头抹了吧", "你减十块我付款"]
)
def test_what_is_to_be_taken_off_is_no_sum(text: str) -> None:
    assert price_wished(text) is None


@pytest.mark.parametrize("text", ["我拍了 帮我改价", "改个价", "那改成一百整吧", "你后台给我减十块呗"])
def test_a_change_by_hand(text: str) -> None:
    assert wants_price_changed_by_hand(text)
    assert not wants_price_changed_by_hand("能便宜点吗")


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    found = price_wished(text)
    assert found is None or found >= 0
