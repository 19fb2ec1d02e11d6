from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal

import pytest

from sixty.shop.customer_kinds import CUSTOMER_KINDS, kinds_of
from sixty.shop.gateways.normal_form import Order
from sixty.shop.models import OrderState

PLACED = datetime(2026, 11, 1, tzinfo=timezone.utc)
CONFIRMED = Order(
    no="2026110100000001",
    customer_id="c1",
    state="confirmed",
    placed_at=PLACED,
    receiver="王小明",
    phone="13800000000",
    address="某路1号",
    goods_amount=Decimal("99.00"),
    discount=Decimal("0.00"),
    postage=Decimal("0.00"),
    paid_amount=Decimal("99.00"),
)


@pytest.mark.parametrize("state", ["unpaid", "deposit_paid", "paid", "part_shipped", "shipped", "delivered"])
def test_what_is_not_ended_is_open(state: OrderState) -> None:
    assert kinds_of(None, [CONFIRMED, replace(CONFIRMED, state=state)]) == ("open_order",)


def test_who_has_only_ended_orders_is_neither_new_nor_waiting() -> None:
    assert kinds_of("普通", [CONFIRMED, replace(CONFIRMED, state="closed")]) == ()


@pytest.mark.parametrize(
    ("level", "member"), [(None, False), ("普通", False), ("银卡", True), ("金卡", True), ("PLUS", True)]
)
def test_a_member_is_more_than_anybody_who_registers(level: str | None, member: bool) -> None:
    assert ("member" in kinds_of(level, [CONFIRMED])) == member
    assert kinds_of(level, []) == (("member", "new_visitor") if member else ("new_visitor",))


def test_kinds_come_in_one_order() -> None:
    found = kinds_of("PLUS", [replace(CONFIRMED, state="paid")])
    assert list(found) == [kind for kind in CUSTOMER_KINDS if kind in found]
