from __future__ import annotations

from typing import Any

import pytest

from sixty.dialogue.suggesting import SUGGESTION, WISH, is_about_suggestions


def message(text: str, intent: str) -> dict[str, Any]:
    return {"text": text, "intent": {"name": intent}}


SHOWN = {"shown": ["GZ2101"], "asked": None}
ASKED = {"shown": [], "asked": {"key": "use", "text": "主要什么时候用呢？", "options": ["骑行通勤", "户外"]}}


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("换一批", "request_after_sales"),
        ("还有别的吗", "ask_stock"),
        ("太贵了", "nlu_fallback"),
        ("有点贵", "hesitate"),
        ("不喜欢这个", "nlu_fallback"),
        ("别推荐了", "stop_reminders_"),
    ],
)
def test_what_is_said_of_suggestions_goes_on_with_them(text: str, intent: str) -> None:
    assert is_about_suggestions(message(text, intent), SUGGESTION, SHOWN)
    # Without any, such a line is what it was taken for.
    assert not is_about_suggestions(message(text, intent), None, None)
    assert not is_about_suggestions(message(text, intent), "order", SHOWN)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("能便宜点吗", "ask_discount"),
        ("不喜欢，我要退货", "request_after_sales"),
        ("太贵了不要了", "abandon_purchase"),
        ("转人工", "ask_human"),
        ("黑色的还有吗", "ask_stock"),
        ("包邮吗", "ask_shipping_fee"),
        ("/recommend_product", "recommend_product"),
        ("", "nlu_fallback"),
    ],
)
def test_a_question_of_its_own_stays_one(text: str, intent: str) -> None:
    assert not is_about_suggestions(message(text, intent), SUGGESTION, SHOWN)


@pytest.mark.parametrize(
    ("text", "intent"),
    [("上班穿", "nlu_fallback"), ("三百左右", "nlu_fallback"), ("黑色的", "inform"), ("要透气的", "ask_attribute")],
)
@pytest.mark.parametrize("awaiting", [WISH, SUGGESTION])
def test_what_adds_something_narrows(text: str, intent: str, awaiting: str) -> None:
    assert is_about_suggestions(message(text, intent), awaiting, SHOWN)
    assert not is_about_suggestions(message(text, intent), "order", SHOWN)


def test_who_names_one_of_them_talks_of_that_one() -> None:
    said = {**message("黑色的", "inform"), "entities": [{"entity": "product", "value": "GZ2101"}]}
    assert not is_about_suggestions(said, SUGGESTION, SHOWN)


@pytest.mark.parametrize("text", ["还有别的吗", "不喜欢这个", "上班穿"])
@pytest.mark.parametrize("awaiting", [None, "product_attribute"])
def test_one_miss_makes_nobody_forget_what_was_shown(text: str, awaiting: str | None) -> None:
    said = message(text, "nlu_fallback")
    assert is_about_suggestions(said, awaiting, SHOWN, just_now=True)
    assert not is_about_suggestions(said, awaiting, SHOWN)
    assert not is_about_suggestions(said, "order", SHOWN, just_now=True)
    assert not is_about_suggestions(said, awaiting, None, just_now=True)


@pytest.mark.parametrize("text", ["都可以", "随便", "无所谓", "没要求", "户外", "骑行通勤"])
def test_answers_to_the_question_that_was_put(text: str) -> None:
    assert is_about_suggestions(message(text, "chitchat"), WISH, ASKED)


@pytest.mark.parametrize("text", ["给我爸买的", "三百左右", "预算两百", "500以内"])
def test_what_is_given_later_still_belongs_to_the_wish(text: str) -> None:
    assert is_about_suggestions(message(text, "nlu_fallback"), None, ASKED)
    assert is_about_suggestions(message(text, "inform"), None, SHOWN)
    assert not is_about_suggestions(message(text, "ask_price"), None, ASKED)
    assert not is_about_suggestions(message(text, "inform"), None, None)


@pytest.mark.parametrize("kept", ["nonsense", 7, {"asked": "x"}, {"asked": {"options": None}}])
def test_a_slot_that_holds_something_else_does_no_harm(kept: Any) -> None:
    assert not is_about_suggestions(message("第三种", "nlu_fallback"), WISH, kept)
