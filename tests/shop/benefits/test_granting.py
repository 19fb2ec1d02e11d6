from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.benefits import (
    About,
    BenefitPlan,
    Granted,
    Refused,
    accept,
    expire_due,
    grant,
    held_by,
    mark_used,
    offer,
    revoke,
    settle,
)
from sixty.shop.benefits.models import BenefitCounter, BenefitGrant
from sixty.shop.coupon_wishes import claimable_coupons
from sixty.shop.deeds.models import CustomerCoupon
from sixty.shop.models import Coupon, Customer, Order
from sixty.shop.orders import Viewer
from sixty.shop.policies.asking import _coupon_now
from sixty.shop.pricing.offers import quote
from sixty.shop.promotions import running_coupons

TROUSERS = {"GZ2101-02": 1}


def given(session: Session, plan: BenefitPlan, benefit: str, viewer: Viewer, key: str, now: datetime) -> Granted:
    found = grant(session, benefit, viewer, key, "bot", now, direct=True, plan=plan)
    assert isinstance(found, Granted), found
    return found


def refused(session: Session, plan: BenefitPlan, benefit: str, viewer: Viewer, key: str, now: datetime) -> str:
    found = grant(session, benefit, viewer, key, "bot", now, direct=True, plan=plan)
    assert isinstance(found, Refused), found
    assert found.text
    return found.reason


def taken(session: Session, name: str) -> tuple[int, Decimal]:
    rows = session.scalars(select(BenefitCounter).where(BenefitCounter.name == name)).all()
    return sum(row.taken for row in rows), sum((row.spent for row in rows), Decimal(0))


def test_it_is_given_once_under_a_key(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime) -> None:
    first = given(shop, plan, "socks", gold, "k", now)
    again = given(shop, plan, "socks", gold, "k", now + timedelta(minutes=1))
    assert (first.reference, first.repeated, again.reference, again.repeated) == (
        first.reference,
        False,
        first.reference,
        True,
    )
    assert taken(shop, "benefit:socks") == (1, Decimal(4))


def test_a_key_of_another_is_taken(
    shop: Session, plan: BenefitPlan, gold: Viewer, plain: Viewer, now: datetime
) -> None:
    given(shop, plan, "socks", gold, "k", now)
    assert refused(shop, plan, "socks", plain, "k", now) == "key_taken"
    assert refused(shop, plan, "insurance", gold, "k", now) == "key_taken"


@pytest.mark.parametrize("key", ["", "k" * 129])
def test_a_key_has_a_length(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime, key: str) -> None:
    with pytest.raises(ValueError, match="128"):
        grant(shop, "socks", gold, key, "bot", now, direct=True, plan=plan)


def test_there_are_no_more_than_there_are(shop: Session, plan: BenefitPlan, now: datetime) -> None:
    for number in range(3):
        given(shop, plan, "socks", Viewer(f"v{number}", None), f"k{number}", now)
    assert refused(shop, plan, "socks", Viewer("v4", None), "k4", now) == "out_of_stock"
    assert taken(shop, "benefit:socks") == (3, Decimal(12))


def test_a_budget_is_not_overdrawn_and_begins_anew(shop: Session, plan: BenefitPlan, now: datetime) -> None:
    from dataclasses import replace

    plenty = replace(plan, benefits={**plan.benefits, "socks": replace(plan.benefits["socks"], stock=None)})
    for number in range(5):
        given(shop, plenty, "socks", Viewer(f"v{number}", None), f"k{number}", now)
    assert refused(shop, plenty, "socks", Viewer("v6", None), "k6", now) == "over_budget"
    # What was not given is not taken from anything.
    assert taken(shop, "benefit:socks") == (5, Decimal(20))
    assert taken(shop, "budget:small") == (5, Decimal(20))
    given(shop, plenty, "socks", Viewer("v7", None), "k7", now + timedelta(days=20))


