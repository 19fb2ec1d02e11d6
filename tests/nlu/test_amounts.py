from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.nlu.amounts import read_amounts
from sixty.nlu.normal_form import normal_form


def values(text: str, entity: str) -> list[str]:
    return [item.value for item in read_amounts(normal_form(text)) if item.entity == entity]


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("99.9元", ["99.9"]),
        ("￥128", ["128"]),
        ("¥19.90包邮吗", ["19.9"]),
        ("三百块以内", ["300"]),
        ("预算三百来块", ["300"]),
        ("一千二百元左右", ["1200"]),
        ("两千块钱", ["2000"]),
        ("9块9", ["9.9"]),
        ("九块九", ["9.9"]),
        ("十九块九", ["19.9"]),
        ("五块钱", ["5"]),
        ("5毛", ["0.5"]),
        ("1.2万元", ["12000"]),
        ("2k块", ["2000"]),
        ("100到200元", ["100", "200"]),
        ("100-200块的", ["100", "200"]),
        ("满300减50", ["300", "50"]),
        ("满三百减五十没用上", ["300", "50"]),
        ("50多块", ["50"]),
        ("一起发可以吗，一块发", []),
        ("买两块肥皂", []),
        ("再少五块吧", ["5"]),
        ("两百块一提", ["200"]),
        ("退我几块钱", []),
        ("175 140斤", []),
    ],
)
def test_money(text: str, money: list[str]) -> None:
    assert values(text, "money") == money


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("要两件", ["2"]),
        ("买三箱", ["3"]),
        ("来一打", ["12"]),
        ("半打袜子", ["6"]),
        ("2双", ["2"]),
        ("二十个有优惠吗", ["20"]),
        ("拍一件", ["1"]),
        ("一件", ["1"]),
        ("我俩都要", ["2"]),
        ("多口袋工装裤x2", ["2"]),
        ("鞋*3", ["3"]),
        ("我要三包", ["3"]),
        ("享受三包服务", []),
        ("换一个", []),
        ("有一个问题", []),
        ("等了两个月", []),
        ("3个小时", []),
        ("第二件半价", []),
        ("这两件", []),
        ("两个颜色", []),
        ("几件包邮", []),
        ("400打不进", []),
        ("256对不", []),
        ("买两块肥皂", ["2"]),
    ],
)
def test_pieces(text: str, quantity: list[str]) -> None:
    assert values(text, "quantity") == quantity


@given(st.decimals("0.01", "99999.99", places=2), st.sampled_from(["元", "块", "块钱", " 元"]))
def test_a_price_is_read_to_the_fen(price: Decimal, unit: str) -> None:
    (found,) = values(f"{price}{unit}", "money")
    assert Decimal(found) == price


@given(st.integers(1, 9999), st.sampled_from("件双个箱套盒瓶袋包只支台"))
def test_a_count_is_read(count: int, counter: str) -> None:
    assert values(f"买{count}{counter}", "quantity") == [str(count)]


@given(st.text("一二两三百千万块元钱毛打件个x*满减-到0123456789.￥ 裤", max_size=30))
def test_findings_lie_in_the_text_and_apart(text: str) -> None:
    end = 0
    for item in read_amounts(normal_form(text)):
        assert end <= item.start < item.end <= len(text)
        assert Decimal(item.value) >= 0
        end = item.end
