"""Urging: the state, the deed at once, and for who urges again the promised hour of the first time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.action import Turn
from actions.flows.case import Case
from actions.flows.known import flow_named
from sixty.desk.handoffs import HandOff
from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.shop.gateways import sql
from sixty.shop.gateways.errors import OutOfReachError
from sixty.shop.wording import say_moment
from tests.actions.flows.conftest import FlowTalk

Begin = Callable[..., FlowTalk]

STATUS = "action_order_status"
OVERDUE = "202663540115276113"  # of C046, paid five days ago and not sent
STUCK = "202603915577042186"  # of C002, the only one
ON_THE_WAY = "202646854242764129"  # of C007, the only one on its way
LATE_EXCHANGE = "202603852584954231"  # of C004


def deeds() -> list[DeedRow]:
    with shop_session(read_only=True) as session:
        return list(session.query(DeedRow).order_by(DeedRow.asked_at))


def handoffs() -> list[str]:
    with shop_session(read_only=True) as session:
        return [row.reason for row in session.query(HandOff)]


def hour_of(deed: DeedRow) -> str:
    assert deed.promised_at is not None
    return say_moment(deed.promised_at, datetime.now(timezone.utc))


def turn_back(hours: int) -> None:
    """Lets so many hours pass since the deeds were asked for."""
    with shop_session() as session:
        for row in session.query(DeedRow):
            assert row.promised_at is not None
            row.asked_at -= timedelta(hours=hours)
            row.promised_at -= timedelta(hours=hours)


async def test_one_line_urges_and_names_the_hour(flow_talk: Begin) -> None:
    talk = flow_talk(STATUS, customer="C046")

    said = await talk.say("ask_ship_time", "赶紧发货啊，" + OVERDUE, order_no=OVERDUE)

    (deed,) = deeds()
    assert (deed.kind, deed.order_no, deed.state) == ("urge_dispatch", OVERDUE, "accepted")
    assert talk.flow is None
    assert said.cards[0]["no"] == OVERDUE
    # The fault comes first, then the deed with its hour and number, then what else is possible.
    assert "比约定晚了" in said.texts[0]
    assert hour_of(deed) in said.texts[1]
    assert deed.reference in said.texts[1]
    assert said.buttons[-1]["payload"] == "/ask_human"
    assert len(said.buttons) > 1


async def test_urging_again_tells_the_hour_of_the_first_time(flow_talk: Begin) -> None:
    talk = flow_talk(STATUS, customer="C002")
    await talk.say("ask_delivery_time", "怎么还没到")

    said = await talk.say("ask_delivery_time", "催一下快递")

    (deed,) = deeds()
    assert deed.kind == "urge_delivery"
    assert f"已经帮您催过了，说好最晚{hour_of(deed)}" in said.text
    assert deed.reference in said.text
    assert handoffs() == []


async def test_a_promise_that_was_not_kept_is_named_and_handed_over(flow_talk: Begin) -> None:
    talk = flow_talk(STATUS, customer="C002")
    await talk.say("ask_delivery_time", "怎么还没到")
    turn_back(10)
    (first,) = deeds()

    said = await talk.say("ask_delivery_time", "到底什么时候能到")

    assert [deed.state for deed in deeds()] == ["accepted", "accepted"]
    assert f"上次说好{hour_of(first)}前给您结果，没做到，真的抱歉" in said.text
    assert handoffs() == ["broken_promise"]
    assert said.outcomes[-1] == "handed_over"


async def test_what_is_late_is_urged_without_being_asked(flow_talk: Begin) -> None:
    said = await flow_talk(STATUS, customer="C002").say("track_order", "查一下我的订单")

    assert said.cards[0]["no"] == STUCK
    assert [deed.kind for deed in deeds()] == ["urge_delivery"]


async def test_what_is_in_time_is_left_alone(flow_talk: Begin) -> None:
    talk = flow_talk(STATUS, customer="C007")

    said = await talk.say("ask_delivery_time", "什么时候能到")

    assert said.responses == ["utter_faq_ask_delivery_time"]
    assert deeds() == []

    said = await talk.say("ask_delivery_time", "帮我催催吧")

    assert [(deed.kind, deed.order_no) for deed in deeds()] == [("urge_delivery", ON_THE_WAY)]
    assert "在正常走" in said.text


async def test_which_of_several_is_asked_and_the_state_is_told_with_it(flow_talk: Begin) -> None:
    talk = flow_talk(STATUS, customer="C001")

    said = await talk.say("ask_delivery_time", "催一下")
    assert talk.requested == "order_no"
    numbers = [order["no"] for order in said.cards[0]["orders"]]
    assert len(numbers) == 2

    said = await talk.say("inform", "第二个", ordinal="2")
    assert [(deed.kind, deed.order_no) for deed in deeds()] == [("urge_delivery", numbers[1])]
    assert len(said.texts) == 1


async def test_correction_and_digression_while_choosing(flow_talk: Begin) -> None:
    talk = flow_talk(STATUS, customer="C001")
    await talk.say("ask_delivery_time", "催一下")

    said = await talk.say("inform", "第九个", ordinal="9")
    assert "一共就2笔" in said.text

    said = await talk.say("ask_shipping_fee", "运费多少")
    assert said.responses == ["utter_faq_ask_shipping_fee"]
    assert talk.requested == "order_no"

    said = await talk.say("cancel_order", "那帮我取消订单吧")
    assert talk.flow == "cancel_order"
    assert deeds() == []


@pytest.mark.parametrize(("intent", "line"), [("deny", "不用了"), ("deny", "算了"), ("abandon_purchase", "不催了")])
async def test_let_be(flow_talk: Begin, intent: str, line: str) -> None:
    talk = flow_talk(STATUS, customer="C001")
    await talk.say("ask_delivery_time", "催一下")

    said = await talk.say(intent, line)

    assert talk.flow is None
    assert "先不催单" in said.text
    assert deeds() == []


async def test_what_cannot_be_urged_says_why(flow_talk: Begin) -> None:
    talk = flow_talk(STATUS, customer="C009")

    said = await talk.say("ask_ship_time", "202685379407180062怎么还不发", order_no="202685379407180062")

    assert "正在退款" in said.text
    assert said.buttons[0]["payload"] == "/cancel_after_sales"
    assert deeds() == []


async def test_a_refund_is_urged(flow_talk: Begin) -> None:
    talk = flow_talk(STATUS, customer="C004")

    said = await talk.say("refund_status", "怎么还没处理好")

    (deed,) = deeds()
    assert (deed.kind, deed.order_no) == ("urge_refund", LATE_EXCHANGE)
    assert hour_of(deed) in said.text

    said = await talk.say("after_sales_progress", "催一下换货")
    assert len(deeds()) == 1
    assert f"最晚{hour_of(deed)}" in said.text


async def test_nothing_to_urge(flow_talk: Begin) -> None:
    said = await flow_talk(STATUS, customer="C003").say("refund_status", "催一下退款")
    assert "还没有订单" in said.text
    said = await flow_talk(STATUS, customer="C002").say("refund_status", "催一下退款")
    assert "没有查到退款" in said.text
    assert said.buttons[0]["payload"].startswith("/request_after_sales")
    assert deeds() == []


async def test_a_visitor_proves_the_order_first(flow_talk: Begin) -> None:
    talk = flow_talk(STATUS)

    await talk.say("ask_ship_time", "怎么还没发货")
    assert talk.requested == "order_no"

    said = await talk.say("nlu_fallback", "我不知道订单号")
    assert "我的订单" in said.text
    assert said.buttons[-1]["payload"] == "/ask_human"

    await talk.say("inform", STUCK, order_no=STUCK)
    assert talk.requested == "phone_tail"
    said = await talk.say("inform", "1002", number="1002")
    assert [deed.kind for deed in deeds()] == ["urge_delivery"]
    assert "停住了" in said.text


async def test_somebody_elses_order_is_like_none(flow_talk: Begin) -> None:
    answers = []
    for number in (OVERDUE, "202600000000000000"):
        talk = flow_talk(STATUS, customer="C001")
        said = await talk.say("ask_ship_time", f"{number}赶紧发货", order_no=number)
        answers.append(said.texts)
    assert answers[0] == answers[1]
    assert deeds() == []


async def test_in_a_form_the_state_is_told_and_the_form_goes_on(flow_talk: Begin) -> None:
    talk = flow_talk(STATUS, customer="C002")
    talk.chat.loop = "size_form"

    said = await talk.chat.run(STATUS, "ask_delivery_time", "怎么还没到")

    assert said.cards
    assert said.slot("awaiting") is None


async def test_the_shop_system_is_down(flow_talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise OutOfReachError("the shop's system does not answer")

    monkeypatch.setattr(sql.SqlOrders, "perform", down)
    said = await flow_talk(STATUS, customer="C002").say("ask_delivery_time", "催一下")

    assert said.outcomes[-1] == "handed_over"
    assert deeds() == []


async def test_the_fault_is_known_to_the_flow(flow_talk: Begin) -> None:
    talk = flow_talk(STATUS, customer="C002")
    message = talk.chat.user("ask_delivery_time", "催一下")
    talk.chat.come_in()
    with shop_session(read_only=True) as session:
        turn = Turn(CollectingDispatcher(), talk.chat.tracker(message), session)
        flow = flow_named("urge_order")
        assert flow is not None
        case = Case.begin(turn, flow)
        assert flow.fault(case) is None
        case.values["order_no"] = STUCK
        assert "没动" in str(flow.fault(case))
