"""What a message that leans on the one before is answered with, and how products are compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Begin = Callable[..., Any]

COAT = {"product_no": "GZ1101"}


async def leaning(chat: Begin, last: dict[str, str], text: str, product: str = "GZ2101", **entities: Any) -> Any:
    talk = chat(slots={"product_no": product, "last_question": last})
    return await talk.run("action_continue", "nlu_fallback", text, **entities)


def followed(said: Any) -> list[str]:
    return [event["name"] for event in said.events if event["event"] == "followup"]


async def test_the_question_is_kept_with_what_was_given(chat: Begin) -> None:
    talk = chat(slots={"product_no": "GZ2101"})
    await talk.run("action_answer_attribute", "ask_attribute", "什么面料", attribute="材质")
    said = await talk.act("action_push_capsules", talk.user("ask_attribute", "什么面料", attribute="材质"))
    assert said.slot("last_question") == {"intent": "ask_attribute", "attribute": "材质"}
    # The same of another product.
    talk.slots["product_no"] = "GZ1102"
    other = await talk.run("action_continue", "inform", "GZ1102呢", product="GZ1102")
    assert other.text.startswith("材质：面料65%聚酯")
    assert followed(other) == ["action_push_capsules"]


async def test_a_product_that_was_asked_for_answers_the_question_it_was_asked_for(chat: Begin) -> None:
    talk = chat()
    parsed = talk.user("ask_attribute", "防水吗", attribute="防水")
    await talk.act("action_answer_attribute", parsed)
    asked = await talk.act("action_push_capsules", parsed)
    assert asked.slot("last_question") == {"intent": "ask_attribute", "attribute": "防水"}
    talk.slots["product_no"] = "GZ1101"
    parsed = talk.user("inform", "GZ1101", product="GZ1101")
    await talk.act("action_answer_attribute", parsed)
    kept = await talk.act("action_push_capsules", parsed)
    assert kept.slot("last_question") == {"intent": "ask_attribute", "attribute": "防水"}


@pytest.mark.parametrize(
    ("last", "text", "product", "entities", "expected"),
    [
        ({"intent": "ask_stock", "color": "黑色", "size": "XL"}, "军绿呢", "GZ2101", {"color": "军绿"}, "军绿 XL"),
        ({"intent": "ask_stock"}, "N40呢", "MZ2101", {}, "N40小麦色"),
        ({"intent": "ask_price"}, "4升的呢", "SM6101", {}, "4升"),
        ({"intent": "ask_stock"}, "4升的呢", "SM6101", {}, "4升"),
        ({"intent": "ask_usage", "attribute": "护理"}, "烘干呢", "MY2102", {"attribute": "护理"}, "低温烘干"),
        ({"intent": "ask_price"}, "防水吗", "GZ1101", {"attribute": "防水"}, "不防水"),
        ({"intent": "ask_attribute", "attribute": "材质"}, "军绿呢", "GZ2101", {"color": "军绿"}, "军绿"),
        ({"intent": "ask_matching"}, "鞋子呢", "GZ1101", {"kind": "鞋子"}, "鞋子"),
        ({"intent": "ask_matching"}, "帐篷呢", "GZ1101", {"kind": "帐篷"}, "没有帐篷"),
        ({"intent": "ask_warranty"}, "多久", "SM6101", {}, "整机两年"),
    ],
)
async def test_what_is_given_takes_the_place_of_what_was_given(
    chat: Begin, last: dict[str, str], text: str, product: str, entities: dict[str, str], expected: str
) -> None:
    said = await leaning(chat, last, text, product, **entities)
    assert expected in said.text
    assert said.slot("last_question") != "not set"


async def test_the_price_of_a_variant(chat: Begin) -> None:
    small = await leaning(chat, {"intent": "ask_price"}, "3升的呢", "SM6101")
    large = await leaning(chat, {"intent": "ask_price"}, "4升的呢", "SM6101")
    assert {row["label"]: row["amount"] for row in small.cards[0]["prices"]}["活动价"] == "299.00"
    assert {row["label"]: row["amount"] for row in large.cards[0]["prices"]}["活动价"] == "349.00"


async def test_a_question_without_facts_is_answered_by_its_response(chat: Begin) -> None:
    said = await leaning(chat, {"intent": "ask_shipping_fee"}, "新疆呢")
    assert said.responses == ["utter_faq_ask_shipping_fee"]
    assert followed(said) == ["action_push_capsules"]


async def test_a_size_goes_on_with_the_form(chat: Begin) -> None:
    assert followed(await leaning(chat, {"intent": "ask_size"}, "最大呢")) == ["size_form"]


async def test_an_order_still_wants_its_proof(chat: Begin) -> None:
    said = await leaning(chat, {"intent": "track_order"}, "多久")
    assert followed(said) == ["order_lookup_form"]
    assert said.slot("awaiting") == "proof"


async def test_an_answer_with_a_proof_left_open_begins_no_form(chat: Begin) -> None:
    """Only the answer of this turn asks for a proof, not one that the customer has turned down before."""
    said = await chat(slots={"awaiting": "proof"}).run("action_push_capsules", "ask_invoice", "能开发票吗")
    assert followed(said) == []


async def test_an_open_question_is_answered_with_its_product_or_dropped(chat: Begin) -> None:
    talk = chat()
    parsed = talk.user("ask_stock", "有货吗，防水吗")
    parsed["entities"] = [
        {"entity": "second_question", "value": "ask_attribute", "start": 4, "end": 7},
        {"entity": "attribute", "value": "防水", "start": 4, "end": 6},
    ]
    await talk.act("action_answer_stock", parsed)
    asked = await talk.act("action_push_capsules", parsed)
    assert asked.texts == []
    assert asked.slot("open_question") == {"intent": "ask_attribute", "attribute": "防水"}
    talk.slots["product_no"] = "GZ1101"
    parsed = talk.user("inform", "GZ1101", product="GZ1101")
    await talk.act("action_answer_stock", parsed)
    answered = await talk.act("action_push_capsules", parsed)
    assert "不防水" in answered.text
    assert answered.slot("open_question") is None
    talk.slots["open_question"] = {"intent": "ask_price"}
    other = await talk.run("action_push_capsules", "ask_invoice", "能开发票吗")
    assert other.slot("open_question") is None
    assert other.cards == []


async def test_two_products_are_compared_by_what_they_differ_in(chat: Begin) -> None:
    talk = chat()
    said = await talk.run(
        "action_compare_products", "compare_products", "这两个有什么区别", product=["GZ2101", "GZ2102"]
    )
    assert "多口袋耐磨工装裤" in said.text
    assert "修身束脚工装裤" in said.text
    assert said.outcomes == ["answered"]
    again = await talk.run("action_compare_products", "compare_products", "哪个厚一点")
    assert again.text.splitlines() == [again.text]
    assert again.text.startswith("厚薄：")
    assert "薄款" in again.text


async def test_a_product_is_compared_with_the_topic(chat: Begin) -> None:
    said = await chat(slots={"product_no": "GZ2101"}, entry="product", product_no="GZ2101").run(
        "action_compare_products", "compare_products", "跟GZ2102比呢", product="GZ2102"
    )
    assert "修身束脚工装裤" in said.text


@pytest.mark.parametrize("products", [[], ["GZ2101"], ["GZ9999", "GZ9998"]])
async def test_what_to_compare_is_asked_for(chat: Begin, products: list[str]) -> None:
    said = await chat().run("action_compare_products", "compare_products", "有什么区别", product=products)
    assert said.responses == ["utter_faq_compare_products"]


async def test_the_kind_of_the_message_before_still_holds(chat: Begin) -> None:
    talk = chat()
    talk.user("nlu_fallback", "想给我爸买个手机", kind="手机")
    said = await talk.run("action_recommend_products", "recommend_product", "便宜点的有吗")
    assert said.cards[0]["title"] == "为您挑的手机"
    assert all("手机" in item["name"] for item in said.cards[0]["items"])


async def test_other_measures_in_place_of_a_fit_mean_the_usual_one(chat: Begin) -> None:
    talk = chat(slots={**COAT, "height": "180", "weight": "80", "requested_slot": "fit"}, loop="size_form")
    message = talk.user("ask_size", "那我老公180 160斤呢", height="180", weight="80")
    talk.events += [{"event": "slot", "name": name, "value": talk.slots[name]} for name in ("height", "weight")]
    said = await talk.act("validate_size_form", message)
    assert said.slot("fit") == "regular"
