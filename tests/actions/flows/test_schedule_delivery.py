"""When a parcel is to be brought, and what the courier should heed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest

from sixty.nlu.days import day_of
from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.shop.gateways import sql
from sixty.shop.gateways.errors import OutOfReachError
from sixty.shop.models import Order
from sixty.shop.wording import SHOP_ZONE
from tests.actions.flows.conftest import FlowTalk

Begin = Callable[..., FlowTalk]

PAID, ON_THE_WAY, AT_THE_DOOR = "202651000000000028", "202651000000000066", "202651000000000080"
RECEIVED = "202652000000000020"  # of C052
OF_C001 = "202604718832650917"


def today() -> str:
    return datetime.now(timezone.utc).astimezone(SHOP_ZONE).date().isoformat()


def day(value: str) -> str:
    return day_of(value, datetime.now(timezone.utc).astimezone(SHOP_ZONE).date()).isoformat()


def deeds() -> list[tuple[str, str, str | None, dict[str, str]]]:
    with shop_session(read_only=True) as session:
        return [(row.kind, row.state, row.order_no, dict(row.details)) for row in session.query(DeedRow)]


def on(number: str, flow_talk: Begin) -> FlowTalk:
    return flow_talk(customer="C051", entry="order", order_no=number)


async def test_one_sentence(flow_talk: Begin) -> None:
    talk = on(ON_THE_WAY, flow_talk)

    said = await talk.say("schedule_delivery", "改到周六下午送，来之前打个电话", date="W6")

    assert talk.flow is None
    (done,) = deeds()
    assert done[:3] == ("schedule_delivery", "accepted", ON_THE_WAY)
    assert done[3] == {"day": day("W6"), "part": "afternoon", "note": "派送前请先电话联系收件人"}
    assert "（周六）下午送" in said.text
    assert "最晚" in said.text
    assert "编号" in said.text


async def test_turn_by_turn(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C051")
    said = await talk.say("schedule_delivery", "我想约个送货时间")
    assert talk.requested == "order_no"
    # What has left comes before what has not.
    numbers = {order["no"] for card in said.cards for order in card["orders"]}
    assert {ON_THE_WAY, AT_THE_DOOR} <= numbers
    assert PAID not in numbers
    await talk.say("inform", ON_THE_WAY, order_no=ON_THE_WAY)
    assert talk.requested == "day"
    await talk.say("schedule_delivery", "晚上送")
    assert talk.requested == "day"
    await talk.say("inform", "后天", date="P2D")

    assert talk.flow is None
    assert deeds()[0][3] == {"day": day("P2D"), "part": "evening"}


async def test_a_time_of_day_means_today_when_the_courier_is_on_the_way(flow_talk: Begin) -> None:
    talk = on(AT_THE_DOOR, flow_talk)

    await talk.say("schedule_delivery", "晚上八点后送行吗 我要上班")

    assert deeds()[0][3] == {"day": today(), "part": "evening", "note": "八点后"}


async def test_a_call_needs_no_day(flow_talk: Begin) -> None:
    talk = on(AT_THE_DOOR, flow_talk)

    said = await talk.say("schedule_delivery", "让快递员打这个号13900000000", phone="13900000000")

    assert talk.flow is None
    assert deeds()[0][3] == {"note": "派送前请打13900000000联系"}
    assert "13900000000" in said.text


async def test_what_has_not_left_gets_a_note(flow_talk: Begin) -> None:
    talk = on(PAID, flow_talk)

    said = await talk.say("schedule_delivery", "周末再送", date="W6")

    assert talk.flow is None
    assert deeds()[0][0] == "add_note"
    with shop_session(read_only=True) as session:
        order = session.get(Order, PAID)
        assert order is not None
        assert "（周六）送" in str(order.note)
    assert "还没发出" in said.text


async def test_the_day_that_wont_do_is_not_taken(flow_talk: Begin) -> None:
    talk = on(ON_THE_WAY, flow_talk)

    await talk.say("schedule_delivery", "明天没人", date="P1D")
    assert talk.requested == "day"
    await talk.say("schedule_delivery", "不要后天 大后天吧", date=["P2D", "P3D"])

    assert deeds()[0][3]["day"] == day("P3D")


async def test_days_that_cannot_be_had(flow_talk: Begin) -> None:
    talk = on(ON_THE_WAY, flow_talk)
    await talk.say("schedule_delivery", "约个时间送")

    said = await talk.say("inform", "昨天", date="-P1D")
    assert "过去" in said.text
    said = await talk.say("inform", "晚100天", date="P100D")
    assert talk.requested == "day"
    far = datetime.now(timezone.utc).astimezone(SHOP_ZONE).date() + timedelta(days=90)
    said = await talk.say("inform", f"{far.year}年{far.month}月{far.day}日", date=far.isoformat())
    assert "60天" in said.text
    assert deeds() == []


async def test_another_order_while_it_is_asked(flow_talk: Begin) -> None:
    talk = on(ON_THE_WAY, flow_talk)
    await talk.say("schedule_delivery", "约送货时间")

    await talk.say("inform", f"是{AT_THE_DOOR}这单 明天送", order_no=AT_THE_DOOR, date="P1D")

    assert deeds()[0][2] == AT_THE_DOOR


async def test_a_question_between_and_letting_it_be(flow_talk: Begin) -> None:
    talk = on(ON_THE_WAY, flow_talk)
    await talk.say("schedule_delivery", "约送货时间")
    said = await talk.say("ask_shipping_fee", "包邮吗")
    assert said.responses == ["utter_faq_ask_shipping_fee"]
    assert talk.requested == "day"

    said = await talk.say("abandon_purchase", "算了")

    assert talk.flow is None
    assert deeds() == []


@pytest.mark.parametrize("text", ["快递员电话多少", "怎么联系快递员", "打了五六遍都不接 还有别的号吗"])
async def test_the_couriers_number_is_looked_for(flow_talk: Begin, text: str) -> None:
    said = await on(AT_THE_DOOR, flow_talk).say("schedule_delivery", text)

    if "打了" not in text:
        assert "派送员的电话" in said.text
        assert said.buttons[0]["payload"] == "/schedule_delivery"
    assert deeds() == []


@pytest.mark.parametrize("text", ["下单能选送货时间吗", "到了会打电话么", "预约送货怎么弄"])
async def test_a_general_question_keeps_its_answer(flow_talk: Begin, text: str) -> None:
    said = await flow_talk(customer="C051").say("schedule_delivery", text)

    assert said.responses == ["utter_faq_schedule_delivery"]
    assert said.slot("awaiting") is None


async def test_what_has_arrived(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C052").say("schedule_delivery", "明天送", order_no=RECEIVED, date="P1D")

    assert "已经签收" in said.text
    assert deeds() == []


async def test_somebody_elses_order_is_like_none(flow_talk: Begin) -> None:
    answers = []
    for number in (OF_C001, "202600000000000000"):
        said = await flow_talk(customer="C051").say("schedule_delivery", "明天送", order_no=number, date="P1D")
        answers.append(said.texts)
    assert answers[0] == answers[1]
    assert deeds() == []


async def test_a_visitor_proves_the_order(flow_talk: Begin) -> None:
    talk = flow_talk()
    await talk.say("schedule_delivery", "帮我约周六送", date="W6")
    assert talk.chat.slots["awaiting"] == "deed_offer"
    await talk.say("inform", ON_THE_WAY, order_no=ON_THE_WAY)
    assert talk.requested == "phone_tail"
    await talk.say("inform", "5101", number="5101")

    assert talk.flow is None
    assert deeds()[0][3] == {"day": day("W6")}


async def test_the_shop_system_is_down(flow_talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise OutOfReachError("the shop's system does not answer")

    monkeypatch.setattr(sql.SqlOrders, "perform", down)
    said = await on(ON_THE_WAY, flow_talk).say("schedule_delivery", "周六送", date="W6")

    assert said.outcomes == ["handed_over"]
    assert deeds() == []
