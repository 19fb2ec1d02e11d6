"""Price protection over the running servers."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.database import shop_session
from sixty.shop.deeds.models import DeedRow
from sixty.shop.models import Order, Sku
from sixty.tables import column
from tests.servers.running import Product

CONFIRMED = "202656721878701250"  # of C014, one article
OF_C001 = "202601246690831754"


def cheaper(product: Product, number: str, by: str) -> None:
    with shop_session(product.database_url) as session:
        order = session.get(Order, number)
        assert order is not None
        sku = session.get(Sku, order.lines[0].sku_code)
        assert sku is not None
        sku.price, sku.member_price = order.lines[0].unit_price - Decimal(by), None


def granted(product: Product, number: str) -> list[Decimal | None]:
    query = select(DeedRow).where(column(DeedRow.order_no) == number, column(DeedRow.kind) == "price_protection")
    with shop_session(product.database_url, read_only=True) as session:
        return [row.amount for row in session.scalars(query) if row.state == "accepted"]


def test_the_difference_is_found_and_paid_back_once(product: Product, shop: Session) -> None:
    order = shop.get(Order, CONFIRMED)
    assert order is not None
    cheaper(product, CONFIRMED, "6")
    talk = product.visit(customer="C014")
    assert "30天" in talk.say("支持价保吗").text

    done = talk.say("刚买就降价了，差价退我")

    due = Decimal(6) * order.lines[0].quantity
    assert f"{due:.0f}元" in done.text
    assert granted(product, CONFIRMED) == [due]
    assert "正在退" in talk.say("差价退了没有").text
    talk.say("我要价保")
    assert granted(product, CONFIRMED) == [due]


def test_a_digression_a_second_thought_and_somebody_elses_order(product: Product) -> None:
    talk = product.visit()
    talk.say_all("我要价保", "好的")
    assert "电子普通发票" in talk.say("能开发票吗").text
    assert "先不申请价保" in talk.say("算了").text

    known = product.visit(customer="C014")
    assert "没有找到" in known.say(f"{OF_C001}降价了，差价退我").text
    assert granted(product, OF_C001) == []
