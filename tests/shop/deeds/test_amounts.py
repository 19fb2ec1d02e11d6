"""What is paid: never above a limit, never twice, and price protection by the price of today."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from decimal import Decimal

import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sixty.shop import models
from sixty.shop.deeds.deed import Deed, DeedRefused, IncompleteDeed
from sixty.shop.gateways.sql import SqlOrders
from sixty.shop.policies.asking import facts_for, verdict_for
from sixty.shop.pricing.models import PromotionRow, PromotionScopeRow
from tests.shop.deeds.conftest import RECEIVED, WAITING
from tests.shop.deeds.examples import CLOTHES, FRUIT, OVERDUE, PAID, example

SKU = "GZ2101-02"  # 卡其 L, bought for 289, now 259

_wishes = st.tuples(
    st.sampled_from(
        [(CLOTHES, 1, "damaged"), (CLOTHES, 2, "damaged"), (CLOTHES, 1, "wrong_item"), (FRUIT, 1, "spoiled")]
    ),
    st.none() | st.decimals("0.01", "150", places=2),
    st.booleans(),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_wishes, min_size=1, max_size=6))
def test_compensation_is_never_above_its_limit(
    orders: SqlOrders, demo: Session, now: datetime, wishes: list[tuple[tuple[str, int, str], Decimal | None, bool]]
) -> None:
    nested = demo.begin_nested()
    paid: dict[tuple[str, int], Decimal] = {}
    for number, ((order_no, line, cause), wanted, picture) in enumerate(wishes):
        details = {"picture": "p"} if picture else {}
        order = orders.order_for(order_no, RECEIVED).value
        assert order is not None
        verdict = verdict_for(demo, "compensate", order, now, line, cause, details)
        if wanted is not None:
            details["amount"] = str(wanted)
        deed = Deed(f"k{number}", "compensate", order_no, line, details, cause)
        share = order.lines[line - 1].share
        most = min(Decimal(100), share * Decimal("0.3")) if order_no == CLOTHES else share
        try:
            done = orders.perform(RECEIVED, deed)
        except DeedRefused:
            assert verdict.limit == 0 or (wanted is not None and verdict.limit is not None and wanted > verdict.limit)
        else:
            assert done.amount is not None
            assert verdict.limit is not None
            assert 0 < done.amount <= verdict.limit
            assert wanted in (None, done.amount)
            paid[order_no, line] = paid.get((order_no, line), Decimal(0)) + done.amount
            assert paid[order_no, line] <= most
    nested.rollback()


@pytest.mark.parametrize(
    ("price_now", "member", "difference"),
    [
        ("259", None, "30"),
        ("279.50", None, "9.50"),
        ("289", None, None),
        ("299", None, None),
        ("0", None, "289"),
        # Only members pay it; this customer is none.
        ("289", "189", None),
    ],
)
def test_price_protection_pays_the_difference_to_the_price_of_today(
    orders: SqlOrders, demo: Session, now: datetime, price_now: str, member: str | None, difference: str | None
) -> None:
    sku = demo.get(models.Sku, SKU)
    sku.price, sku.member_price = Decimal(price_now), Decimal(member) if member else None
    deed = Deed("k", "price_protection", CLOTHES, 1)
    if difference is None:
        with pytest.raises(DeedRefused) as refused:
            orders.perform(RECEIVED, deed)
        assert refused.value.verdict.row_id == "protection_same"
        return
    done = orders.perform(RECEIVED, deed)
    assert (done.amount, done.promised_at) == (Decimal(difference), now + timedelta(hours=24))


def test_members_are_protected_by_their_own_price(orders: SqlOrders, demo: Session, now: datetime) -> None:
    sku, customer = demo.get(models.Sku, SKU), demo.get(models.Customer, "C052")
    sku.price, sku.member_price, customer.level = Decimal(259), Decimal(249), "金卡"
    order = orders.order_for(CLOTHES, RECEIVED).value
    verdict = verdict_for(demo, "price_protection", order, now, 1)
    assert (verdict.row_id, verdict.limit) == ("protection_members", Decimal(40))
    later = verdict_for(demo, "price_protection", order, now + timedelta(days=20), 1)
    assert later.row_id == "protection_members"
    customer.level = "普通"
    assert verdict_for(demo, "price_protection", order, now + timedelta(days=20), 1).row_id == "protection_late"


def test_a_price_difference_is_paid_once_and_again_when_it_falls_further(
    orders: SqlOrders, demo: Session, now: datetime
) -> None:
    assert orders.perform(RECEIVED, Deed("a", "price_protection", CLOTHES, 1)).amount == Decimal(30)
    with pytest.raises(DeedRefused):
        orders.perform(RECEIVED, Deed("b", "price_protection", CLOTHES, 1))
    demo.get(models.Sku, SKU).price = Decimal("254")
    demo.get(models.Sku, SKU).member_price = None
    later = SqlOrders(demo, now + timedelta(days=2))
    assert later.perform(RECEIVED, Deed("c", "price_protection", CLOTHES, 1)).amount == Decimal(5)
    with pytest.raises(DeedRefused):
        SqlOrders(demo, now + timedelta(days=4)).perform(RECEIVED, Deed("d", "price_protection", CLOTHES, 1))


def test_a_timed_offer_is_no_lower_price(orders: SqlOrders, demo: Session, now: datetime) -> None:
    demo.get(models.Sku, SKU).price = Decimal(289)
    offer = PromotionRow(
        code="FLASH",
        kind="timed_discount",
        title="限时5折",
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
        everywhere=False,
        rate=Decimal("0.5"),
    )
    offer.scope = [PromotionScopeRow(field="product", value="GZ2101")]
    demo.add(offer)
    demo.flush()
    order = orders.order_for(CLOTHES, RECEIVED).value
    assert verdict_for(demo, "price_protection", order, now, 1).row_id == "protection_flash"
    assert verdict_for(demo, "price_protection", order, now + timedelta(hours=2), 1).row_id == "protection_same"


def test_no_more_is_given_back_than_was_paid(orders: SqlOrders, demo: Session, now: datetime) -> None:
    orders.perform(RECEIVED, Deed("a", "price_protection", CLOTHES, 1))
    orders.perform(*example("compensate", "b"))
    done = orders.perform(RECEIVED, Deed("c", "return", CLOTHES, 1, cause="no_reason"))
    assert done.amount == Decimal(289) - 30 - 20
    cancelled = orders.order_for(OVERDUE, WAITING).value
    assert cancelled is not None
    orders.perform(WAITING, Deed("d", "compensate", OVERDUE, 1, {"amount": "5"}, cause="late"))
    assert orders.perform(WAITING, Deed("e", "cancel_order", OVERDUE)).amount == cancelled.paid_amount - 5


def test_the_whole_of_a_paid_order_comes_back_with_its_postage(orders: SqlOrders, demo: Session) -> None:
    row = demo.get(models.Order, OVERDUE)
    row.postage, row.paid_amount = Decimal(8), row.paid_amount + 8
    demo.flush()
    assert orders.perform(WAITING, Deed("k", "refund_only", OVERDUE, 1)).amount == row.paid_amount
    assert row.state == "closed"


def test_the_seven_days_are_calendar_days_from_the_day_after_receipt(
    orders: SqlOrders, demo: Session, now: datetime
) -> None:
    order = orders.order_for(CLOTHES, RECEIVED).value
    assert order is not None
    assert order.delivered_at is not None
    received = order.delivered_at.astimezone(now.tzinfo)
    last = received.replace(hour=23, minute=59) + timedelta(days=7)
    for moment, days, allowed in ((received, 0, True), (last, 7, True), (last + timedelta(minutes=1), 8, False)):
        facts = facts_for(demo, "return", order, moment, 1, "no_reason")
        assert facts.days_since_receipt == days
        assert verdict_for(demo, "return", order, moment, 1, "no_reason").allowed is allowed


def test_dispatch_is_late_after_its_promise(orders: SqlOrders, demo: Session, now: datetime) -> None:
    order = orders.order_for(PAID, WAITING).value
    assert order is not None
    assert order.paid_at is not None
    due = order.paid_at + timedelta(hours=48)
    assert not facts_for(demo, "urge_dispatch", order, due).overdue
    assert facts_for(demo, "urge_dispatch", order, due + timedelta(minutes=1)).overdue


_steps = st.tuples(
    st.sampled_from(
        [
            "return",
            "exchange",
            "refund_only",
            "cancel_order",
            "compensate",
            "price_protection",
            "withdraw_after_sales",
            "restore_order",
            "settle",
        ]
    ),
    st.sampled_from([None, 1, 2]),
    st.sampled_from(["no_reason", "damaged", "missing", "late"]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([CLOTHES, PAID, OVERDUE]), st.lists(_steps, min_size=2, max_size=8))
@hypothesis.example(PAID, [("refund_only", 1, "no_reason"), ("settle", None, ""), ("cancel_order", None, "no_reason")])
@hypothesis.example(CLOTHES, [("compensate", 1, "damaged"), ("price_protection", 1, ""), ("return", 1, "no_reason")])
@hypothesis.example(
    CLOTHES, [("return", 1, "damaged"), ("compensate", 1, "damaged"), ("settle", None, ""), ("return", 1, "")]
)
def test_whatever_is_asked_in_whatever_order_no_more_comes_back_than_was_paid(
    orders: SqlOrders, demo: Session, now: datetime, order_no: str, steps: list[tuple[str, int | None, str]]
) -> None:
    nested = demo.begin_nested()
    viewer = RECEIVED if order_no == CLOTHES else WAITING
    back = Decimal(0)
    for number, (kind, line, cause) in enumerate(steps):
        gateway = SqlOrders(demo, now + timedelta(hours=number))
        if kind == "settle":
            for case in demo.get(models.Order, order_no).refunds:
                case.state = "done" if case.state in ("requested", "agreed", "returning") else case.state
            demo.flush()
            continue
        with contextlib.suppress(DeedRefused, IncompleteDeed):
            gateway.perform(viewer, Deed(f"k{number}", kind, order_no, line, cause=cause))  # type: ignore[arg-type]
        order = gateway.order_for(order_no, viewer).value
        assert order is not None
        cases = [each for each in order.refunds if each.kind in ("仅退款", "退货退款")]
        back = sum((each.amount for each in cases if each.state not in ("rejected", "withdrawn")), Decimal(0))
        for each in gateway.deeds_of(viewer, order_no):
            if each.kind in ("compensate", "price_protection") and each.state in ("accepted", "done"):
                back += each.amount or Decimal(0)
        assert back <= order.paid_amount, [(each.kind, each.amount, each.state) for each in order.refunds]
        # An article has one open case at most.
        open_cases = [each for each in order.refunds if each.state in ("requested", "agreed", "returning")]
        assert len(open_cases) <= len(order.lines)
    nested.rollback()


def test_price_protection_pays_no_more_than_the_article_did_cost(
    orders: SqlOrders, demo: Session, now: datetime
) -> None:
    # A large coupon was used on it: 20 of 289 yuan were really paid.
    demo.get(models.OrderLine, (CLOTHES, 0)).share = Decimal(20)
    demo.flush()
    assert orders.perform(RECEIVED, Deed("k", "price_protection", CLOTHES, 1)).amount == Decimal(20)
