from __future__ import annotations

import pytest

from sixty.shop.order_numbers import lacks_number
from sixty.shop.urging import of_own_order, of_parcel, urges


@pytest.mark.parametrize(
    "line",
    [
        *("催一下", "帮我催催仓库", "赶紧发货", "能不能快点送", "怎么还没到", "怎么还不发货", "为什么还没发出来"),
        *(
            "咋还没退款",
            "到现在都没发",
            "到底什么时候能到",
            "急用，尽快发出",
            "都三天了还没动",
            "一直没发货",
            "还要等多久",
        ),
        *(
            "怎么这么慢",
            "等太久了",
            "迟迟不发货",
            '/ask_ship_time{"service":"催"}',
            "催快递",
            "快给我退款",
            "麻烦加急处理一下",
        ),
    ],
)
def test_lines_that_urge(line: str) -> None:
    assert urges(line)
    assert of_own_order(line)


@pytest.mark.parametrize(
    "line",
    [
        *(
            "什么时候发货",
            "几天能到",
            "退款到哪了",
            "查一下我的订单",
            "我不催，就想知道在哪",
            "别催我付款",
            "发什么快递",
        ),
        *("大概几天到", "退款多久到账", "昨天买的发了吗", "你好", ""),
    ],
)
def test_lines_that_only_ask(line: str) -> None:
    assert not urges(line)


@pytest.mark.parametrize(
    "line",
    [
        *(
            "我的什么时候发货",
            "我那单几天到",
            "昨天买的什么时候发",
            "今天能到吗",
            "快递到哪了",
            "这个订单什么时候发",
            "还能今天送吗",
        ),
        *("已经下单了，几时发货", "我拍的那件哪天发", "上周买的怎么样了", "今天会不会送到，还能送吗"),
    ],
)
def test_questions_about_an_order_that_was_made(line: str) -> None:
    assert of_own_order(line)


@pytest.mark.parametrize(
    "line",
    [
        *("什么时候发货", "几天能到", "现在下单几时发货", "今天拍什么时候发", "下单后多久发货", "一般几天到上海"),
        *("如果下单今天能到吗", "我想买这个，几天能到"),
    ],
)
def test_questions_about_an_order_to_come(line: str) -> None:
    assert not of_own_order(line)


@pytest.mark.parametrize(
    "line",
    [
        *("没有订单号", "我不知道订单号", "订单号忘了", "订单号在哪看", "找不到订单号", "怎么查订单号", "订单号怎么看"),
        *("不记得单号了", "订单编号我没记", "哪里能看到订单号"),
    ],
)
def test_who_has_no_number(line: str) -> None:
    assert lacks_number(line)


@pytest.mark.parametrize(
    "line", ["订单号202603915577042186", "订单号发你了", "没有收到货", "查订单", "202603915577042186", ""]
)
def test_who_has_one_or_speaks_of_something_else(line: str) -> None:
    assert not lacks_number(line)


@pytest.mark.parametrize("line", ["我的快递到哪了", "物流怎么不动了", "包裹送到哪里啦", "派送了吗", "东西到了没"])
def test_lines_about_a_parcel(line: str) -> None:
    assert of_parcel(line)


@pytest.mark.parametrize("line", ["查一下我的订单", "我的订单怎么样了", "付款成功了吗", "/track_order", ""])
def test_lines_about_any_order(line: str) -> None:
    assert not of_parcel(line)
