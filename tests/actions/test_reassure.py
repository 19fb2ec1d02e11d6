"""What speaks for a product when the customer hesitates, and where it would be worn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from sixty.settings import get_settings
from sixty.shop.benefits import shop_benefits
from sixty.shop.benefits.models import BenefitOffer
from sixty.shop.catalogue import attribute_answer, find_product
from sixty.shop.climate import shop_climate
from sixty.shop.database import shop_session
from sixty.shop.models import Sku
from sixty.shop.prices import price_card
from sixty.shop.pricing.questions import now_or_campaign
from sixty.shop.reasons import reasons_for
from sixty.shop.warmth import answer_for_trip
from sixty.shop.wording import say_amount

Begin = Callable[..., Any]

PRODUCT, WARM, PHONE = "GZ2101", "GZ1102", "SM1101"
ASKS = "您主要是担心…？"


def now() -> datetime:
    return datetime.now(timezone.utc)


async def test_the_doubt_is_asked_for_and_then_come_two_true_reasons(chat: Begin, shop: Session) -> None:
    for no in (PRODUCT, "GZ1105", "SM4011"):
        talk = chat(slots={"product_no": no})
        asks = await talk.run("action_reassure", "hesitate", "我再看看")
        assert ASKS in asks.text
        assert (asks.outcomes, asks.slot("awaiting")) == (["asked_back"], "doubt")
        said = await talk.run("action_reassure", "hesitate", "还是再想想")
        product = find_product(shop, no)
        assert product is not None
        reasons = [each.text for each in reasons_for(shop, product, now())]
        assert next(text for text in said.texts if ASKS not in text).endswith("；".join(reasons[:2]) + "～")
        assert said.outcomes[0] == "social"


async def test_each_step_is_taken_once_and_the_last_is_a_person(chat: Begin) -> None:
    talk = chat(customer="C003", slots={"product_no": PRODUCT})
    steps = []
    for text in ("我再看看", "还是再想想", "再考虑考虑", "我再想想吧", "回头再说", "再看看"):
        said = await talk.run("action_reassure", "hesitate", text)
        kinds = [message.get("hesitation") or message.get("push") for message in said.messages]
        steps.append(next((kind for kind in kinds if kind), None))
    assert steps == ["asked", "reasons", "benefit", "person", None, None]
    assert said.buttons == []


async def test_what_is_asked_for_is_what_matters_here_and_is_still_open(chat: Begin) -> None:
    talk = chat(slots={"product_no": PHONE})
    titles = [button["title"] for button in (await talk.run("action_reassure", "hesitate", "再想想")).buttons]
    assert titles[0] == "正品和保修"
    assert titles[-1] == "转人工"
    assert "怕尺码不合适" not in titles
    told = chat(slots={"product_no": PRODUCT})
    message = told.user("ask_attribute", "版型怎么样", attribute="版型")
    await told.act("action_answer_attribute", message)
    titles = [button["title"] for button in (await told.run("action_reassure", "hesitate", "再想想")).buttons]
    assert "版型合不合身" not in titles
    assert "起球缩水" in titles


@pytest.mark.parametrize("title", ["版型合不合身", "怕尺码不合适", "起球缩水"])
async def test_a_tapped_doubt_is_answered_with_facts_and_reasons_to_buy_now(chat: Begin, title: str) -> None:
    talk = chat(slots={"product_no": PRODUCT})
    (button,) = (
        each for each in (await talk.run("action_reassure", "hesitate", "再想想")).buttons if each["title"] == title
    )
    said = await talk.run("action_reassure", "hesitate", button["payload"], attribute=title)
    assert said.messages[0].get("worry")
    assert said.messages[1]["hesitation"] == "reasons"
    assert title not in [each["title"] for each in said.buttons]
    assert said.slot("awaiting") is None


async def test_the_price_is_met_inside_the_limit(chat: Begin) -> None:
    talk = chat(customer="C003", slots={"product_no": PRODUCT})
    await talk.run("action_reassure", "hesitate", "再想想")
    said = await talk.run("action_reassure", "hesitate", '/hesitate{"attribute": "价格高了点"}', attribute="价格高了点")
    (card,) = (card for card in said.cards if card["type"] == "benefit")
    assert said.slot("awaiting") == "benefit"
    limit = shop_benefits().authorities["bot"].each
    with shop_session(get_settings().database_url) as session:
        (offer,) = session.query(BenefitOffer)
    assert shop_benefits().benefits[offer.benefit_id].cost <= limit
    assert card["state"] == "offered"
    # Refused, it is not offered again, whatever they say.
    await talk.run("action_decline_benefit", "deny", "不用了")
    again = await talk.run("action_reassure", "hesitate", "还是有点贵")
    assert [card for card in again.cards if card["type"] == "benefit"] == []


async def test_after_a_refusal_or_in_a_bad_mood_the_doubt_is_answered_and_nothing_is_pressed(chat: Begin) -> None:
    for intent, more in (("abandon_purchase", {}), ("ask_attribute", {"mood": "negative"})):
        talk = chat(customer="C003", slots={"product_no": PRODUCT})
        talk.user(intent, "……", **more)
        for text in ("再想想", "太贵了", "怕起球"):
            said = await talk.run("action_reassure", "hesitate", text)
            assert said.cards == []
            assert not any(message.get("push") for message in said.messages)
            assert not any(message.get("hesitation") in ("reasons", "person") for message in said.messages)


async def test_who_leaves_and_says_why_when_asked_is_met_half_way(chat: Begin) -> None:
    talk = chat(customer="C003", slots={"product_no": PRODUCT})
    asks = await talk.run("action_win_back", "abandon_purchase", "不买了", mood="abandoning")
    assert asks.slot("awaiting") == "doubt"
    said = await talk.run("action_reassure", "hesitate", "有点贵")
    assert said.slot("awaiting") == "benefit"
    with shop_session(get_settings().database_url) as session:
        (offer,) = session.query(BenefitOffer)
    assert offer.situation == "won_back"


async def test_a_doubt_that_was_named_in_own_words_is_not_asked_for_again(chat: Begin) -> None:
    talk = chat(slots={"product_no": PRODUCT})
    await talk.run("action_reassure", "hesitate", "再想想")
    said = await talk.run("action_reassure", "hesitate", "怕它缩水", attribute="缩水")
    assert said.messages[1]["hesitation"] == "reasons"
    assert "起球缩水" not in [each["title"] for each in said.buttons]
    late = chat(slots={"product_no": "SX3101"})
    await late.run("action_reassure", "hesitate", "怕等不及")
    titles = [each["title"] for each in (await late.run("action_reassure", "hesitate", "再想想")).buttons]
    assert "几天能到" not in titles
    assert "新不新鲜" in titles


async def test_the_control_group_hears_answers_and_nothing_else(chat: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sixty.insight.live.control_share", lambda: 1.0)
    talk = chat(customer="C003", slots={"product_no": PRODUCT})
    first = await talk.run("action_reassure", "hesitate", "再想想")
    assert (first.texts, first.responses) == ([], ["utter_social_hesitate"])
    worry = await talk.run("action_reassure", "hesitate", "怕起球")
    assert len(worry.messages) == 1
    for text in ("太贵了", "再想想", "再看看"):
        assert (await talk.run("action_reassure", "hesitate", text)).cards == []
    with shop_session(get_settings().database_url) as session:
        assert session.query(BenefitOffer).all() == []


async def test_whether_waiting_pays_is_said_to_who_waits_for_a_campaign(chat: Begin, shop: Session) -> None:
    said = await chat(slots={"product_no": PRODUCT}).run("action_reassure", "hesitate", "等双11再买吧")
    product = find_product(shop, PRODUCT)
    assert product is not None
    advice = now_or_campaign(shop, product, now(), about="双11")
    assert advice is not None
    assert said.texts[0] == advice.text(now())


async def test_a_doubt_that_is_named_is_settled(chat: Begin, shop: Session) -> None:
    said = await chat(slots={"product_no": PRODUCT}).run("action_reassure", "hesitate", "怕它缩水", attribute="缩水")
    fact = attribute_answer(shop, PRODUCT, "缩水")
    assert fact is not None
    assert said.text.startswith("缩水：")
    assert fact.selling_point.rstrip("。！～") in said.text
    unknown = await chat(slots={"product_no": PRODUCT}).run("action_reassure", "hesitate", "怕不防水", attribute="防水")
    assert unknown.texts
    assert "防水" not in unknown.text


async def test_without_a_product_or_anything_to_say_only_the_doubt_is_asked_for(chat: Begin) -> None:
    assert (await chat().run("action_reassure", "hesitate", "再想想")).texts == []
    with shop_session(get_settings().database_url) as session:
        session.execute(update(Sku).values(stock=0))
    talk = chat(slots={"product_no": PRODUCT})
    said = await talk.run("action_reassure", "hesitate", "再想想")
    assert (said.texts, said.responses) == ([], ["utter_social_hesitate"])
    assert (await talk.run("action_reassure", "hesitate", "太贵了")).cards == []


@pytest.mark.parametrize(("intent", "mood"), [("ask_human", None), ("ask_attribute", "angry")])
async def test_nobody_is_pressed_who_wants_no_selling(chat: Begin, intent: str, mood: str | None) -> None:
    talk = chat(slots={"product_no": PRODUCT})
    talk.user(intent, "……", **({"mood": mood} if mood else {}))
    assert (await talk.run("action_reassure", "hesitate", "再想想")).texts == []


async def test_what_was_offered_is_still_offered(chat: Begin) -> None:
    talk = chat(slots={"product_no": PRODUCT, "awaiting": "bundle"})
    assert (await talk.run("action_reassure", "hesitate", "再想想")).slot("awaiting") == "bundle"


@pytest.mark.parametrize("intent", ["ask_attribute", "ask_quality"])
@pytest.mark.parametrize("text", ["去东北穿行吗", "12月去哈尔滨够不够暖", "1月北京穿冷不冷", "去海南穿会热吗"])
async def test_where_it_would_be_worn_is_answered_with_the_climate(
    chat: Begin, shop: Session, text: str, intent: str
) -> None:
    said = await chat(slots={"product_no": WARM}).run("action_answer_attribute", intent, text)
    answer = answer_for_trip(shop, WARM, text, now(), shop_climate())
    assert answer is not None
    assert said.text == answer.text + "～"


async def test_the_trip_of_an_earlier_message_is_answered_once_the_product_is_named(chat: Begin, shop: Session) -> None:
    talk = chat()
    asked = await talk.run("action_answer_attribute", "ask_attribute", "12月去哈尔滨穿行吗")
    assert asked.slot("awaiting") == "product_attribute"
    talk.slots["product_no"] = WARM
    said = await talk.run("action_answer_attribute", "inform", WARM, product=WARM)
    assert said.text.startswith("哈尔滨12月")


async def test_correction_the_other_place_counts(chat: Begin) -> None:
    talk = chat(slots={"product_no": WARM})
    await talk.run("action_answer_attribute", "ask_attribute", "去东北穿行吗")
    said = await talk.run("action_answer_attribute", "ask_attribute", "说错了是去广州，穿合适吗")
    assert said.text.startswith("广州")


async def test_a_place_that_the_table_lacks_is_answered_with_the_temperatures(chat: Begin, shop: Session) -> None:
    said = await chat(slots={"product_no": WARM}).run("action_answer_attribute", "ask_attribute", "去月球穿冷不冷")
    fact = attribute_answer(shop, WARM, "厚薄")
    assert fact is not None
    assert fact.selling_point.rstrip("。！～") in said.text
    assert "月球" not in said.text


async def test_a_place_is_no_question_of_warmth_by_itself(chat: Begin, shop: Session) -> None:
    fact = attribute_answer(shop, WARM, "材质")
    assert fact is not None
    said = await chat(slots={"product_no": WARM}).run(
        "action_answer_attribute", "ask_attribute", "北京穿这个料子会不会静电", attribute="材质"
    )
    assert said.text.startswith("材质")
    other = await chat(slots={"product_no": WARM}).run("action_answer_attribute", "ask_attribute", "从广州发货吗")
    assert "平均气温" not in other.text


@pytest.mark.parametrize("text", ["还有点贵", "太贵了", "比别家贵"])
async def test_a_worry_about_the_price_is_met_in_a_line_and_the_form_goes_on(
    chat: Begin, shop: Session, text: str
) -> None:
    talk = chat(customer="C003", loop="size_form", slots={"product_no": PRODUCT, "awaiting": None})
    said = await talk.run("action_digress", "hesitate", text)
    product = find_product(shop, PRODUCT)
    assert product is not None
    prices = price_card(shop, product, None, now(), "C003")
    assert len(said.messages) == 1
    assert f"到手{say_amount(prices.final_price)}" in said.text
    assert f"省{say_amount(prices.list_price - prices.final_price)}" in said.text
    # The form stays: nothing ends it, nothing is offered that it could not hear a yes to.
    assert [event["event"] for event in said.events] == ["slot"]
    assert said.cards == []


async def test_a_worry_in_the_lookup_of_an_order_is_met_as_well(chat: Begin) -> None:
    for slots in ({"product_no": PRODUCT}, {}):
        talk = chat(loop="order_lookup_form", slots={**slots, "awaiting": "proof"})
        said = await talk.run("action_digress", "hesitate", "还是有点贵")
        assert len(said.texts) == 1
        assert [event["event"] for event in said.events] == ["slot"]
        assert said.slot("awaiting") == "proof"


@pytest.mark.parametrize(("text", "told"), [("怕穿不下", "把关"), ("怕它起球", "质量问题")])
async def test_other_worries_do_not_end_the_choice_of_a_size(chat: Begin, text: str, told: str) -> None:
    talk = chat(loop="size_form", slots={"product_no": PRODUCT, "awaiting": None})
    said = await talk.run("action_digress", "hesitate", text)
    assert told in said.text
    assert said.buttons == []
    assert [event["event"] for event in said.events] == ["slot"]


@pytest.mark.parametrize(
    ("form", "response"),
    [("size_form", "utter_social_size_cancelled"), ("order_lookup_form", "utter_social_lookup_cancelled")],
)
@pytest.mark.parametrize("text", ["我再想想", "暂时用不上"])
async def test_who_only_thinks_it_over_is_asked_no_more(chat: Begin, form: str, response: str, text: str) -> None:
    talk = chat(loop=form, slots={"product_no": PRODUCT, "awaiting": None})
    said = await talk.run("action_digress", "hesitate", text)
    assert said.responses == [response]
    assert {"event": "active_loop", "timestamp": None, "name": None} in said.events
