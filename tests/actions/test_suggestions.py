"""Vague wishes: narrowed with few questions, answered with products and reasons, gone on from what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from sixty.settings import get_settings
from sixty.shop.database import shop_session
from sixty.shop.recommendations.models import SuggestionRefusal
from sixty.shop.trials.models import TrialImpression, TrialOutcome
from tests.actions.conftest import CONVERSATION

Begin = Callable[..., Any]

ACTION = "action_recommend_products"
PHONE, JACKET, TROUSERS = "SM1101", "GZ1101", "GZ2101"


def items(said: Any) -> list[dict[str, Any]]:
    """What was suggested."""
    return [item for card in said.cards if card["type"] == "suggestions" for item in card["items"]]


def numbers(said: Any) -> list[str]:
    return [item["no"] for item in items(said)]


def refused() -> set[str]:
    with shop_session(get_settings().database_url) as session:
        return {row.product_no for row in session.query(SuggestionRefusal)}


async def test_a_wish_for_somebody_is_answered_with_price_and_reason(chat: Begin) -> None:
    said = await chat().run(ACTION, "recommend_product", "推荐一件外套给老婆", kind="外套")
    assert 1 <= len(items(said)) <= 3
    assert "老婆" in said.text
    for item in items(said):
        assert item["reason"]
        assert Decimal(item["final_price"]) > 0
        assert item["action"]["payload"] == f'/inform{{"product": "{item["no"]}"}}'
    assert said.slot("awaiting") == "suggestion"


async def test_a_vague_wish_is_narrowed_with_at_most_three_questions(chat: Begin) -> None:
    talk = chat()
    said = await talk.run(ACTION, "recommend_product", "推荐几款")
    asked = []
    while said.slot("awaiting") == "wish":
        asked.append(said.text)
        assert said.outcomes == ["asked_back"]
        assert 2 <= len(said.buttons) <= 5
        first = said.buttons[0]["payload"].split('"')[3]
        said = await talk.run(ACTION, "recommend_product", said.buttons[0]["payload"], wish=first)
    assert 1 <= len(asked) <= 3
    assert len(set(asked)) == len(asked)
    assert items(said)


async def test_the_place_of_an_answer_will_do(chat: Begin) -> None:
    talk = chat()
    said = await talk.run(ACTION, "recommend_product", "推荐几款")
    chosen = said.buttons[1]["title"]
    await talk.run(ACTION, "inform", "第二个", ordinal="2")
    by_place = talk.slots["wish"]["wish"]
    other = chat()
    await other.run(ACTION, "recommend_product", "推荐几款")
    await other.run(ACTION, "inform", chosen)
    assert other.slots["wish"]["wish"]["kinds"] == by_place["kinds"]


@pytest.mark.parametrize(("text", "intent"), [("都可以", "affirm"), ("随便", "affirm"), ("没要求", "nlu_fallback")])
async def test_whoever_leaves_it_open_is_asked_no_more(chat: Begin, text: str, intent: str) -> None:
    talk = chat()
    assert (await talk.run(ACTION, "recommend_product", "推荐几款")).slot("awaiting") == "wish"
    assert items(await talk.run(ACTION, intent, text))


async def test_correction_the_other_recipient_counts(chat: Begin) -> None:
    talk = chat()
    for_her = await talk.run(ACTION, "recommend_product", "推荐一件外套给老婆", kind="外套")
    for_him = await talk.run(ACTION, "inform", "不对，是给我爸买的")
    if for_him.slot("awaiting") == "wish":
        for_him = await talk.run(ACTION, "affirm", "都可以")
    assert talk.slots["wish"]["wish"]["recipient"]["gender"] == "男"
    assert not {*numbers(for_her)} & {*numbers(for_him)}


async def test_correction_another_sort_of_thing_is_another_wish_for_the_same_person(chat: Begin) -> None:
    talk = chat()
    await talk.run(ACTION, "recommend_product", "推荐一件外套给老婆，三百以内", kind="外套")
    await talk.run(ACTION, "recommend_product", "那裤子呢", kind="裤子")
    wish = talk.slots["wish"]["wish"]
    assert wish["recipient"]["word"] == "老婆"
    assert "high" not in wish
    assert all("裤" in kind for kind in wish["kinds"])


async def test_budget_holds(chat: Begin) -> None:
    talk = chat()
    said = await talk.run(ACTION, "recommend_product", "三百以内的工装裤", kind="工装裤")
    if said.slot("awaiting") == "wish":
        said = await talk.run(ACTION, "affirm", "随便")
    assert items(said)
    assert all(Decimal(item["final_price"]) <= 300 for item in items(said))


async def test_other_ones_are_other_ones_and_the_first_are_remembered_as_refused(chat: Begin) -> None:
    talk = chat(customer="C003")
    said = await talk.run(ACTION, "recommend_product", "给我推荐工装裤", kind="工装裤")
    if said.slot("awaiting") == "wish":
        said = await talk.run(ACTION, "affirm", "随便")
    first = numbers(said)
    again = await talk.run(ACTION, "ask_stock", "还有别的吗")
    assert not {*first} & {*numbers(again)}
    assert {*first} <= refused()
    # In another conversation, too.
    later = chat(customer="C003")
    said = await later.run(ACTION, "recommend_product", "工装裤随便推荐几款", kind="工装裤")
    assert not {*first} & {*numbers(said)}


async def test_what_is_added_narrows_and_shows_again(chat: Begin) -> None:
    talk = chat()
    await talk.run(ACTION, "recommend_product", "推荐一件外套给老婆", kind="外套")
    for text in ("上班穿", "三百左右"):
        said = await talk.run(ACTION, "nlu_fallback", text)
        assert items(said), text
        assert said.slot("awaiting") == "suggestion"
    wish = talk.slots["wish"]["wish"]
    assert wish["words"] == ["上班"]
    assert wish["low"] is not None
    assert wish["recipient"]["word"] == "老婆"


async def test_after_a_miss_other_ones_are_still_other_ones(chat: Begin) -> None:
    talk = chat()
    first = numbers(await talk.run(ACTION, "recommend_product", "推荐一件外套", kind="外套"))
    while not first:
        first = numbers(await talk.run(ACTION, "affirm", "都可以"))
    talk.slots["awaiting"] = "product_attribute"
    said = await talk.run(ACTION, "ask_stock", "还有别的吗")
    assert not {*first} & {*numbers(said)}
    assert refused() >= {*first}


async def test_only_the_one_that_was_named_is_refused(chat: Begin) -> None:
    talk = chat()
    said = await talk.run(ACTION, "recommend_product", "工装裤随便推荐几款", kind="工装裤")
    first = numbers(said)
    assert len(first) > 1
    await talk.run(ACTION, "nlu_fallback", "第二个不喜欢", ordinal="2")
    assert refused() == {first[1]}


async def test_too_dear_brings_cheaper_ones_or_an_honest_word(chat: Begin) -> None:
    talk = chat()
    said = await talk.run(ACTION, "recommend_product", "工装裤随便推荐几款", kind="工装裤")
    least = min(Decimal(item["final_price"]) for item in items(said))
    for _ in range(9):
        said = await talk.run(ACTION, "nlu_fallback", "太贵了")
        if not items(said):
            break
        assert all(Decimal(item["final_price"]) < least for item in items(said))
        least = min(Decimal(item["final_price"]) for item in items(said))
    assert "更实惠" in said.text
    assert said.buttons


async def test_cheap_ones_come_first_where_they_were_wished_for(chat: Begin) -> None:
    said = await chat().run(ACTION, "recommend_product", "有没有便宜点的手机", kind="手机")
    prices = [Decimal(item["final_price"]) for item in items(said)]
    assert prices == sorted(prices)
    assert prices


async def test_one_is_chosen_by_its_place(chat: Begin) -> None:
    talk = chat()
    shown = numbers(await talk.run(ACTION, "recommend_product", "工装裤随便推荐几款", kind="工装裤"))
    said = await talk.run(ACTION, "inform", "第二个", ordinal="2")
    assert said.slot("product_no") == shown[1]
    assert said.cards[0]["no"] == shown[1]
    assert said.slot("awaiting") is None


async def test_invalid_a_place_that_there_is_not_is_asked_again(chat: Begin) -> None:
    talk = chat()
    await talk.run(ACTION, "recommend_product", "工装裤随便推荐几款", kind="工装裤")
    said = await talk.run(ACTION, "inform", "第九个", ordinal="9")
    assert said.outcomes == ["asked_back"]
    assert said.slot("awaiting") == "suggestion"


async def test_invalid_what_the_shop_has_not_is_said(chat: Begin) -> None:
    said = await chat().run(ACTION, "recommend_product", "有没有拖拉机", kind="拖拉机")
    assert "拖拉机店里暂时没有" in said.text
    assert items(said)


async def test_invalid_gibberish_is_not_understood_and_nothing_is_forgotten(chat: Begin) -> None:
    talk = chat()
    await talk.run(ACTION, "recommend_product", "工装裤随便推荐几款", kind="工装裤")
    said = await talk.run(ACTION, "nlu_fallback", "呜哩哇啦")
    assert [event["name"] for event in said.events if event["event"] == "followup"] == ["action_default_fallback"]
    assert said.slot("awaiting") == "suggestion"


async def test_cancellation_no_is_remembered_and_nobody_is_pressed(chat: Begin) -> None:
    talk = chat()
    shown = numbers(await talk.run(ACTION, "recommend_product", "工装裤随便推荐几款", kind="工装裤"))
    said = await talk.run(ACTION, "deny", "不用了")
    assert said.slot("awaiting") is None
    assert said.cards == []
    assert refused() == {*shown}


async def test_cancellation_who_wants_nothing_suggested_hears_nothing_unasked(chat: Begin) -> None:
    talk = chat(slots={"product_no": TROUSERS, "height": "175", "weight": "70"})
    said = await talk.run(ACTION, "deny", "别再推荐了")
    assert said.slot("awaiting") is None
    unasked = await talk.run("action_recommend_bundle", "ask_size")
    assert (unasked.texts, unasked.cards) == ([], [])


async def test_digression_the_question_is_put_again_once(chat: Begin) -> None:
    talk = chat()
    question = (await talk.run(ACTION, "recommend_product", "推荐几款")).text
    first = await talk.run("action_push_capsules", "ask_shipping_fee", "包邮吗")
    assert first.text == question
    assert first.slot("awaiting") == "wish"
    second = await talk.run("action_push_capsules", "ask_payment", "能花呗吗")
    assert question not in second.text


async def test_a_wish_of_long_ago_is_forgotten(chat: Begin) -> None:
    talk = chat()
    await talk.run(ACTION, "recommend_product", "推荐一件外套给老婆", kind="外套")
    kept = dict(talk.slots["wish"])
    kept["at"] = (talk.now - timedelta(hours=3)).isoformat()
    talk.slots["wish"], talk.slots["awaiting"] = kept, None
    await talk.run(ACTION, "recommend_product", "推荐几款手机", kind="手机")
    assert "recipient" not in talk.slots["wish"]["wish"]


async def test_products_like_the_topic_leave_the_topic_out(chat: Begin) -> None:
    said = await chat(slots={"product_no": TROUSERS}).run(ACTION, "recommend_product", "有没有类似的")
    assert 1 <= len(items(said)) <= 3
    assert TROUSERS not in numbers(said)


async def test_a_better_one_for_a_little_more(chat: Begin) -> None:
    talk = chat(slots={"product_no": PHONE})
    said = await talk.run(ACTION, "recommend_product", "有没有内存大一点的")
    (item,) = items(said)
    assert item["difference"].startswith("再加¥")
    assert "再加" in said.text
    yes = await talk.run(ACTION, "affirm", "好的")
    assert item["final_price"].rstrip("0").rstrip(".") in yes.text
    assert yes.slot("product_no") == item["no"]


async def test_who_wants_no_upgrade_still_wants_the_product(chat: Begin) -> None:
    talk = chat(slots={"product_no": PHONE})
    await talk.run(ACTION, "recommend_product", "有更好的吗")
    await talk.run(ACTION, "deny", "不用了")
    assert PHONE not in refused()


async def test_an_upgrade_is_offered_as_a_capsule_where_there_is_one(chat: Begin) -> None:
    upgrade = '/recommend_product{"attribute": "升级"}'
    said = await chat(slots={"product_no": PHONE}).run("action_push_capsules", "compare_products", "哪个好")
    assert upgrade in [button["payload"] for button in said.buttons]
    none = await chat(slots={"product_no": "SX1103"}).run("action_push_capsules", "compare_products", "哪个好")
    assert upgrade not in [button["payload"] for button in none.buttons]


async def test_what_fills_the_basket_costs_least(chat: Begin) -> None:
    talk = chat(slots={"product_no": TROUSERS})
    said = await talk.run("action_answer_promotions", "ask_promotion", "还差多少满减")
    (item,) = items(said)
    assert "还差" in said.text
    assert item["reason"]
    assert said.slot("awaiting") == "suggestion"
    yes = await talk.run(ACTION, "affirm", "好的")
    assert item["name"] in yes.text
    # What fills the basket is not what the talk is about.
    assert yes.slot("product_no") == "not set"


async def test_without_a_product_it_is_asked_which_and_then_filled(chat: Begin) -> None:
    talk = chat()
    asked = await talk.run(ACTION, "recommend_product", "凑单买什么好")
    assert asked.slot("awaiting") == "product_price"
    talk.slots["product_no"] = TROUSERS
    said = await talk.run("action_product_card", "inform", TROUSERS, product=TROUSERS)
    assert [card["type"] for card in said.cards] == ["product", "suggestions"]


async def test_trials_get_their_share_and_count_the_tap(chat: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    from sixty.shop.trials import shop_trials

    (running, *_) = shop_trials()
    everything = type(running)(**{**vars(running), "share": Decimal(1), "least": 1})
    monkeypatch.setattr("actions.trial.shop_trials", lambda: (everything,))
    monkeypatch.setattr("sixty.shop.trials.showing.shop_trials", lambda: (everything,))
    talk = chat()
    said = await talk.run(ACTION, "recommend_product", "外套随便推荐几款", kind="外套")
    with shop_session(get_settings().database_url) as session:
        (impression,) = session.query(TrialImpression)
        assert impression.conversation_id == CONVERSATION
        assert impression.product_no in running.products
        shown, key = impression.product_no, impression.key
    assert numbers(said)[-1] == shown
    await talk.run("action_push_capsules", "inform", shown, product=shown)
    with shop_session(get_settings().database_url) as session:
        (tap,) = session.query(TrialOutcome)
        assert (tap.kind, tap.impression_key) == ("tap", key)
    assert len(set(numbers(said))) == len(numbers(said))


async def test_in_a_form_the_form_goes_on(chat: Begin, shop: Session) -> None:
    talk = chat(slots={"awaiting": None}, loop="size_form")
    said = await talk.run(ACTION, "recommend_product", "推荐几款")
    assert said.slot("awaiting") is None
