"""Two questions in one line, a line that goes on with the topic, and a word of comfort."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Begin = Callable[..., Any]

TROUSERS = {"product_no": "GZ2101"}


def message(talk: Any, intent: str, text: str, second: tuple[str, str], *entities: tuple[str, str, str]) -> Any:
    """A line as the pipeline reads it: entities with their places, the second question with its clause."""
    named = [("second_question", *second), *entities]
    parsed = talk.user(intent, text)
    for name, value, words in named:
        start = text.index(words)
        entity = {"entity": name, "value": value, "start": start, "end": start + len(words)}
        parsed["entities"].append(entity)
    return parsed


async def both(talk: Any, action: str, parsed: Any) -> tuple[Any, Any]:
    return await talk.act(action, parsed), await talk.act("action_push_capsules", parsed)


async def test_each_question_is_answered_about_its_own_attribute(chat: Begin) -> None:
    talk = chat(slots=dict(TROUSERS))
    text = "什么面料，有质检报告吗"
    parsed = message(
        talk,
        "ask_attribute",
        text,
        ("ask_quality", "有质检报告吗"),
        ("attribute", "材质", "面料"),
        ("attribute", "厚薄", "质检报告"),
    )
    first, second = await both(talk, "action_answer_attribute", parsed)
    assert first.text.startswith("材质：")
    assert second.texts[0].startswith("厚薄：")


async def test_an_attribute_of_the_first_question_does_not_answer_the_second(chat: Begin) -> None:
    talk = chat(slots=dict(TROUSERS))
    parsed = message(
        talk, "ask_attribute", "什么面料，保修多久", ("ask_warranty", "保修多久"), ("attribute", "材质", "面料")
    )
    first, second = await both(talk, "action_answer_attribute", parsed)
    assert first.text.startswith("材质：")
    assert not any(text.startswith("材质：") for text in second.texts)
    assert second.texts or second.responses == ["utter_faq_ask_warranty"]


async def test_a_colour_is_meant_for_both_and_a_size_for_its_own(chat: Begin) -> None:
    talk = chat(slots=dict(TROUSERS))
    parsed = message(
        talk,
        "ask_price",
        "军绿的多少钱，2XL有货吗",
        ("ask_stock", "2XL有货吗"),
        ("color", "军绿", "军绿"),
        ("size", "2XL", "2XL"),
    )
    first, second = await both(talk, "action_product_card", parsed)
    assert first.cards[0]["no"] == "GZ2101"
    assert second.texts[0].startswith("军绿 2XL")


async def test_a_question_without_facts_is_answered_by_its_response(chat: Begin) -> None:
    talk = chat(slots=dict(TROUSERS))
    parsed = message(talk, "ask_stock", "有货吗，能开发票吗", ("ask_invoice", "能开发票吗"))
    first, second = await both(talk, "action_answer_stock", parsed)
    assert "有现货" in first.text
    assert second.responses == ["utter_faq_ask_invoice"]
    # What was asked just now is not offered as the next question.
    assert second.buttons
    assert second.slot("awaiting") is None


async def test_which_product_is_asked_once(chat: Begin) -> None:
    talk = chat()
    parsed = message(talk, "ask_stock", "有货吗，多少钱", ("ask_price", "多少钱"))
    first, second = await both(talk, "action_answer_stock", parsed)
    assert first.outcomes == ["asked_back"]
    assert "asked_back" not in second.outcomes
    assert second.slot("awaiting") == "product_stock"


def followed(said: Any) -> list[str]:
    return [event["name"] for event in said.events if event["event"] == "followup"]


async def test_a_size_as_the_second_question_begins_the_form(chat: Begin) -> None:
    talk = chat(slots={**TROUSERS, "awaiting": "bundle"})
    parsed = message(talk, "ask_shipping_fee", "包邮吗，我穿多大码", ("ask_size", "我穿多大码"))
    said = await talk.act("action_push_capsules", parsed)
    assert followed(said) == ["size_form"]
    assert said.messages == []
    assert said.slot("awaiting") == "bundle"


async def test_a_form_that_had_nothing_to_ask_does_not_begin_again(chat: Begin) -> None:
    talk = chat(slots=dict(TROUSERS))
    parsed = message(talk, "ask_shipping_fee", "包邮吗，我穿多大码", ("ask_size", "我穿多大码"))
    assert followed(await talk.act("action_push_capsules", parsed)) == ["size_form"]
    # Rasa runs the form, which is full at once, and what follows it; the message is still the same.
    for name in ("size_form", "action_recommend_size", "action_recommend_bundle"):
        talk.events.append({"event": "action", "name": name})
    again = await talk.act("action_push_capsules", parsed)
    assert followed(again) == []
    assert again.buttons
    # The next line may ask for a size again.
    parsed = message(talk, "ask_shipping_fee", "包邮吗，我穿多大码", ("ask_size", "我穿多大码"))
    assert followed(await talk.act("action_push_capsules", parsed)) == ["size_form"]


@pytest.mark.parametrize(
    ("entities", "beginning"),
    [
        ({"color": "军绿", "size": "2XL"}, "军绿 2XL"),
        ({"color": "粉色"}, "这款没有粉色"),
        ({"size": "M"}, "M有现货"),
        ({"attribute": "材质"}, "材质："),
    ],
)
async def test_a_line_that_only_gives_something_goes_on_with_the_product(
    chat: Begin, entities: dict[str, str], beginning: str
) -> None:
    said = await chat(slots=dict(TROUSERS)).run("action_continue", "inform", "那这个呢", **entities)
    assert said.text.startswith(beginning)
    assert said.slot("product_no") == "GZ2101"


async def test_a_line_goes_on_with_the_product_of_the_page(chat: Begin) -> None:
    said = await chat(entry="product", product_no="GZ2101").run("action_continue", "inform", "那军绿呢", color="军绿")
    assert said.text.startswith("军绿")
    assert "货" in said.text


async def test_a_kind_of_thing_is_looked_for(chat: Begin) -> None:
    said = await chat().run("action_continue", "inform", "工装裤", kind="工装裤")
    assert said.cards or said.buttons
    assert said.responses == []


@pytest.mark.parametrize("entities", [{}, {"color": "军绿"}, {"attribute": "材质"}, {"number": "3"}])
async def test_without_a_topic_it_asks_what_for_and_keeps_waiting(chat: Begin, entities: dict[str, str]) -> None:
    said = await chat(slots={"awaiting": "bundle"}).run("action_continue", "inform", "这样", **entities)
    assert said.responses == ["utter_ask_inform"]
    assert said.slot("awaiting") == "bundle"


@pytest.mark.parametrize(
    ("entities", "response"),
    [
        ({}, "utter_social_chitchat"),
        ({"mood": "angry"}, "utter_social_comfort"),
        ({"mood": ["abandoning", "negative"]}, "utter_social_comfort"),
        ({"mood": "abandoning"}, "utter_social_chitchat"),
    ],
)
async def test_who_is_angry_is_comforted(chat: Begin, entities: dict[str, Any], response: str) -> None:
    said = await chat(slots={"awaiting": "bundle"}).run("action_small_talk", "chitchat", "真是的", **entities)
    assert said.responses == [response]
    assert said.slot("awaiting") == "bundle"
