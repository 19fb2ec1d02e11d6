"""Closed orders: had back while that is possible, and why they were closed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.shop.gateways import sql
from sixty.shop.gateways.errors import OutOfReachError
from sixty.shop.models import Order
from tests.actions.flows.conftest import FlowTalk

Begin = Callable[..., FlowTalk]

JUST_CLOSED, PAID = "202651000000000097", "202651000000000028"  # of C051
LONG_CLOSED = "202635556584640255"  # of C043
OF_C001 = "202662105218549145"


def state(number: str) -> str:
    with shop_session(read_only=True) as session:
        order = session.get(Order, number)
        assert order is not None
        return str(order.state)


def deeds() -> list[tuple[str, str]]:
    with shop_session(read_only=True) as session:
        return [(row.kind, row.state) for row in session.query(DeedRow)]


async def test_one_sentence(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C051")

    said = await talk.say("restore_order", "刚才手滑取消了 帮我恢复")

    assert talk.flow is None
    assert state(JUST_CLOSED) == "unpaid"
    assert "待付款" in said.text
    assert deeds() == [("restore_order", "done")]


async def test_who_asks_why_is_told_and_may_have_it_back(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C051")

    said = await talk.say("restore_order", "怎么给我取消了")
    assert talk.requested == "confirmed"
    assert "您主动取消" in said.text
    assert state(JUST_CLOSED) == "closed"
    await talk.say("affirm", "恢复吧")

    assert state(JUST_CLOSED) == "unpaid"


async def test_who_asks_why_and_lets_it_be(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C051")
    await talk.say("restore_order", "为什么取消了我的单")

    await talk.say("deny", "不用了")

    assert talk.flow is None
    assert state(JUST_CLOSED) == "closed"
    assert deeds() == []


async def test_who_then_says_that_they_want_it_is_not_asked_again(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C051")
    await talk.say("restore_order", "订单怎么没了")

    await talk.say("restore_order", "我还要的 帮我恢复")

    assert state(JUST_CLOSED) == "unpaid"


async def test_too_late_says_why_it_was_closed_as_well(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C043")

    said = await talk.say("restore_order", "谁取消的 我没取消啊", order_no=LONG_CLOSED)

    assert talk.flow is None
    assert "没有付款" in said.text
    assert "过了能恢复的时间" in said.text
    assert state(LONG_CLOSED) == "closed"
    assert deeds() == []


async def test_too_late_leads_to_the_page_where_it_is_bought_again(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C043").say("restore_order", "帮我恢复订单", order_no=LONG_CLOSED)

    assert "过了能恢复的时间" in said.text
    assert f"/my/orders/{LONG_CLOSED}/again" in said.text


async def test_an_order_that_was_never_closed(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C051").say("restore_order", f"恢复{PAID}", order_no=PAID)

    assert "不用恢复" in said.text
    assert state(PAID) == "paid"


async def test_what_was_deleted_from_the_list_is_not_gone(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C051").say("restore_order", "不小心删了订单 还能找回吗")

    assert "记录都还在" in said.text
    assert deeds() == []


async def test_the_order_is_corrected_and_a_question_answered(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C051")
    await talk.say("restore_order", "怎么取消了")
    said = await talk.say("ask_shipping_fee", "包邮吗")
    assert said.responses == ["utter_faq_ask_shipping_fee"]
    assert talk.requested == "confirmed"

    said = await talk.say("inform", f"不是 是{PAID}", order_no=PAID)

    assert talk.flow is None
    assert "不用恢复" in said.text
    assert state(JUST_CLOSED) == "closed"


async def test_somebody_elses_order_is_like_none(flow_talk: Begin) -> None:
    answers = []
    for number in (OF_C001, "202600000000000000"):
        said = await flow_talk(customer="C051").say("restore_order", f"恢复{number}", order_no=number)
        answers.append(said.texts)
    assert answers[0] == answers[1]
    assert deeds() == []


async def test_a_visitor_proves_the_order(flow_talk: Begin) -> None:
    talk = flow_talk()
    await talk.say("restore_order", "帮我恢复订单")
    assert talk.chat.slots["awaiting"] == "deed_offer"
    await talk.say("inform", JUST_CLOSED, order_no=JUST_CLOSED)
    assert talk.requested == "phone_tail"
    await talk.say("inform", "尾号5101", phone="5101")

    assert state(JUST_CLOSED) == "unpaid"


async def test_gibberish_is_borne_with(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C051")
    await talk.say("restore_order", "怎么取消了")

    await talk.say("nlu_fallback", "阿巴阿巴")

    assert talk.requested == "confirmed"


async def test_the_shop_system_is_down(flow_talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise OutOfReachError("the shop's system does not answer")

    monkeypatch.setattr(sql.SqlOrders, "perform", down)
    said = await flow_talk(customer="C051").say("restore_order", "帮我恢复订单")

    assert said.outcomes == ["handed_over"]
    assert state(JUST_CLOSED) == "closed"
