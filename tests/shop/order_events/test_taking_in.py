"""Whatever order events come in, and how often, the shop ends up at the same state, and no event is lost."""

from __future__ import annotations

import dataclasses
import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session, SessionTransaction

from sixty.shop.database import shop_session
from sixty.shop.demo import seed
from sixty.shop.models import Customer, Order, Parcel, ParcelTrace, Refund, Sku
from sixty.shop.order_answers import describe_order
from sixty.shop.order_events.incoming import Incoming
from sixty.shop.order_events.models import OrderEvent
from sixty.shop.order_events.recording import Taken, apply_pending, take_in
from sixty.shop.orders import Viewer, order_for
from tests.shop.conftest import SMALL_SHOP
from tests.shop.order_events.happenings import (
    BEGIN,
    NO,
    PARCEL,
    WHOLE_STORY,
    at,
    happening,
    order_happening,
    parcel_happening,
    payment_happening,
    refund_happening,
)

NOW = BEGIN + timedelta(days=9)
SEEDED = "202600000000000001"


def take(session: Session, *events: Incoming, now: datetime = NOW) -> Taken:
    return take_in(session, "mall", events, "webhook", now)


def take_back(session: Session, nested: SessionTransaction) -> None:
    nested.rollback()
    # Rows that were loaded again meanwhile would stay as if they were there.
    session.expire_all()


def state_of(session: Session, no: str = NO) -> dict[str, Any]:
    session.expire_all()
    order = session.get(Order, no)
    assert order is not None
    names = ("state", "paid_at", "shipped_at", "delivered_at", "confirmed_at", "paid_amount", "phone", "customer_id")
    return {
        **{name: getattr(order, name) for name in names},
        "lines": [(line.sku_code, line.quantity, line.share) for line in order.lines],
        "parcels": [(each.no, each.state, [(trace.at, trace.text) for trace in each.traces]) for each in order.parcels],
        "refunds": [(each.no, each.state, each.amount) for each in order.refunds],
    }


def problems(session: Session) -> dict[str, str | None]:
    rows = session.scalars(select(OrderEvent).where(OrderEvent.applied_at.is_(None)))
    return {row.external_id: row.problem for row in rows}


def test_a_whole_story_in_its_order(shop: Session) -> None:
    states = []
    for event in WHOLE_STORY:
        assert take(shop, event) == Taken(1, 0, 0)
        states.append(state_of(shop)["state"])
    reached = ["unpaid", "paid", "shipped", "delivered", "confirmed"]
    assert [state for state, _ in itertools.groupby(states)] == reached
    final = state_of(shop)
    assert (final["paid_amount"], final["customer_id"]) == (Decimal(229), "C001")
    ((number, state, traces),) = final["parcels"]
    assert (number, state, len(traces)) == (PARCEL, "signed", 4)
    assert final["delivered_at"] == BEGIN + timedelta(hours=55)
    assert final["refunds"] == [("TK1", "agreed", Decimal(229))]
    order = order_for(shop, NO, Viewer("chat", "C001"), NOW)
    assert order is not None
    assert describe_order(order, NOW).headline == "退货退款已经同意，等您把商品寄回"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(range(len(WHOLE_STORY))),
    again=st.lists(st.integers(0, len(WHOLE_STORY) - 1), max_size=4),
    cuts=st.lists(st.integers(1, 14), max_size=4),
)
@example(order=list(range(len(WHOLE_STORY)))[::-1], again=[], cuts=[])
@example(order=list(range(len(WHOLE_STORY)))[::-1], again=[0, 3], cuts=list(range(1, 14)))
def test_any_order_ends_in_the_same_state(shop: Session, order: list[int], again: list[int], cuts: list[int]) -> None:
    nested = shop.begin_nested()
    take(shop, *WHOLE_STORY)
    expected = state_of(shop)
    take_back(shop, nested)
    nested = shop.begin_nested()
    events = [WHOLE_STORY[index] for index in (*order, *again)]
    bounds = [0, *sorted(set(cuts)), len(events)]
    taken = Taken(0, 0, 0)
    for begin, end in itertools.pairwise(bounds):
        taken += take(shop, *events[begin:end])
    found, waiting = state_of(shop), problems(shop)
    rows = shop.scalar(select(func.count()).select_from(OrderEvent))
    take_back(shop, nested)
    assert found == expected
    assert waiting == {}
    assert (rows, taken.new) == (len(WHOLE_STORY), len(WHOLE_STORY))


