from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sixty.shop.benefits import About, BenefitPlan, Granted, accept, decline, next_step, said_so_far
from sixty.shop.benefits.benefit import Floors
from sixty.shop.models import Sku
from sixty.shop.orders import Viewer
from sixty.shop.pricing.offers import quote

TROUSERS = About("GZ2101")


def test_it_goes_in_steps(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime) -> None:
    steps = [next_step(shop, gold, now + timedelta(minutes=at), TROUSERS, plan=plan) for at in range(6)]
    assert [step.kind for step in steps] == ["reasons", *["benefit"] * 3, "last_word", "last_word"]
    assert [step.offer.benefit.id for step in steps if step.offer] == ["insurance", "packet5", "packet10"]
    assert [step.number for step in steps] == [1, 2, 3, 4, 5, 5]
    assert "膝盖双层加固" in steps[0].text
    assert steps[4].text == "真的到底啦～"
    prices = [step.offer.price_after for step in steps if step.offer]
    assert prices == sorted(prices, reverse=True)  # type: ignore[type-var]


def test_reasons_are_given_where_no_product_is_known(
    shop: Session, plan: BenefitPlan, visitor: Viewer, now: datetime
) -> None:
    first = next_step(shop, visitor, now, About(), plan=plan)
    assert first.text == "这个价很实在了～"
    second = next_step(shop, visitor, now, About(), plan=plan)
    assert second.offer is not None
    assert second.offer.price is None


def test_what_was_taken_lowers_the_price_of_the_next_step(
    shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime
) -> None:
    roomy = replace(plan, floors=Floors(), authorities={"bot": replace(plan.authorities["bot"], together=Decimal(99))})
    start = quote(shop, {"GZ2101-02": 1}, now, "C001").goods
    for at in range(3):
        step = next_step(shop, gold, now + timedelta(minutes=at), TROUSERS, plan=roomy)
    assert step.offer is not None
    assert step.offer.price_after == start - 5
    assert isinstance(accept(shop, gold, "k", now, "bargaining", plan=roomy), Granted)
    further = next_step(shop, gold, now + timedelta(minutes=4), TROUSERS, plan=roomy)
    assert further.offer is not None
    assert (further.offer.price, further.offer.price_after) == (start - 5, start - 15)
    assert isinstance(accept(shop, gold, "k2", now, "bargaining", plan=roomy), Granted)
    assert quote(shop, {"GZ2101-02": 1}, now, "C001").goods == start - 15


def test_who_comes_back_hears_what_was_said(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime) -> None:
    for at in range(3):
        next_step(shop, gold, now + timedelta(minutes=at), TROUSERS, plan=plan)
    back = next_step(shop, gold, now + timedelta(days=1), TROUSERS, plan=plan)
    assert back.recap == "昨天跟您说到立减5元红包，给您留着呢"
    assert back.text.startswith(back.recap)
    assert back.offer is not None
    assert back.offer.benefit.id == "packet5"
    assert isinstance(accept(shop, gold, "k", now + timedelta(days=1), plan=plan), Granted)
    later = next_step(shop, gold, now + timedelta(days=2), TROUSERS, plan=plan)
    assert later.recap == "昨天给您申请了立减5元红包"
    assert later.number > back.number
    # Then it goes on as if they had not left.
    following = next_step(shop, gold, now + timedelta(days=2, minutes=1), TROUSERS, plan=plan)
    assert following.recap == ""


def test_what_is_gone_meanwhile_is_said(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime) -> None:
    for at in range(3):
        next_step(shop, gold, now + timedelta(minutes=at), TROUSERS, plan=plan)
    short = replace(plan, benefits={**plan.benefits, "packet5": replace(plan.benefits["packet5"], ends_at=now)})
    back = next_step(shop, gold, now + timedelta(days=1), TROUSERS, plan=short)
    assert back.recap == "昨天跟您说过的立减5元红包已经没有了"
    assert back.offer is not None
    assert back.offer.benefit.id == "packet10"


def test_what_was_declined_is_not_kept(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime) -> None:
    next_step(shop, gold, now, TROUSERS, plan=plan)
    next_step(shop, gold, now, TROUSERS, plan=plan)
    assert decline(shop, gold, now, "bargaining", plan=plan)
    back = next_step(shop, gold, now + timedelta(hours=3), TROUSERS, plan=plan)
    assert back.offer is not None
    assert back.offer.benefit.id == "packet5"
    said = said_so_far(shop, gold, now + timedelta(hours=3), "GZ2101", plan)
    assert [each.answer for each in said] == ["open", "declined", "open"]