def test_a_customer_has_it_only_so_often(shop: Session, plan: BenefitPlan, plain: Viewer, now: datetime) -> None:
    given(shop, plan, "socks", plain, "k1", now)
    given(shop, plan, "socks", Viewer("another conversation", "C002"), "k2", now)
    assert refused(shop, plan, "socks", plain, "k3", now) == "had_already"
    given(shop, plan, "socks", plain, "k4", now + timedelta(days=31))


def test_who_gives_has_limits(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime) -> None:
    assert refused(shop, plan, "box", gold, "k1", now) == "above_authority"
    assert isinstance(grant(shop, "box", gold, "k2", "agent", now, plan=plan), Granted)
    # 10 and 4 and 1.50 are more than 15 together.
    given(shop, plan, "packet10", gold, "k3", now)
    given(shop, plan, "socks", gold, "k4", now)
    assert refused(shop, plan, "insurance", gold, "k5", now) == "above_authority"
    assert isinstance(grant(shop, "insurance", gold, "k5", "agent", now, plan=plan), Granted)


def test_the_bot_gives_what_it_has_offered(shop: Session, plan: BenefitPlan, plain: Viewer, now: datetime) -> None:
    found = grant(shop, "socks", plain, "k", "bot", now, plan=plan)
    assert isinstance(found, Refused)
    assert found.reason == "not_offered"
    offered = offer(shop, "hesitating", plain, now, About("GZ2101"), plan=plan)
    assert offered is not None
    assert offered.benefit.id == "socks"
    assert isinstance(accept(shop, plain, "k", now, plan=plan), Granted)
    assert accept(shop, plain, "another", now, plan=plan) is None
    again = accept(shop, plain, "k", now, plan=plan)
    assert isinstance(again, Granted)
    assert again.repeated


def test_it_is_given_only_in_its_time(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime) -> None:
    assert refused(shop, plan, "seasonal", gold, "k", now) == "not_running"
    given(shop, plan, "seasonal", gold, "k", datetime.fromisoformat("2026-12-25T12:00+08:00"))
    assert refused(shop, plan, "nothing", gold, "k2", now) == "unknown"


def test_a_coupon_counts_in_the_price_of_its_holder_only(
    shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime
) -> None:
    before = quote(shop, TROUSERS, now, "C001").goods
    strangers, others = quote(shop, TROUSERS, now).goods, quote(shop, TROUSERS, now, "C002").goods
    packet = given(shop, plan, "packet5", gold, "k1", now)
    assert quote(shop, TROUSERS, now, "C001").goods == before - 5
    found = grant(shop, "store60", gold, "k2", "agent", now, plan=plan)
    assert isinstance(found, Granted)
    # One of 60 takes the place of one of 30; nobody else sees it, not by its code either.
    after = quote(shop, TROUSERS, now, "C001")
    assert after.goods == before - 5 - 60 + 30
    assert found.coupon_code in {step.code for step in after.coupons}
    assert quote(shop, TROUSERS, now).goods == strangers
    assert quote(shop, TROUSERS, now, "C002").goods == others
    by_name = quote(shop, TROUSERS, now, "C002", [found.coupon_code or ""])
    assert [each.reason for each in by_name.unused if each.code == found.coupon_code] == ["unknown"]
    # When they have run out, they are gone from the price.
    assert quote(shop, TROUSERS, now + timedelta(days=4), "C001").goods == before
    assert packet.expires_at == now + timedelta(days=3)


def test_a_personal_coupon_cannot_be_claimed(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime) -> None:
    found = grant(shop, "store60", gold, "k", "agent", now, plan=plan)
    assert isinstance(found, Granted)
    code = found.coupon_code or ""
    assert shop.get(Coupon, code) is not None
    assert code not in {coupon.code for coupon in (*claimable_coupons(shop, now), *running_coupons(shop, now))}
    assert _coupon_now(shop, code, "C002", now) == "unknown"
    assert _coupon_now(shop, code, None, now) == "unknown"
    assert _coupon_now(shop, code, "C001", now) == "claimed"


