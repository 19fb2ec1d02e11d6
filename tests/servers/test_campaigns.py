"""Presales, campaigns and the right moment to buy, as customers ask for them."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from sqlalchemy.orm import Session

from sixty.shop.catalogue import find_product
from sixty.shop.models import Product as ShopProduct
from sixty.shop.prices import price_card
from sixty.shop.pricing.questions import balance_of_product, now_or_campaign
from sixty.shop.wording import say_amount
from tests.servers.running import Product

USUAL, ON_PRESALE = "GZ2101", "GZ1105"


def now() -> datetime:
    return datetime.now(timezone.utc)


def product_of(shop: Session, no: str) -> ShopProduct:
    found = find_product(shop, no)
    assert found is not None
    return found


@pytest.mark.parametrize("question", ["什么时候付尾款", "尾款几号能付呀"])
def test_when_the_balance_is_paid(product: Product, shop: Session, question: str) -> None:
    answer = product.visit(entry="product", product=ON_PRESALE).say(question)
    balance = balance_of_product(shop, product_of(shop, ON_PRESALE), now())
    assert balance is not None
    assert balance.balance is not None
    assert say_amount(balance.balance) in answer.text
    assert answer.outcomes == {"answered"}


@pytest.mark.parametrize("question", ["定金能退吗", "付了定金不想要了 定金还给我不"])
def test_what_becomes_of_a_deposit(product: Product, question: str) -> None:
    assert "定金" in product.visit(entry="product", product=ON_PRESALE).say(question).text


def test_when_a_presale_is_dispatched(product: Product, shop: Session) -> None:
    answer = product.visit(entry="product", product=ON_PRESALE).say("预售什么时候发货")
    assert "付完尾款最晚" in answer.text


@pytest.mark.parametrize("question", ["现在买还是双11买划算", "双11会不会更便宜"])
def test_now_or_in_the_campaign(product: Product, shop: Session, question: str) -> None:
    answer = product.visit(customer="C001", entry="product", product=USUAL).say(question)
    advice = now_or_campaign(shop, product_of(shop, USUAL), now(), "C001", about=question)
    assert advice is not None
    assert say_amount(advice.now_price) in answer.text
    assert say_amount(advice.then_price) in answer.text


def test_the_product_is_asked_for_and_then_compared(product: Product, shop: Session) -> None:
    talk = product.visit()
    assert talk.say("现在买还是双11买划算").outcomes == {"asked_back"}
    answer = talk.say(USUAL)
    advice = now_or_campaign(shop, product_of(shop, USUAL), now(), about="双11")
    assert advice is not None
    assert say_amount(advice.then_price) in answer.text
    assert answer.card("product")["no"] == USUAL


def test_correction_a_wrong_number_then_the_right_one(product: Product, shop: Session) -> None:
    talk = product.visit()
    talk.say("现在买还是双11买划算")
    assert talk.say("GZ9999").outcomes == {"asked_back"}
    assert talk.say(USUAL).card("product")["no"] == USUAL


def test_digression_before_the_number_comes(product: Product) -> None:
    talk = product.visit()
    talk.say("现在买还是双11买划算")
    assert talk.say("包邮吗").outcomes == {"answered"}
    assert talk.say(USUAL).card("product")["no"] == USUAL


def test_cancellation(product: Product) -> None:
    talk = product.visit()
    assert talk.say_all("现在买还是双11买划算", "不用了").outcomes == {"social"}


def test_invalid_a_link_that_is_not_ours(product: Product) -> None:
    talk = product.visit()
    talk.say("现在买还是双11买划算")
    answer = talk.say("https://item.jd.com/100999999999.html")
    assert not answer.cards("product")
    assert answer.outcomes == {"asked_back"}


@pytest.mark.parametrize("question", ["双11有什么活动", "双11什么时候开始"])
def test_what_a_campaign_brings(product: Product, question: str) -> None:
    answer = product.visit().say(question)
    assert "双11：" in answer.text
    assert "10月31日20:00" in answer.text or "正在" in answer.text


def test_the_capsule_of_a_presale_can_be_tapped(product: Product) -> None:
    talk = product.visit()
    capsules = talk.say(ON_PRESALE).capsules
    (balance,) = (capsule for capsule in capsules if capsule.title == "什么时候付尾款")
    assert "尾款" in talk.tap(balance).text
    (deposit,) = (capsule for capsule in capsules if capsule.title == "定金能退吗")
    assert "定金" in talk.tap(deposit).text


def test_red_packets_and_membership_count_and_are_explained(product: Product, shop: Session) -> None:
    answer = product.visit(customer="C001").say(USUAL)
    prices = price_card(shop, product_of(shop, USUAL), None, now(), "C001")
    assert f"到手{say_amount(prices.final_price)}" in answer.text
    for line in prices.lines:
        if line.amount < 0:
            assert f"{line.label}：−{say_amount(-line.amount)}" in answer.text
