from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.shop.models import (
    Order,
    OrderLine,
    OrderState,
    Parcel,
    ParcelState,
    ParcelTrace,
    Presale,
    Product,
    Refund,
    RefundKind,
    RefundState,
)
from sixty.shop.order_answers import OrderAnswer, describe_order, is_stuck, leading_parcel
from sixty.shop.wording import SHOP_ZONE

NOW = datetime(2026, 5, 20, 15, 0, tzinfo=SHOP_ZONE)
ADDRESS = "浙江省杭州市西湖区文三路100号3幢201室"


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def order_in(state: OrderState, **values: Any) -> Order:
    presale = Presale(
        product_no="SM1101",
        starts_at=ago(days=9),
        ends_at=ago(days=2),
        balance_from=NOW + timedelta(hours=5),
        balance_until=NOW + timedelta(days=2),
        ships_by=NOW + timedelta(days=5),
    )
    line = OrderLine(ordinal=0, name="澜星手机", sku_text="黑色", quantity=1, product=Product(presales=[presale]))
    known: dict[str, Any] = {
        "no": "202600000000000001",
        "placed_at": ago(days=3),
        "paid_at": ago(days=3),
        "shipped_at": ago(days=2),
        "delivered_at": ago(days=1),
        "confirmed_at": ago(hours=2),
        "closed_at": ago(hours=2),
        "receiver": "陈**",
        "phone": "13800001234",
        "address": ADDRESS,
        "goods_amount": Decimal(259),
        "discount": Decimal(30),
        "postage": Decimal(0),
        "paid_amount": Decimal(229),
        "lines": [line],
    }
    return Order(state=state, **{**known, **values})


def parcel_in(state: ParcelState, *, hours: float = 3, place: str = "嘉兴") -> Parcel:
    trace = ParcelTrace(at=ago(hours=hours), place=place, text=f"快件到达{place}")
    return Parcel(no=f"ZT{state}", carrier="中通快递", state=state, traces=[trace])


def refund_in(state: RefundState, kind: RefundKind = "退货退款", **values: Any) -> Refund:
    known = {"asked_at": ago(days=1), "updated_at": ago(hours=2), "amount": Decimal(229), "reason": "太大了"}
    return Refund(no="TK1", state=state, kind=kind, **{**known, **values})


def said(answer: OrderAnswer) -> str:
    return "\n".join((answer.headline, *answer.details, *answer.next_steps))


def test_unpaid_says_how_long_is_left() -> None:
    answer = describe_order(order_in("unpaid", placed_at=ago(hours=23, minutes=35)), NOW)
    assert answer.headline == "这笔订单还没付款，还剩25分钟"
    assert "应付229元" in answer.details
    assert any("去付款" in step for step in answer.next_steps)


def test_unpaid_too_long_is_said() -> None:
    assert "付款时间已经过了" in describe_order(order_in("unpaid", placed_at=ago(hours=25)), NOW).headline


def test_a_deposit_says_when_the_balance_is_due() -> None:
    order = order_in("deposit_paid", deposit_paid=Decimal(100), paid_amount=Decimal(100))
    answer = describe_order(order, NOW)
    assert answer.headline == "定金已经付好了，再过5小时就可以付尾款"
    assert "定金100元已付，尾款129元" in answer.details
    assert "尾款时间：今天20:00到后天15:00" in answer.details


def test_a_balance_that_can_be_paid_is_said() -> None:
    order = order_in("deposit_paid", deposit_paid=Decimal(100))
    assert describe_order(order, NOW + timedelta(days=1)).headline == "现在可以付尾款了，还剩1天"
    assert "已经过了" in describe_order(order, NOW + timedelta(days=3)).headline


def test_paid_says_until_when_it_ships() -> None:
    answer = describe_order(order_in("paid", paid_at=ago(hours=4)), NOW)
    assert answer.headline == "已经付款，仓库在备货，最晚后天11:00前发出"


def test_a_late_dispatch_is_admitted() -> None:
    answer = describe_order(order_in("paid", paid_at=ago(hours=60)), NOW)
    assert "比约定晚了12小时" in answer.headline
    assert "抱歉" in answer.headline


def test_a_late_dispatch_of_a_presale_counts_from_its_promise() -> None:
    order = order_in("paid", deposit_paid=Decimal(100))
    assert describe_order(order, NOW).headline == "已经付款，仓库在备货，最晚5月25日15:00前发出"


def test_part_shipped_says_so() -> None:
    order = order_in("part_shipped", paid_at=ago(hours=20), parcels=[parcel_in("out_for_delivery")])
    answer = describe_order(order, NOW)
    assert "分开发货" in answer.headline
    assert "还在备货" in answer.headline
    assert "快递员正在给您派送，一般今天能到" in answer.details


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("collected", "中通快递刚揽收"),
        ("in_transit", "包裹在路上，最新一站是嘉兴"),
        ("out_for_delivery", "正在给您派送"),
        ("signed", "已经签收"),
        ("rejected", "被拒收"),
    ],
)
def test_shipped_says_where_the_parcel_is(state: ParcelState, words: str) -> None:
    answer = describe_order(order_in("shipped", parcels=[parcel_in(state)]), NOW)
    assert words in answer.headline
    assert "中通快递" in said(answer)


