"""What anger changes: a word of apology in front, a person first among fewer capsules, and a person at last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from yaml import safe_load

from sixty.desk.handoffs import HandOff
from sixty.settings import get_settings
from sixty.shop.database import shop_session

Begin = Callable[..., Any]
RESPONSES = safe_load(Path("domain.yml").read_text(encoding="utf-8"))["responses"]
HUMAN = {"title": "转人工", "payload": "/ask_human"}


def handoffs() -> list[HandOff]:
    with shop_session(get_settings().database_url) as session:
        return list(session.scalars(select(HandOff)))


def kinds(said: Any) -> list[str]:
    return [event["event"] for event in said.events]


async def test_an_apology_that_leaves_the_answer_to_others(chat: Begin) -> None:
    said = await chat(slots={"awaiting": "bundle"}).run(
        "action_soothe", "ask_ship_time", "什么破快递，几时发货", mood="angry"
    )
    assert said.responses == ["utter_social_soothe"]
    assert kinds(said)[-1] == "undo"
    assert said.slot("awaiting") == "bundle"
    assert handoffs() == []


@pytest.mark.parametrize("intent", ["chitchat", "damaged_item", "wrong_or_missing", "nlu_fallback"])
async def test_no_two_apologies_in_a_row(chat: Begin, intent: str) -> None:
    said = await chat().run("action_soothe", intent, "骗子", mood="angry")
    assert said.messages == []
    assert kinds(said)[-1] == "undo"
    assert handoffs() == []


async def test_the_second_angry_message_is_handed_over(chat: Begin) -> None:
    talk = chat(customer="C001", slots={"product_no": "GZ2101", "awaiting": "product_stock"}, loop="size_form")
    await talk.run("action_soothe", "ask_ship_time", "什么破快递", mood="angry")
    talk.user("ask_price", "多少钱")
    said = await talk.run("action_soothe", "ask_stock", "垃圾，到底有没有货", mood=["angry", "negative"])
    assert said.outcomes == ["handed_over"]
    (row,) = handoffs()
    assert (row.reason, row.question, row.customer_id) == ("angry", "垃圾，到底有没有货", "C001")
    # The turn ends there, and a form with it.
    assert "undo" not in kinds(said)
    assert said.events[-1] == {"event": "followup", "timestamp": None, "name": "action_listen"}
    assert {"event": "active_loop", "timestamp": None, "name": None} in said.events
    assert said.slot("awaiting") is None


async def test_other_moods_do_not_add_up(chat: Begin) -> None:
    talk = chat()
    talk.user("ask_ship_time", "太慢了", mood="negative")
    talk.user("abandon_purchase", "不要了", mood="abandoning")
    said = await talk.run("action_soothe", "ask_stock", "骗子", mood="angry")
    assert said.responses == ["utter_social_soothe"]
    assert handoffs() == []


async def test_an_angry_complaint_is_left_to_its_flow_which_hands_over(chat: Begin) -> None:
    talk = chat()
    await talk.run("action_soothe", "ask_ship_time", "什么破快递", mood="angry")
    said = await talk.run("action_soothe", "complain", "骗子店，12315见", mood="angry")
    assert said.messages == []
    assert kinds(said)[-1] == "undo"
    assert handoffs() == []


async def test_while_a_person_is_waited_for_the_bot_goes_on_answering(chat: Begin) -> None:
    talk = chat()
    await talk.run("action_handoff", "ask_human", "转人工")
    for intent, responses in (("complain", []), ("ask_ship_time", ["utter_social_soothe"])):
        said = await talk.run("action_soothe", intent, "骗子", mood="angry")
        assert said.responses == responses
        assert kinds(said)[-1] == "undo"
    assert [row.reason for row in handoffs()] == ["asked_for"]


async def test_who_is_angry_is_offered_a_person_first_and_less_besides(chat: Begin) -> None:
    slots = {"product_no": "GZ2101"}
    calm = await chat(slots=slots).run("action_push_capsules", "ask_shipping_fee", "运费多少")
    angry = await chat(slots=slots).run("action_push_capsules", "ask_shipping_fee", "黑店，运费多少", mood="angry")
    assert len(calm.buttons) == 3
    assert HUMAN not in calm.buttons
    assert angry.buttons == [HUMAN, calm.buttons[0]]


async def test_a_person_is_offered_once(chat: Begin) -> None:
    angry = await chat().run("action_push_capsules", "account_problem", "骗子，登不上去", mood="angry")
    assert angry.buttons == [HUMAN]


async def test_who_waits_for_a_person_in_anger_is_offered_nothing(chat: Begin) -> None:
    talk = chat(slots={"product_no": "GZ2101"})
    await talk.run("action_handoff", "ask_human", "转人工")
    said = await talk.run("action_push_capsules", "ask_shipping_fee", "黑店，运费多少", mood="angry")
    assert said.buttons == []


async def test_what_was_not_understood_in_anger(chat: Begin) -> None:
    guesses = [{"name": name, "confidence": 0.2} for name in ("ask_stock", "ask_price", "ask_size")]
    talk = chat()
    calm_message = {**talk.user("nlu_fallback", "啥"), "intent_ranking": guesses}
    calm = await talk.act("action_default_fallback", calm_message)
    other = chat()
    angry_message = {**other.user("nlu_fallback", "啥破", mood="angry"), "intent_ranking": guesses}
    angry = await other.act("action_default_fallback", angry_message)
    assert [button["payload"] for button in calm.buttons] == ["/ask_stock", "/ask_price", "/ask_size", "/ask_human"]
    assert [button["payload"] for button in angry.buttons] == ["/ask_human", "/ask_stock"]


def test_the_apology_is_short_and_names_no_fault() -> None:
    texts = [variation["text"] for variation in RESPONSES["utter_social_soothe"]]
    assert len(texts) == len(set(texts)) >= 3
    for text in texts:
        assert len(text) <= 25
        assert any(word in text for word in ("抱歉", "对不起"))
        assert not any(fault in text for fault in ("快递", "发货", "质量", "我们的错", "商品", "慢"))


async def test_a_form_that_did_not_understand_does_not_apologise_itself(chat: Begin) -> None:
    alone = await chat().run("action_soothe", "nlu_fallback", "什么破问题", mood="angry")
    assert alone.responses == []
    in_form = await chat(loop="size_form").run("action_soothe", "nlu_fallback", "什么破问题", mood="angry")
    assert in_form.responses == ["utter_social_soothe"]


@pytest.mark.parametrize(("height", "apologises"), [({"height": "175"}, True), ({}, False)])
async def test_a_complaint_that_answers_a_form_is_no_complaint(
    chat: Begin, height: dict[str, str], apologises: bool
) -> None:
    talk = chat(slots={"requested_slot": "height"}, loop="size_form")
    said = await talk.run("action_soothe", "complain", "什么破问题，175", mood="angry", **height)
    assert said.responses == ["utter_social_soothe"] * apologises
