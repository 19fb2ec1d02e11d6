"""When and how goods come, over the running servers: delivery, installation and notes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.deeds.models import DeedRow
from sixty.shop.models import Order
from sixty.tables import column
from tests.servers.running import Product

IN_TRANSIT = "202633387926877109"  # of C048
AT_THE_DOOR = "202664408186953606"  # of C039
AIR_CONDITIONER, PAID = "202652051148294183", "202607418288983708"  # of C037, on its way and not yet sent


def deeds_about(shop: Session, number: str) -> list[DeedRow]:
    shop.expire_all()
    return list(shop.scalars(select(DeedRow).where(column(DeedRow.order_no) == number)))


def test_a_delivery_is_scheduled_turn_by_turn(product: Product, shop: Session) -> None:
    talk = product.visit(customer="C048")
    talk.say(f"订单{IN_TRANSIT}我想约个送货时间")
    assert "过去" in talk.say("昨天").text
    between = talk.say("运费多少")
    assert "包邮" in between.text
    assert "哪天" in between.text, "the form asks again"

    done = talk.say("后天晚上送")

    assert "晚上送" in done.text
    (deed,) = deeds_about(shop, IN_TRANSIT)
    assert (deed.kind, deed.state, deed.details["part"]) == ("schedule_delivery", "accepted", "evening")


def test_the_courier_is_asked_to_call(product: Product, shop: Session) -> None:
    said = product.visit(customer="C039").say(f"{AT_THE_DOOR} 让快递员给我打电话")

    assert "电话联系" in said.text
    (deed,) = deeds_about(shop, AT_THE_DOOR)
    assert deed.details["note"] == "派送前请先电话联系收件人"


def test_an_installation_is_booked_and_a_question_keeps_its_answer(product: Product, shop: Session) -> None:
    talk = product.visit(customer="C037")
    asked = talk.say("安装收费吗")
    assert "安装" in asked.text
    assert "登记" not in asked.text

    talk.say("预约安装")
    done = talk.say("周日下午")

    assert "登记好了" in done.text
    (deed,) = deeds_about(shop, AIR_CONDITIONER)
    assert (deed.kind, deed.state, deed.line) == ("book_installation", "accepted", 1)


def test_a_note_is_written_and_read_out(product: Product, shop: Session) -> None:
    talk = product.visit(customer="C037")

    said = talk.say(f"订单{PAID}麻烦备注一下 包装结实一点")

    assert "包装结实一点" in said.text
    shop.expire_all()
    order = shop.get(Order, PAID)
    assert order is not None
    assert order.note == "包装结实一点"
    assert "包装结实一点" in talk.say("备注了吗").text
