"""Returning, exchanging and cancelling, over the running servers: whole conversations, and what they leave behind."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.deeds.models import DeedRow
from sixty.shop.models import Order
from sixty.tables import column
from tests.servers.running import Product

TROUSERS_AND_SOCKS = "202652000000000013"  # of C052, received three days ago
JUST_PAID = "202607911357164774"  # of C050, whom no other test plays
PAID = "202651000000000028"  # of C051, paid three hours ago
OF_C001 = "202604718832650917"


def deeds_about(shop: Session, order_no: str) -> list[DeedRow]:
    shop.expire_all()
    return list(shop.scalars(select(DeedRow).where(column(DeedRow.order_no) == order_no)))


def test_a_return_in_one_sentence(product: Product, shop: Session) -> None:
    talk = product.visit(customer="C052")
    asked = talk.say("那条裤子不喜欢，帮我退货")
    assert "工装裤" in asked.text
    assert "七天无理由" in asked.text
    assert [capsule.payload for capsule in asked.capsules] == ["/affirm", "/deny"]

    done = talk.say("确定")

    assert "已经提交" in done.text
    (deed,) = deeds_about(shop, TROUSERS_AND_SOCKS)
    assert (deed.kind, deed.line, deed.customer_id, deed.by) == ("return", 1, "C052", "customer")


def test_a_cancellation_with_a_digression(product: Product, shop: Session) -> None:
    talk = product.visit(customer="C050")
    assert "原因" in talk.say(f"我要取消订单{JUST_PAID}").text

    asked = talk.say("运费多少")
    assert "包邮" in asked.text
    assert "原因" in asked.text, "the form asks again"

    assert "没法恢复" in talk.say("发货太慢").text
    talk.say("确定")

    assert [deed.state for deed in deeds_about(shop, JUST_PAID)] == ["done"]
    order = shop.get(Order, JUST_PAID)
    assert order is not None
    assert order.state == "closed"


def test_letting_it_be_leaves_nothing(product: Product, shop: Session) -> None:
    talk = product.visit(customer="C051")
    talk.say(f"取消订单{PAID}")
    let_be = talk.say("算了，不取消了")
    assert "先不取消订单" in let_be.text
    assert not [deed for deed in deeds_about(shop, PAID) if deed.kind == "cancel_order"]


def test_a_person_in_the_middle(product: Product) -> None:
    talk = product.visit(customer="C051")
    talk.say("我要取消订单")
    assert talk.say("转人工").outcomes == {"handed_over"}


def test_somebody_elses_order_is_like_none(product: Product, shop: Session) -> None:
    answers = [
        product.visit(customer="C052").say(f"取消订单{number}").text for number in (OF_C001, "202600000000000000")
    ]
    assert answers[0] == answers[1]
    assert deeds_about(shop, OF_C001) == []


def test_a_visitor_is_told_how_and_then_helped(product: Product) -> None:
    talk = product.visit()
    assert "取消订单" in talk.say("怎么取消订单").text
    assert "订单号" in talk.say("好的").text
    assert "后四位" in talk.say(OF_C001).text
    assert talk.say("算了不用了").outcomes == {"social"}