def test_an_older_event_after_a_newer_one_turns_nothing_back(shop: Session) -> None:
    take(shop, order_happening("shipped", 5, phone="13900000000"))
    take(shop, order_happening("paid", 1.01), order_happening("unpaid", 0))
    found = state_of(shop)
    assert (found["state"], found["phone"]) == ("shipped", "13900000000")
    take(shop, parcel_happening("signed", 55), parcel_happening("in_transit", 30))
    found = state_of(shop)
    assert (found["state"], found["parcels"][0][1], len(found["parcels"][0][2])) == ("delivered", "signed", 4)
    take(shop, refund_happening("agreed", 62))
    take(shop, refund_happening("requested", 60))
    assert state_of(shop)["refunds"][0][1] == "agreed"


@pytest.mark.parametrize("hours", [-200, -100])
def test_an_order_that_came_another_way_is_not_turned_back_either(shop: Session, hours: float) -> None:
    before = state_of(shop, SEEDED)
    assert before["state"] == "shipped"
    for index, state in enumerate(("unpaid", "paid")):
        event = order_happening(state, hours + index)
        changed = {**event.payload, "no": SEEDED, "placed_at": event.occurred_at.isoformat()}
        take(shop, happening("order", SEEDED, hours + index, changed))
    assert state_of(shop, SEEDED)["state"] == "shipped"
    assert problems(shop) == {}


def test_of_the_same_second_the_further_state_counts(shop: Session) -> None:
    for states in (("unpaid", "paid"), ("paid", "unpaid")):
        nested = shop.begin_nested()
        for state in states:
            event = order_happening(state, 1, paid_at=None, paid_amount="0.00")
            assert take(shop, dataclasses.replace(event, external_id=state)).new == 1
        assert state_of(shop)["state"] == "paid"
        take_back(shop, nested)


def test_what_comes_before_its_order_waits_for_it(shop: Session) -> None:
    early = (parcel_happening("collected", 6), payment_happening(1), refund_happening("requested", 60))
    assert take(shop, *early) == Taken(3, 0, 3)
    assert set(problems(shop).values()) == {f"order {NO} is not known yet"}
    assert take(shop, order_happening("unpaid", 0)) == Taken(1, 0, 0)
    assert problems(shop) == {}
    found = state_of(shop)
    assert (found["state"], found["paid_amount"]) == ("shipped", Decimal(229))


def test_an_order_of_an_unknown_article_waits_for_the_catalogue(shop: Session) -> None:
    line = {"product_no": "GZ2101", "sku_code": "NEW-1", "name": "新款", "quantity": 1, "unit_price": 9, "share": 9}
    assert take(shop, order_happening("paid", 2, lines=[line])) == Taken(1, 0, 1)
    assert take(shop, parcel_happening("collected", 6)) == Taken(1, 0, 1)
    assert "NEW-1 is not in the catalogue; import it" in str(problems(shop).values())
    assert apply_pending(shop, NOW) == 0
    shop.add(Sku(code="NEW-1", product_no="GZ2101", color="雾蓝", stock=1, list_price=Decimal(9), price=Decimal(9)))
    shop.flush()
    assert apply_pending(shop, NOW) >= 1
    assert problems(shop) == {}
    assert state_of(shop)["state"] == "shipped"


def test_a_deposit_and_its_balance_add_up_in_any_order(shop: Session) -> None:
    deposit = happening("payment", "P1", 1, {"amount": "100.00", "paid_at": BEGIN.isoformat(), "deposit": True})
    balance = happening("payment", "P2", 2, {"amount": "129.00", "paid_at": BEGIN.isoformat()})
    for first, second in ((deposit, balance), (balance, deposit)):
        nested = shop.begin_nested()
        take(shop, order_happening("unpaid", 0))
        take(shop, first)
        take(shop, second)
        order = shop.get(Order, NO)
        assert order is not None
        assert (order.state, order.paid_amount, order.deposit_paid) == ("paid", Decimal(229), Decimal(100))
        take_back(shop, nested)


