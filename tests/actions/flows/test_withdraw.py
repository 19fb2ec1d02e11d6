"""An after-sales case is withdrawn while it can be."""

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

REFUNDING = "202685379407180062"  # of C009, paid and not sent, the only open case
RETURNING = "202665647601410333"  # of C010, on its way back
ANOTHERS = "202682610347122807"  # of C007, an exchange that waits


def case_of(number: str) -> str:
    with shop_session(read_only=True) as session:
        order = session.get(Order, number)
        assert order is not None
        return str(order.refunds[-1].state)


def deeds() -> list[tuple[str, str]]:
    with shop_session(read_only=True) as session:
        return [(row.kind, row.state) for row in session.query(DeedRow)]


async def test_one_sentence_and_a_yes(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C009")

    said = await talk.say("cancel_after_sales", "不退了")
    assert talk.requested == "confirmed"
    assert "仅退款" in said.text
    assert case_of(REFUNDING) == "requested"

    said = await talk.say("affirm", "确定")
    assert case_of(REFUNDING) == "withdrawn"
    assert "订单照常给您发货" in said.text
    assert deeds() == [("withdraw_after_sales", "done")]


async def test_which_of_several(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C010")
    said = await talk.say("cancel_after_sales", "撤销售后")
    if talk.requested == "order_no":
        assert said.cards
        await talk.say("inform", "第一个", ordinal="1")
    assert talk.flow is None or talk.requested == "confirmed"


async def test_corrected_to_another_order(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C009")
    await talk.say("cancel_after_sales", "不退了")

    said = await talk.say("inform", "不是这单，是202656830686695389", order_no="202656830686695389")

    assert "没有在办的售后" in said.text
    assert talk.flow is None
    assert case_of(REFUNDING) == "requested"


async def test_a_question_between_and_no_after_all(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C009")
    await talk.say("cancel_after_sales", "不退了")
    said = await talk.say("ask_shipping_fee", "运费多少")
    assert said.responses == ["utter_faq_ask_shipping_fee"]
    assert talk.requested == "confirmed"

    await talk.say("deny", "先不了")

    assert case_of(REFUNDING) == "requested"
    assert deeds() == []


async def test_what_is_on_its_way_back_cannot_be_withdrawn(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C010").say("cancel_after_sales", "撤销退货", order_no=RETURNING)

    assert "已经在路上了，撤销不了" in said.text
    assert said.buttons[0]["payload"].startswith("/refund_status")
    assert case_of(RETURNING) == "returning"


async def test_nothing_to_withdraw(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C002").say("cancel_after_sales", "撤销退货")
    assert "没有在办的售后" in said.text
    said = await flow_talk(customer="C003").say("cancel_after_sales", "撤销退货")
    assert said.responses == ["utter_faq_cancel_after_sales"]


async def test_somebody_elses_case_is_like_none(flow_talk: Begin) -> None:
    answers = []
    for number in (ANOTHERS, "202600000000000000"):
        said = await flow_talk(customer="C009").say("cancel_after_sales", f"撤销{number}的售后", order_no=number)
        answers.append(said.texts)
    assert answers[0] == answers[1]
    assert case_of(ANOTHERS) == "requested"


async def test_the_shop_system_is_down(flow_talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = flow_talk(customer="C009")
    await talk.say("cancel_after_sales", "不退了")

    def down(*_: object) -> None:
        raise OutOfReachError("the shop's system does not answer")

    monkeypatch.setattr(sql.SqlOrders, "perform", down)
    said = await talk.say("affirm", "确定")

    assert said.outcomes == ["handed_over"]
    assert case_of(REFUNDING) == "requested"


@pytest.mark.parametrize(
    ("line", "offered"),
    [("不想退，给我补偿", "申请赔付"), ("还能再申请吗", "申请退货"), ("凭啥不退", "转人工")],
)
async def test_another_wish_with_the_same_words_withdraws_nothing(flow_talk: Begin, line: str, offered: str) -> None:
    talk = flow_talk(customer="C009")

    said = await talk.say("cancel_after_sales", line)

    assert talk.flow is None
    assert offered in [button["title"] for button in said.buttons]
    assert case_of(REFUNDING) == "requested"
