"""Invoices over the running servers: whole conversations, and what they leave behind."""

from __future__ import annotations

from sqlalchemy import select

from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.tables import column
from sixty.talk.client import Capsule
from tests.servers.running import Product

RECEIVED = "202656865836125738"  # of C008, confirmed
JUST_PAID = "202676709409858463"  # of C008
OF_C014 = "202656721878701250"
TAIL_OF_C014 = "3907"
UNPAID = "202693244845263097"  # of C004
NUMBER = "91320594MA1XWQ3N4D"
NAME = "苏州明德科技有限公司"


def deeds_about(product: Product, order_no: str) -> list[DeedRow]:
    invoices = column(DeedRow.kind).in_(("issue_invoice", "reissue_invoice"))
    query = select(DeedRow).where(column(DeedRow.order_no) == order_no, invoices).order_by(DeedRow.asked_at)
    with shop_session(product.database_url, read_only=True) as session:
        rows = list(session.scalars(query))
        session.expunge_all()
    return rows


def test_one_sentence_then_another_title(product: Product) -> None:
    talk = product.visit(customer="C008", entry="order", order=RECEIVED)
    done = talk.say(f"开公司抬头 {NAME} 税号{NUMBER} 发到zhang.san@mdkj.com")
    (deed,) = deeds_about(product, RECEIVED)
    assert (deed.kind, deed.state, deed.customer_id) == ("issue_invoice", "accepted", "C008")
    assert deed.details["tax_no"] == NUMBER
    assert deed.reference in done.text

    assert deed.reference in talk.say("发票开了没").text
    talk.say("抬头写错了，改成个人抬头")
    asked = talk.say("发到邮箱a@b.com")
    assert "抬头：个人" in asked.text
    talk.say("确定")
    assert [each.kind for each in deeds_about(product, RECEIVED)] == ["issue_invoice", "reissue_invoice"]


def test_five_turns_with_a_digression_and_a_wrong_number(product: Product) -> None:
    talk = product.visit(customer="C008")
    listed = talk.say("帮我开发票")
    row = next(row for row in listed.card("orders")["orders"] if row["no"] == JUST_PAID)
    talk.tap(Capsule(row["title"], row["tap"]))
    talk.say("公司")
    asked = talk.say("运费多少")
    assert "包邮" in asked.text
    assert "全称" in asked.text, "the form asks again"
    talk.say(f"抬头写{NAME}")
    assert "16位" in talk.say(f"发票税号是{NUMBER[:-2]}").text
    talk.say(f"发票税号是{NUMBER}")
    done = talk.say("发到邮箱a@b.com")
    assert NAME in done.text
    assert "发货后3天内" in done.text
    assert [deed.details["email"] for deed in deeds_about(product, JUST_PAID)] == ["a@b.com"]


def test_a_question_is_answered_and_a_visitor_proves_the_order(product: Product) -> None:
    talk = product.visit()
    asked = talk.say("能开发票吗")
    assert "电子普通发票" in asked.text
    talk.say("好的")
    talk.say(OF_C014)
    talk.say(TAIL_OF_C014)
    talk.say("个人抬头")
    talk.mean("/deny")
    (deed,) = deeds_about(product, OF_C014)
    assert deed.details == {"title": "个人", "title_type": "personal"}


def test_letting_it_be_and_what_cannot_be_done_leave_nothing(product: Product) -> None:
    talk = product.visit(customer="C004")
    refused = talk.say(f"给{UNPAID}开发票")
    assert "付完款" in refused.text
    stranger = product.visit(customer="C002")
    assert "没有找到" in stranger.say(f"给{UNPAID}开发票").text
    assert "先不开发票" in stranger.say("算了不开了").text
    assert [deed.state for deed in deeds_about(product, UNPAID) if deed.state != "refused"] == []