def test_a_part_of_the_parcels_does_not_deliver_an_order(shop: Session) -> None:
    take(shop, order_happening("shipped", 5), parcel_happening("signed", 55), parcel_happening("in_transit", 30, "SF2"))
    assert state_of(shop)["state"] == "shipped"
    take(shop, parcel_happening("signed", 56, "SF2"))
    assert state_of(shop)["state"] == "delivered"


def test_a_parcel_knows_since_when_it_is_what_it_is(shop: Session) -> None:
    take(shop, order_happening("shipped", 5), parcel_happening("in_transit", 30))
    # Nothing has been heard of it since; then the carrier says once more that it is stuck.
    for hours, state, since in ((60, "stuck", 60), (70, "stuck", 60), (75, "in_transit", 75), (90, "stuck", 90)):
        told = {"no": PARCEL, "carrier": "顺丰速运", "state": state, "traces": [{"at": at(30), "text": "到嘉兴"}]}
        take(shop, happening("parcel", PARCEL, hours, told))
        assert shop.get(Parcel, PARCEL).since == BEGIN + timedelta(hours=since)


def test_a_closed_order_stays_closed_whatever_the_carrier_says(shop: Session) -> None:
    closed = order_happening("closed", 50, closed_at=(BEGIN + timedelta(hours=50)).isoformat(), close_reason="退款成功")
    for events in ((closed, parcel_happening("signed", 55)), (parcel_happening("signed", 55), closed)):
        nested = shop.begin_nested()
        take(shop, order_happening("shipped", 5))
        for event in events:
            take(shop, event)
        assert state_of(shop)["state"] == "closed"
        take_back(shop, nested)


def test_who_bought_without_an_account_is_nobody_who_can_sign_in(shop: Session) -> None:
    take(shop, order_happening("paid", 2, customer_id=None))
    customer = state_of(shop)["customer_id"]
    assert customer.startswith("guest:")
    take(shop, order_happening("shipped", 5, customer_id="new-customer", no=NO))
    assert shop.get(Customer, customer) is not None


def test_carts_and_favourites_are_kept_for_later_work(shop: Session) -> None:
    cart = happening("cart", "C001", 1, {"lines": [{"product_no": "GZ2101", "quantity": 2}]}, customer_id="C001")
    favourite = happening("favourite", "GZ2101", 1, {"product_no": "GZ2101"}, customer_id="C001")
    assert take(shop, cart, favourite) == Taken(2, 0, 0)
    rows = list(shop.scalars(select(OrderEvent).order_by(OrderEvent.kind)))
    assert [(row.kind, row.customer_id, row.order_no) for row in rows] == [
        ("cart", "C001", None),
        ("favourite", "C001", None),
    ]
    assert rows[0].payload["lines"][0]["quantity"] == 2


def test_what_the_tables_refuse_is_kept_with_its_reason_and_harms_nothing_else(shop: Session) -> None:
    taken_parcel = shop.scalars(select(Parcel)).first()
    assert taken_parcel is not None
    foreign = parcel_happening("signed", 55, taken_parcel.no)
    no_pieces = order_happening("paid", 2)
    no_pieces.payload["lines"][0]["quantity"] = 0
    no_pieces = happening("order", "E1", 2, {**no_pieces.payload, "no": "E1"})
    assert take(shop, order_happening("unpaid", 0), foreign, no_pieces) == Taken(3, 0, 2)
    assert problems(shop) == {
        foreign.external_id: f"parcel {taken_parcel.no} belongs to another order already",
        no_pieces.external_id: "the shop's tables refuse it (IntegrityError)",
    }
    assert state_of(shop)["state"] == "unpaid"
    assert shop.get(Order, "E1") is None


def test_two_shops_may_use_the_same_names(shop: Session) -> None:
    event = happening("cart", "c", 1, {"lines": []})
    assert take_in(shop, "mall", [event], "webhook", NOW).new == 1
    assert take_in(shop, "store", [event], "poll", NOW).new == 1
    assert take_in(shop, "mall", [event], "poll", NOW) == Taken(0, 1, 0)