def test_a_parcel_that_stands_still_is_admitted() -> None:
    answer = describe_order(order_in("shipped", parcels=[parcel_in("in_transit", hours=75)]), NOW)
    assert answer.headline == "包裹在嘉兴停住了，已经3天没有更新，让您久等了"
    assert any("转人工" in step for step in answer.next_steps)


def test_a_parcel_without_traces_is_no_error() -> None:
    parcel = Parcel(no="ZT1", carrier="中通快递", state="stuck", traces=[])
    assert "停住了" in describe_order(order_in("shipped", parcels=[parcel]), NOW).headline
    assert describe_order(order_in("shipped"), NOW).headline


def test_the_parcel_in_trouble_leads() -> None:
    parcels = [parcel_in("signed"), parcel_in("in_transit", hours=60), parcel_in("out_for_delivery")]
    leading = leading_parcel(order_in("shipped", parcels=parcels), NOW)
    assert leading is parcels[1]
    assert is_stuck(parcels[1], NOW)
    assert not is_stuck(parcels[0], NOW + timedelta(days=9))


def test_delivered_says_until_when_it_can_go_back() -> None:
    answer = describe_order(order_in("delivered", parcels=[parcel_in("signed")]), NOW)
    assert answer.headline == "包裹昨天15:00已签收，还没确认收货"
    assert any("5月26日前" in step for step in answer.next_steps)
    late = describe_order(order_in("delivered", delivered_at=ago(days=8)), NOW)
    assert any("已经过了七天无理由" in step for step in late.next_steps)


def test_confirmed_and_closed() -> None:
    assert "已经完成" in describe_order(order_in("confirmed"), NOW).headline
    closed = describe_order(order_in("closed", close_reason="超时未付款", paid_at=None), NOW)
    assert closed.headline == "这笔订单已经关闭，原因是超时未付款"
    assert "没有扣过您的钱" in closed.details


@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [
        ("requested", "退货退款", "正在审核"),
        ("agreed", "仅退款", "229元正在原路退回"),
        ("agreed", "退货退款", "等您把商品寄回"),
        ("returning", "退货退款", "仓库收到后就给您退款"),
        ("returning", "换货", "仓库收到后就给您发新的"),
        ("rejected", "退货退款", "没有通过"),
    ],
)
def test_an_open_refund_comes_first(state: RefundState, kind: RefundKind, words: str) -> None:
    order = order_in("delivered", refunds=[refund_in(state, kind)])
    answer = describe_order(order, NOW)
    assert words in answer.headline
    assert any(detail.startswith("订单本身：包裹") for detail in answer.details)


def test_a_refund_keeps_its_promise_or_says_that_it_did_not() -> None:
    promised = refund_in("agreed", "仅退款", promised_at=NOW + timedelta(days=1, hours=3))
    assert "最晚明天18:00前退款到账" in describe_order(order_in("delivered", refunds=[promised]), NOW).details
    late = refund_in("agreed", "仅退款", promised_at=ago(hours=3))
    assert "超时了，抱歉" in said(describe_order(order_in("delivered", refunds=[late]), NOW))


def test_a_refused_parcel_need_not_be_sent_back_again() -> None:
    order = order_in("shipped", parcels=[parcel_in("rejected")], refunds=[refund_in("returning")])
    answer = describe_order(order, NOW)
    assert answer.headline == "拒收的包裹正在退回仓库，收到后就给您退款"
    assert "寄回的商品" not in said(answer)


def test_a_finished_refund_leads_only_a_closed_order() -> None:
    closed = order_in("closed", close_reason="退款完成", refunds=[refund_in("done")])
    assert describe_order(closed, NOW).headline == "229元已经退给您了"
    confirmed = order_in("confirmed", refunds=[refund_in("done")])
    answer = describe_order(confirmed, NOW)
    assert "已经完成" in answer.headline
    assert "229元已经退给您了" in answer.details


@st.composite
def any_order(draw: st.DrawFn) -> Order:
    hours = st.floats(-400, 400, allow_nan=False).map(lambda each: ago(hours=each))
    parcels = [
        parcel_in(draw(st.sampled_from(get_args(ParcelState))), hours=draw(st.floats(0, 200)))
        for _ in range(draw(st.integers(0, 2)))
    ]
    refunds = [
        refund_in(
            draw(st.sampled_from(get_args(RefundState))),
            draw(st.sampled_from(get_args(RefundKind))),
            promised_at=draw(st.none() | hours),
        )
        for _ in range(draw(st.integers(0, 2)))
    ]
    times = {name: draw(st.none() | hours) for name in ("paid_at", "delivered_at", "confirmed_at", "closed_at")}
    return order_in(
        draw(st.sampled_from(get_args(OrderState))),
        placed_at=draw(hours),
        deposit_paid=draw(st.none() | st.just(Decimal(100))),
        parcels=parcels,
        refunds=refunds,
        **times,
    )


@given(any_order())
def test_every_order_is_described_and_masked(order: Order) -> None:
    answer = describe_order(order, NOW)
    assert answer.headline
    assert answer.details
    assert answer.next_steps
    text = said(answer)
    assert "13800001234" not in text
    assert "文三路" not in text
    assert "None" not in text
    assert not re.search(r"[a-z]+_[a-z]+", text.replace("ZT", "")) or any(parcel.no in text for parcel in order.parcels)
