"""What speaks for a product when the customer hesitates, and where it would be worn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from sixty.settings import get_settings
from sixty.shop.catalogue import attribute_answer, find_product
from sixty.shop.climate import shop_climate
from sixty.shop.database import shop_session
from sixty.shop.models import Sku
from sixty.shop.pricing.questions import now_or_campaign
from sixty.shop.reasons import reasons_for
from sixty.shop.warmth import answer_for_trip

Begin = Callable[..., Any]

PRODUCT, WARM = "GZ2101", "GZ1102"


def now() -> datetime:
    return datetime.now(timezone.utc)


async def test_two_true_reasons_then_the_question_after_the_doubt(chat: Begin, shop: Session) -> None:
    for no in (PRODUCT, "GZ1105", "SM4011"):
        said = await chat(slots={"product_no": no}).run("action_reassure", "hesitate", "我再看看")
        product = find_product(shop, no)
        assert product is not None
        reasons = [each.text for each in reasons_for(shop, product, now())]
        assert said.texts == ["；".join(reasons[:2]) + "～"]
        assert said.responses == ["utter_social_hesitate"]
        assert said.outcomes == ["social"]


async def test_whether_waiting_pays_is_said_to_who_waits_for_a_campaign(chat: Begin, shop: Session) -> None:
    said = await chat(slots={"product_no": PRODUCT}).run("action_reassure", "hesitate", "等双11再买吧")
    product = find_product(shop, PRODUCT)
    assert product is not None
    advice = now_or_campaign(shop, product, now(), about="双11")
    assert advice is not None
    assert said.text == advice.text(now())


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
    said = await chat(slots={"product_no": PRODUCT}).run("action_reassure", "hesitate", "再想想")
    assert (said.texts, said.responses) == ([], ["utter_social_hesitate"])


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
