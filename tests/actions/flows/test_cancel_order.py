from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from actions.flows.factors import asks
from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.shop.gateways import sql
from sixty.shop.gateways.errors import OutOfReachError
from sixty.shop.models import Order
from tests.actions.flows.conftest import FlowTalk

JUST_PAID = "202638178057803704"  # of C014, paid some minutes ago, one article
UNPAID = "202662105218549145"  # of C001
SHIPPED = "202604718832650917"  # of C001
OF_C001 = "202601246690831754"


def state_of(number: str) -> str:
    with shop_session(read_only=True) as session:
        order = session.get(Order, number)
        assert order is not None
        return str(order.state)


def deeds() -> list[tuple[str, str]]:
    with shop_session(read_only=True) as session:
        return [(row.kind, row.state) for row in session.query(DeedRow)]


async def test_one_sentence_and_a_yes(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C014", order_no=JUST_PAID, entry="order")

    said = await talk.say("cancel_order", "这单拍错了，帮我取消", cause="no_reason")

    assert talk.requested == "confirmed"
    assert "温和卸妆膏" in said.text
    assert "原路退回" in said.text
    assert state_of(JUST_PAID) == "paid"

    said = await talk.say("affirm", "确定")

    assert talk.flow is None
    assert state_of(JUST_PAID) == "closed"
    assert "取消好了" in said.text
    assert "退出" in said.text
    assert deeds() == [("cancel_order", "done")]


async def test_five_turns(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C001")

    said = await talk.say("cancel_order", "我要取消订单")
    assert talk.requested == "order_no"
    assert {order["no"] for card in said.cards for order in card["orders"]} >= {UNPAID, SHIPPED}

    await talk.say("inform", "第一个", ordinal="1")
    assert talk.requested == "confirmed"

    said = await talk.say("affirm", "好的")
    assert state_of(UNPAID) == "closed"
    assert "没有扣过您的钱" in said.text


async def test_the_customer_names_another_order(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C001")
    await talk.say("cancel_order", "取消订单", order_no=UNPAID)
    assert talk.requested == "confirmed"

    said = await talk.say("inform", "不是这个，是" + SHIPPED, order_no=SHIPPED)

    # What was dispatched cannot be cancelled; what can be done instead is offered.
    assert talk.flow is None
    assert "拦截" in said.text
    assert state_of(UNPAID) == "unpaid"
    assert said.buttons


async def test_a_question_between_is_answered_and_the_form_goes_on(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C014", order_no=JUST_PAID, entry="order")
    await talk.say("cancel_order", "取消这单")
    assert talk.requested == "cause"

    said = await talk.say("ask_shipping_fee", "对了运费多少")

    assert said.responses == ["utter_faq_ask_shipping_fee"]
    assert talk.requested == "cause"
    assert "原因" in said.text


@pytest.mark.parametrize(
    ("intent", "text"), [("deny", "不用了"), ("abandon_purchase", "算了"), ("hesitate", "我再想想"), ("deny", "先不了")]
)
async def test_let_be(flow_talk: Callable[..., FlowTalk], intent: str, text: str) -> None:
    talk = flow_talk(customer="C014", order_no=JUST_PAID, entry="order")
    await talk.say("cancel_order", "取消这单", cause="late")

    said = await talk.say(intent, text)

    assert talk.flow is None
    assert state_of(JUST_PAID) == "paid"
    assert "先不取消订单" in said.text
    assert deeds() == []


async def test_a_worry_is_no_second_thought(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C014", order_no=JUST_PAID, entry="order")
    await talk.say("cancel_order", "取消这单", cause="late")
    asked = talk.requested

    said = await talk.say("hesitate", "主要是质量信不过")

    assert talk.requested == asked
    assert "理解" in said.text
    assert "先不取消订单" not in said.text


async def test_nothing_to_cancel_says_why(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C052")

    said = await talk.say("cancel_order", "取消订单")

    assert talk.flow is None
    assert said.slot("awaiting") is None
    assert said.texts


async def test_who_never_bought_is_told_how(flow_talk: Callable[..., FlowTalk]) -> None:
    said = await flow_talk(customer="C003").say("cancel_order", "取消订单")

    assert said.responses == ["utter_faq_cancel_order"]


async def test_a_visitor_who_asks_how_is_told_and_offered(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk()

    said = await talk.say("cancel_order", "怎么取消订单")

    assert said.responses == ["utter_faq_cancel_order"]
    assert said.slot("awaiting") == "deed_offer"

    await talk.say("affirm", "好的")
    assert talk.requested == "order_no"


async def test_a_visitor_proves_the_order(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk()
    await talk.say("cancel_order", "帮我取消订单")
    assert talk.chat.slots["awaiting"] == "deed_offer"

    await talk.say("inform", UNPAID, order_no=UNPAID)
    assert talk.requested == "phone_tail"

    said = await talk.say("inform", "9999", number="9999")
    assert "没有对上" in said.text
    assert talk.requested == "order_no"

    await talk.say("inform", UNPAID + " 1001", order_no=UNPAID, phone="1001")
    assert talk.requested == "confirmed"

    await talk.say("affirm", "是的")
    assert state_of(UNPAID) == "closed"


async def test_tries_are_counted(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk()
    await talk.say("cancel_order", "帮我取消订单")
    for _ in range(3):
        said = await talk.say("inform", "", order_no=UNPAID, phone="9999")

    assert talk.flow is None
    assert "次数用完" in said.text


async def test_somebody_elses_order_is_like_none(flow_talk: Callable[..., FlowTalk]) -> None:
    answers = []
    for number in (OF_C001, "202600000000000000"):
        talk = flow_talk(customer="C014")
        said = await talk.say("cancel_order", f"取消{number}", order_no=number)
        answers.append(said.texts)
        assert talk.requested == "order_no"
    assert answers[0] == answers[1]
    assert deeds() == []


async def test_an_order_that_changes_hands_in_the_slots_is_not_cancelled(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C014", order_no=JUST_PAID, entry="order")
    await talk.say("cancel_order", "这单拍错了，帮我取消", cause="no_reason")
    talk.chat.slots["order_no"] = UNPAID

    await talk.say("affirm", "确定")

    assert state_of(UNPAID) == "unpaid"


async def test_the_same_deed_is_done_once(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C014", order_no=JUST_PAID, entry="order")
    await talk.say("cancel_order", "这单拍错了，帮我取消", cause="no_reason")
    before = dict(talk.chat.slots)
    await talk.say("affirm", "确定")

    # The action server's answer was lost, and Rasa asks again with what it knew.
    talk.chat.slots.update(before)
    talk.chat.loop = "deed_form"
    said = await talk.say("affirm", "确定")

    assert deeds() == [("cancel_order", "done")]
    assert said.texts


async def test_a_form_that_ran_straight_through_does_nothing(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C014", order_no=JUST_PAID, entry="order")
    await talk.say("cancel_order", "帮我取消")
    talk.chat.slots["flow"] = {**talk.chat.slots["flow"], "end": "ready"}

    said = await talk.chat.run("action_perform_deed", "affirm", "好")

    assert said.outcomes == ["handed_over"]
    assert state_of(JUST_PAID) == "paid"


async def test_the_shop_system_is_down(flow_talk: Callable[..., FlowTalk], monkeypatch: pytest.MonkeyPatch) -> None:
    talk = flow_talk(customer="C014", order_no=JUST_PAID, entry="order")
    await talk.say("cancel_order", "这单拍错了，帮我取消", cause="no_reason")

    def down(*_: object) -> None:
        raise OutOfReachError("the shop's system does not answer")

    monkeypatch.setattr(sql.SqlOrders, "perform", down)
    said = await talk.say("affirm", "确定")

    assert said.outcomes == ["handed_over"]
    assert state_of(JUST_PAID) == "paid"


async def test_gibberish_is_borne_with_for_a_while(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C001")
    await talk.say("cancel_order", "取消订单")
    for _ in range(2):
        await talk.say("nlu_fallback", "阿巴阿巴")
        assert talk.requested == "order_no"

    said = await talk.say("nlu_fallback", "呜哩哇")

    assert talk.flow is None
    assert said.buttons[-1]["payload"] == "/ask_human"


async def test_a_person_is_left_to_the_rules(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C001")
    await talk.say("cancel_order", "取消订单")

    said = await talk.chat.run("validate_deed_form", "ask_human", "转人工")

    assert said.events[0]["event"] == "action_execution_rejected"
    assert said.messages == []


async def test_the_second_question_of_the_line_is_answered_first(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C001")

    said = await talk.say(*("cancel_order", "帮我取消订单，运费退不退呀"), second_question="ask_shipping_fee")

    assert said.responses == ["utter_faq_ask_shipping_fee"]
    assert talk.requested == "order_no"


async def test_an_angry_customer_is_spared_our_own_curiosity(flow_talk: Callable[..., FlowTalk], shop: Session) -> None:
    talk = flow_talk(customer="C014", order_no=JUST_PAID, entry="order")

    await talk.say("cancel_order", "烦死了赶紧给我取消", mood="angry")

    assert talk.requested == "confirmed"


def test_questions_are_told_from_wishes() -> None:
    assert all(asks(line) for line in ("怎么取消订单", "可以取消吗", "能不能取消", "取消要多久"))
    assert not any(asks(line) for line in ("帮我取消订单", "不想要了取消掉", "取消"))
