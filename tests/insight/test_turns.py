"""What a customer's messages were."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sixty.insight.turns import (
    NO_QUESTIONS,
    Page,
    Said,
    is_turn,
    question_of,
    question_of_payload,
    shown_questions,
    turns_of,
)
from sixty.playbook import capsule_plan
from tests.insight.written import GOODS, Script, at


def test_every_capsule_is_spelled_as_the_playbook_spells_it() -> None:
    for capsule in capsule_plan().capsules.values():
        asked = question_of_payload(capsule.payload)
        assert asked == (None if capsule.intent in NO_QUESTIONS else capsule.question)


@pytest.mark.parametrize("payload", ["", "几号发货", "/inform{", '/ask_price{"attribute"', "/greet", "/Ask"])
def test_what_is_no_payload_of_a_question_asks_nothing(payload: str) -> None:
    assert question_of_payload(payload) is None


def test_the_topic_of_a_campaign_is_read_from_the_words() -> None:
    assert question_of("ask_promotion", [], "尾款什么时候付") == "ask_promotion.尾款时间"
    assert question_of("ask_promotion", [], "有活动吗") == "ask_promotion"
    assert question_of("ask_price", [{"entity": "attribute", "value": "材质"}], "") == "ask_price.材质"


def test_a_turn_knows_what_it_was_about_and_what_came_of_it() -> None:
    script = (
        Script()
        .customer(0, "ask_attribute", ("attribute", "材质"), shows=("/ask_price", "/ask_size"))
        .customer(9, "ask_price", reply_after=2.5, tap={"payload": "/ask_price"})
        .customer(20, "ask_stock", ("product", "P3"), outcome="missed")
        .customer(30, "thank", outcome="social")
        .customer(40, "ask_price", outcome=None, state="received")
    )
    first, second, third, fourth, last = turns_of(script.said, GOODS, script.pages)
    assert (first.question, first.category, first.product_no) == ("ask_attribute.材质", "工装", "P1")
    assert (second.seconds, second.response_ms, second.tapped, second.pushed) == (9, 2500, True, True)
    assert (third.category, third.product_no, third.outcome, third.pushed) == ("数码家电", "P3", "missed", False)
    assert (fourth.question, fourth.outcome) == (None, "answered")
    # The price of another product is another question.
    assert (last.outcome, last.replied_at, last.answered_already) == (None, None, False)
    assert [turn.ordinal for turn in (first, second, third, fourth, last)] == [0, 1, 2, 3, 4]


def test_only_what_was_answered_is_answered_already() -> None:
    missed = Script().customer(0, "ask_price", outcome="missed").customer(9, "ask_price").customer(20, "ask_price")
    assert [turn.answered_already for turn in turns_of(missed.said, GOODS)] == [False, False, True]


def test_the_product_of_a_card_is_what_is_spoken_of_next() -> None:
    script = Script(pages=()).customer(0, "recommend_product").bot(1, card={"type": "product", "no": "P3"})
    script.customer(5, "ask_price")
    before, after = turns_of(script.said, GOODS)
    assert (before.product_no, after.product_no, after.category) == (None, "P3", "数码家电")


def test_a_kind_or_a_shelf_tells_the_category_without_a_product() -> None:
    script = Script(pages=()).customer(0, "recommend_product", ("kind", "工装裤"))
    script.customer(5, "recommend_product", ("category", "数码家电")).customer(9, "ask_price", ("category", "没有的"))
    assert [turn.category for turn in turns_of(script.said, GOODS)] == ["工装", "数码家电", "数码家电"]


def test_another_page_is_another_product() -> None:
    script = Script(pages=(Page(0, "product", "P1"), Page(3, "product", "P2")))
    script.customer(0, "ask_price").customer(9, "ask_price")
    assert [turn.product_no for turn in turns_of(script.said, GOODS, script.pages)] == ["P1", "P2"]


@pytest.mark.parametrize(
    ("state", "outcome", "told"),
    [
        ("handling", "answered", None),
        ("apologised", "answered", "apologised"),
        ("handed_over", None, "handed_over"),
        ("to_person", None, "to_person"),
        ("answered", "handed_over", "handed_over"),
        ("answered", "asked_back", "asked_back"),
        ("answered", None, "answered"),
    ],
)
def test_the_outcome_is_that_of_the_message_and_its_replies(state: str, outcome: str | None, told: str | None) -> None:
    script = Script().customer(0, "ask_price", state=state, outcome=outcome)
    assert turns_of(script.said)[0].outcome == told


def test_an_answer_with_a_question_behind_it_is_an_answer() -> None:
    script = Script().customer(0, "ask_price", outcome="asked_back")
    script.said.append(replace(script.said[-1], id=3, payload={"outcome": "answered"}))
    assert turns_of(script.said)[0].outcome == "answered"


def test_a_person_answers_all_that_waited() -> None:
    script = Script().customer(0, "ask_price", state="to_person", outcome=None)
    script.customer(5, "ask_stock", state="to_person", outcome=None).agent(20)
    script.customer(30, "thank", state="to_person", outcome=None)
    first, second, last = turns_of(script.said)
    assert (first.replied_at, second.replied_at, last.replied_at) == (at(20), at(20), None)
    assert first.was_answered
    assert not last.was_answered


def test_the_weightiest_mood_counts() -> None:
    script = Script().customer(0, "complain", ("mood", "negative"), ("mood", "angry")).customer(9, "thank")
    assert [turn.mood for turn in turns_of(script.said)] == ["angry", None]


def test_what_nobody_has_said_is_no_turn() -> None:
    assert not is_turn(Said(1, "customer", at(0), kind="opened"))
    assert not is_turn(Said(1, "customer", at(0), kind="returned"))
    assert not is_turn(Said(1, "customer", at(0), payload={"read_with": 2}))
    assert not is_turn(Said(1, "agent", at(0)))
    assert is_turn(Said(1, "customer", at(0), kind="picture"))


def test_the_bots_own_choices_are_no_pushes() -> None:
    choices = Said(1, "bot", at(0), payload={"capsules": [{"title": "价格", "payload": "/ask_price"}, "?"]})
    assert shown_questions(choices) == []
    assert shown_questions(choices, only_pushed=False) == ["ask_price"]
