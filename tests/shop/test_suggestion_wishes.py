from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.shop.suggestion_wishes import leaves_it_open, reports_order, suggestion_wish


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("别推荐了", "none"),
        ("不用给我推荐", "none"),
        ("凑单买什么好", "filler"),
        ("还差多少满减", "filler"),
        ("帮我凑个单", "filler"),
        ("有没有更好的", "upgrade"),
        ("内存大一点的", "upgrade"),
        ("升级", "upgrade"),
        ("贵点没事", "upgrade"),
        ("太贵了", "cheaper"),
        ("有没有便宜点的手机", "cheaper"),
        ("超预算了", "cheaper"),
        ("不喜欢这个", "refused"),
        ("都没看上", "refused"),
        ("换一批", "others"),
        ("还有别的吗", "others"),
        ("再来几款", "others"),
        ("有没有类似的", "alike"),
        ("没货了有代替的吗", "alike"),
        ("推荐一件外套给老婆", None),
        ("包邮吗", None),
        ("黑色的还有吗", None),
        ("还有别的颜色吗", None),
        ("有没有其他优惠", None),
        ("换个大一码的", None),
    ],
)
def test_what_is_wanted_of_suggestions(text: str, wish: str | None) -> None:
    assert suggestion_wish(text) == wish


@pytest.mark.parametrize(
    "text", ["都可以", "随便", "无所谓", "没要求", "不限", "你看着推荐吧", "随便推荐几款", "我都行"]
)
def test_who_leaves_it_open(text: str) -> None:
    assert leaves_it_open(text)


@pytest.mark.parametrize("text", ["红色的", "给老婆", "三百以内", "不要太贵", "推荐几款"])
def test_who_does_not(text: str) -> None:
    assert not leaves_it_open(text)


@pytest.mark.parametrize("text", ["拍好了", "已经付款了", "我下单了", "付好了", "刚拍下了", "买好了"])
def test_who_says_that_they_have_ordered(text: str) -> None:
    assert reports_order(text)


@pytest.mark.parametrize(
    "text",
    ["怎么下单了", "我还没付款", "付款了怎么没显示", "昨天拍下了", "拍错了", "下单后多久发货", "买了想退", "我要下单"],
)
def test_who_does_not_say_so(text: str) -> None:
    assert not reports_order(text)


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    suggestion_wish(text)
    leaves_it_open(text)
    reports_order(text)
