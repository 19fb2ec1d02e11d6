from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from sixty.shop.gateways.normal_form import Order, Parcel, Refund, Trace
from sixty.shop.lateness import fault_of, what_is_late, what_to_urge

NOW = datetime(2026, 5, 20, 12, tzinfo=timezone.utc)


def order(state: Any, paid_hours_ago: int | None = 10, **known: Any) -> Order:
    paid_at = NOW - timedelta(hours=paid_hours_ago) if paid_hours_ago is not None else None
    return Order(
        no="202600000000000001",
        customer_id="C001",
        state=state,
        placed_at=NOW - timedelta(days=9),
        paid_at=paid_at,
        receiver="陈小明",
        phone="13800001234",
        address="浙江省杭州市西湖区文三路1号",
        goods_amount=Decimal(100),
        discount=Decimal(0),
        postage=Decimal(0),
        paid_amount=Decimal(100),
        **known,
    )


def parcel(state: Any, hours_ago: int) -> Parcel:
    return Parcel("YT1", "圆通", state, (Trace(NOW - timedelta(hours=hours_ago), "到达转运中心"),))


def refund(state: Any, hours_left: int | None) -> Refund:
    promised = NOW + timedelta(hours=hours_left) if hours_left is not None else None
    asked = NOW - timedelta(days=3)
    return Refund("R1", "退货退款", state, Decimal(100), asked, asked, promised_at=promised)


@pytest.mark.parametrize(
    ("made", "late"),
    [
        (order("paid", 47), None),
        (order("paid", 49), "urge_dispatch"),
        (order("part_shipped", 60), "urge_dispatch"),
        (order("part_shipped", 10, parcels=(parcel("stuck", 60),)), "urge_delivery"),
        (order("shipped", 90, parcels=(parcel("in_transit", 10),)), None),
        (order("shipped", 90, parcels=(parcel("in_transit", 50),)), "urge_delivery"),
        (order("shipped", 90), None),
        (order("delivered", 200, parcels=(parcel("signed", 100),)), None),
        (order("unpaid", None), None),
        (order("closed", None), None),
        (order("delivered", 200, refunds=(refund("requested", -1),)), "urge_refund"),
        (order("delivered", 200, refunds=(refund("requested", 1),)), None),
        (order("delivered", 200, refunds=(refund("agreed", None),)), None),
        (order("delivered", 200, refunds=(refund("done", -9),)), None),
        # What is being paid back is not sent: nothing of it is late.
        (order("paid", 90, refunds=(refund("requested", 5),)), None),
        (order("paid", 90, refunds=(refund("withdrawn", -5),)), "urge_dispatch"),
    ],
)
def test_what_is_late(made: Order, late: str | None) -> None:
    assert what_is_late(made, NOW) == late
    fault = fault_of(made, NOW)
    assert (fault is None) == (late is None)
    if fault is not None:
        assert "对不起" in fault
        assert fault.endswith("。")


def test_the_fault_is_named_with_its_numbers() -> None:
    assert fault_of(order("paid", 48 + 25), NOW) == "说好昨天19:00前发货，却晚了1天1小时，是我们没做到，对不起。"
    assert "停了2天2小时没动" in str(fault_of(order("shipped", 90, parcels=(parcel("in_transit", 50),)), NOW))
    late = order("delivered", 200, refunds=(refund("requested", -3),))
    assert "却晚了3小时" in str(fault_of(late, NOW))
    assert "退货退款" in str(fault_of(late, NOW))


@pytest.mark.parametrize(
    ("made", "urged"),
    [
        (order("paid"), "urge_dispatch"),
        (order("unpaid", None), "urge_dispatch"),
        (order("shipped", 90, parcels=(parcel("in_transit", 5),)), "urge_delivery"),
        (order("part_shipped", 10, parcels=(parcel("in_transit", 5),)), "urge_delivery"),
        (order("part_shipped", 90, parcels=(parcel("in_transit", 5),)), "urge_dispatch"),
        (order("delivered", 200, parcels=(parcel("signed", 100),)), "urge_delivery"),
        # A late refund is urged by its own flow.
        (order("paid", 90, refunds=(refund("requested", -5),)), "urge_dispatch"),
    ],
)
def test_what_who_urges_means(made: Order, urged: str) -> None:
    assert what_to_urge(made, NOW) == urged


def test_an_order_without_a_time_of_payment_counts_from_its_making() -> None:
    assert what_is_late(replace(order("paid"), paid_at=None), NOW) == "urge_dispatch"
