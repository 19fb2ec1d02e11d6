"""What every adapter must do. A new one is added to `ADAPTERS` in conftest.py and passes all of this unchanged."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop import models
from sixty.shop.deeds.deed import Deed, DeedRefused, NotTheOwner
from sixty.shop.deeds.details import NEEDED, NEEDED_EITHER
from sixty.shop.deeds.kinds import DEED_KINDS, WITHOUT_ORDER, DeedKind
from sixty.shop.gateways.ports import CatalogueGateway
from sixty.shop.order_answers import describe_order
from sixty.shop.orders import Viewer, order_for
from sixty.shop.proofs import TRIES
from tests.shop.gateways.conftest import OrdersAt

MINE = "202600000000000001"
THEIRS = "202600000000000002"
ALL = (MINE, THEIRS, "202600000000000003", "202600000000000004")
UNKNOWN = "202699999999999999"


def test_a_customer_sees_their_orders_the_newest_first(orders_at: OrdersAt, now: datetime) -> None:
    read = orders_at(now).orders_of(Viewer("chat", "C002"))
    assert [order.no[-1] for order in read.value] == ["3", "2", "4"]
    assert (read.read_at, read.stale) == (now, False)
    assert [order.no[-1] for order in orders_at(now).orders_of(Viewer("chat", "C002"), limit=2).value] == ["3", "2"]


def test_who_has_no_orders_gets_none(orders_at: OrdersAt, now: datetime) -> None:
    for customer in ("nobody", "", "%", "C002&limit=9", "C001/../C002", "顾客", None):
        assert orders_at(now).orders_of(Viewer("chat", customer)).value == ()


def test_a_customer_reads_their_order_however_it_is_typed(orders_at: OrdersAt, now: datetime) -> None:
    for number in (MINE, f" {MINE} ", f"订单号：{MINE}", "2026 0000 0000 000001"):
        order = orders_at(now).order_for(number, Viewer("chat", "C001")).value
        assert order is not None
        assert order.no == MINE


@pytest.mark.parametrize("number", [THEIRS, UNKNOWN, "", "../orders", "1' OR '1'='1", f"{MINE}1", "1" * 500, "１"])
def test_others_orders_are_like_none_at_all(orders_at: OrdersAt, now: datetime, number: str) -> None:
    assert orders_at(now).order_for(number, Viewer("chat", "C001")).value is None


def test_an_order_says_what_the_tables_say(orders_at: OrdersAt, shop: Session, now: datetime) -> None:
    for number, customer in ((MINE, "C001"), *((each, "C002") for each in ALL[1:])):
        viewer = Viewer("chat", customer)
        order, known = orders_at(now).order_for(number, viewer).value, order_for(shop, number, viewer, now)
        assert order is not None
        assert known is not None
        assert order == known
        assert describe_order(order, now) == describe_order(known, now)
        amounts = (order.goods_amount, order.discount, order.postage, *(line.share for line in order.lines))
        assert all(isinstance(amount, Decimal) for amount in amounts)
        assert order.placed_at.utcoffset() is not None


def test_a_visitor_sees_what_they_proved_and_nothing_else(orders_at: OrdersAt, now: datetime) -> None:
    visitor = Viewer("chat", None)
    assert orders_at(now).orders_of(visitor).value == ()
    assert orders_at(now).order_for(THEIRS, visitor).value is None
    assert orders_at(now).prove("chat", THEIRS, "9999").outcome == "proved"
    assert [order.no for order in orders_at(now).orders_of(visitor).value] == [THEIRS]
    assert orders_at(now).order_for(THEIRS, visitor).value is not None
    assert orders_at(now).order_for(THEIRS, Viewer("another", None)).value is None
    assert orders_at(now).order_for(MINE, visitor).value is None
    later = now + timedelta(minutes=31)
    assert orders_at(later).order_for(THEIRS, visitor).value is None
    assert orders_at(later).orders_of(visitor).value == ()


@pytest.mark.parametrize("number", [THEIRS, UNKNOWN])
def test_an_order_that_is_not_there_is_like_a_wrong_tail(orders_at: OrdersAt, now: datetime, number: str) -> None:
    for left in range(TRIES - 1, -1, -1):
        proof = orders_at(now).prove("chat", number, "0000")
        assert (proof.outcome, proof.tries_left) == ("wrong" if left else "locked", left)
    assert orders_at(now).prove("chat", number, "9999").outcome == "locked"
    assert orders_at(now).orders_of(Viewer("chat", None)).value == ()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    customer=st.sampled_from([None, "C001", "C002", "C003", "", "%"]),
    proofs=st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(ALL), st.booleans()), max_size=3),
    typed=st.sampled_from(ALL) | st.text(max_size=20),
)
def test_nobody_ever_sees_anothers_order(
    orders_at: OrdersAt,
    shop: Session,
    now: datetime,
    customer: str | None,
    proofs: list[tuple[str, str, bool]],
    typed: str,
) -> None:
    nested = shop.begin_nested()
    phones = {order.no: order.phone for order in shop.scalars(select(models.Order))}
    gateway, viewer = orders_at(now), Viewer("a", customer)
    proved = {
        number
        for chat, number, right in proofs
        if gateway.prove(chat, number, phones[number][-4:] if right else "0000").outcome == "proved" and chat == "a"
    }
    seen = [*gateway.orders_of(viewer, 10).value]
    seen += [order for number in (*ALL, typed) if (order := gateway.order_for(number, viewer).value)]
    nested.rollback()
    for order in seen:
        assert order.customer_id == customer or order.no in proved


def test_a_product_is_found_with_its_variants(catalogue: CatalogueGateway, now: datetime) -> None:
    for number in ("GZ2101", "ｇｚ2101 "):
        read = catalogue.product(number)
        assert read.value is not None
        assert (read.value.no, read.value.status, read.read_at) == ("GZ2101", "on_sale", now)
        assert read.value.skus
        assert all(
            sku.member_price is None or sku.member_price <= sku.price <= sku.list_price for sku in read.value.skus
        )
    for number in ("GZ9999", "", "../orders", "GZ2101/skus", ".", ".."):
        assert catalogue.product(number).value is None


def test_the_catalogue_is_read_to_its_end(catalogue: CatalogueGateway, shop: Session) -> None:
    numbers: list[str] = []
    while following := catalogue.products(numbers[-1] if numbers else None, limit=2):
        assert len(following) <= 2
        numbers += [product.no for product in following]
    assert numbers == sorted(shop.scalars(select(models.Product.no)))


# Deeds. The small shop: MINE is on its way, UNPAID waits to be paid, RECEIVED has a return asked for.

UNPAID, RECEIVED = "202600000000000003", "202600000000000004"
OWNER, OTHER = Viewer("chat", "C001"), Viewer("chat", "C002")
ADDRESS = "四川省成都市锦江区二条路8号3栋"


def test_a_deed_is_done_once_for_its_key(orders_at: OrdersAt, now: datetime) -> None:
    deed = Deed("key", "cancel_order", UNPAID, cause="no_reason")
    done = orders_at(now).perform(OTHER, deed)
    assert (done.state, done.repeated) == ("done", False)
    order = orders_at(now).order_for(UNPAID, OTHER).value
    assert order is not None
    assert order.state == "closed"
    again = orders_at(now + timedelta(minutes=5)).perform(OTHER, deed)
    assert again == dataclasses.replace(done, repeated=True)
    # Another wish of the same meets the policy.
    with pytest.raises(DeedRefused) as refused:
        orders_at(now).perform(OTHER, Deed("another key", "cancel_order", UNPAID))
    assert refused.value.verdict.row_id == "cancel_closed"


def test_a_deed_is_seen_at_once(orders_at: OrdersAt, now: datetime) -> None:
    assert orders_at(now).orders_of(OTHER).value
    orders_at(now).perform(OTHER, Deed("a", "change_address", UNPAID, details={"address": ADDRESS}))
    orders_at(now).perform(OTHER, Deed("n", "add_note", UNPAID, details={"note": "放前台"}))
    order = orders_at(now).order_for(UNPAID, OTHER).value
    assert order is not None
    assert (order.address, order.note) == (ADDRESS, "放前台")
    assert next(each for each in orders_at(now).orders_of(OTHER).value if each.no == UNPAID) == order


def test_what_people_carry_out_is_promised(orders_at: OrdersAt, now: datetime) -> None:
    done = orders_at(now).perform(OWNER, Deed("key", "schedule_delivery", MINE, details={"day": "2026-05-22"}))
    assert (done.state, done.promised_at) == ("accepted", now + timedelta(hours=24))
    (record,) = orders_at(now).deeds_of(OWNER, MINE)
    assert (record.kind, record.order_no, record.line, record.state) == ("schedule_delivery", MINE, None, "accepted")
    assert (record.asked_at, record.promised_at, record.reference) == (now, done.promised_at, done.reference)
    assert record.details == {"day": "2026-05-22"}
    assert orders_at(now).deeds_of(OWNER) == (record,)


def test_what_was_asked_before_is_withdrawn(orders_at: OrdersAt, now: datetime) -> None:
    with pytest.raises(DeedRefused) as refused:
        orders_at(now).perform(OTHER, Deed("k1", "return", RECEIVED, cause="no_reason"))
    assert "withdraw_after_sales" in refused.value.verdict.instead
    orders_at(now).perform(OTHER, Deed("k2", "withdraw_after_sales", RECEIVED))
    assert orders_at(now).perform(OTHER, Deed("k3", "return", RECEIVED, cause="no_reason")).state in (
        "done",
        "accepted",
    )


@pytest.mark.parametrize("kind", [kind for kind in DEED_KINDS if kind not in WITHOUT_ORDER])
def test_nobody_has_a_deed_done_to_anothers_order(orders_at: OrdersAt, now: datetime, kind: DeedKind) -> None:
    details = {name: _DETAILS[name] for name in (*NEEDED.get(kind, ()), *NEEDED_EITHER.get(kind, ()))}
    for number in (THEIRS, UNPAID, RECEIVED, UNKNOWN):
        for viewer in (OWNER, Viewer("chat", None), Viewer("chat", "")):
            with pytest.raises(NotTheOwner):
                orders_at(now).perform(viewer, Deed("key", kind, number, details=details))
            assert orders_at(now).deeds_of(viewer, number) == ()
    assert orders_at(now).deeds_of(OTHER) == ()


_DETAILS = {
    "address": ADDRESS,
    "title": "个人",
    "day": "2026-05-22",
    "note": "放前台",
    "phone": "13800001009",
    "receiver": "林**",
}


def test_a_visitor_has_a_deed_done_after_a_proof(orders_at: OrdersAt, now: datetime) -> None:
    visitor, deed = Viewer("chat", None), Deed("key", "complain", THEIRS, details={"text": "一直不到账"})
    with pytest.raises(NotTheOwner):
        orders_at(now).perform(visitor, deed)
    assert orders_at(now).prove("chat", THEIRS, "9999").outcome == "proved"
    assert orders_at(now).perform(visitor, deed).state == "accepted"
    with pytest.raises(NotTheOwner):
        orders_at(now + timedelta(minutes=31)).perform(visitor, deed)


def test_what_belongs_to_no_order_needs_none(orders_at: OrdersAt, now: datetime) -> None:
    done = orders_at(now).perform(OTHER, Deed("key", "complain", details={"text": "客服不理人"}))
    assert (done.state, done.promised_at) == ("accepted", now + timedelta(hours=24))
    assert [each.order_no for each in orders_at(now).deeds_of(OTHER)] == [None]


def test_a_refusal_is_recorded_with_its_key_free(orders_at: OrdersAt, now: datetime) -> None:
    with pytest.raises(DeedRefused):
        orders_at(now).perform(OWNER, Deed("key", "cancel_order", MINE))
    assert [each.state for each in orders_at(now).deeds_of(OWNER, MINE)] == ["refused"]
    with pytest.raises(DeedRefused):
        orders_at(now).perform(OWNER, Deed("key", "cancel_order", MINE))
    assert len(orders_at(now).deeds_of(OWNER, MINE)) == 1
