from __future__ import annotations

from collections.abc import Callable

import pytest

from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.shop.gateways import sql
from sixty.shop.gateways.errors import OutOfReachError
from sixty.shop.models import Sku
from tests.actions.flows.conftest import FlowTalk

# Orders of C052, all of them received.
TROUSERS_AND_SOCKS = "202652000000000013"
FRUIT = "202652000000000020"
REFUNDING = "202652000000000068"
LONG_AGO = "202652000000000051"
# Of C051, not received yet.
PAID, SHIPPED = "202651000000000028", "202651000000000066"


def deeds() -> list[tuple[str, int | None, str, dict[str, str]]]:
    with shop_session(read_only=True) as session:
        return [(row.kind, row.line, row.cause, dict(row.details)) for row in session.query(DeedRow)]


async def test_one_sentence_and_a_yes(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C052")

    said = await talk.say(
        *("request_after_sales", "那条裤子不喜欢，帮我退货"), kind="裤子", cause="no_reason", service="退货"
    )

    assert talk.requested == "confirmed"
    assert "多口袋耐磨工装裤" in said.text
    assert "七天无理由" in said.text
    assert "运费" in said.text

    said = await talk.say("affirm", "可以")

    assert deeds() == [("return", 1, "no_reason", {})]
    assert "已经提交" in said.text


async def test_five_turns(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C052")
    for requested, line in [
        ("order_no", ("request_after_sales", "我要处理一下售后", {})),
        ("article", ("inform", "", {"order_no": TROUSERS_AND_SOCKS})),
        ("service", ("inform", "第一件", {"ordinal": "1"})),
        ("cause", ("inform", "换货", {"service": "换货"})),
        ("detail", ("inform", "尺码不合适", {"cause": "size"})),
        ("confirmed", ("inform", "换成XL", {"size": "XL"})),
    ]:
        intent, text, given = line
        await talk.say(intent, text, **given)
        assert talk.requested == requested

    await talk.say("affirm", "好的")

    (deed,) = deeds()
    assert deed[:3] == ("exchange", 1, "size")
    with shop_session(read_only=True) as session:
        wanted = session.get(Sku, deed[3]["sku"])
        assert wanted is not None
        assert (wanted.product_no, wanted.color, wanted.size) == ("GZ2101", "卡其", "XL")


async def test_both_articles(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C052")
    await talk.say("request_after_sales", "退货", service="退货", cause="no_reason", order_no=TROUSERS_AND_SOCKS)
    assert talk.requested == "article"

    await talk.say("inform", "都要退")
    await talk.say("affirm", "确定")

    assert [deed[:2] for deed in deeds()] == [("return", 1), ("return", 2)]


async def test_own_words_are_a_cause_but_another_factor_is_none(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C052")
    await talk.say("request_after_sales", "裤子退货", kind="裤子", service="退货")
    assert talk.requested == "cause"

    await talk.say("inform", "第一件", ordinal="1")
    assert talk.requested in ("cause", "confirmed")  # the first reason of those offered
    talk = flow_talk(customer="C052")
    await talk.say("request_after_sales", "裤子退货", kind="裤子", service="退货")
    await talk.say("inform", "家里人说颜色太显老气")
    assert talk.chat.slots["cause"] == "家里人说颜色太显老气"


async def test_a_picture_is_kept(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C052")
    await talk.say("request_after_sales", "裤子开线了要退", kind="裤子", service="退货", cause="quality")
    assert talk.requested == "picture"

    await talk.say("inform", "https://img.example.com/a/1.jpg")
    assert talk.requested == "confirmed"
    await talk.say("affirm", "提交")

    assert deeds()[0][3] == {"picture": "https://img.example.com/a/1.jpg"}


async def test_no_picture_is_no_hindrance(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C052")
    await talk.say("request_after_sales", "裤子开线了要退", kind="裤子", service="退货", cause="quality")

    await talk.say("deny", "没有图")
    assert talk.requested == "confirmed"
    await talk.say("affirm", "提交")

    assert deeds()[0][3] == {}


async def test_a_correction_is_read_out_again(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C052")
    await talk.say("request_after_sales", "裤子不喜欢，退货", kind="裤子", cause="no_reason", service="退货")

    said = await talk.say("inform", "不对，是换货", service="换货")

    assert talk.requested == "detail"
    said = await talk.say("inform", "XL的", size="XL")
    assert "换货" in said.text
    assert talk.requested == "confirmed"


async def test_a_question_about_refunds_does_not_turn_an_exchange_into_one(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C052")
    await talk.say("request_after_sales", "裤子小了，换货", kind="裤子", cause="size", service="换货")

    asked = await talk.say("refund_status", "退款几天到账", service="退款")

    assert "记下了" not in asked.text
    assert talk.requested == "detail"
    assert "换货" in (await talk.say("inform", "XL的", size="XL")).text


async def test_a_variant_that_was_never_made(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C052")
    await talk.say("request_after_sales", "裤子小了，换货", kind="裤子", cause="size", service="换货")
    assert talk.requested == "detail"

    said = await talk.say("inform", "要荧光绿的")
    assert "卡其" in said.text
    assert "XL" in said.text
    assert talk.requested == "detail"

    await talk.say("inform", "那换XL", size="XL")
    assert talk.requested == "confirmed"


async def test_one_step_back(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C052")
    await talk.say("request_after_sales", "裤子不喜欢，退货", kind="裤子", cause="no_reason", service="退货")

    await talk.say("nlu_fallback", "返回上一步")

    assert talk.requested == "cause"


async def test_another_wish_takes_its_place(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C051")
    await talk.say("request_after_sales", "退款", service="退款", order_no=PAID)

    await talk.say("cancel_order", "还是直接取消订单吧")

    assert talk.flow == "cancel_order"
    assert talk.chat.slots["order_no"] == PAID


@pytest.mark.parametrize("line", ["算了不退了", "不退了", "算了", "不用了谢谢", "先不退了吧"])
async def test_let_be(flow_talk: Callable[..., FlowTalk], line: str) -> None:
    talk = flow_talk(customer="C052")
    await talk.say("request_after_sales", "裤子不喜欢，退货", kind="裤子", cause="no_reason", service="退货")

    await talk.say("cancel_after_sales", line, service="退货")

    assert talk.flow is None
    assert deeds() == []


async def test_too_late_says_what_is_possible(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C052")

    said = await talk.say("request_after_sales", "退货", service="退货", cause="no_reason", order_no=LONG_AGO)

    assert talk.flow is None
    assert "七天" in said.text
    assert said.buttons
    assert [event["name"] for event in said.events if event["event"] == "followup"] == ["action_listen"]


async def test_what_is_not_sent_yet_is_cancelled_instead(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C051")
    await talk.say("request_after_sales", "不想要了退钱", service="退款", cause="no_reason", order_no=PAID)
    await talk.say("affirm", "确定")

    assert [deed[0] for deed in deeds()] == ["cancel_order"]


async def test_what_is_on_its_way_is_refunded_when_it_is_back(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C051")
    said = await talk.say("request_after_sales", "不要了退款", service="退款", cause="no_reason", order_no=SHIPPED)
    assert talk.requested == "confirmed"
    assert "拦" in said.text or "拒收" in said.text or "叫停" in said.text

    await talk.say("affirm", "确定")

    assert [deed[0] for deed in deeds()] == ["refund_only"]


async def test_what_is_being_returned_is_not_offered(flow_talk: Callable[..., FlowTalk]) -> None:
    said = await flow_talk(customer="C052").say("request_after_sales", "我要退货", service="退货")

    shown = {order["no"] for card in said.cards for order in card["orders"]}
    assert TROUSERS_AND_SOCKS in shown
    assert REFUNDING not in shown


async def test_a_position_that_is_not_there(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C052")
    await talk.say("request_after_sales", "退货", service="退货", order_no=TROUSERS_AND_SOCKS)

    said = await talk.say("inform", "第五件", ordinal="5")

    assert "一共2件" in said.text
    assert talk.requested == "article"


async def test_somebody_elses_order_is_like_none(flow_talk: Callable[..., FlowTalk]) -> None:
    answers = []
    for number in (TROUSERS_AND_SOCKS, "202600000000000000"):
        talk = flow_talk(customer="C051")
        said = await talk.say("request_after_sales", f"退货{number}", order_no=number, service="退货")
        answers.append(said.texts)
        assert talk.requested == "order_no"
    assert answers[0] == answers[1]
    assert deeds() == []


async def test_the_shop_system_is_down(flow_talk: Callable[..., FlowTalk], monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object, **__: object) -> None:
        raise OutOfReachError("the shop's system does not answer")

    monkeypatch.setattr(sql.SqlOrders, "orders_of", down)
    talk = flow_talk(customer="C052")

    said = await talk.chat.run("action_begin_deed", "request_after_sales", "我要退货")

    assert said.outcomes == ["handed_over"]
    assert said.slot("awaiting") is None


async def test_rather_a_return_than_an_exchange(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C052")
    await talk.say("request_after_sales", "那条裤子小了，换一条", kind="裤子", cause="size", service="换货")
    assert talk.requested == "detail"

    said = await talk.say("nlu_fallback", "算了直接退")

    assert talk.requested == "confirmed"
    assert "退货退款" in said.text
    await talk.say("affirm", "好")
    assert [deed[0] for deed in deeds()] == ["return"]


async def test_what_has_not_arrived_is_not_asked_for_faults(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C051")
    said = await talk.say("request_after_sales", "这单退了吧", order_no=PAID)

    assert talk.requested == "cause"
    assert [button["title"] for button in said.buttons] == ["不想要/拍错了", "有更便宜的", "等太久了"]

    await talk.say("inform", "", cause="late")
    assert talk.requested == "confirmed"


async def test_the_same_question_in_other_words(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk(customer="C052")
    first = await talk.say("request_after_sales", "我要售后")
    assert talk.requested == "order_no"

    again = await talk.say("affirm", "嗯")

    assert talk.requested == "order_no"
    assert "是哪一笔订单要处理呢" in first.text
    assert "是哪一笔订单要处理呢" not in again.text
    assert again.cards
