from __future__ import annotations

from typing import Any

from sixty.insight.related import START, Related
from sixty.insight.related_view import lines, waiting, words_of
from sixty.playbook import CapsulePlan


def plan(**related: Any) -> CapsulePlan:
    return CapsulePlan(
        capsules={
            "price": {"title": "到手多少钱", "intent": "ask_price"},
            "size": {"title": "我穿多大码", "intent": "ask_size"},
            "material": {"title": "什么面料", "intent": "ask_attribute", "attribute": "材质"},
        },
        welcome={"shop": ["price"]},
        after={"default": ["price"]},
        meanings={"ask_attribute": "材质、规格这些", "ask_stock": "有没有货"},
        related=related,
    )


def related(question: str, following: str, rank: float = 0.1, **about: Any) -> Related:
    return Related(question, about.get("category", ""), about.get("place", 1), following, 10, 0.2, 0.1, rank)


def test_questions_are_said_in_words() -> None:
    assert words_of("ask_attribute.材质", plan()) == "什么面料"
    assert words_of("ask_attribute.厚薄", plan()) == "材质、规格这些·厚薄"
    assert words_of("ask_stock", plan()) == "有没有货"
    assert words_of("ask_gift", plan()) == "ask_gift"
    assert words_of(START, plan()) == "（刚进来）"


def test_every_line_says_what_becomes_of_it() -> None:
    found = [related("ask_price", each) for each in ("ask_size", "ask_attribute.材质", "ask_stock")]
    shown = lines(found, plan(pin={"ask_price": ["size"]}, ban={"default": ["material"]}))
    assert {line.related.following: line.standing for line in shown} == {
        "ask_size": "置顶",
        "ask_attribute.材质": "已禁",
        "ask_stock": "没有胶囊",
    }
    assert [line.standing for line in lines([related("ask_price", "ask_size")], plan())] == ["可推"]


def test_what_waits_for_a_yes_is_written_as_the_playbook_wants_it() -> None:
    found = [
        related("ask_price", "ask_size"),
        related("ask_price", "ask_attribute.材质", rank=0.05),
        related("ask_price", "ask_size", category="工装"),
        related("ask_price", "ask_stock"),
        related("ask_size", "ask_price"),
    ]
    by_hand = plan(approval="by_hand", approve={"ask_size": ["price"]})
    shown = lines(found, by_hand)
    assert waiting(shown).splitlines() == ["    ask_price: [size, material]", "    ask_price/工装: [size]"]
    written = {"ask_price": ["size", "material"], "ask_price/工装": ["size"], "ask_size": ["price"]}
    assert waiting(lines(found, plan(approval="by_hand", approve=written))) == ""


def test_the_best_of_each_question_come_first_and_categories_last() -> None:
    found = [
        related("ask_price", "ask_size", rank=0.1),
        related("ask_price", "ask_stock", rank=0.3),
        related("ask_price", "ask_gift", rank=0.2),
        related("ask_price", "ask_size", category="工装"),
        related("ask_size", "ask_price"),
        related("ask_price", "ask_price", place=2),
    ]
    shown = [(line.related.question, line.category, line.related.following) for line in lines(found, plan(), each=2)]
    assert shown == [
        ("ask_price", "", "ask_stock"),
        ("ask_price", "", "ask_gift"),
        ("ask_size", "", "ask_price"),
        ("ask_price", "工装", "ask_size"),
    ]
