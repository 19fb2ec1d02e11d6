"""What is said is true of the very order and product, and a second wording takes over where the first cannot be."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select

from sixty.outreach.models import OutreachContact
from sixty.outreach.scenes import Audience, Variant
from sixty.shop.models import Customer, Presale, Product, Sku
from sixty.shop.wording import say_moment
from tests.outreach.outreach_rows import visit
from tests.outreach.outreach_world import DAY, HOUR, MINUTE, World


def hours(shop: World, count: int = 6) -> list[str]:
    return [text for _ in range(count) for text in shop.tick(HOUR)]


def test_of_what_is_sold_ahead_the_deposit_is_asked_for(shop: World) -> None:
    begins = shop.now + 6 * DAY
    shop.presale("P1", begins, begins + 5 * DAY)
    shop.order("C1", amount="599")
    said = shop.tick(16 * MINUTE)
    then = say_moment(begins, shop.now)
    assert said == [
        f"您拍下的夹克P1还给您留着，50元，付了定金就给您留好，{then}起付尾款。付款有什么不顺，或者还有拿不准的，跟我说一声。"
    ]


def test_what_is_sold_now_leaves_when_it_is_paid(shop: World) -> None:
    shop.order("C1", amount="599")
    assert shop.tick(16 * MINUTE) == [
        "您拍下的夹克P1还给您留着，599元，付了款我们就安排发货。付款有什么不顺，或者还有拿不准的，跟我说一声。"
    ]


def test_a_deposit_that_is_paid_after_the_reminder_is_won_back(shop: World) -> None:
    shop.presale("P1", shop.now + 6 * DAY, shop.now + 9 * DAY)
    order = shop.order("C1", amount="599")
    shop.tick(16 * MINUTE)
    shop.set(order, state="deposit_paid", deposit_paid=Decimal(50), paid_amount=Decimal(50))
    shop.tick(HOUR)
    (case,) = shop.cases("unpaid")
    assert (case.converted_order_no, case.recovered) == (order, 50)


def test_the_sms_names_the_orders_own_deadline(shop: World) -> None:
    shop.order("C1", at=shop.now)
    until = shop.now + DAY
    shop.tick(16 * MINUTE)
    shop.tick(2 * HOUR)
    (sms,) = shop.session.scalars(select(OutreachContact))
    assert f"{say_moment(until, shop.now)}前没付会自动取消" in sms.text


def test_of_a_repeated_presale_the_last_one_counts(shop: World) -> None:
    """The balance is due in the window of the presale in which the order was placed."""
    start = shop.now
    shop.presale("P1", start + 10 * DAY, start + 20 * DAY)
    shop.session.add(
        Presale(
            product_no="P1",
            starts_at=start + 15 * DAY,
            ends_at=start + 18 * DAY,
            price=Decimal(259),
            deposit=Decimal(50),
            deposit_worth=Decimal(50),
            balance_from=start + 24 * DAY,
            balance_until=start + 30 * DAY,
            ships_by=start + 33 * DAY,
        )
    )
    shop.session.flush()
    shop.now = start + 16 * DAY
    shop.chat("C1")
    shop.order("C1", "deposit_paid", deposit_paid=Decimal(50), paid_amount=Decimal(50))
    assert not [each for each in hours(shop, 8) if "尾款" in each]
    assert shop.cases("balance") == []
    shop.now = start + 24 * DAY
    shop.tick()
    said = shop.tick(31 * MINUTE)
    until = say_moment(start + 30 * DAY, shop.now)
    assert said == [f"您定的夹克P1可以付尾款了，还差209元，{until}前付清就给您安排发货。"]


def test_crowds_and_levels_count_where_it_matters_why_they_did_not_buy(shop: World) -> None:
    cart = shop.book.scenes["cart"]
    vip = Variant("vip", "vip", 1.0, "您是老朋友了，购物车里的{product}要帮您看看吗？")
    shop.book.scenes["cart"] = replace(
        cart,
        audiences={"vip": Audience(levels=frozenset({"金卡"}), crowds=frozenset({"member"})), **cart.audiences},
        variants=(vip, *cart.variants),
    )
    shop.customer("C2")
    for name, level in (("C1", "普通"), ("C2", "金卡")):
        shop.session.get(Customer, name).level = level
        shop.event(name, "cart", {"lines": [{"product_no": "P1", "sku_code": "P1-M", "quantity": 1}]})
    said = hours(shop)
    assert {(case.who, case.audience) for case in shop.cases("cart")} == {("C1", "clothes"), ("C2", "vip")}
    assert "您是老朋友了，购物车里的夹克P1要帮您看看吗？" in said


@pytest.mark.parametrize(("has_other", "variant"), [(True, "gone"), (False, "gone_alone")])
def test_without_a_substitute_a_note_is_offered(shop: World, has_other: bool, variant: str) -> None:
    if has_other:
        shop.product("P2")
    visit(shop, "C1")
    for size in "ML":
        shop.session.get(Sku, f"P1-{size}").stock = 0
    shop.session.flush()
    said = hours(shop)
    (case,) = shop.cases("asked")
    assert (case.audience, case.variant, len(said)) == ("gone", variant, 1)
    assert ("夹克P2" in said[0]) == has_other
    capsules = shop.outbox()[0].payload["capsules"]
    assert capsules[0] == {"title": "到货通知我", "payload": '/ask_stock{"service": "到货通知"}'}


@pytest.mark.parametrize("has_other", [True, False])
def test_what_is_sold_no_more_is_not_called_sold_out(shop: World, has_other: bool) -> None:
    if has_other:
        shop.product("P2")
    visit(shop, "C1")
    shop.session.get(Product, "P1").status = "off_sale"
    shop.session.flush()
    said = hours(shop)
    assert said == (["您问的夹克P1已经下架了。夹克P2和它很像，要看看吗？"] if has_other else [])
    assert shop.cases("asked")[0].why == "off_sale"


def test_a_benefit_follows_other_words_as_a_sentence_of_its_own(shop: World) -> None:
    shop.event("C1", "cart", {"lines": [{"product_no": "P1", "sku_code": "P1-M", "quantity": 1}]})
    (said,) = hours(shop)
    assert said.startswith("您购物车里的夹克P1还在")
    assert "还在看吗" not in said
