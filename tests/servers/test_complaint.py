"""Complaints and withdrawn cases: whole conversations."""

from __future__ import annotations

from sqlalchemy import select

from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.shop.models import Refund
from sixty.tables import column
from tests.servers.running import Product

REFUNDING = "202663386490063915"  # of C014, paid and not sent


def complaints(product: Product, customer: str) -> list[DeedRow]:
    query = select(DeedRow).where(column(DeedRow.customer_id) == customer, column(DeedRow.kind) == "complain")
    with shop_session(product.database_url, read_only=True) as session:
        return list(session.scalars(query))


def test_a_complaint_is_asked_about_and_written_down_once(product: Product) -> None:
    talk = product.visit(customer="C043")
    asked = talk.say("我要投诉")
    assert "登记" in asked.text
    done = talk.say("安装师傅态度差，乱收费")
    (deed,) = complaints(product, "C043")
    assert "安装师傅态度差" in deed.details["text"]
    assert deed.reference in done.text
    assert "handed_over" in done.outcomes
    again = talk.say("投诉你们，安装师傅态度差")
    assert deed.reference in again.text
    assert len(complaints(product, "C043")) == 1


def test_an_angry_complaint_is_written_down_at_once(product: Product) -> None:
    talk = product.visit(customer="C044")
    said = talk.say("骗子，我要投诉")
    (deed,) = complaints(product, "C044")
    assert deed.reference in said.text
    assert "handed_over" in said.outcomes


def test_a_case_is_withdrawn_after_a_yes(product: Product) -> None:
    talk = product.visit(customer="C014")
    assert "确定撤销吗" in talk.say("不退了").text
    assert "撤销了" in talk.say("确定").text
    with shop_session(product.database_url, read_only=True) as session:
        states = session.scalars(select(Refund.state).where(column(Refund.order_no) == REFUNDING)).all()
    assert states == ["withdrawn"]