def test_a_coupon_is_gone_with_the_order_that_used_it(
    shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime
) -> None:
    before = quote(shop, TROUSERS, now, "C001").goods
    grant(shop, "store60", gold, "k1", "agent", now, plan=plan)
    packet = given(shop, plan, "packet5", gold, "k2", now)
    shop.add(_order("C001", now + timedelta(hours=1), goods=Decimal(259), discount=Decimal(65)))
    shop.flush()
    later = now + timedelta(hours=2)
    assert quote(shop, TROUSERS, later, "C001").goods == before - 5
    settle(shop, gold, later, plan)
    assert quote(shop, TROUSERS, later, "C001").goods == before
    row = shop.scalars(select(BenefitGrant).where(BenefitGrant.reference == packet.reference)).one()
    assert row.state == "used"


def test_a_visitor_has_it_kept_until_they_are_known(
    shop: Session, plan: BenefitPlan, visitor: Viewer, now: datetime
) -> None:
    held = given(shop, plan, "packet5", visitor, "k", now)
    assert (held.held, held.coupon_code, held.expires_at) == (True, None, now + timedelta(days=2))
    assert "登录" in held.text
    before = quote(shop, TROUSERS, now, "C002").goods
    known = Viewer(visitor.conversation_id, "C002")
    landed = settle(shop, known, now + timedelta(hours=1), plan)
    assert [each.reference for each in landed] == [held.reference]
    assert quote(shop, TROUSERS, now + timedelta(hours=1), "C002").goods == before - 5
    assert settle(shop, known, now + timedelta(hours=2), plan) == []
    assert [each.reference for each in held_by(shop, known, now + timedelta(hours=2))] == [held.reference]
    # Nobody else in another conversation sees it.
    assert held_by(shop, Viewer("elsewhere", None), now) == []


def test_who_had_enough_elsewhere_gets_no_more_by_being_a_visitor(
    shop: Session, plan: BenefitPlan, plain: Viewer, now: datetime
) -> None:
    for number in range(2):
        given(shop, plan, "packet5", plain, f"k{number}", now + timedelta(days=4 * number))
    later = now + timedelta(days=8)
    held = given(shop, plan, "packet5", Viewer("as a visitor", None), "k3", later)
    assert settle(shop, Viewer("as a visitor", "C002"), later, plan) == []
    row = shop.scalars(select(BenefitGrant).where(BenefitGrant.reference == held.reference)).one()
    assert (row.state, row.ended_why) == ("revoked", "had already")
    assert taken(shop, "benefit:packet5")[0] == 2


def test_what_was_held_runs_out(shop: Session, plan: BenefitPlan, visitor: Viewer, now: datetime) -> None:
    given(shop, plan, "socks", visitor, "k", now)
    late = now + timedelta(days=3)
    assert settle(shop, Viewer(visitor.conversation_id, "C001"), late, plan) == []
    assert expire_due(shop, late) == 1
    assert taken(shop, "benefit:socks") == (0, Decimal(0))


def test_what_ran_out_unused_can_be_given_again(shop: Session, plan: BenefitPlan, now: datetime) -> None:
    for number in range(3):
        given(shop, plan, "socks", Viewer(f"v{number}", None), f"k{number}", now)
    given(shop, plan, "socks", Viewer("v4", None), "k4", now + timedelta(days=3))


def test_what_was_ordered_with_does_not_come_back(
    shop: Session, plan: BenefitPlan, gold: Viewer, plain: Viewer, now: datetime
) -> None:
    given(shop, plan, "socks", gold, "k1", now)
    given(shop, plan, "socks", plain, "k2", now)
    shop.add(_order("C001", now + timedelta(hours=1), goods=Decimal(259), discount=Decimal(0)))
    shop.flush()
    assert expire_due(shop, now + timedelta(days=8)) == 1
    assert taken(shop, "benefit:socks") == (1, Decimal(4))
    states = dict(shop.execute(select(BenefitGrant.customer_id, BenefitGrant.state)).all())
    assert states == {"C001": "used", "C002": "expired"}


