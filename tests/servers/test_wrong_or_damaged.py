"""Wrong, missing, damaged: whole conversations."""

from __future__ import annotations

from sqlalchemy import select

from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.tables import column
from tests.servers.running import Product

HUMIDIFIER = "202660213311145494"  # of C036
FRYER = "202632076536460488"  # of C041, delivered two days ago
TWO_ARTICLES = "202615548608022232"  # of C021


def deeds(product: Product, order_no: str) -> list[DeedRow]:
    with shop_session(product.database_url, read_only=True) as session:
        return list(session.scalars(select(DeedRow).where(column(DeedRow.order_no) == order_no)))


def test_damaged_and_compensated_after_a_question_between(product: Product) -> None:
    talk = product.visit(customer="C036")
    offered = talk.say("收到的东西碎了")
    assert "留着用，要补偿" in [capsule.title for capsule in offered.capsules]
    between = talk.say("运费多少")
    assert "包邮" in between.text
    asked = talk.say("留着用吧，补点钱")
    assert "拍" in asked.text
    read_out = talk.say("没有")
    assert "补偿您" in read_out.text
    assert deeds(product, HUMIDIFIER) == []
    done = talk.say("可以")
    (deed,) = deeds(product, HUMIDIFIER)
    assert (deed.kind, deed.state) == ("compensate", "accepted")
    assert deed.reference in done.text


def test_missing_from_an_order_of_two_articles(product: Product) -> None:
    talk = product.visit(customer="C021")
    talk.say("少发了一件")
    answer = talk.say(TWO_ARTICLES)
    assert "哪一件" in answer.text
    talk.say("第二件")
    talk.say("补发")
    done = talk.say("没有图")
    (deed,) = deeds(product, TWO_ARTICLES)
    assert (deed.kind, deed.line, deed.cause) == ("resend", 2, "missing")
    assert deed.reference in done.text


def test_no_after_all(product: Product) -> None:
    talk = product.visit(customer="C041")
    talk.say("发错货了")
    assert "先不" in talk.say("不用了").text
    assert deeds(product, FRYER) == []
