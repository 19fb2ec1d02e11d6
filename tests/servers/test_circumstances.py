"""One question, many answers: by the customer's region and level, the page, the product, the order's address."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.models import Customer, Order
from sixty.shop.orders import Viewer, orders_of
from sixty.shop.regions import province
from tests.servers.running import Product


def living_in(shop: Session, region: str) -> str:
    customer = shop.scalars(select(Customer).where(Customer.region == region)).first()
    assert customer is not None
    return str(customer.id)


def test_a_sessions_first_answer_is_the_regions(product: Product, shop: Session) -> None:
    far = product.visit(customer=living_in(shop, "新疆")).say("包邮吗").text
    near = product.visit(customer=living_in(shop, "浙江")).say("包邮吗").text
    stranger = product.visit().say("包邮吗").text
    assert "寄新疆满199元包邮" in far
    assert "寄新疆" not in near
    assert near.splitlines()[0] == stranger.splitlines()[0]


def test_the_usual_time_of_delivery_is_that_of_the_region(product: Product) -> None:
    """For who has no order on its way, which would be the answer."""
    known = product.visit(customer="C003").mean("/ask_delivery_time").text  # from 上海, has never bought
    assert "1到2天" in known
    assert "5到7天" not in known
    stranger = product.visit().mean("/ask_delivery_time").text
    assert all(each in stranger for each in ("1到2天", "2到4天", "5到7天"))


@pytest.mark.parametrize("level", ["普通", "银卡", "金卡", "PLUS"])
def test_a_member_hears_of_their_own_level(product: Product, shop: Session, level: str) -> None:
    customer = shop.scalars(select(Customer).where(Customer.level == level)).first()
    assert customer is not None
    answer = product.visit(customer=customer.id).mean("/ask_membership").text
    assert level in answer
    assert answer != product.visit().mean("/ask_membership").text


def test_the_category_follows_the_product_within_a_conversation(product: Product) -> None:
    talk = product.visit(entry="product", product="GZ2101")
    assert "吊牌" in talk.mean("/ask_return_policy").text
    # Named in this very message, and the topic from then on.
    assert "没激活" in talk.mean('/ask_return_policy{"product":"SM4011"}').text
    assert "没激活" in talk.mean("/ask_return_policy").text
    assert "吊牌" in talk.mean('/ask_return_policy{"product":"GZ2102"}').text


def test_an_order_on_its_way_takes_as_long_as_its_own_region(product: Product, shop: Session) -> None:
    regions = set()
    for order in shop.scalars(select(Order).where(Order.state == "shipped")):
        region = province(order.region)
        owned = orders_of(shop, Viewer("", order.customer_id), now=datetime.now(timezone.utc))
        if region is None or order.no not in {each.no for each in owned}:
            continue
        answer = product.visit(customer=order.customer_id, entry="order", order=order.no).mean("/ask_delivery_time")
        if "发货后一般" in answer.text:  # One that is late is urged instead.
            assert f"寄{region}" in answer.text
            regions.add(region)
    assert regions