def test_it_can_be_taken_back(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime) -> None:
    before = quote(shop, TROUSERS, now, "C001").goods
    found = given(shop, plan, "packet5", gold, "k", now)
    assert revoke(shop, found.reference, now, "a mistake") is not None
    assert quote(shop, TROUSERS, now, "C001").goods == before
    assert taken(shop, "benefit:packet5") == (0, Decimal(0))
    assert revoke(shop, found.reference, now) is None
    assert mark_used(shop, found.reference, now) is None
    # And does not count against the customer.
    given(shop, plan, "packet5", gold, "k2", now)


def test_the_same_coupon_given_again_outlives_the_end_of_the_first(
    shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime
) -> None:
    first = grant(shop, "store60", gold, "k1", "agent", now, plan=plan)
    later = now + timedelta(days=31)
    second = grant(shop, "store60", gold, "k2", "agent", later, plan=plan)
    assert isinstance(first, Granted)
    assert isinstance(second, Granted)
    assert expire_due(shop, later) == 1
    held = shop.get(CustomerCoupon, ("C001", second.coupon_code))
    assert held is not None
    assert held.ends_at == second.expires_at


def test_an_open_coupon_is_not_given_twice(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime) -> None:
    given(shop, plan, "packet5", gold, "k1", now)
    assert refused(shop, plan, "packet5", gold, "k2", now + timedelta(days=1)) == "had_already"
    given(shop, plan, "packet5", gold, "k3", now + timedelta(days=4))


def test_a_membership_makes_a_member(shop: Session, plan: BenefitPlan, plain: Viewer, now: datetime) -> None:
    before = quote(shop, TROUSERS, now, "C002").goods
    given(shop, plan, "membership", plain, "k", now)
    customer = shop.get(Customer, "C002")
    assert customer is not None
    assert customer.level == "银卡"
    assert quote(shop, TROUSERS, now, "C002").goods < before


def test_a_draw_gives_its_prize(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime) -> None:
    found = given(shop, plan, "sure_draw", gold, "k", now)
    assert found.won is not None
    assert found.won.benefit.id == "packet5"
    assert "抽中" in found.text
    again = given(shop, plan, "sure_draw", gold, "k", now)
    assert again.won is not None
    assert again.won.reference == found.won.reference
    # The only prize is one that the customer has already: nothing is won, and nothing given twice.
    empty = given(shop, plan, "sure_draw", gold, "k2", now)
    assert empty.won is None


def test_a_customer_of_another_system_is_given_it_by_people(shop: Session, plan: BenefitPlan, now: datetime) -> None:
    found = given(shop, plan, "packet5", Viewer("c", "X-unknown-here"), "k", now)
    assert (found.held, found.coupon_code) == (False, None)


def test_no_one_goes_below_the_floor(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime) -> None:
    # A T-shirt of 99.50 may not go below 70 a piece, nor below four fifths of its usual price.
    about = About("GZ3101", "GZ3101-01")
    found = grant(shop, "box", gold, "k1", "agent", now, about, plan=plan)
    assert isinstance(found, Refused)
    assert found.reason == "below_limit"
    assert isinstance(grant(shop, "box", gold, "k2", "agent", now, About("GZ2101", quantity=2), plan=plan), Granted)


def _order(customer: str, at: datetime, goods: Decimal, discount: Decimal) -> Order:
    return Order(
        no=f"T{int(at.timestamp())}",
        customer_id=customer,
        state="paid",
        placed_at=at,
        receiver="陈**",
        phone="13800001001",
        address="浙江省杭州市西湖区文三路100号",
        goods_amount=goods,
        discount=discount,
        postage=Decimal(0),
        paid_amount=goods - discount,
    )
