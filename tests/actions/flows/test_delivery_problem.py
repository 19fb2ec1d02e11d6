"""Not received, delivered elsewhere, refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest

from sixty.desk.handoffs import HandOff
from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.shop.gateways import sql
from sixty.shop.gateways.errors import OutOfReachError
from sixty.shop.wording import say_moment
from tests.actions.flows.conftest import FlowTalk

Begin = Callable[..., FlowTalk]

SIGNED = "202634488102393518"  # of C047, three days ago, the only one
ANOTHERS = "202628325948935491"  # of C012


def deeds() -> list[DeedRow]:
    with shop_session(read_only=True) as session:
        return list(session.query(DeedRow).order_by(DeedRow.asked_at))


async def test_one_sentence_is_enough(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C047").say("delivery_problem", "显示签收了，我没收到啊")

    (deed,) = deeds()
    assert (deed.kind, deed.order_no, deed.cause, deed.state) == ("trace_parcel", SIGNED, "not_received", "accepted")
    assert deed.details == {"text": "显示签收了，我没收到啊"}
    assert deed.promised_at is not None
    assert say_moment(deed.promised_at, datetime.now(timezone.utc)) in said.text
    assert deed.reference in said.text


async def test_step_by_step_with_a_correction(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C012")
    said = await talk.say("delivery_problem", "签收有问题")
    assert talk.requested == "order_no"
    numbers = [order["no"] for order in said.cards[0]["orders"]]

    said = await talk.say("inform", "第一个", ordinal="1")
    assert talk.requested == "cause"
    assert len(said.buttons) == 2

    await talk.say("inform", "不是，是" + numbers[1], order_no=numbers[1])
    assert talk.requested == "cause"
    await talk.say("delivery_problem", "送到别人家去了")

    (deed,) = deeds()
    assert (deed.order_no, deed.cause) == (numbers[1], "delivered_elsewhere")


async def test_a_button_names_the_trouble(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C047")
    await talk.say("delivery_problem", "签收有问题")
    payload = '/inform{"cause":"delivered_elsewhere"}'

    said = await talk.say("inform", payload, cause="delivered_elsewhere")

    assert [deed.cause for deed in deeds()] == ["delivered_elsewhere"]
    assert "重新送" in said.text


async def test_a_question_between_is_answered(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C047")
    await talk.say("delivery_problem", "签收有问题")

    said = await talk.say("ask_shipping_fee", "对了运费多少")

    assert said.responses == ["utter_faq_ask_shipping_fee"]
    assert talk.requested == "cause"


@pytest.mark.parametrize("line", ["不用了", "算了"])
async def test_let_be(flow_talk: Begin, line: str) -> None:
    talk = flow_talk(customer="C047")
    await talk.say("delivery_problem", "签收有问题")

    await talk.say("deny", line)

    assert talk.flow is None
    assert deeds() == []


async def test_asked_again_the_promised_hour_is_told(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C047")
    await talk.say("delivery_problem", "显示签收了我没收到")

    said = await talk.say("delivery_problem", "还是没收到")

    (deed,) = deeds()
    assert deed.promised_at is not None
    assert f"最晚{say_moment(deed.promised_at, datetime.now(timezone.utc))}" in said.text


async def test_a_line_that_leans_on_the_trouble_goes_on_with_the_flow(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C047")
    await talk.say("delivery_problem", "显示签收了我没收到")
    talk.chat.slots["last_question"] = {"intent": "delivery_problem"}

    guesses = [{"name": "ask_delivery_time", "confidence": 0.5}, {"name": "delivery_problem", "confidence": 0.2}]
    message = {**talk.chat.user("nlu_fallback", "还是没收到呀"), "intent_ranking": guesses}

    said = await talk.chat.act("action_continue", message)

    assert said.slot("flow")["name"] == "delivery_problem"
    assert said.slot("awaiting") == "deed"
    assert said.events[-1]["name"] == "deed_form"


async def test_a_promise_that_was_not_kept(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C047")
    await talk.say("delivery_problem", "显示签收了我没收到")
    with shop_session() as session:
        for row in session.query(DeedRow):
            assert row.promised_at is not None
            row.asked_at, row.promised_at = row.asked_at - timedelta(days=2), row.promised_at - timedelta(days=2)

    said = await talk.say("delivery_problem", "都几天了还没收到")

    assert "没做到，真的抱歉" in said.text
    with shop_session(read_only=True) as session:
        assert [row.reason for row in session.query(HandOff)] == ["broken_promise"]


async def test_what_is_still_on_its_way_is_urged_instead(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C002").say("delivery_problem", "我没收到货")

    assert "还在路上" in said.text
    assert said.buttons[0]["title"] == "催快递"
    assert deeds() == []


@pytest.mark.parametrize(
    ("customer", "line", "answer", "offered"),
    [
        ("C008", "我没拒收，怎么显示拒收", "不是您拒收的话我去查", "/wrong_or_missing"),
        ("C008", "我拒收了", "已经拒收，正在往回走", "/request_after_sales"),
        ("C002", "能拒收吗", "拒收", "/change_order"),
        (None, "能拒收吗", "派送时跟快递员说一声拒收就行", "/ask_human"),
    ],
)
async def test_what_becomes_of_a_refused_parcel(
    flow_talk: Begin, customer: str | None, line: str, answer: str, offered: str
) -> None:
    said = await flow_talk(customer=customer).say("delivery_problem", line)

    assert answer in said.text
    assert said.buttons[0]["payload"].startswith(offered)
    assert deeds() == []


async def test_a_visitor_who_asks_is_told_and_offered(flow_talk: Begin) -> None:
    talk = flow_talk()
    said = await talk.say("delivery_problem", "显示签收没收到怎么办")
    assert said.responses == ["utter_faq_delivery_problem"]
    assert said.slot("awaiting") == "deed_offer"

    await talk.say("affirm", "好的")
    await talk.say("inform", f"{SIGNED} 5990", order_no=SIGNED, phone="5990")
    # What was wrong, the customer has said before the offer.
    assert [(deed.order_no, deed.customer_id, deed.cause) for deed in deeds()] == [(SIGNED, None, "not_received")]


async def test_somebody_elses_order_is_like_none(flow_talk: Begin) -> None:
    answers = []
    for number in (ANOTHERS, "202600000000000000"):
        talk = flow_talk(customer="C047")
        said = await talk.say("delivery_problem", f"{number}没收到", order_no=number)
        answers.append(said.texts)
        assert talk.requested == "order_no"
    assert answers[0] == answers[1]
    assert deeds() == []


async def test_the_shop_system_is_down(flow_talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise OutOfReachError("the shop's system does not answer")

    monkeypatch.setattr(sql.SqlOrders, "perform", down)
    said = await flow_talk(customer="C047").say("delivery_problem", "显示签收了我没收到")

    assert said.outcomes[-1] == "handed_over"
    assert deeds() == []


async def test_an_angry_customer_hears_whose_fault_it_is(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C047").say("delivery_problem", "什么破快递，签收了我根本没收到", mood="angry")

    assert said.texts[0] == "东西没送到您手上，是我们没做好，对不起。"
    assert len(deeds()) == 1


async def test_who_has_several_reads_which_one_it_is_about(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C051")

    said = await talk.say("delivery_problem", "显示签收了，我没收到")

    assert talk.flow is None
    assert "这一笔：" in said.text
    assert "这单还没发出" not in said.text
    assert deeds() == []
