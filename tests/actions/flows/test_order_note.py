"""Notes on orders."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sixty.shop.database import shop_session
from sixty.shop.gateways import sql
from sixty.shop.gateways.errors import OutOfReachError
from sixty.shop.models import Order
from tests.actions.flows.conftest import FlowTalk

Begin = Callable[..., FlowTalk]

UNPAID, PAID, ON_THE_WAY = "202651000000000011", "202651000000000028", "202651000000000066"
OF_C001 = "202662105218549145"


def note(number: str) -> str | None:
    with shop_session(read_only=True) as session:
        order = session.get(Order, number)
        assert order is not None
        return order.note


async def test_one_sentence(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C051", entry="order", order_no=PAID)

    said = await talk.say("order_note", "麻烦备注一下 包装结实一点 谢谢")

    assert talk.flow is None
    assert note(PAID) == "包装结实一点"
    assert "包装结实一点" in said.text


async def test_turn_by_turn(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C051")
    said = await talk.say("order_note", "帮我加个备注")
    assert talk.requested == "order_no"
    # What is on its way is read by no warehouse any more.
    assert ON_THE_WAY not in {order["no"] for card in said.cards for order in card["orders"]}
    await talk.say("inform", PAID, order_no=PAID)
    assert talk.requested == "detail"
    await talk.say("order_note", "要蓝色的", color="蓝色")

    assert talk.flow is None
    assert note(PAID) == "要蓝色的"


async def test_notes_add_up_and_another_order_can_be_named(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C051", entry="order", order_no=PAID)
    await talk.say("order_note", "备注发顺丰")
    await talk.say("order_note", "再备注别放小票")
    assert note(PAID) == "发顺丰；别放小票"

    await talk.say("order_note", "加备注", order_no=UNPAID)
    assert talk.requested == "detail"
    await talk.say("inform", "送人的 包好一点")
    assert note(UNPAID) == "送人的 包好一点"


async def test_what_was_noted_is_read_out(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C051", entry="order", order_no=PAID)
    said = await talk.say("order_note", "备注了吗")
    assert "还没有备注" in said.text
    await talk.say("order_note", "备注发顺丰")
    said = await talk.say("order_note", "我说的你都备注了吗")
    assert "发顺丰" in said.text


async def test_what_has_left_gets_none(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C051")

    said = await talk.say("order_note", "备注要蓝色", order_no=ON_THE_WAY)

    assert talk.flow is None
    assert "已经发出" in said.text
    assert said.buttons[0]["payload"] == "/schedule_delivery"
    assert note(ON_THE_WAY) is None


async def test_too_long(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C051", entry="order", order_no=PAID)
    await talk.say("order_note", "加个备注")

    said = await talk.say("inform", "包好一点再包好一点" * 30)

    assert "最多200个字" in said.text
    assert talk.requested == "detail"
    assert note(PAID) is None


async def test_a_question_between_and_a_change_of_mind(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C051", entry="order", order_no=PAID)
    await talk.say("order_note", "加个备注")
    said = await talk.say("ask_shipping_fee", "对了 包邮吗")
    assert said.responses == ["utter_faq_ask_shipping_fee"]
    assert talk.requested == "detail"

    said = await talk.say("deny", "不用了")

    assert talk.flow is None
    assert note(PAID) is None


async def test_somebody_elses_order_is_like_none(flow_talk: Begin) -> None:
    answers = []
    for number in (OF_C001, "202600000000000000"):
        said = await flow_talk(customer="C051").say("order_note", f"{number}备注发顺丰", order_no=number)
        answers.append(said.texts)
    assert answers[0] == answers[1]
    assert note(OF_C001) is None


async def test_a_visitor_proves_the_order(flow_talk: Begin) -> None:
    talk = flow_talk()
    await talk.say("order_note", "备注发顺丰")
    assert talk.chat.slots["awaiting"] == "deed_offer"
    await talk.say("inform", PAID, order_no=PAID)
    assert talk.requested == "phone_tail"
    await talk.say("inform", "5101", number="5101")

    assert talk.flow is None
    assert note(PAID) == "发顺丰"


async def test_the_shop_system_is_down(flow_talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise OutOfReachError("the shop's system does not answer")

    monkeypatch.setattr(sql.SqlOrders, "perform", down)
    said = await flow_talk(customer="C051", entry="order", order_no=PAID).say("order_note", "备注发顺丰")

    assert said.outcomes == ["handed_over"]
    assert note(PAID) is None
