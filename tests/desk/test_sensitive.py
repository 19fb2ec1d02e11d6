"""What a person has a look at, whatever the bot has answered."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from sixty.desk.claims import claim
from sixty.desk.desk_rules import Condition, SensitiveRule
from sixty.desk.sensitive import look_at, sensitive_rule
from sixty.shop.demo import seed
from sixty.shop.models import Order
from tests.desk.desk_world import NOW, RULES, Desk

SOME = replace(
    RULES,
    sensitive=(
        SensitiveRule("harmed", Condition(words=("过敏", "漏电")), "身体要紧，已经请同事来跟进。"),
        SensitiveRule("dear", Condition(intents=frozenset({"damaged_item"}), at_least=Decimal(100)), "我请同事盯着。"),
    ),
)


@pytest.fixture
def desk(session: Session) -> Desk:
    made = Desk(session, rules=SOME)
    made.agent("li")
    return made


def look(desk: Desk, chat: str, text: str, intent: str = "chitchat", order_no: str | None = None) -> str | None:
    rule = look_at(desk.session, chat, text, intent, order_no, desk.now, SOME)
    return rule.id if rule else None


@pytest.mark.parametrize(
    ("text", "intent", "amount", "rule"),
    [
        ("穿了过敏了", "chitchat", None, "harmed"),
        ("裤子破了", "damaged_item", Decimal(100), "dear"),
        ("裤子破了", "damaged_item", Decimal("99.99"), None),
        ("裤子破了", "damaged_item", None, None),
        ("有货吗", "ask_stock", Decimal(5000), None),
    ],
)
def test_words_questions_and_amounts(text: str, intent: str, amount: Decimal | None, rule: str | None) -> None:
    found = sensitive_rule(SOME, text, intent, amount)
    assert (found.id if found else None) == rule


def test_a_person_is_called_and_the_customer_told_once(desk: Desk) -> None:
    chat = desk.customer()
    assert look(desk, chat, "宝宝穿了过敏起疹子") == "harmed"
    hand_off = desk.waits(chat)
    assert hand_off is not None
    assert (hand_off.reason, hand_off.question, desk.state(chat)) == ("sensitive", "宝宝穿了过敏起疹子", "queued")
    assert look(desk, chat, "过敏了有人吗") is None
    (said,) = desk.said(chat)
    assert said.text == "身体要紧，已经请同事来跟进。"


def test_where_nobody_is_there_it_is_said_so(desk: Desk) -> None:
    desk.later(hours=1)
    chat = desk.customer()
    assert look(desk, chat, "过敏了") == "harmed"
    assert desk.state(chat) == "bot"
    (said,) = desk.said(chat)
    assert "上班后就看" in said.text


def test_whom_a_person_has_needs_no_other(desk: Desk) -> None:
    hand_off = desk.wants()
    claim(desk.session, hand_off.conversation_id, "li", desk.now)
    assert look(desk, hand_off.conversation_id, "漏电了") is None


def test_only_ones_own_order_is_dear(desk: Desk) -> None:
    seed(desk.session, NOW)
    orders = {each.customer_id: each for each in desk.session.query(Order) if each.goods_amount >= 100}
    owner, order = next((who, each) for who, each in orders.items() if who)
    assert look(desk, desk.visitor(), "破了", "damaged_item", order.no) is None
    assert look(desk, desk.customer(customer_id=owner), "破了", "damaged_item", order.no) == "dear"


def test_nobody_who_is_not_there_is_looked_at(desk: Desk) -> None:
    assert look(desk, "no-such-conversation", "过敏了") is None
