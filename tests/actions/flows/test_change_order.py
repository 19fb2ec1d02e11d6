"""Address, phone and receiver: changed before dispatch, redirected on the way; what cannot be changed is said."""

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

# Of C051, who waits for goods; none of it has arrived.
UNPAID, PAID, PART_SENT = "202651000000000011", "202651000000000028", "202651000000000059"
ON_THE_WAY, AT_THE_DOOR, CLOSED = "202651000000000066", "202651000000000080", "202651000000000097"
OF_C001 = "202662105218549145"
NEW = "浙江省杭州市西湖区文三路1号"


def kept(number: str) -> tuple[str, str, str, str]:
    with shop_session(read_only=True) as session:
        order = session.get(Order, number)
        assert order is not None
        return order.address, order.region, order.phone, order.receiver


def deeds() -> list[tuple[str, str, dict[str, str]]]:
    with shop_session(read_only=True) as session:
        return [(row.kind, row.state, dict(row.details)) for row in session.query(DeedRow)]


def on(number: str, flow_talk: Begin) -> FlowTalk:
    return flow_talk(customer="C051", entry="order", order_no=number)


async def test_one_sentence(flow_talk: Begin) -> None:
    talk = on(PAID, flow_talk)

    said = await talk.say("change_order", f"这单换成{NEW} 张三 13900000000", phone="13900000000", date="---01")

    assert talk.flow is None
    assert kept(PAID) == (NEW, "浙江", "13900000000", "张三")
    assert NEW in said.text
    assert "张三" in said.text
    assert deeds()[0][:2] == ("change_address", "done")


