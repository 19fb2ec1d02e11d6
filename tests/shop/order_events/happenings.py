"""Events as a shop's system would report them, about one order of the small shop's goods."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sixty.shop.order_events.incoming import Incoming, read_incoming
from sixty.shop.wording import SHOP_ZONE

NO = "E20260518093000012345"
PARCEL = "SF1234567890"
BEGIN = datetime(2026, 5, 18, 9, 30, tzinfo=SHOP_ZONE)
STATES = ("unpaid", "paid", "shipped", "confirmed")


def at(hours: float) -> str:
    return (BEGIN + timedelta(hours=hours)).isoformat()


def happening(kind: str, object_id: str, hours: float, payload: dict[str, Any], **more: Any) -> Incoming:
    return read_incoming(
        {
            "external_id": f"{kind}:{object_id}:{hours}",
            "kind": kind,
            "object_id": object_id,
            "occurred_at": at(hours),
            "payload": payload,
            "order_no": NO if kind in ("payment", "parcel", "refund") else None,
            **more,
        }
    )


def order_happening(state: str, hours: float, **more: Any) -> Incoming:
    reached = STATES.index(state) if state in STATES else len(STATES)
    payload = {
        "no": NO,
        "customer_id": "C001",
        "state": state,
        "placed_at": at(0),
        "paid_at": at(1) if reached >= 1 else None,
        "shipped_at": at(5) if reached >= 2 else None,
        "confirmed_at": at(80) if state == "confirmed" else None,
        "receiver": "陈晓",
        "phone": "13800001001",
        "address": "浙江省杭州市西湖区文三路1号",
        "goods_amount": "249.00",
        "discount": "20.00",
        "postage": "0.00",
        "paid_amount": "229.00" if reached >= 1 else "0.00",
        "lines": [
            {
                "product_no": "GZ2101",
                "sku_code": "GZ2101-02",
                "name": "多口袋工装裤",
                "quantity": 1,
                "unit_price": "249.00",
                "share": "229.00",
            }
        ],
    }
    return happening("order", NO, hours, {**payload, **more})


def payment_happening(hours: float = 1) -> Incoming:
    return happening("payment", "PAY1", hours, {"amount": "229.00", "paid_at": at(hours)})


def parcel_happening(state: str, hours: float, no: str = PARCEL) -> Incoming:
    steps = [(6, "快件已揽收"), (30, "快件到达嘉兴转运中心"), (50, "派送中"), (55, "已签收")]
    traces = [{"at": at(hour), "text": text, "place": "嘉兴"} for hour, text in steps if hour <= hours]
    return happening("parcel", no, hours, {"no": no, "carrier": "顺丰速运", "state": state, "traces": traces})


def refund_happening(state: str, hours: float) -> Incoming:
    payload = {
        "no": "TK1",
        "kind": "退货退款",
        "state": state,
        "amount": "229.00",
        "reason": "太大了",
        "asked_at": at(60),
        "updated_at": at(hours),
    }
    return happening("refund", "TK1", hours, payload)


WHOLE_STORY = (
    order_happening("unpaid", 0),
    payment_happening(1),
    order_happening("paid", 1.01),
    order_happening("shipped", 5),
    parcel_happening("collected", 6),
    parcel_happening("in_transit", 30),
    parcel_happening("out_for_delivery", 50),
    parcel_happening("signed", 55),
    refund_happening("requested", 60),
    refund_happening("agreed", 62),
    order_happening("confirmed", 80),
)
