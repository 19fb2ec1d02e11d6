"""Invoices: asked for in one sentence or in five turns, corrected, changed, and refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy.orm import Session

from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.shop.gateways import sql
from sixty.shop.gateways.errors import OutOfReachError
from tests.actions.flows.conftest import FlowTalk

Begin = Callable[..., FlowTalk]

RECEIVED = "202656721878701250"  # of C014, confirmed some days ago
JUST_PAID = "202638178057803704"  # of C014
REFUNDING = "202663386490063915"  # of C014
UNPAID = "202662105218549145"  # of C001
NUMBER = "91320594MA1XWQ3N4D"
ALL_DIGITS = "914403001922038216"
NAME = "苏州明德科技有限公司"
SENTENCE = f"开公司抬头 {NAME} 税号{NUMBER} 发到zhang.san@mdkj.com"


def deeds() -> list[DeedRow]:
    with shop_session(read_only=True) as session:
        rows = list(session.query(DeedRow).order_by(DeedRow.asked_at, DeedRow.key))
        session.expunge_all()
    return rows


def kinds() -> list[tuple[str, str]]:
    return [(row.kind, row.state) for row in deeds()]


def change_deed(**columns: Any) -> None:
    with shop_session() as session:
        for row in session.query(DeedRow):
            for name, value in columns.items():
                setattr(row, name, value)


async def test_one_sentence(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")

    said = await talk.say("ask_invoice", SENTENCE)

    assert talk.flow is None
    (row,) = deeds()
    assert (row.kind, row.state, row.order_no) == ("issue_invoice", "accepted", RECEIVED)
    assert row.details == {
        "title": NAME,
        "title_type": "company",
        "tax_no": NUMBER,
        "email": "zhang.san@mdkj.com",
    }
    for part in (NAME, NUMBER, "zhang.san@mdkj.com", row.reference, "最晚明天"):
        assert part in said.text


async def test_five_turns(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014")

    said = await talk.say("ask_invoice", "帮我开发票")
    assert talk.requested == "order_no"
    place = next(place for place, order in enumerate(said.cards[0]["orders"], 1) if order["no"] == RECEIVED)
    said = await talk.say("inform", f"第{place}个", ordinal=str(place))
    assert talk.requested == "service"
    assert [button["title"] for button in said.buttons] == ["个人", "公司/单位"]

    await talk.say("nlu_fallback", "公司的")
    assert talk.requested == "detail"
    said = await talk.say("nlu_fallback", NAME)
    assert talk.requested == "tax_no"
    assert NAME in said.text
    await talk.say("nlu_fallback", "9132 0594 MA1X WQ3N 4D")
    assert talk.requested == "contact"
    await talk.say("inform", "zhang.san@mdkj.com")

    (row,) = deeds()
    assert (row.order_no, row.details["title"], row.details["tax_no"]) == (RECEIVED, NAME, NUMBER)


async def test_a_persons_invoice_by_two_taps(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=JUST_PAID, entry="order")
    await talk.say("ask_invoice", "/ask_invoice")
    assert talk.requested == "service"
    await talk.say("inform", '/inform{"service":"personal"}', service="personal")
    assert talk.requested == "contact"

    said = await talk.say("deny", "/deny")

    assert deeds()[0].details == {"title": "个人", "title_type": "personal"}
    # Nothing has been dispatched yet.
    assert "发货后3天内开好" in said.text
    assert "订单详情" in said.text


async def test_a_wrong_number_is_told_and_mended(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")

    said = await talk.say("ask_invoice", f"开{NAME} 税号{NUMBER[:-2]} 发到a@b.com")
    assert talk.requested == "tax_no"
    assert "16位" in said.text

    said = await talk.say("nlu_fallback", NUMBER[:-1] + "A")
    assert talk.requested == "tax_no"
    assert "校验" in said.text

    await talk.say("nlu_fallback", NUMBER)
    assert deeds()[0].details["tax_no"] == NUMBER


async def test_a_number_of_digits_is_no_order(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")
    await talk.say("ask_invoice", f"开{NAME}的发票 税号{ALL_DIGITS}", order_no=ALL_DIGITS)
    assert talk.requested == "contact"

    await talk.say("inform", "1234567890@qq.com", order_no="1234567890")

    (row,) = deeds()
    assert (row.order_no, row.details["tax_no"], row.details["email"]) == (RECEIVED, ALL_DIGITS, "1234567890@qq.com")


async def test_a_short_number_given_for_it_is_no_order_either(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")
    await talk.say("ask_invoice", f"开{NAME}的发票")
    assert talk.requested == "tax_no"

    said = await talk.say("inform", "9144030019220", order_no="9144030019220")

    assert "13位" in said.text
    assert talk.requested == "tax_no"
    assert "名下没有" not in said.text


async def test_no_number_leaves_the_persons(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")
    await talk.say("ask_invoice", f"开{NAME}的发票 发a@b.com")

    said = await talk.say("deny", "没有税号")
    assert talk.requested == "tax_no"
    assert "个人" in said.text

    await talk.say("ask_invoice", "那开个人的吧")
    assert deeds()[0].details == {"title": "个人", "title_type": "personal", "email": "a@b.com"}


async def test_correction_before_it_is_asked_for(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")
    await talk.say("ask_invoice", f"开{NAME}的发票 税号{NUMBER}")
    assert talk.requested == "contact"

    await talk.say("ask_invoice", "抬头改成上海小满商行")
    # Another company has another number.
    assert talk.requested in ("tax_no", "contact")
    await talk.say("nlu_fallback", f"税号{ALL_DIGITS}")
    await talk.say("inform", "a@b.com")

    (row,) = deeds()
    assert row.kind == "issue_invoice"
    assert row.details["title"] == "上海小满商行"
    assert row.details["tax_no"] == ALL_DIGITS


async def test_half_an_address_is_asked_for_again(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")
    await talk.say("ask_invoice", "开个个人抬头的发票")
    said = await talk.say("inform", "zhang@mdkj")
    assert talk.requested == "contact"
    assert "不完整" in said.text
    await talk.say("inform", "zhang@mdkj.com")
    assert deeds()[0].details["email"] == "zhang@mdkj.com"


async def test_another_title_is_read_out_before_the_old_one_is_void(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")
    await talk.say("ask_invoice", "开个人抬头的发票 发a@b.com")
    change_deed(state="done", promised_at=None)

    said = await talk.say("ask_invoice", f"发票抬头写错了，换成{NAME} 税号{NUMBER} 发到a@b.com")
    assert talk.requested == "confirmed"
    assert "红冲" in said.text
    assert NAME in said.text

    said = await talk.say("affirm", "是的")
    assert kinds() == [("issue_invoice", "done"), ("reissue_invoice", "accepted")]
    assert deeds()[-1].details["title"] == NAME


async def test_a_second_wish_is_told_that_it_is_under_way(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")
    await talk.say("ask_invoice", "开个人抬头的发票 发a@b.com")

    said = await talk.say("ask_invoice", "帮我开发票")
    assert talk.flow is None
    assert "已经在开" in said.text
    assert said.buttons[0] == {"title": "换开发票", "payload": '/ask_invoice{"service":"换开"}'}

    await talk.say("ask_invoice", said.buttons[0]["payload"], service="换开")
    assert talk.requested == "service"
    await talk.say("inform", "跟上次一样")
    assert talk.requested == "confirmed"


async def test_as_last_time(flow_talk: Begin) -> None:
    await flow_talk(customer="C014", order_no=RECEIVED, entry="order").say("ask_invoice", SENTENCE)
    talk = flow_talk(customer="C014", order_no=JUST_PAID, entry="order")

    said = await talk.say("ask_invoice", "帮我开发票")
    assert f"跟上次一样：{NAME}" == said.buttons[0]["title"]
    await talk.say("inform", said.buttons[0]["payload"], service="上次")

    assert talk.flow is None
    assert deeds()[-1].details == deeds()[0].details


@pytest.mark.parametrize("question", ["能开发票吗", "开发票要几天", "学校的抬头怎么开"])
async def test_a_question_keeps_its_answer_and_is_offered_the_deed(flow_talk: Begin, question: str) -> None:
    talk = flow_talk(customer="C014")

    said = await talk.say("ask_invoice", question)
    assert said.responses == ["utter_faq_ask_invoice"]
    assert said.slot("awaiting") == "deed_offer"

    await talk.say("affirm", "好的")
    assert talk.flow == "invoice"


async def test_what_only_people_do_is_not_offered(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C014").say("ask_invoice", "要增值税专用发票")
    assert said.responses == ["utter_faq_ask_invoice"]
    assert said.slot("awaiting") is None


async def test_who_has_bought_nothing_is_only_told(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C003").say("ask_invoice", "能开发票吗")
    assert said.responses == ["utter_faq_ask_invoice"]
    assert said.slot("awaiting") is None


async def test_a_visitors_tap_before_buying_is_a_question(flow_talk: Begin) -> None:
    talk = flow_talk()
    said = await talk.say("ask_invoice", "/ask_invoice")
    assert said.responses == ["utter_faq_ask_invoice"]
    assert talk.flow is None


async def test_how_far_it_is(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")
    said = await talk.say("ask_invoice", "发票开了没")
    assert said.responses == ["utter_faq_ask_invoice"]

    await talk.say("ask_invoice", "开个人抬头的发票 发a@b.com")
    reference = deeds()[0].reference
    said = await talk.say("ask_invoice", "发票开了没")
    assert reference in said.text
    assert "最晚明天" in said.text

    change_deed(promised_at=datetime.now(timezone.utc) - timedelta(hours=5))
    said = await talk.say("ask_invoice", "催一下发票，怎么还没开")
    assert "没做到" in said.text
    assert reference in said.text


async def test_digression_is_answered_and_the_form_goes_on(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")
    await talk.say("ask_invoice", "帮我开发票")

    said = await talk.say("ask_shipping_fee", "对了运费多少")

    assert said.responses == ["utter_faq_ask_shipping_fee"]
    assert talk.requested == "service"

    said = await talk.say("ask_invoice", "没有税号能开吗")
    assert "个人抬头不用税号" in said.text
    assert talk.requested == "service"


async def test_a_general_question_between_keeps_its_answer(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")
    await talk.say("ask_invoice", "帮我开发票")

    said = await talk.say("ask_invoice", "开发票要几天")

    assert said.responses == ["utter_faq_ask_invoice"]
    assert talk.requested == "service"


async def test_let_be(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")
    await talk.say("ask_invoice", "帮我开发票")

    said = await talk.say("abandon_purchase", "算了不开了")

    assert talk.flow is None
    assert "先不开发票" in said.text
    assert deeds() == []


@pytest.mark.parametrize(("customer", "number", "why"), [("C001", UNPAID, "付完款"), ("C014", REFUNDING, "售后")])
async def test_ineligible_says_why(flow_talk: Begin, customer: str, number: str, why: str) -> None:
    talk = flow_talk(customer=customer)

    said = await talk.say("ask_invoice", f"给{number}开发票", order_no=number)

    assert talk.flow is None
    assert why in said.text
    if number == UNPAID:
        assert f"/my/orders/{UNPAID}/pay" in said.text
    assert all(state == "refused" for _, state in kinds())


async def test_somebody_elses_order_is_like_none(flow_talk: Begin) -> None:
    answers = []
    for number in (UNPAID, "202600000000000000"):
        talk = flow_talk(customer="C014")
        said = await talk.say("ask_invoice", f"给{number}开发票", order_no=number)
        answers.append(said.texts)
        assert talk.requested == "order_no"
    assert answers[0] == answers[1]
    assert deeds() == []


async def test_a_visitor_proves_the_order(flow_talk: Begin, shop: Session) -> None:
    talk = flow_talk()
    await talk.say("ask_invoice", "帮我开个人抬头的发票 发13800001001@qq.com", phone="13800001001")
    assert talk.requested == "order_no"
    await talk.say("inform", RECEIVED, order_no=RECEIVED)
    assert talk.requested == "phone_tail"
    await talk.say("inform", "3907", number="3907")
    assert talk.flow is None
    assert kinds() == [("issue_invoice", "accepted")]


async def test_an_angry_wish_is_a_wish(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")
    await talk.say("ask_invoice", "气死了 催了三天了 赶紧给我开发票", mood="angry")
    assert talk.requested == "service"


async def test_an_angry_customer_is_not_asked_for_an_address(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")
    await talk.say("ask_invoice", "烦死了给我开个人抬头的发票", mood="angry")
    assert talk.flow is None
    assert kinds() == [("issue_invoice", "accepted")]


async def test_the_shop_system_is_down(flow_talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = flow_talk(customer="C014", order_no=RECEIVED, entry="order")
    await talk.say("ask_invoice", "开个人抬头的发票")

    def down(*_: object) -> None:
        raise OutOfReachError("the shop's system does not answer")

    monkeypatch.setattr(sql.SqlOrders, "perform", down)
    said = await talk.say("inform", "a@b.com")

    assert said.outcomes == ["handed_over"]
    assert deeds() == []


async def test_what_was_offered_is_asked_for_by_name(flow_talk: Callable[..., FlowTalk]) -> None:
    talk = flow_talk()
    offer = await talk.say("ask_invoice", "怎么开发票")
    assert offer.slot("awaiting") == "deed_offer"

    said = await talk.say("ask_invoice", "那你帮我开")

    assert talk.requested == "order_no"
    assert "订单号" in said.text