async def test_five_turns(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C051")

    said = await talk.say("change_order", "我要改订单")
    assert talk.requested == "service"
    assert "改地址" in [button["title"] for button in said.buttons]
    said = await talk.say("inform", "改地址", service="改地址")
    assert talk.requested == "order_no"
    numbers = {order["no"] for card in said.cards for order in card["orders"]}
    assert PAID in numbers
    assert CLOSED not in numbers
    await talk.say("inform", PAID, order_no=PAID)
    assert talk.requested == "detail"
    said = await talk.say("inform", "西湖区文三路1号")
    assert "完整" in said.text
    assert talk.requested == "detail"
    await talk.say("inform", NEW)

    assert talk.flow is None
    assert kept(PAID)[0] == NEW


async def test_a_phone_alone_leaves_the_address(flow_talk: Begin) -> None:
    before = kept(UNPAID)
    talk = on(UNPAID, flow_talk)

    await talk.say("change_order", "手机号留错了", kind="手机")
    assert talk.requested == "contact"
    said = await talk.say("inform", "1390000000")
    assert talk.requested == "contact"
    assert "11位" not in said.text or said.outcomes == ["asked_back"]
    await talk.say("inform", "13900000000", phone="13900000000")

    assert talk.flow is None
    assert kept(UNPAID) == (*before[:2], "13900000000", before[3])
    assert [deed[0] for deed in deeds()] == ["change_contact"]


async def test_an_odd_number_is_not_taken(flow_talk: Begin) -> None:
    talk = on(UNPAID, flow_talk)
    await talk.say("change_order", "电话写错了")

    said = await talk.say("change_order", "电话改成1390000000")

    assert "11位" in said.text
    assert talk.requested == "contact"
    assert deeds() == []


async def test_address_and_phone_are_both_asked_for(flow_talk: Begin) -> None:
    talk = on(PAID, flow_talk)
    await talk.say("change_order", "地址跟电话都换")
    assert talk.requested == "detail"
    await talk.say("inform", NEW)
    assert talk.requested == "contact"
    await talk.say("inform", "李四 13900000000", phone="13900000000")

    assert kept(PAID) == (NEW, "浙江", "13900000000", "李四")


async def test_on_the_way_the_parcel_is_redirected_after_a_yes(flow_talk: Begin) -> None:
    before = kept(ON_THE_WAY)
    talk = on(ON_THE_WAY, flow_talk)

    said = await talk.say("change_order", f"已经发货了 能改送到{NEW}吗")
    assert talk.requested == "confirmed"
    assert NEW in said.text
    assert "拦" in said.text
    said = await talk.say("affirm", "确定")

    assert talk.flow is None
    # The order is as it was; the courier is asked, and answers by a time.
    assert kept(ON_THE_WAY) == before
    assert deeds()[0][:2] == ("redirect_parcel", "accepted")
    assert deeds()[0][2]["address"] == NEW
    assert "编号" in said.text
    assert "最晚" in said.text


async def test_what_is_sent_in_part_is_completed_by_people(flow_talk: Begin) -> None:
    talk = on(PART_SENT, flow_talk)
    await talk.say("change_order", f"地址改成{NEW}")

    said = await talk.say("affirm", "好")

    assert "还没发出的那部分" in said.text
    assert said.buttons[0]["payload"] == "/ask_human"


async def test_a_correction_before_the_yes_is_read_out_again(flow_talk: Begin) -> None:
    talk = on(ON_THE_WAY, flow_talk)
    await talk.say("change_order", f"改送{NEW}")
    other = "上海市浦东新区世纪大道100号2栋301室"

    said = await talk.say("change_order", f"不对 改成{other}")
    assert talk.requested == "confirmed"
    assert other in said.text
    await talk.say("affirm", "对")

    assert deeds()[0][2]["address"] == other
    assert deeds()[0][2]["region"] == "上海"


async def test_another_wish_of_the_same_order_goes_with_it(flow_talk: Begin) -> None:
    talk = on(PAID, flow_talk)
    await talk.say("change_order", "地址写错了")
    await talk.say("change_order", "电话也要改")
    assert talk.requested == "detail"
    await talk.say("inform", NEW)
    assert talk.requested == "contact"
    await talk.say("inform", "13900000000", phone="13900000000")

    assert kept(PAID)[2] == "13900000000"


async def test_a_question_between_is_answered_and_the_form_goes_on(flow_talk: Begin) -> None:
    talk = on(PAID, flow_talk)
    await talk.say("change_order", "地址写错了")

    said = await talk.say("ask_shipping_fee", "对了 运费多少")

    assert said.responses == ["utter_faq_ask_shipping_fee"]
    assert talk.requested == "detail"


@pytest.mark.parametrize("text", ["算了", "不改了", "先不改了吧"])
async def test_let_be(flow_talk: Begin, text: str) -> None:
    before = kept(PAID)
    talk = on(PAID, flow_talk)
    await talk.say("change_order", "改地址")

    said = await talk.say("abandon_purchase", text)

    assert talk.flow is None
    assert "先不改订单" in said.text
    assert kept(PAID) == before
    assert deeds() == []


@pytest.mark.parametrize(
    ("number", "text", "says", "offered"),
    [
        (PAID, "颜色选错了 换成白色", "取消重拍", "/cancel_order"),
        (UNPAID, "尺码拍错 改成XL", "还没付款", "/cancel_order"),
        (ON_THE_WAY, "颜色选错了", "换货", "/ask_human"),
        (PAID, "两个订单合并", "合不成一单", "/order_note"),
        (PAID, "有货的先发", "备注", "/order_note"),
        (PAID, "刻字内容写错了", "转人工", "/ask_human"),
    ],
)
async def test_what_cannot_be_changed_is_said_with_what_can_be_done(
    flow_talk: Begin, number: str, text: str, says: str, offered: str
) -> None:
    said = await on(number, flow_talk).say("change_order", text)

    assert says in said.text
    assert said.buttons[0]["payload"] == offered
    assert said.slot("awaiting") is None
    assert deeds() == []


async def test_the_same_when_it_is_chosen_from_the_buttons(flow_talk: Begin) -> None:
    talk = on(PAID, flow_talk)
    await talk.say("change_order", "改单")

    said = await talk.say("inform", "改颜色尺码数量", service="改规格")

    assert talk.flow is None
    assert "取消重拍" in said.text


async def test_a_variant_in_the_middle_does_not_end_the_change_of_address(flow_talk: Begin) -> None:
    talk = on(PAID, flow_talk)
    await talk.say("change_order", "改地址")

    said = await talk.say("change_order", "颜色也换成黑的")

    assert "取消重拍" in said.text
    assert talk.requested == "detail"


@pytest.mark.parametrize(("number", "says"), [(AT_THE_DOOR, "派送"), (CLOSED, "关闭")])
async def test_too_late(flow_talk: Begin, number: str, says: str) -> None:
    talk = flow_talk(customer="C051")

    said = await talk.say("change_order", f"{number}改地址", order_no=number)

    assert talk.flow is None
    assert says in said.text
    assert deeds() == []


async def test_what_the_platform_has_hidden_is_asked_for_again(flow_talk: Begin) -> None:
    talk = on(PAID, flow_talk)
    await talk.say("change_order", "地址换一下")

    said = await talk.say("change_order", "[地址x] 改成这个")

    assert "没显示出来" in said.text
    assert talk.requested == "detail"


async def test_a_visitors_new_phone_is_no_proof(flow_talk: Begin) -> None:
    talk = flow_talk()

    await talk.say("change_order", f"订单{PAID}电话改成13900000000", order_no=PAID, phone="13900000000")
    assert talk.requested == "phone_tail"
    await talk.say("inform", "5101", number="5101")

    assert talk.flow is None
    assert kept(PAID)[2] == "13900000000"


async def test_a_visitor_who_merges_is_not_asked_for_a_number(flow_talk: Begin) -> None:
    said = await flow_talk().say("change_order", "两单能合成一单吗")

    assert "合不成一单" in said.text
    assert said.slot("awaiting") is None


async def test_a_visitor_who_asks_is_told_how(flow_talk: Begin) -> None:
    talk = flow_talk()

    said = await talk.say("change_order", "收货地址怎么改")

    assert said.responses == ["utter_faq_change_order"]
    assert said.slot("awaiting") == "deed_offer"


async def test_somebody_elses_order_is_like_none(flow_talk: Begin) -> None:
    before = kept(OF_C001)
    answers = []
    for number in (OF_C001, "202600000000000000"):
        talk = flow_talk(customer="C051")
        said = await talk.say("change_order", f"{number}地址改成{NEW}", order_no=number)
        answers.append(said.texts)
    assert answers[0] == answers[1]
    assert kept(OF_C001) == before


async def test_an_order_that_changes_hands_in_the_slots_stays(flow_talk: Begin) -> None:
    before = kept(OF_C001)
    talk = on(PAID, flow_talk)
    await talk.say("change_order", "改地址")
    talk.chat.slots["order_no"] = OF_C001
    talk.chat.slots["flow"] = {**talk.chat.slots["flow"], "order_no": OF_C001}

    await talk.say("inform", NEW)

    assert kept(OF_C001) == before


async def test_the_shop_system_is_down(flow_talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise OutOfReachError("the shop's system does not answer")

    talk = on(PAID, flow_talk)
    await talk.say("change_order", "改地址")
    monkeypatch.setattr(sql.SqlOrders, "perform", down)

    said = await talk.say("inform", NEW)

    assert said.outcomes == ["handed_over"]
    assert kept(PAID)[0] != NEW
