"""Installation: booked for appliances; questions keep their answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import pytest

from sixty.nlu.days import day_of
from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.shop.gateways import sql
from sixty.shop.gateways.errors import OutOfReachError
from sixty.shop.wording import SHOP_ZONE
from tests.actions.flows.conftest import FlowTalk

Begin = Callable[..., FlowTalk]

AIR_CONDITIONER = "202652000000000037"  # of C052, received
TROUSERS = "202652000000000013"
OF_C001 = "202604718832650917"


def day(value: str) -> str:
    return day_of(value, datetime.now(timezone.utc).astimezone(SHOP_ZONE).date()).isoformat()


def deeds() -> list[tuple[str, str, str | None, dict[str, str]]]:
    with shop_session(read_only=True) as session:
        return [(row.kind, row.state, row.order_no, dict(row.details)) for row in session.query(DeedRow)]


async def test_one_sentence(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C052")

    said = await talk.say("ask_installation", "帮我预约周六上午装空调", date="W6", product="SM7101")

    assert talk.flow is None
    assert deeds() == [
        ("book_installation", "accepted", AIR_CONDITIONER, {"day": day("W6"), "part": "morning"}),
    ]
    assert "空调" in said.text
    assert "（周六）上午" in said.text
    assert "师傅" in said.text
    assert "编号" in said.text


async def test_turn_by_turn_with_another_day(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C052")
    await talk.say("ask_installation", "空调到了 什么时候来装")
    # The only order with something to be fitted is meant.
    assert talk.requested == "day"
    assert talk.chat.slots["order_no"] == AIR_CONDITIONER
    await talk.say("inform", "明天没空", date="P1D")
    assert talk.requested == "day"
    await talk.say("inform", "后天下午吧", date="P2D")

    assert deeds()[0][3] == {"day": day("P2D"), "part": "afternoon"}


@pytest.mark.parametrize("text", ["安装收费吗", "包安装吗", "打孔多少钱一个", "自己装影响保修不", "安装师傅电话有吗"])
@pytest.mark.parametrize("customer", ["C052", "C003", None])
async def test_a_general_question_keeps_its_answer(flow_talk: Begin, text: str, customer: str | None) -> None:
    said = await flow_talk(customer=customer).say("ask_installation", text)

    assert said.responses == ["utter_faq_ask_installation"]
    assert said.slot("awaiting") is None


async def test_who_bought_nothing_to_fit_gets_the_general_answer(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C051").say("ask_installation", "明天上午来装行吗", date="P1D")

    assert said.responses == ["utter_faq_ask_installation"]


async def test_trousers_need_no_fitter(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C052").say("ask_installation", "预约安装", order_no=TROUSERS)

    assert deeds() == []
    assert "不用师傅" in said.text or "哪一件" in said.text


async def test_booked_twice(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C052")
    await talk.say("ask_installation", "预约周六安装", date="W6")

    said = await talk.say("ask_installation", "再约一次周日安装", date="W7")

    assert "已经约上" in said.text
    assert len(deeds()) == 1


@pytest.mark.parametrize("text", ["装完漏水 能叫师傅再来不", "师傅乱收费怎么办", "不用来装了 我自己装了"])
async def test_what_is_for_people(flow_talk: Begin, text: str) -> None:
    said = await flow_talk(customer="C052").say("ask_installation", text)

    assert said.buttons[-1]["payload"] == "/ask_human"
    assert deeds() == []


async def test_a_question_between_and_letting_it_be(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C052")
    await talk.say("ask_installation", "预约安装")
    assert talk.requested == "day"
    said = await talk.say("ask_installation", "安装收费吗")
    assert said.responses == ["utter_faq_ask_installation"]
    assert talk.requested == "day"

    await talk.say("deny", "先不约了")
    said = await talk.say("abandon_purchase", "算了")

    assert talk.flow is None
    assert deeds() == []


async def test_a_day_that_is_over(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C052")
    await talk.say("ask_installation", "预约安装")

    said = await talk.say("inform", "昨天", date="-P1D")

    assert "过去" in said.text
    assert talk.requested == "day"


async def test_somebody_elses_order_is_like_none(flow_talk: Begin) -> None:
    answers = []
    for number in (OF_C001, "202600000000000000"):
        said = await flow_talk(customer="C052").say("ask_installation", "预约周六安装", order_no=number, date="W6")
        answers.append(said.texts)
    assert answers[0] == answers[1]
    assert deeds() == []


async def test_the_shop_system_is_down(flow_talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise OutOfReachError("the shop's system does not answer")

    monkeypatch.setattr(sql.SqlOrders, "perform", down)
    said = await flow_talk(customer="C052").say("ask_installation", "预约周六安装", date="W6")

    assert said.outcomes == ["handed_over"]
    assert deeds() == []
