"""Deeds on our own tables: each is done once, for its owner, as the policy allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.shop import models
from sixty.shop.deeds.deed import Deed, DeedRefused, IncompleteDeed, NotTheOwner
from sixty.shop.deeds.kinds import DEED_KINDS, WITHOUT_ORDER, DeedKind
from sixty.shop.deeds.models import CustomerCoupon, DeedRow, StockWish
from sixty.shop.deeds.recording import KeyTakenError
from sixty.shop.gateways.sql import SqlOrders
from sixty.shop.orders import Viewer
from tests.shop.deeds.conftest import RECEIVED, WAITING
from tests.shop.deeds.examples import (
    ADDRESS,
    ASKED,
    CLOSED,
    CLOTHES,
    EXAMPLES,
    FRUIT,
    ON_ITS_WAY,
    OVERDUE,
    PAID,
    PART_SENT,
    PHONE,
    RETURNING,
    UNPAID,
    example,
)

OF_ORDERS = [kind for kind in DEED_KINDS if kind not in WITHOUT_ORDER]


def prepare(orders: SqlOrders, kind: DeedKind) -> None:
    """An invoice can only be issued anew when there is one."""
    if kind == "reissue_invoice":
        orders.perform(*example("issue_invoice", "before"))


def rows(demo: Session) -> list[DeedRow]:
    return list(demo.scalars(select(DeedRow).where(DeedRow.key != "before")))


def test_there_is_an_example_of_every_kind() -> None:
    assert set(EXAMPLES) == set(DEED_KINDS)


@pytest.mark.parametrize("kind", DEED_KINDS)
def test_a_deed_of_every_kind_is_done_once_and_recorded(
    orders: SqlOrders, demo: Session, now: datetime, kind: DeedKind
) -> None:
    prepare(orders, kind)
    viewer, deed = example(kind)
    done = orders.perform(viewer, deed)
    assert not done.repeated
    assert orders.perform(viewer, deed) == replace(done, repeated=True)
    (row,) = rows(demo)
    assert (row.kind, row.order_no, row.cause, row.details) == (kind, deed.order_no, deed.cause, dict(deed.details))
    assert (row.customer_id, row.conversation_id, row.by) == (viewer.customer_id, viewer.conversation_id, "customer")
    assert (row.state, row.reference, row.asked_at, row.row_id is None) == (done.state, done.reference, now, False)
    assert (row.done_at == now) == (done.state == "done")
    if done.promised_at is not None:
        assert now < done.promised_at <= now + timedelta(days=8)
    known = {each.reference: each for each in orders.deeds_of(viewer)}
    assert (known[done.reference].kind, known[done.reference].state) == (kind, done.state)


@pytest.mark.parametrize("kind", OF_ORDERS)
@pytest.mark.parametrize(
    "viewer", [Viewer("chat", "C001"), Viewer("chat", None), Viewer("chat", ""), Viewer("chat", "%")], ids=str
)
def test_nobody_has_anything_done_to_anothers_order(
    orders: SqlOrders, demo: Session, kind: DeedKind, viewer: Viewer
) -> None:
    prepare(orders, kind)
    _, deed = example(kind)
    before = demo.scalar(select(func.count()).select_from(models.Refund))
    with pytest.raises(NotTheOwner) as others:
        orders.perform(viewer, deed)
    with pytest.raises(NotTheOwner) as missing:
        orders.perform(viewer, replace(deed, order_no="202699999999999999"))
    # Somebody else's order and none at all have one face.
    assert str(others.value) == str(missing.value)
    assert rows(demo) == []
    assert demo.scalar(select(func.count()).select_from(models.Refund)) == before
    assert orders.deeds_of(viewer, deed.order_no) == ()


@pytest.mark.parametrize("kind", sorted(WITHOUT_ORDER))
def test_what_needs_no_order_takes_nobody_elses_either(orders: SqlOrders, demo: Session, kind: DeedKind) -> None:
    viewer, deed = example(kind)
    for number in (CLOTHES, "202699999999999999"):
        with pytest.raises(NotTheOwner):
            orders.perform(viewer, replace(deed, order_no=number))
    assert rows(demo) == []


@pytest.mark.parametrize("kind", OF_ORDERS)
def test_a_key_that_was_used_tells_nobody_else_anything(orders: SqlOrders, kind: DeedKind) -> None:
    prepare(orders, kind)
    viewer, deed = example(kind)
    orders.perform(viewer, deed)
    with pytest.raises(NotTheOwner):
        orders.perform(Viewer("chat", "C001"), deed)
    with pytest.raises(KeyTakenError):
        orders.perform(WAITING, Deed(deed.key, "complain", details={"text": "别的事"}))


def test_a_visitor_has_done_what_they_proved(orders: SqlOrders) -> None:
    visitor = Viewer("a chat", None)
    deed = Deed("k", "add_note", PAID, details={"note": "放门口"})
    with pytest.raises(NotTheOwner):
        orders.perform(visitor, deed)
    assert orders.prove("a chat", PAID, "5101").outcome == "proved"
    assert orders.perform(visitor, deed).state == "done"
    assert [each.kind for each in orders.deeds_of(visitor, PAID)] == ["add_note"]
    assert [each.kind for each in orders.deeds_of(visitor)] == ["add_note"]
    with pytest.raises(NotTheOwner):
        orders.perform(Viewer("another chat", None), replace(deed, key="k2"))
    assert orders.deeds_of(Viewer("another chat", None)) == ()


# What each deed brings about.


def test_cancelling_what_is_unpaid_closes_it(orders: SqlOrders, demo: Session, now: datetime) -> None:
    done = orders.perform(WAITING, Deed("k", "cancel_order", UNPAID, cause="no_reason"))
    assert (done.state, done.amount, done.promised_at) == ("done", None, None)
    order = orders.order_for(UNPAID, WAITING).value
    assert order is not None
    assert (order.state, order.closed_at, order.close_reason, order.refunds) == (
        "closed",
        now,
        "您主动取消：不想要了",
        (),
    )


def test_cancelling_what_is_paid_gives_all_the_money_back(orders: SqlOrders, now: datetime) -> None:
    paid = orders.order_for(PAID, WAITING).value
    assert paid is not None
    # An article makes no difference: an order is cancelled wholly.
    done = orders.perform(WAITING, Deed("k", "cancel_order", PAID, 1))
    order = orders.order_for(PAID, WAITING).value
    assert order is not None
    (refund,) = order.refunds
    assert order.state == "closed"
    assert (refund.kind, refund.state, refund.amount) == ("仅退款", "agreed", paid.paid_amount)
    assert (done.amount, done.promised_at) == (paid.paid_amount, now + timedelta(hours=24))
    assert refund.promised_at == done.promised_at
    for number in range(3):
        with pytest.raises(DeedRefused):
            orders.perform(WAITING, Deed(f"again {number}", "cancel_order", PAID))


def test_a_restored_order_waits_to_be_paid(orders: SqlOrders) -> None:
    orders.perform(WAITING, Deed("k", "restore_order", CLOSED))
    order = orders.order_for(CLOSED, WAITING).value
    assert order is not None
    assert (order.state, order.closed_at, order.close_reason) == ("unpaid", None, None)


def test_what_was_cancelled_and_paid_is_restored_by_people(orders: SqlOrders) -> None:
    orders.perform(WAITING, Deed("k", "cancel_order", PAID))
    done = orders.perform(WAITING, Deed("k2", "restore_order", PAID))
    assert done.state == "accepted"
    order = orders.order_for(PAID, WAITING).value
    assert order is not None
    assert order.state == "closed"


def test_address_contact_and_note_are_changed_at_once(orders: SqlOrders) -> None:
    for kind in ("change_address", "change_contact", "add_note"):
        orders.perform(*example(kind, kind))
    orders.perform(WAITING, Deed("more", "add_note", PAID, details={"note": "要厚一点的箱子"}))
    order = orders.order_for(PAID, WAITING).value
    assert order is not None
    assert (order.address, order.phone, order.receiver) == (ADDRESS, "13800005103", "卜小布")
    assert order.note == "放门口就行；要厚一点的箱子"


def test_what_is_on_its_way_is_redirected_and_not_changed(orders: SqlOrders) -> None:
    before = orders.order_for(ON_ITS_WAY, WAITING).value
    with pytest.raises(DeedRefused) as refused:
        orders.perform(WAITING, Deed("k", "change_address", ON_ITS_WAY, details={"address": ADDRESS}))
    assert refused.value.verdict.instead == ("redirect_parcel",)
    assert orders.perform(*example("redirect_parcel", "k2")).state == "accepted"
    assert orders.order_for(ON_ITS_WAY, WAITING).value == before


@pytest.mark.parametrize(
    ("kind", "cause", "called", "state"),
    [
        ("return", "no_reason", "退货退款", "agreed"),
        ("return", "quality", "退货退款", "requested"),
        ("exchange", "size", "换货", "requested"),
        ("repair", "quality", "维修", "requested"),
    ],
)
def test_after_sales_open_a_case_of_the_article(
    orders: SqlOrders, kind: DeedKind, cause: str, called: str, state: str
) -> None:
    done = orders.perform(RECEIVED, Deed("k", kind, CLOTHES, 1, cause=cause))
    order = orders.order_for(CLOTHES, RECEIVED).value
    assert order is not None
    (case,) = order.refunds
    assert (case.kind, case.state, case.amount) == (called, state, order.lines[0].share)
    assert done.amount == (order.lines[0].share if kind == "return" else None)
    # One case for an article at a time; the other article is free.
    for number, other in enumerate(("return", "exchange", "repair")):
        with pytest.raises(DeedRefused) as refused:
            orders.perform(RECEIVED, Deed(f"again {number}", other, CLOTHES, 1, cause="no_reason"))  # type: ignore[arg-type]
        assert "withdraw_after_sales" in refused.value.verdict.instead
    assert orders.perform(RECEIVED, Deed("other", "return", CLOTHES, 2, cause="no_reason")).state == "done"


def test_what_was_withdrawn_can_be_asked_for_again(orders: SqlOrders) -> None:
    orders.perform(RECEIVED, Deed("a", "return", CLOTHES, 1, cause="no_reason"))
    orders.perform(RECEIVED, Deed("b", "return", CLOTHES, 2, cause="no_reason"))
    orders.perform(RECEIVED, Deed("c", "withdraw_after_sales", CLOTHES, 1))
    order = orders.order_for(CLOTHES, RECEIVED).value
    assert order is not None
    assert sorted((case.state, case.amount) for case in order.refunds) == sorted(
        [("withdrawn", order.lines[0].share), ("agreed", order.lines[1].share)]
    )
    with pytest.raises(DeedRefused):
        orders.perform(RECEIVED, Deed("d", "withdraw_after_sales", CLOTHES, 1))
    assert orders.perform(RECEIVED, Deed("e", "exchange", CLOTHES, 1, cause="size")).state == "accepted"


def test_a_withdrawn_case_of_before_and_one_on_its_way(orders: SqlOrders) -> None:
    orders.perform(RECEIVED, Deed("a", "withdraw_after_sales", ASKED))
    order = orders.order_for(ASKED, RECEIVED).value
    assert order is not None
    assert order.refunds[0].state == "withdrawn"
    with pytest.raises(DeedRefused) as refused:
        orders.perform(RECEIVED, Deed("b", "withdraw_after_sales", RETURNING))
    assert refused.value.verdict.row_id == "withdraw_returning"


def test_one_article_of_an_unsent_order_is_refunded_and_the_rest_stays(orders: SqlOrders) -> None:
    order = orders.order_for(PAID, WAITING).value
    assert order is not None
    done = orders.perform(WAITING, Deed("k", "refund_only", PAID, 2, cause="no_reason"))
    assert (done.amount, done.state) == (order.lines[1].share, "done")
    after = orders.order_for(PAID, WAITING).value
    assert after is not None
    assert (after.state, after.refunds[0].amount) == ("paid", order.lines[1].share)


def test_bad_fruit_is_paid_back_and_stays(orders: SqlOrders, now: datetime) -> None:
    with pytest.raises(DeedRefused) as refused:
        orders.perform(RECEIVED, Deed("a", "return", FRUIT, cause="no_reason"))
    assert refused.value.verdict.row_id == "return_perishable"
    done = orders.perform(RECEIVED, Deed("b", "refund_only", FRUIT, cause="spoiled", details={"picture": "p1"}))
    assert (done.amount, done.promised_at) == (Decimal("49.00"), now + timedelta(hours=24))
    later = SqlOrders(orders._session, now + timedelta(hours=40))
    with pytest.raises(DeedRefused):
        later.perform(RECEIVED, Deed("c", "refund_only", FRUIT, cause="spoiled"))


def test_coupons_wishes_and_membership(orders: SqlOrders, demo: Session, now: datetime) -> None:
    for kind in ("claim_coupon", "notify_back_in_stock", "join_membership"):
        orders.perform(*example(kind, kind))
        again = example(kind, f"{kind} again")
        if kind != "notify_back_in_stock":
            with pytest.raises(DeedRefused):
                orders.perform(*again)
        else:
            orders.perform(*again)
    held = demo.get(CustomerCoupon, ("C051", "STORE300-50"))
    wish = demo.get(StockWish, ("C051", "SX2101-02"))
    customer = demo.get(models.Customer, "C051")
    assert (held.claimed_at, wish.told_at, customer.level) == (now, None, "银卡")
    visitor = Viewer("chat", None)
    with pytest.raises(DeedRefused) as refused:
        orders.perform(visitor, Deed("v", "claim_coupon", details={"coupon": "STORE300-50"}))
    assert refused.value.verdict.page == "sign_in"
    with pytest.raises(DeedRefused):
        orders.perform(visitor, Deed("j", "join_membership"))
    wished = Deed("w", "notify_back_in_stock", details={"product": "sx2101", "sku": "SX2101-02"})
    assert orders.perform(visitor, wished).state == "accepted"
    with pytest.raises(DeedRefused) as refused:
        orders.perform(visitor, Deed("x", "notify_back_in_stock", details={"product": "GZ2101"}))
    assert refused.value.verdict.row_id == "wish_in_stock"


def test_an_invoice_is_asked_for_once_and_then_issued_anew(orders: SqlOrders) -> None:
    with pytest.raises(DeedRefused) as refused:
        orders.perform(*example("reissue_invoice", "0"))
    assert refused.value.verdict.instead == ("issue_invoice",)
    orders.perform(*example("issue_invoice", "1"))
    with pytest.raises(DeedRefused) as refused:
        orders.perform(*example("issue_invoice", "2"))
    assert refused.value.verdict.instead[0] == "reissue_invoice"
    orders.perform(*example("reissue_invoice", "3"))


def test_a_page_of_the_platform_is_the_deed(orders: SqlOrders) -> None:
    done = orders.perform(RECEIVED, Deed("k", "open_review", PHONE))
    assert done.state == "done"
    assert done.link == f"/my/orders/{PHONE}/review"


def test_who_urges_twice_is_told_and_may_urge_again_after_the_promise(orders: SqlOrders, now: datetime) -> None:
    first = orders.perform(WAITING, Deed("a", "urge_dispatch", OVERDUE))
    assert first.promised_at is not None
    with pytest.raises(DeedRefused) as refused:
        orders.perform(WAITING, Deed("b", "urge_dispatch", OVERDUE))
    assert refused.value.verdict.row_id == "urge_dispatch_asked"
    late = SqlOrders(orders._session, first.promised_at + timedelta(minutes=1))
    assert late.perform(WAITING, Deed("c", "urge_dispatch", OVERDUE)).state == "accepted"


# Refusals, and what makes no sense.


def test_a_refusal_is_recorded_and_the_same_key_is_asked_anew(orders: SqlOrders, demo: Session, now: datetime) -> None:
    deed = Deed("k", "urge_dispatch", UNPAID)
    with pytest.raises(DeedRefused) as refused:
        orders.perform(WAITING, deed)
    assert refused.value.verdict.page == "pay"
    (record,) = orders.deeds_of(WAITING, UNPAID)
    assert (record.state, record.promised_at, record.done_at) == ("refused", None, None)
    order = demo.get(models.Order, UNPAID)
    order.state, order.paid_at, order.paid_amount = "paid", now, Decimal(259)
    assert orders.perform(WAITING, deed).state == "accepted"
    (record,) = orders.deeds_of(WAITING, UNPAID)
    assert record.state == "accepted"


@pytest.mark.parametrize(
    ("kind", "order_no", "line", "details", "wrong"),
    [
        ("return", CLOTHES, None, {}, "line"),
        ("return", CLOTHES, 3, {}, "line"),
        ("cancel_order", None, None, {}, "order_no"),
        ("change_address", PAID, None, {}, "address"),
        ("change_address", PAID, None, {"address": "  "}, "address"),
        ("change_address", PAID, None, {"address": "杭州"}, "address"),
        ("change_contact", PAID, None, {}, "phone"),
        ("change_contact", PAID, None, {"phone": "1380000"}, "phone"),
        ("change_contact", PAID, None, {"phone": "12800005103x"}, "phone"),
        ("issue_invoice", CLOTHES, None, {}, "title"),
        ("issue_invoice", CLOTHES, None, {"title": "某公司", "title_type": "company"}, "tax_no"),
        ("issue_invoice", CLOTHES, None, {"title": "某公司", "tax_no": "123"}, "tax_no"),
        ("issue_invoice", CLOTHES, None, {"title": "个人", "email": "me"}, "email"),
        ("issue_invoice", CLOTHES, None, {"title": "个人", "title_type": "government"}, "title_type"),
        ("compensate", CLOTHES, 1, {"amount": "0"}, "amount"),
        ("compensate", CLOTHES, 1, {"amount": "-5"}, "amount"),
        ("compensate", CLOTHES, 1, {"amount": "1.001"}, "amount"),
        ("compensate", CLOTHES, 1, {"amount": "NaN"}, "amount"),
        ("compensate", CLOTHES, 1, {"amount": "很多"}, "amount"),
        ("schedule_delivery", ON_ITS_WAY, None, {"day": "2026-05-19"}, "day"),
        ("schedule_delivery", ON_ITS_WAY, None, {"day": "2027-05-19"}, "day"),
        ("schedule_delivery", ON_ITS_WAY, None, {"day": "明天"}, "day"),
        ("schedule_delivery", ON_ITS_WAY, None, {"day": "2026-05-21", "part": "半夜"}, "part"),
        ("schedule_delivery", ON_ITS_WAY, None, {"part": "evening"}, "day"),
        ("add_note", PAID, None, {"note": "长" * 201}, "note"),
        ("complain", None, None, {"text": "长" * 501}, "text"),
        ("claim_coupon", None, None, {}, "coupon"),
        ("notify_back_in_stock", None, None, {"sku": "SX2101-02"}, "product"),
    ],
)
def test_what_is_missing_or_makes_no_sense_is_asked_for_again(
    orders: SqlOrders,
    demo: Session,
    kind: DeedKind,
    order_no: str | None,
    line: int | None,
    details: dict[str, str],
    wrong: str,
) -> None:
    viewer = WAITING if (order_no or "2026510").startswith("2026510") else RECEIVED
    with pytest.raises(IncompleteDeed) as incomplete:
        orders.perform(viewer, Deed("k", kind, order_no, line, details, cause="damaged"))
    assert list(incomplete.value.wrong) == [wrong]
    assert rows(demo) == []


@pytest.mark.parametrize("deed", [Deed("", "join_membership"), Deed("k" * 129, "join_membership")])
def test_a_key_is_a_key(orders: SqlOrders, deed: Deed) -> None:
    with pytest.raises(ValueError, match="key"):
        orders.perform(WAITING, deed)


def test_a_part_sent_order_is_not_cancelled(orders: SqlOrders) -> None:
    with pytest.raises(DeedRefused) as refused:
        orders.perform(WAITING, Deed("k", "cancel_order", PART_SENT))
    assert refused.value.verdict.instead == ("refund_only", "redirect_parcel")
