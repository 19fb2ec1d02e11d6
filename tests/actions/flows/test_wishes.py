"""Coupons, what is to come back, membership and reviews: small wishes that end in something done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from sqlalchemy.orm import Session

from sixty.shop.database import shop_session
from sixty.shop.deeds.models import CustomerCoupon, DeedRow, StockWish
from sixty.shop.gateways import sql
from sixty.shop.gateways.errors import OutOfReachError
from sixty.shop.models import Customer, Sku
from sixty.shop.promotions import running_coupons
from tests.actions.conftest import CONVERSATION
from tests.actions.flows.conftest import FlowTalk

Begin = Callable[..., FlowTalk]

PROMOTIONS, STOCK, DEED = "action_answer_promotions", "action_answer_stock", "action_begin_deed"
JACKET = "GZ1101"
CONFIRMED, PAID, ON_THE_WAY = "202656721878701250", "202638178057803704", "202621889049953142"  # of C014
REFUNDED_DELIVERED = "202605882969666364"  # of C008, delivered
OF_C001 = "202601246690831754"


def claimed() -> set[tuple[str, str]]:
    with shop_session(read_only=True) as session:
        return {(row.customer_id, row.coupon_code) for row in session.query(CustomerCoupon)}


def wished() -> dict[str, str]:
    with shop_session(read_only=True) as session:
        return {row.sku_code: row.wisher for row in session.query(StockWish)}


def deeds() -> list[tuple[str, str]]:
    with shop_session(read_only=True) as session:
        return [(row.kind, row.state) for row in session.query(DeedRow)]


def codes(shop: Session, category: str | None = None) -> list[str]:
    return [coupon.code for coupon in running_coupons(shop, datetime.now(timezone.utc), category)][:3]


async def then(talk: FlowTalk, intent: str, text: str, **entities: Any) -> Any:
    """Says the next line, which the rules answer by beginning the flow that was offered."""
    talk.first = DEED
    return await talk.say(intent, text, **entities)


def out_of_reach(*_: object) -> None:
    raise OutOfReachError("the shop's system does not answer")


# --- coupons ---


async def test_coupon_offered_and_claimed_by_a_yes(flow_talk: Begin, shop: Session) -> None:
    talk = flow_talk(PROMOTIONS, customer="C003")
    said = await talk.say("ask_coupon", "有优惠券吗")
    assert said.slot("awaiting") == "deed_offer"
    assert said.buttons == [{"title": "帮我领", "payload": "/affirm"}]

    said = await then(talk, "affirm", "好的 帮我领")

    assert talk.flow is None
    assert claimed() == {("C003", code) for code in codes(shop)}
    assert "领好了" in said.text
    assert "自动抵扣" in said.text


async def test_coupon_one_sentence(flow_talk: Begin, shop: Session) -> None:
    talk = flow_talk(PROMOTIONS, customer="C003")
    said = await talk.say("ask_coupon", "帮我领满300减50的", money=["300", "50"])
    assert claimed() == {("C003", "STORE300-50")}
    assert "满300减50" in said.text


async def test_coupon_which_one_is_asked(flow_talk: Begin, shop: Session) -> None:
    talk = flow_talk(PROMOTIONS, customer="C003")
    said = await talk.say("ask_coupon", "我要领券")
    assert talk.requested == "detail"
    assert len(said.buttons) == len(codes(shop)) + 1

    said = await talk.say("inform", "第九张", ordinal="9")
    assert "一共" in said.text
    await talk.say("inform", "第二张", ordinal="2")
    assert claimed() == {("C003", codes(shop)[1])}


async def test_coupon_of_the_offered_ones_only_the_second(flow_talk: Begin, shop: Session) -> None:
    talk = flow_talk(PROMOTIONS, customer="C003")
    await talk.say("ask_coupon", "有券吗")
    await then(talk, "inform", "第二张", ordinal="2")
    assert claimed() == {("C003", codes(shop)[1])}


async def test_coupon_of_the_topics_category_is_offered(flow_talk: Begin, shop: Session) -> None:
    talk = flow_talk(PROMOTIONS, customer="C003", product_no=JACKET)
    said = await talk.say("ask_coupon", "这件有券吗")
    assert "工装满200减30" in said.text
    await then(talk, "affirm", "好")
    assert ("C003", "GZ200-30") in claimed()


async def test_coupon_all_after_the_question(flow_talk: Begin, shop: Session) -> None:
    talk = flow_talk(PROMOTIONS, customer="C003")
    await talk.say("ask_coupon", "领券")
    await talk.say("inform", "都领了吧")
    assert {code for _, code in claimed()} == {*codes(shop)}


async def test_coupon_claimed_once(flow_talk: Begin, shop: Session) -> None:
    talk = flow_talk(PROMOTIONS, customer="C003")
    await talk.say("ask_coupon", "帮我领满300减50的")
    talk.first = PROMOTIONS
    said = await talk.say("ask_coupon", "帮我领满300减50的")
    assert "已经领过" in said.text
    assert len(claimed()) == 1


async def test_coupon_all_claimed_is_said(flow_talk: Begin) -> None:
    talk = flow_talk(PROMOTIONS, customer="C003")
    await talk.say("ask_coupon", "有券吗")
    await then(talk, "affirm", "好")
    talk.first = PROMOTIONS
    said = await talk.say("ask_coupon", "还有券吗")
    assert "都领过了" in said.text
    assert said.slot("awaiting") is None


async def test_coupon_a_stranger_is_told_to_sign_in(flow_talk: Begin) -> None:
    talk = flow_talk(PROMOTIONS)
    said = await talk.say("ask_coupon", "帮我领满300减50的券")
    assert "登录" in said.text
    assert "/my/sign-in" in said.text
    assert claimed() == set()
    said = await talk.say("ask_coupon", "有券吗")
    assert said.slot("awaiting") is None


async def test_coupon_over_is_said(flow_talk: Begin, shop: Session) -> None:
    talk = flow_talk(PROMOTIONS, customer="C003")
    await talk.say("ask_coupon", "有券吗")
    with shop_session() as session:
        for coupon in running_coupons(session, datetime.now(timezone.utc)):
            coupon.ends_at = datetime.now(timezone.utc)
    said = await then(talk, "affirm", "好")
    assert "已经结束" in said.text
    assert claimed() == set()


async def test_coupon_correction_digression_and_let_be(flow_talk: Begin, shop: Session) -> None:
    talk = flow_talk(PROMOTIONS, customer="C003")
    await talk.say("ask_coupon", "领券")
    said = await talk.say("ask_shipping_fee", "运费多少")
    assert said.responses == ["utter_faq_ask_shipping_fee"]
    assert talk.requested == "detail"
    said = await talk.say("abandon_purchase", "算了不要了")
    assert talk.flow is None
    assert claimed() == set()


async def test_coupon_in_a_form_no_flow_begins(flow_talk: Begin) -> None:
    talk = flow_talk(PROMOTIONS, customer="C003")
    talk.chat.loop = "size_form"
    said = await talk.chat.run(PROMOTIONS, "ask_coupon", "帮我领券")
    assert said.slot("awaiting") is None
    assert said.texts


async def test_coupon_a_pending_bundle_is_still_meant(flow_talk: Begin) -> None:
    talk = flow_talk(PROMOTIONS, customer="C003")
    talk.chat.slots["awaiting"] = "bundle"
    said = await talk.say("ask_coupon", "有券吗")
    assert said.slot("awaiting") == "bundle"


async def test_coupon_the_shop_system_is_down(flow_talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql.SqlOrders, "perform", out_of_reach)
    said = await flow_talk(PROMOTIONS, customer="C003").say("ask_coupon", "帮我领满300减50的")
    assert said.outcomes == ["handed_over"]
    assert claimed() == set()


# --- back in stock ---


def a_sold_out_variant(shop: Session, product: str = JACKET) -> Sku:
    sku: Sku = shop.query(Sku).filter(Sku.product_no == product, Sku.stock == 0).order_by(Sku.code).first()
    return sku


def sell_out(product: str) -> None:
    with shop_session() as session:
        for sku in session.query(Sku).filter(Sku.product_no == product):
            sku.stock = 0


async def test_stock_sold_out_is_offered_and_noted_by_a_yes(flow_talk: Begin, shop: Session) -> None:
    sell_out(JACKET)
    talk = flow_talk(STOCK, customer="C003", product_no=JACKET)
    said = await talk.say("ask_stock", "还有货吗")
    assert "断货" in said.text
    assert said.text.endswith("要我到货时在这里告诉您吗？")
    assert said.slot("awaiting") == "deed_offer"

    said = await then(talk, "affirm", "好的")
    assert talk.flow is None
    assert set(wished()) == {sku.code for sku in shop.query(Sku).filter(Sku.product_no == JACKET)}
    assert set(wished().values()) == {"C003"}
    assert "到货后" in said.text


async def test_stock_one_sentence(flow_talk: Begin, shop: Session) -> None:
    sku = a_sold_out_variant(shop)
    talk = flow_talk(STOCK, product_no=JACKET)
    said = await talk.say("ask_stock", f"{sku.color}{sku.size}到货通知我", color=sku.color, size=sku.size)
    # A stranger is told in this conversation.
    assert wished() == {sku.code: CONVERSATION}
    assert sku.color in said.text
    assert sku.size in said.text


async def test_stock_alternatives_are_asked_about_and_waiting_is_a_tap(flow_talk: Begin, shop: Session) -> None:
    sku = a_sold_out_variant(shop)
    talk = flow_talk(STOCK, customer="C003", product_no=JACKET)
    said = await talk.say("ask_stock", f"{sku.color}{sku.size}有吗", color=sku.color, size=sku.size)
    assert said.text.endswith("您看可以吗？")
    assert said.slot("awaiting") is None
    (button,) = said.buttons

    await talk.say("ask_stock", button["payload"], service="到货通知")
    assert set(wished()) == {sku.code}


async def test_stock_the_variant_that_was_asked_about_is_meant(flow_talk: Begin, shop: Session) -> None:
    sku = a_sold_out_variant(shop)
    talk = flow_talk(STOCK, customer="C003", product_no=JACKET)
    await talk.say("ask_stock", f"{sku.color}{sku.size}有吗", color=sku.color, size=sku.size)
    await talk.say("ask_stock", "有货告诉我")
    assert set(wished()) == {sku.code}


async def test_stock_which_variant_is_asked(flow_talk: Begin, shop: Session) -> None:
    gone = shop.query(Sku).filter(Sku.product_no == JACKET, Sku.stock == 0).order_by(Sku.code).all()
    assert len(gone) > 1
    talk = flow_talk(STOCK, customer="C003", product_no=JACKET)
    said = await talk.say("ask_stock", "有货告诉我")
    assert talk.requested == "detail"
    assert [button["title"] for button in said.buttons] == [f"{sku.color} {sku.size}" for sku in gone]
    said = await talk.say("inform", "第八个", ordinal="8")
    assert "一共" in said.text
    await talk.say("inform", "第二个", ordinal="2")
    assert set(wished()) == {gone[1].code}


async def test_stock_which_product_is_asked(flow_talk: Begin, shop: Session) -> None:
    talk = flow_talk(STOCK, customer="C003")
    await talk.say("ask_stock", "补货了叫我")
    assert talk.requested == "article"
    await talk.say("inform", "SM1101", product="SM1101")
    assert set(wished()) == {"SM1101-04"}


async def test_stock_a_product_of_several_is_named_then_the_variant(flow_talk: Begin, shop: Session) -> None:
    gone = shop.query(Sku).filter(Sku.product_no == JACKET, Sku.stock == 0).order_by(Sku.code).all()
    talk = flow_talk(STOCK, customer="C003")
    await talk.say("ask_stock", "有货告诉我")
    said = await talk.say("nlu_fallback", "复古帆布工装夹克", product=JACKET)
    assert talk.requested == "detail"
    assert "missed" not in said.outcomes
    # Something else is talked about in between; it is still the jacket that is waited for.
    await talk.say("ask_price", "SM1101多少钱", product="SM1101")
    await talk.say("inform", "都行")
    assert set(wished()) == {sku.code for sku in gone}


async def test_stock_correction_another_colour(flow_talk: Begin, shop: Session) -> None:
    gone = shop.query(Sku).filter(Sku.product_no == JACKET, Sku.stock == 0).order_by(Sku.code).all()
    talk = flow_talk(STOCK, customer="C003", product_no=JACKET)
    await talk.say("ask_stock", "有货告诉我")
    await talk.say("nlu_fallback", "阿巴阿巴")
    assert talk.requested == "detail"
    await talk.say("inform", f"{gone[1].color}{gone[1].size}的", color=gone[1].color, size=gone[1].size)
    assert set(wished()) == {gone[1].code}


async def test_stock_there_is_some(flow_talk: Begin, shop: Session) -> None:
    sku = shop.query(Sku).filter(Sku.product_no == JACKET, Sku.stock > 0).order_by(Sku.code).first()
    talk = flow_talk(STOCK, customer="C003", product_no=JACKET)
    said = await talk.say("ask_stock", f"{sku.color}{sku.size}到货通知我", color=sku.color, size=sku.size)
    assert "现在就有货" in said.text
    assert wished() == {}


async def test_stock_not_sold_any_more(flow_talk: Begin) -> None:
    talk = flow_talk(STOCK, customer="C003", product_no="GZ2098")
    said = await talk.say("ask_stock", "到货通知我")
    assert "不会再补货" in said.text
    assert wished() == {}


async def test_stock_digression_and_let_be(flow_talk: Begin) -> None:
    talk = flow_talk(STOCK, customer="C003", product_no=JACKET)
    await talk.say("ask_stock", "有货告诉我")
    await talk.say("ask_shipping_fee", "包邮吗")
    assert talk.requested == "detail"
    said = await talk.say("abandon_purchase", "算了")
    assert talk.flow is None
    assert "登记到货通知" in said.text
    assert wished() == {}


async def test_stock_in_a_form_only_the_answer_is_given(flow_talk: Begin) -> None:
    sell_out(JACKET)
    talk = flow_talk(STOCK, customer="C003", product_no=JACKET)
    talk.chat.loop = "size_form"
    said = await talk.chat.run(STOCK, "ask_stock", "有货告诉我")
    assert said.slot("awaiting") is None
    assert said.slot("flow") == "not set"
    assert not said.text.endswith("？")


async def test_stock_the_shop_system_is_down(flow_talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql.SqlOrders, "perform", out_of_reach)
    said = await flow_talk(STOCK, customer="C003", product_no="SM1101").say("ask_stock", "有货告诉我")
    assert said.outcomes == ["handed_over"]
    assert wished() == {}


# --- membership ---


def level(customer: str) -> str:
    with shop_session(read_only=True) as session:
        row = session.get(Customer, customer)
        assert row is not None
        return str(row.level)


async def test_membership_join_in_one_sentence(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C003").say("ask_membership", "帮我开通会员")
    assert level("C003") == "银卡"
    assert "加入好了" in said.text
    assert deeds() == [("join_membership", "done")]


@pytest.mark.parametrize("question", ["会员有什么好处", "怎么入会", "我是什么等级", "/ask_membership"])
async def test_membership_question_then_yes(flow_talk: Begin, question: str) -> None:
    talk = flow_talk(customer="C003")
    said = await talk.say("ask_membership", question)
    assert said.responses == ["utter_faq_ask_membership"]
    assert said.slot("awaiting") == "deed_offer"
    assert level("C003") == "普通"
    await talk.say("affirm", "好的")
    assert level("C003") == "银卡"


async def test_membership_the_new_level_is_told(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C003")
    await talk.say("ask_membership", "帮我开通会员")
    said = await talk.say("ask_membership", "我是什么等级")
    (message,) = [each for each in said.messages if each.get("response")]
    assert message["customer_level"] == "银卡"
    assert said.slot("awaiting") is None


async def test_membership_a_member_is_offered_nothing(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C001")
    said = await talk.say("ask_membership", "会员有什么好处")
    assert said.slot("awaiting") is None
    said = await talk.say("ask_membership", "我要入会")
    assert "已经是金卡会员" in said.text
    assert level("C001") == "金卡"


async def test_membership_a_stranger_signs_in(flow_talk: Begin) -> None:
    talk = flow_talk()
    said = await talk.say("ask_membership", "我要入会")
    assert "登录" in said.text
    assert "/my/membership" in said.text
    said = await talk.say("ask_membership", "会员有什么用")
    assert said.responses == ["utter_faq_ask_membership"]
    assert said.slot("awaiting") is None


async def test_membership_the_shop_system_is_down(flow_talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql.SqlOrders, "perform", out_of_reach)
    said = await flow_talk(customer="C003").say("ask_membership", "帮我入会")
    assert said.outcomes == ["handed_over"]
    assert level("C003") == "普通"


# --- reviews ---


async def test_review_the_only_order_that_can_be_reviewed(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C014").say("ask_review", "我要评价")
    assert f"/my/orders/{CONFIRMED}/review" in said.text
    assert deeds() == [("open_review", "done")]


async def test_review_signed_for_is_confirmed_first(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C008").say("ask_review", "去评价", order_no=REFUNDED_DELIVERED)
    assert f"/my/orders/{REFUNDED_DELIVERED}/confirm" in said.text


@pytest.mark.parametrize(("wish", "answer"), [("我想把差评改了", "改不了"), ("我要追评", "追评")])
async def test_review_added_to_or_changed(flow_talk: Begin, wish: str, answer: str) -> None:
    said = await flow_talk(customer="C014").say("ask_review", wish)
    assert answer in said.text
    assert f"/my/orders/{CONFIRMED}/review" in said.text


async def test_review_question_then_yes(flow_talk: Begin) -> None:
    talk = flow_talk(customer="C014")
    said = await talk.say("ask_review", "评价怎么修改")
    assert said.responses == ["utter_faq_ask_review"]
    said = await talk.say("affirm", "好的")
    assert CONFIRMED in said.text


async def test_review_which_order_and_correction(flow_talk: Begin, shop: Session) -> None:
    talk = flow_talk()
    await talk.say("ask_review", "我要写评价")
    assert talk.requested == "order_no"
    await talk.say("inform", PAID, order_no=PAID)
    assert talk.requested == "phone_tail"
    said = await talk.say("ask_shipping_fee", "运费多少")
    assert talk.requested == "phone_tail"
    await talk.say("inform", f"不是，是{CONFIRMED}", order_no=CONFIRMED)
    said = await talk.say("inform", "3907", number="3907")
    assert f"/my/orders/{CONFIRMED}/review" in said.text


async def test_review_nothing_has_arrived(flow_talk: Begin) -> None:
    said = await flow_talk(customer="C014").say("ask_review", f"评价{ON_THE_WAY}", order_no=ON_THE_WAY)
    assert "收到货才能评价" in said.text


async def test_review_somebody_elses_order_is_like_none(flow_talk: Begin) -> None:
    answers = []
    for number in (OF_C001, "202600000000000000"):
        talk = flow_talk(customer="C014")
        answers.append((await talk.say("ask_review", f"我要评价{number}", order_no=number)).texts)
    assert answers[0] == answers[1]
    assert deeds() == []


async def test_review_let_be(flow_talk: Begin) -> None:
    talk = flow_talk()
    await talk.say("ask_review", "我要评价")
    await talk.say("abandon_purchase", "算了")
    assert talk.flow is None


async def test_review_the_shop_system_is_down(flow_talk: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql.SqlOrders, "perform", out_of_reach)
    said = await flow_talk(customer="C014").say("ask_review", "我要评价")
    assert said.outcomes == ["handed_over"]