def test_another_product_begins_anew(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime) -> None:
    next_step(shop, gold, now, TROUSERS, plan=plan)
    assert next_step(shop, gold, now, About("GZ3101"), plan=plan).number == 1
    assert next_step(shop, gold, now + timedelta(days=31), TROUSERS, plan=plan).number == 1


def test_a_wish_is_compared(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime) -> None:
    price = quote(shop, {"GZ2101-02": 1}, now, "C001").goods
    steps = [
        next_step(shop, gold, now + timedelta(minutes=at), TROUSERS, wished=price - 5, plan=plan) for at in range(3)
    ]
    assert [step.wish_met for step in steps] == [False, False, True]


@pytest.mark.parametrize(("above", "said"), [("0", "正好就是您说的价"), ("0.01", "还便宜"), ("400", "还便宜")])
def test_who_names_no_less_than_they_pay_hears_so_and_takes_no_step(
    shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime, above: str, said: str
) -> None:
    price = quote(shop, {"GZ2101-02": 1}, now, "C001").goods
    wished = price + Decimal(above)
    first = next_step(shop, gold, now, TROUSERS, wished=wished, plan=plan)
    assert (first.already, first.wish_met, first.offer, first.number) == (True, True, None, 0)
    assert said in first.text
    assert said_so_far(shop, gold, now, "GZ2101", plan) == []
    assert next_step(shop, gold, now, TROUSERS, plan=plan).number == 1
    # In the middle of a bargain it goes on from where it stood.
    assert next_step(shop, gold, now + timedelta(minutes=1), TROUSERS, wished=wished, plan=plan).number == 1
    assert next_step(shop, gold, now + timedelta(minutes=2), TROUSERS, plan=plan).number == 2


def test_a_person_is_named_where_one_could_do_more(
    shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime
) -> None:
    asked = [next_step(shop, gold, now + timedelta(minutes=at), TROUSERS, plan=plan) for at in range(5)]
    # All that the steps name is within the bot's own authority.
    assert asked[-1].kind == "last_word"
    tight = replace(plan, authorities={**plan.authorities, "bot": replace(plan.authorities["bot"], each=Decimal(6))})
    about = About("GZ2102")
    steps = [next_step(shop, gold, now + timedelta(minutes=at), about, plan=tight) for at in range(4)]
    assert steps[-1].kind == "last_word"
    assert steps[-1].person


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    cost=st.decimals(min_value=60, max_value=259, places=2),
    margin=st.decimals(min_value=0, max_value=Decimal("0.5"), places=2),
    share=st.decimals(min_value=0, max_value=1, places=2),
    takes=st.lists(st.booleans(), min_size=5, max_size=5),
    seed=st.integers(0, 10**9),
)
def test_it_never_goes_below_the_floors(
    shop: Session,
    plan: BenefitPlan,
    now: datetime,
    cost: Decimal,
    margin: Decimal,
    share: Decimal,
    takes: list[bool],
    seed: int,
) -> None:
    viewer = Viewer(f"conversation {seed}", None)
    floored = replace(plan, floors=Floors(margin, share))
    sku = shop.get(Sku, "GZ2101-02")
    assert sku is not None
    with shop.begin_nested() as taken_back:
        sku.cost = cost
        shop.flush()
        usual = quote(shop, {"GZ2101-02": 1}, now).goods
        floor = max(share * usual, cost / (1 - margin))
        beside = Decimal(0)
        for at, take in enumerate(takes):
            about = About("GZ2101", "GZ2101-02")
            step = next_step(shop, viewer, now + timedelta(minutes=at), about, plan=floored)
            if step.offer is None:
                continue
            assert step.offer.price_after is not None
            assert step.offer.price_after - step.offer.benefit.taken_off - beside >= floor
            if take:
                found = accept(shop, viewer, f"{seed}:{at}", now + timedelta(minutes=at), plan=floored)
                assert isinstance(found, Granted)
                beside += step.offer.benefit.taken_off
        taken_back.rollback()


@pytest.mark.parametrize("kind", ["reasons", "last_word"])
def test_words_leave_nothing_to_take(shop: Session, plan: BenefitPlan, gold: Viewer, now: datetime, kind: str) -> None:
    words = replace(plan, benefits={})
    steps = [next_step(shop, gold, now, TROUSERS, plan=words) for _ in range(2)]
    assert kind in {step.kind for step in steps}
    assert accept(shop, gold, "k", now, "bargaining", plan=words) is None
