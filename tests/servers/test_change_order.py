"""Changing an order and having one back, over the running servers: whole conversations, and what they leave behind."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.deeds.models import DeedRow
from sixty.shop.models import Order
from sixty.tables import column
from tests.servers.running import Product

PAID, ITS_PHONE = "202606681792232838", "13800001190"  # of C013, paid two hours ago
IN_TRANSIT = "202646854242764129"  # of C007
CLOSED = "202651000000000097"  # of C051, an hour ago
NEW = "浙江省杭州市西湖区文三路1号"


def order_now(shop: Session, number: str) -> Order:
    shop.expire_all()
    order: Order | None = shop.get(Order, number)
    assert order is not None
    return order


def deeds_about(shop: Session, number: str) -> list[DeedRow]:
    shop.expire_all()
    return list(shop.scalars(select(DeedRow).where(column(DeedRow.order_no) == number)))


def test_a_visitor_changes_address_phone_and_receiver(product: Product, shop: Session) -> None:
    talk = product.visit()
    talk.say("帮我改下地址")
    assert "后四位" in talk.say(PAID).text
    asked = talk.say(ITS_PHONE[-4:])
    assert "省市区" in asked.text

    piece = talk.say("西湖区文三路1号")
    assert "完整" in piece.text
    done = talk.say(f"{NEW} 张三 13900000000")

    assert NEW in done.text
    changed = order_now(shop, PAID)
    assert (changed.address, changed.region) == (NEW, "浙江")
    assert (changed.receiver, changed.phone) == ("张三", "13900000000")


def test_on_the_way_it_is_redirected_after_a_question_and_a_correction(product: Product, shop: Session) -> None:
    talk = product.visit(customer="C007")
    talk.say(f"订单{IN_TRANSIT}地址改一下")
    asked = talk.say("上海市浦东新区世纪大道100号")
    assert "确定吗" in asked.text
    between = talk.say("运费多少")
    assert "包邮" in between.text
    assert "世纪大道" in between.text, "the form asks again"
    corrected = talk.say(f"不对 改成{NEW}")
    assert NEW in corrected.text

    done = talk.say("确定")

    assert "编号" in done.text
    (deed,) = deeds_about(shop, IN_TRANSIT)
    assert (deed.kind, deed.state, deed.details["address"]) == ("redirect_parcel", "accepted", NEW)
    assert order_now(shop, IN_TRANSIT).address != NEW


def test_what_cannot_be_changed_is_said(product: Product) -> None:
    said = product.visit(customer="C038").say("两个订单合并")

    assert "合不成一单" in said.text
    assert "/order_note" in [capsule.payload for capsule in said.capsules]


def test_letting_it_be_leaves_the_address(product: Product, shop: Session) -> None:
    talk = product.visit(customer="C041")
    talk.say("地址写错了")

    said = talk.say("算了不改了")

    assert "先不改订单" in said.text


def test_why_an_order_was_closed_and_having_it_back(product: Product, shop: Session) -> None:
    talk = product.visit(customer="C051")

    asked = talk.say("怎么给我取消了")
    assert "拍错了" in asked.text
    done = talk.say("好的")

    assert "恢复好了" in done.text
    assert order_now(shop, CLOSED).state == "unpaid"
