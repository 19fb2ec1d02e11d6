from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from sixty.shop.models import Order
from sixty.shop.orders import Viewer, describe_order, order_for, orders_of
from sixty.shop.proofs import prove_order

MINE = "202600000000000001"
THEIRS = "202600000000000002"
ALL = {MINE, THEIRS, "202600000000000003", "202600000000000004"}


def test_a_customer_sees_their_orders_the_newest_first(shop: Session, now: datetime) -> None:
    orders = orders_of(shop, Viewer("chat", "C002"), now=now)
    assert [order.no[-1] for order in orders] == ["3", "2", "4"]
    assert len(orders_of(shop, Viewer("chat", "C002"), limit=2, now=now)) == 2


def test_a_customer_reads_their_order_however_it_is_typed(shop: Session, now: datetime) -> None:
    for number in (MINE, f" {MINE} ", f"订单号：{MINE}", "2026 0000 0000 000001"):
        order = order_for(shop, number, Viewer("chat", "C001"), now)
        assert order is not None
        assert order.no == MINE


@pytest.mark.parametrize("number", [THEIRS, "202699999999999999", "", "1' OR '1'='1"])
def test_others_orders_are_like_none_at_all(shop: Session, now: datetime, number: str) -> None:
    assert order_for(shop, number, Viewer("chat", "C001"), now) is None


def test_a_visitor_sees_what_they_proved_and_nothing_else(shop: Session, now: datetime) -> None:
    visitor = Viewer("chat", None)
    assert orders_of(shop, visitor, now=now) == []
    prove_order(shop, "chat", THEIRS, "9999", now)
    assert [order.no for order in orders_of(shop, visitor, now=now)] == [THEIRS]
    assert order_for(shop, THEIRS, visitor, now) is not None
    assert order_for(shop, THEIRS, Viewer("another", None), now) is None
    assert order_for(shop, THEIRS, visitor, now + timedelta(minutes=31)) is None
    assert order_for(shop, MINE, visitor, now) is None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chat=st.sampled_from(["a", "b"]),
    customer=st.sampled_from([None, "C001", "C002", "C003", "", "%"]),
    proofs=st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(sorted(ALL)), st.booleans()), max_size=4),
    typed=st.sampled_from(sorted(ALL)) | st.text(max_size=20),
    minutes=st.integers(0, 40),
)
def test_nobody_ever_sees_anothers_order(
    shop: Session,
    now: datetime,
    chat: str,
    customer: str | None,
    proofs: list[tuple[str, str, bool]],
    typed: str,
    minutes: int,
) -> None:
    nested = shop.begin_nested()
    owners = {order.no: order for order in shop.scalars(select(Order))}
    proved: set[str] = set()
    for where, number, right in proofs:
        tail = owners[number].phone[-4:] if right else "0000"
        if prove_order(shop, where, number, tail, now).outcome == "proved" and where == chat and minutes < 30:
            proved.add(number)
    viewer, moment = Viewer(chat, customer), now + timedelta(minutes=minutes)
    listed = orders_of(shop, viewer, limit=10, now=moment)
    read = [order for order in (order_for(shop, number, viewer, moment) for number in (*ALL, typed)) if order]
    nested.rollback()
    for order in (*listed, *read):
        assert order.customer_id == customer or order.no in proved


def test_amounts_of_an_order_add_up(shop: Session, now: datetime) -> None:
    order = order_for(shop, MINE, Viewer("chat", "C001"), now)
    assert order is not None
    # A gold member: 249 + 2 x 89, less the coupon, plus postage.
    assert (order.goods_amount, order.discount, order.paid_amount) == (Decimal(427), Decimal(30), Decimal(405))
    assert sum(line.share for line in order.lines) == Decimal(397)
    deposit = order_for(shop, THEIRS, Viewer("chat", "C002"), now)
    assert deposit is not None
    assert (deposit.goods_amount, deposit.discount, deposit.deposit_paid) == (Decimal(1899), Decimal(150), Decimal(100))


def test_an_order_can_be_described_without_its_session(shop: Session, now: datetime) -> None:
    orders = orders_of(shop, Viewer("chat", "C002"), now=now)
    statements: list[str] = []
    event.listen(shop.connection(), "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    shop.expunge_all()
    assert all(describe_order(order, now).headline for order in orders)
    assert statements == []


def test_an_order_is_described_in_plain_words(shop: Session, now: datetime) -> None:
    order = order_for(shop, MINE, Viewer("chat", "C001"), now)
    assert order is not None
    answer = describe_order(order, now)
    assert answer.headline == "包裹在路上，最新一站是嘉兴转运中心"
    assert answer.details == (
        "多口袋工装裤（卡其 L） 等2种商品",
        "中通快递 ZT0001，前天23:10 快件到达嘉兴转运中心",
        "收货：陈** 138****1001 浙江省杭州市西湖区****",
    )
