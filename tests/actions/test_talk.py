"""Hand-off, misses, digressions, cards as text, and what holds for every action."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from yaml import safe_load

from actions.action import ShopAction, latest
from actions.cards import bundle_card, clock, order_card, orders_card, product_card, short_yuan, yuan
from sixty.card_text import as_text
from sixty.desk.handoffs import HandOff
from sixty.playbook import capsule_plan
from sixty.settings import get_settings
from sixty.shop.catalogue import find_product
from sixty.shop.database import shop_session
from sixty.shop.models import Order, Product
from sixty.shop.order_answers import describe_order
from sixty.shop.prices import price_card
from sixty.shop.recommendations import bundle_for

Begin = Callable[..., Any]

DOMAIN = safe_load(Path("domain.yml").read_text(encoding="utf-8"))
INTENTS = [next(iter(intent)) for intent in DOMAIN["intents"]]
# The first questions of a line with two, as far as config.yml lets there be two.
SECOND_QUESTIONS = {
    question
    for component in safe_load(Path("config.yml").read_text(encoding="utf-8"))["pipeline"]
    for question in component.get("questions", [])
}


def _digressions() -> list[str]:
    """The intents that a rule answers with `action_digress`."""
    found: set[str] = set()
    for path in Path("data/rules").glob("*.yml"):
        for rule in safe_load(path.read_text(encoding="utf-8"))["rules"]:
            if {"action": "action_digress"} in rule["steps"]:
                for step in rule["steps"]:
                    found.update(each["intent"] for each in step.get("or", [step]) if "intent" in each)
    return sorted(found)


DIGRESSIONS = _digressions()


def handoffs() -> list[HandOff]:
    with shop_session(get_settings().database_url) as session:
        return list(session.scalars(select(HandOff)))


def test_the_domain_and_the_project_name_the_same_actions(registry: dict[str, Any]) -> None:
    assert set(registry) == set(DOMAIN["actions"])


SITUATIONS: list[dict[str, Any]] = [
    {},
    {"customer": "C001", "level": "金卡", "slots": {"product_no": "GZ2101", "awaiting": "bundle"}},
    {
        "customer": "C003",
        "entry": "product",
        "product_no": "SX1101",
        "slots": {"height": ["160", "170"], "weight": "60"},
    },
    {"slots": {"product_no": "GZ2098", "proof": "locked", "order_no": "123"}, "channel": "cmdline"},
    {"slots": {"product_no": ["GZ9999"], "awaiting": "proof", "height": "x"}, "loop": "order_lookup_form"},
]


@pytest.mark.parametrize("situation", range(len(SITUATIONS)))
async def test_every_action_leaves_an_event_and_says_only_what_the_domain_has(
    chat: Begin, registry: dict[str, Any], situation: int
) -> None:
    for name, action in registry.items():
        if not isinstance(action, ShopAction):
            continue
        for intent in DIGRESSIONS if name == "action_digress" else ["", "inform", "affirm", "ask_size"]:
            talk = chat(**{**SITUATIONS[situation], "slots": dict(SITUATIONS[situation].get("slots", {}))})
            said = await talk.run(name, intent)
            assert said.events
            assert "awaiting" in [event.get("name") for event in said.events]
            assert said.slot("awaiting") in [None, *DOMAIN["slots"]["awaiting"]["values"]]
            assert set(said.responses) <= set(DOMAIN["responses"]), (name, intent)


@pytest.mark.parametrize("intent", DIGRESSIONS)
async def test_a_digression_is_answered_or_the_forms_own_business(chat: Begin, intent: str) -> None:
    said = await chat(loop="size_form", slots={"awaiting": None}).run("action_digress", intent)
    quiet = {"inform", "affirm", "ask_size", "track_order", "refund_status", "after_sales_progress"}
    assert bool(said.responses or said.texts) == (intent not in quiet)
    assert set(said.responses) <= set(DOMAIN["responses"])


async def test_a_form_does_not_swallow_a_second_question_anger_or_a_strange_link(chat: Begin) -> None:
    form = {"loop": "size_form", "slots": {"awaiting": None}}
    both = await chat(**form).run("action_digress", "ask_invoice", second_question="ask_delivery_method")
    assert {"utter_faq_ask_invoice", "utter_faq_ask_delivery_method"} <= set(both.responses)
    angry = await chat(**form).run("action_digress", "chitchat", mood="angry")
    assert angry.responses == ["utter_social_comfort"]
    strange = await chat(**form).run("action_digress", "inform", product_link="taobao:999999999999")
    assert "没找到" in strange.text


async def test_a_second_question_of_a_line_is_answered_too(chat: Begin) -> None:
    for second in SECOND_QUESTIONS:
        assert second in INTENTS
        said = await chat(slots={"product_no": "GZ2101"}).run("action_push_capsules", "greet", second_question=second)
        followed = [event for event in said.events if event["event"] == "followup"]
        assert said.texts or said.responses or said.cards or followed, second
        assert set(said.responses) <= set(DOMAIN["responses"])


async def test_how_long_it_takes_is_not_understood_by_itself(chat: Begin) -> None:
    said = await chat(customer="C001").run("action_default_fallback", "nlu_fallback", "要等多久啊")
    assert said.outcomes == ["missed"]


async def test_who_waits_for_a_person_is_not_welcomed_nor_misunderstood(chat: Begin) -> None:
    talk = chat(customer="C001")
    await talk.run("action_handoff", "ask_human", "转人工")
    there = await talk.run("action_welcome", "greet", "人呢")
    assert there.text.startswith("在的")
    assert "欢迎" not in there.text
    assert there.buttons == []
    waits = await talk.run("action_default_fallback", "nlu_fallback", "要等多久啊")
    assert waits.outcomes == ["handed_over"]
    assert "没太明白" not in waits.text


async def test_a_person_gets_all_that_was_said(chat: Begin) -> None:
    talk = chat(customer="C001", level="金卡", slots={"product_no": "GZ2101", "height": ["170", "175"], "fit": None})
    talk.user("ask_price", "这条裤子多少钱")
    talk.events.append({"event": "bot", "text": "现在到手199元～"})
    said = await talk.run("action_handoff", "ask_human", "转人工")
    (written,) = handoffs()
    assert (written.reason, written.question, written.customer_id) == ("asked_for", "这条裤子多少钱", "C001")
    assert written.context["slots"] == {"product_no": "GZ2101", "height": "175"}
    assert [line["text"] for line in written.context["transcript"]] == ["这条裤子多少钱", "现在到手199元～", "转人工"]
    assert said.outcomes == ["handed_over"]
    again = await talk.run("action_handoff", "ask_human", "人呢")
    assert len(handoffs()) == 1
    assert again.text != said.text


async def test_a_miss_offers_meanings_and_the_second_a_person(chat: Begin) -> None:
    talk = chat(slots={"awaiting": "bundle"})
    message = talk.user("nlu_fallback", "阿巴阿巴")
    guesses = ["nlu_fallback", "ask_price", "ask_human", "greet", "ask_stock", "ask_size", "ask_coupon"]
    message["intent_ranking"] = [{"name": name, "confidence": 0.1} for name in guesses]
    first = await talk.act("action_default_fallback", message)
    meanings = capsule_plan().meanings
    assert [button["title"] for button in first.buttons] == [
        *(meanings[name] for name in ("ask_price", "ask_stock", "ask_size")),
        "转人工",
    ]
    assert (first.outcomes, first.slot("awaiting")) == (["missed"], "bundle")
    assert handoffs() == []
    second = await talk.run("action_default_fallback", "nlu_fallback", "阿巴")
    assert second.outcomes == ["handed_over"]
    assert [each.reason for each in handoffs()] == ["two_misses"]


async def test_a_good_turn_in_between_forgives_a_miss(chat: Begin) -> None:
    talk = chat(slots={"product_no": "GZ2101"})
    await talk.run("action_default_fallback", "nlu_fallback")
    await talk.run("action_product_card", "ask_price")
    assert (await talk.run("action_default_fallback", "nlu_fallback")).outcomes == ["missed"]


@pytest.mark.parametrize("action", ["action_product_card", "action_recommend_products", "action_recommend_bundle"])
async def test_the_shell_reads_cards_as_text(chat: Begin, action: str) -> None:
    slots = {"product_no": "GZ2101"}
    said = await chat(channel="cmdline", slots=slots).run(action, "ask_matching")
    assert said.cards == []
    assert "¥" in said.text


def test_cards_in_words_hold_what_the_card_shows(shop: Session) -> None:
    now = datetime.now(timezone.utc)
    for product in shop.scalars(select(Product)):
        prices = price_card(shop, product, "金卡", now)
        text = as_text(product_card(product, prices))
        for part in (product.name, product.no, f"到手价¥{yuan(prices.final_price)}"):
            assert part in text
        bundle = bundle_for(shop, product.no, now=now)
        if bundle is not None:
            of_items = {item.product.no: price_card(shop, item.product, None, now) for item in bundle.items}
            text = as_text(bundle_card(bundle, of_items))
            for item in bundle.items:
                assert item.product.name in text
                assert item.reason in text
            assert (yuan(bundle.saving) in text) == (bundle.coupon is not None)
    for order in shop.scalars(select(Order)):
        answer = describe_order(order, now)
        text = as_text(order_card(order, answer, now))
        for part in (order.no, answer.headline, *answer.details, *answer.next_steps):
            assert part in text
        text = as_text(orders_card([(order, answer)]))
        assert text.startswith("1. ")
        assert order.no[-4:] in text


def test_a_card_names_a_product_that_the_page_can_draw(shop: Session) -> None:
    product = find_product(shop, "GZ2101")
    assert product is not None
    card = product_card(product, price_card(shop, product, None, datetime.now(timezone.utc)))
    assert set(card) == {"type", "no", "name", "picture", "url", "tags", "prices", "final_price"}
    for row in card["prices"]:
        assert Decimal(row["amount"]) > 0


@given(st.decimals(0, 100000, places=2))
def test_amounts_are_said_without_loss(amount: Decimal) -> None:
    assert Decimal(short_yuan(amount)) == amount == Decimal(yuan(amount))
    assert not short_yuan(amount).endswith((".0", ".00", "."))


def test_moments_are_the_shops_own_time() -> None:
    assert clock(datetime(2026, 11, 20, 12, 5, tzinfo=timezone.utc)) == "11月20日 20:05"


@pytest.mark.parametrize(("value", "last"), [("a", "a"), (["a", "b"], "b"), ([], []), (None, None)])
def test_of_several_values_the_last_counts(value: Any, last: Any) -> None:
    assert latest(value) == last