def test_a_clock_that_runs_ahead_does_not_stop_what_follows(shop: Session) -> None:
    take(shop, order_happening("paid", 9_000), now=BEGIN + timedelta(hours=2))
    take(shop, order_happening("shipped", 5), now=BEGIN + timedelta(hours=6))
    assert state_of(shop)["state"] == "shipped"


def test_amounts_in_payloads_stay_exact(shop: Session) -> None:
    take(shop, happening("payment", "P", 1, {"amount": Decimal("0.1"), "paid_at": BEGIN.isoformat()}))
    assert shop.scalars(select(OrderEvent.payload)).one()["amount"] == "0.1"


def test_the_same_events_at_the_same_time_are_taken_once(database_url: str, now: datetime) -> None:
    with shop_session(database_url) as session:
        seed(session, now, path=SMALL_SHOP)

    def send(seed_: int) -> Taken:
        taken = Taken(0, 0, 0)
        mixed = WHOLE_STORY if seed_ % 2 else WHOLE_STORY[::-1]
        for begin in range(0, len(mixed), 3):
            with shop_session(database_url) as session:
                taken += take(session, *mixed[begin : begin + 3])
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(send, range(4)))
    assert sum(each.new for each in taken) == len(WHOLE_STORY)
    with shop_session(database_url) as session:
        assert problems(session) == {}
        found = state_of(session)
        assert (found["state"], found["parcels"][0][1]) == ("confirmed", "signed")
        for table, count in ((OrderEvent, len(WHOLE_STORY)), (Refund, None), (ParcelTrace, None)):
            rows = session.scalar(select(func.count()).select_from(table))
            assert count is None or rows == count
        assert len(found["parcels"][0][2]) == 4


@pytest.mark.parametrize(
    "payload",
    [
        {"amount": "1.005", "paid_at": at(1)},
        {"amount": "1e30", "paid_at": at(1)},
        {"amount": "NaN", "paid_at": at(1)},
        {"amount": "-1e400", "paid_at": at(1)},
        {"amount": "9", "paid_at": "9999-12-31T23:00:00-12:00"},
        {"amount": "9", "paid_at": "0001-01-01T00:00:00+12:00"},
    ],
)
@pytest.mark.parametrize("order_first", [True, False])
def test_an_odd_payment_keeps_back_nothing_else(shop: Session, payload: dict[str, Any], order_first: bool) -> None:
    # As polling hands them over: what a webhook brings is read whole before anything is taken.
    odd = dataclasses.replace(payment_happening(), external_id="odd", payload=payload)
    other = happening("order", "OTHER", 2, {**order_happening("paid", 2).payload, "no": "OTHER"})
    batches = [[order_happening("unpaid", 0), other], [odd]]
    for batch in batches if order_first else [[odd], [order_happening("unpaid", 0), other]]:
        take(shop, *batch)
    assert list(problems(shop)) == [odd.external_id]
    assert shop.get(Order, "OTHER").state == "paid"
    assert state_of(shop)["state"] == "unpaid"
    assert apply_pending(shop, NOW + timedelta(hours=1)) == 0


def test_an_order_of_an_amount_that_nobody_pays_keeps_back_nothing_else(shop: Session) -> None:
    usual = order_happening("paid", 2)
    odd = dataclasses.replace(usual, external_id="odd", payload={**usual.payload, "goods_amount": "1e30"})
    assert take(shop, odd, order_happening("unpaid", 0)) == Taken(2, 0, 1)
    assert "payload.goods_amount" in str(problems(shop)[odd.external_id])


def test_halves_of_characters_are_kept_as_marks(shop: Session) -> None:
    cart = happening("cart", "C\ud83d", 1, {"lines": [], "note": "\ud83d\0好"}, customer_id="C001")
    assert take(shop, cart) == Taken(1, 0, 0)
    row = shop.scalars(select(OrderEvent)).one()
    assert (row.object_id, row.payload["note"]) == ("C?", "?好")
