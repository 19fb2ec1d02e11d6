"""What is said about presales and campaigns, in every phase and in whatever intent it is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.cards import clock
from sixty.shop.catalogue import find_product
from sixty.shop.models import Order, Product
from sixty.shop.prices import price_card
from sixty.shop.pricing.phases import PhaseName
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.pricing.questions import balance_of_product, now_or_campaign
from sixty.shop.wording import say_amount, say_moment

Begin = Callable[..., Any]
In = Callable[[PhaseName], datetime]

USUAL, ON_PRESALE, BALANCE_DUE, OFF_SALE = "GZ2101", "GZ1105", "MZ1105", "GZ2098"


def now() -> datetime:
    return datetime.now(timezone.utc)


def product_of(shop: Session, no: str) -> Product:
    found = find_product(shop, no)
    assert found is not None
    return found


@pytest.fixture
def phase(monkeypatch: pytest.MonkeyPatch) -> In:
    """Puts the clock into a phase of the next 双11."""

    def put(name: PhaseName) -> datetime:
        window = shop_rules().campaigns["双11"].upcoming(name, now())
        assert window is not None
        # Phases overlap; near its end a phase is often alone.
        moment = window.ends_at - timedelta(hours=20)
        monkeypatch.setattr("actions.action._now", lambda: moment)
        return moment

    return put


async def test_when_a_balance_is_paid_is_said_of_the_product(chat: Begin, shop: Session) -> None:
    for no in (ON_PRESALE, BALANCE_DUE):
        said = await chat(slots={"product_no": no}).run("action_answer_promotions", "ask_promotion", "啥时候付尾款")
        answer = balance_of_product(shop, product_of(shop, no), now())
        assert answer is not None
        assert answer.balance is not None
        assert say_amount(answer.balance) in said.text
        assert say_moment(answer.closes, now()) in said.text
        assert (said.outcomes, said.slot("product_no")) == (["answered"], no)


async def test_the_balance_counts_on_what_the_customer_holds(chat: Begin, shop: Session) -> None:
    said = await chat(customer="C001", slots={"product_no": ON_PRESALE}).run(
        "action_answer_promotions", "ask_promotion", "尾款几号付", product=ON_PRESALE
    )
    own = balance_of_product(shop, product_of(shop, ON_PRESALE), now(), "C001")
    assert own is not None
    assert own.balance is not None
    assert say_amount(own.balance) in said.text


async def test_an_order_with_its_deposit_paid_comes_first(chat: Begin, shop: Session) -> None:
    order = shop.scalars(select(Order).where(Order.state == "deposit_paid", Order.customer_id.is_not(None))).first()
    assert order is not None
    said = await chat(customer=order.customer_id).run("action_answer_promotions", "ask_promotion", "什么时候付尾款")
    assert order.lines[0].name in said.text
    assert "尾款" in said.text
    stranger = await chat().run("action_answer_promotions", "ask_promotion", "什么时候付尾款")
    assert order.no not in stranger.text


async def test_how_much_is_left_to_pay_is_told_by_the_order(chat: Begin, shop: Session) -> None:
    order = shop.scalars(select(Order).where(Order.state == "deposit_paid", Order.customer_id.is_not(None))).first()
    assert order is not None
    assert order.deposit_paid is not None
    said = await chat(customer=order.customer_id).run("action_product_card", "ask_price", "尾款还要付多少")
    assert order.lines[0].name in said.text
    assert (said.outcomes, said.slot("awaiting")) == (["answered"], None)
    stranger = await chat().run("action_product_card", "ask_price", "尾款还要付多少")
    assert stranger.slot("awaiting") == "product_price"


async def test_a_product_without_presale_has_no_balance(chat: Begin) -> None:
    said = await chat(slots={"product_no": USUAL}).run("action_answer_promotions", "ask_promotion", "尾款几号付")
    assert "没有在做预售" in said.text


async def test_without_a_product_the_running_presales_or_the_calendar_tell(
    chat: Begin, shop: Session, phase: In
) -> None:
    said = await chat().run("action_answer_promotions", "ask_promotion", "什么时候付尾款")
    assert product_of(shop, ON_PRESALE).name in said.text
    moment = phase("presale")
    talk = chat(now=moment)
    said = await talk.run("action_answer_promotions", "ask_promotion", "什么时候付尾款")
    window = shop_rules().campaigns["双11"].upcoming("balance", moment)
    assert window is not None
    assert say_moment(window.starts_at, moment) in said.text


@pytest.mark.parametrize("text", ["定金能退吗", "忘记付尾款了怎么办"])
async def test_what_becomes_of_a_deposit(chat: Begin, text: str) -> None:
    said = await chat(slots={"product_no": ON_PRESALE}).run("action_answer_promotions", "ask_promotion", text)
    assert said.responses == ["utter_faq_presale_deposit"]


async def test_when_a_presale_is_dispatched(chat: Begin, shop: Session) -> None:
    sale = price_card(shop, product_of(shop, ON_PRESALE), None, now()).presale
    assert sale is not None
    for action, intent in (("action_order_status", "ask_ship_time"), ("action_answer_promotions", "ask_promotion")):
        said = await chat(slots={"product_no": ON_PRESALE}).run(action, intent, "预售什么时候发货")
        assert say_moment(sale.ships_by, now()) in said.text
        usual = await chat(slots={"product_no": USUAL}).run(action, intent, "预售什么时候发货")
        assert usual.responses == ["utter_faq_ask_ship_time"]


async def test_an_offer_does_not_outlast_the_question_for_the_dispatch(chat: Begin) -> None:
    talk = chat(slots={"product_no": ON_PRESALE, "awaiting": "bundle"})
    said = await talk.run("action_order_status", "ask_ship_time", "预售什么时候发货")
    assert said.slot("awaiting") is None


async def test_who_has_orders_is_told_of_the_orders(chat: Begin, shop: Session) -> None:
    said = await chat(customer="C001").run("action_order_status", "ask_ship_time", "预售什么时候发货")
    assert said.cards
    assert {card["type"] for card in said.cards} <= {"order", "orders"}


@pytest.mark.parametrize(
    ("action", "intent"), [("action_answer_promotions", "ask_promotion"), ("action_product_card", "ask_price")]
)
async def test_now_or_in_the_campaign_is_worked_out(chat: Begin, shop: Session, action: str, intent: str) -> None:
    for no in (USUAL, ON_PRESALE):
        said = await chat(customer="C001", slots={"product_no": no}).run(action, intent, "现在买还是双11买划算")
        advice = now_or_campaign(shop, product_of(shop, no), now(), "C001", about="双11")
        assert advice is not None
        assert advice.text(now()) in said.text
        assert [card["no"] for card in said.cards] == ([no] if action == "action_product_card" else [])


async def test_the_product_that_is_named_next_is_compared(chat: Begin, shop: Session) -> None:
    talk = chat()
    asked = await talk.run("action_answer_promotions", "ask_promotion", "现在买还是双11买划算")
    assert (asked.outcomes, asked.slot("awaiting")) == (["asked_back"], "product_price")
    assert "双11" in asked.text
    talk.slots["product_no"] = USUAL
    said = await talk.run("action_product_card", "inform", USUAL, product=USUAL)
    advice = now_or_campaign(shop, product_of(shop, USUAL), now(), about="双11")
    assert advice is not None
    assert advice.text(now()) in said.text
    assert said.slot("awaiting") is None


async def test_digression_a_form_keeps_its_question(chat: Begin) -> None:
    said = await chat(loop="size_form").run("action_answer_promotions", "ask_promotion", "现在买还是双11买划算")
    assert said.slot("awaiting") is None


async def test_correction_the_other_product_counts(chat: Begin, shop: Session) -> None:
    talk = chat(slots={"product_no": USUAL})
    await talk.run("action_answer_promotions", "ask_promotion", "什么时候付尾款")
    talk.slots["product_no"] = ON_PRESALE
    said = await talk.run(
        "action_answer_promotions", "ask_promotion", f"{ON_PRESALE}呢 啥时候付尾款", product=ON_PRESALE
    )
    assert product_of(shop, ON_PRESALE).name in said.text
    assert "没有在做预售" not in said.text


async def test_invalid_a_link_that_is_not_ours_is_no_product(chat: Begin) -> None:
    said = await chat().run("action_product_card", "ask_price", "这个现在买还是双11买划算", product_link="jd:1")
    assert "没找到" in said.text
    assert said.slot("awaiting") == "product_price"


async def test_what_is_off_sale_is_answered_with_its_successor(chat: Begin, shop: Session) -> None:
    talk = chat(slots={"product_no": OFF_SALE})
    said = await talk.run("action_answer_promotions", "ask_promotion", "现在买还是等双11")
    assert said.slot("product_no") == product_of(shop, OFF_SALE).successor_no


@pytest.mark.parametrize("name", ["presale", "warm_up", "sale", "balance", "after"])
async def test_a_campaign_is_told_of_in_every_phase(chat: Begin, phase: In, name: PhaseName) -> None:
    moment = phase(name)
    said = await chat(now=moment).run("action_answer_promotions", "ask_promotion", "双11有什么活动")
    window = shop_rules().campaigns["双11"].upcoming(name, moment)
    assert window is not None
    assert said.text.startswith("双11：")
    assert say_moment(window.ends_at, moment) in said.text


@pytest.mark.parametrize("name", ["presale", "warm_up", "sale", "balance", "after"])
async def test_a_link_has_its_card_in_every_phase(chat: Begin, shop: Session, phase: In, name: PhaseName) -> None:
    moment = phase(name)
    talk = chat(now=moment, slots={"product_no": USUAL})
    said = await talk.run("action_product_card", "inform", USUAL, product=USUAL)
    prices = price_card(shop, product_of(shop, USUAL), None, moment)
    assert said.cards[0]["final_price"] == f"{prices.final_price:.2f}"
    assert ("现在就是双11价" in said.text) == (name in ("sale", "balance"))
    if name in ("presale", "warm_up"):
        advice = now_or_campaign(shop, product_of(shop, USUAL), moment)
        assert advice is not None
        assert advice.choice == "wait"
        assert f"到手{say_amount(advice.then_price)}" in said.text


async def test_what_adds_up(chat: Begin, shop: Session) -> None:
    said = await chat(slots={"product_no": USUAL}).run("action_answer_promotions", "ask_coupon", "券能和满减叠加吗")
    prices = price_card(shop, product_of(shop, USUAL), None, now())
    assert all(coupon.title in said.text for coupon in prices.coupons)
    assert say_amount(prices.final_price) in said.text
    assert "挑一张用" in (await chat().run("action_answer_promotions", "ask_coupon", "券能叠加吗")).text


async def test_a_tapped_capsule_asks_the_same(chat: Begin, shop: Session) -> None:
    sale = price_card(shop, product_of(shop, ON_PRESALE), None, now()).presale
    assert sale is not None
    said = await chat(slots={"product_no": ON_PRESALE}).run(
        "action_answer_promotions", "ask_promotion", '/ask_promotion{"attribute": "预售规则"}', attribute="预售规则"
    )
    assert say_amount(sale.deposit) in said.text
    tapped = await chat(slots={"product_no": ON_PRESALE}).run(
        "action_answer_promotions", "ask_promotion", '/ask_promotion{"attribute": "尾款时间"}', attribute="尾款时间"
    )
    assert clock(sale.balance_from).split()[1] in tapped.text


async def test_whoever_asks_before_saying_yes_still_means_the_offer(chat: Begin) -> None:
    talk = chat(slots={"product_no": ON_PRESALE, "awaiting": "bundle"})
    said = await talk.run("action_answer_promotions", "ask_promotion", "什么时候付尾款")
    assert said.slot("awaiting") == "bundle"


@pytest.mark.parametrize(
    ("name", "first"), [("warm_up", "现在买还是等活动"), ("sale", "优惠能叠加吗"), ("after", "降价了补差价吗")]
)
async def test_capsules_follow_the_phase(chat: Begin, phase: In, name: PhaseName, first: str) -> None:
    moment = phase(name)
    if name == "sale":
        moment += timedelta(hours=1)
    said = await chat(now=moment, slots={"product_no": USUAL}).run("action_push_capsules", "ask_price", "多少钱")
    assert said.buttons[0]["title"] == first
    again = chat(now=moment, slots={"product_no": USUAL})
    again.user("ask_promotion", "", attribute="叠加优惠")
    repeated = await again.run("action_push_capsules", "ask_price", "多少钱")
    assert "优惠能叠加吗" not in [button["title"] for button in repeated.buttons]


async def test_capsules_of_a_presale(chat: Begin) -> None:
    said = await chat(slots={"product_no": ON_PRESALE}).run("action_push_capsules", "ask_price", "多少钱")
    assert [button["title"] for button in said.buttons][:2] == ["什么时候付尾款", "定金能退吗"]
    asked = chat(slots={"product_no": ON_PRESALE})
    asked.user("ask_promotion", "尾款几号付啊")
    after = await asked.run("action_push_capsules", "ask_price", "多少钱")
    assert "什么时候付尾款" not in [button["title"] for button in after.buttons]
