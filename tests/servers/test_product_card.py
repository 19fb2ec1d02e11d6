"""A link or a 货号 becomes a card with picture, prices and final price, and the product stays the topic."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal

import pytest
import requests
from sqlalchemy.orm import Session

from sixty.shop.catalogue import attribute_answer, find_product
from sixty.shop.prices import PriceCard, price_card
from tests.servers.running import Answer, Product

UNKNOWN_LINK = "https://item.taobao.com/item.htm?id=700000000001"


def prices_of(shop: Session, no: str, customer: str | None = None) -> PriceCard:
    found = find_product(shop, no)
    assert found is not None
    return price_card(shop, found, None, datetime.now(timezone.utc), customer)


def shows(answer: Answer, no: str, prices: PriceCard) -> None:
    card = answer.card("product")
    assert card["no"] == no
    assert Decimal(card["final_price"]) == prices.final_price
    amounts = {Decimal(row["amount"]) for row in card["prices"]}
    assert (prices.presale.price if prices.presale else prices.price) in amounts
    assert all(len(row["amount"].split(".")[1]) == 2 for row in card["prices"])


@pytest.mark.parametrize(
    ("message", "no"),
    [
        ("https://item.taobao.com/item.htm?id=681203457712", "GZ2101"),
        ("【淘宝】快来看看 https://item.taobao.com/item.htm?spm=a1z10.3&id=681203457712&skuId=1 复制打开", "GZ2101"),
        ("https://detail.m.tmall.com/item.htm?id=681203457712", "GZ2101"),
        ("https://item.jd.com/100045120993.html", "GZ2101"),
        ("帮我看下 https://item.m.jd.com/product/100045120993.html?utm_source=x", "GZ2101"),
        ("http://localhost:8600/?entry=product&product=GZ2101", "GZ2101"),
        ("https://shop.example.cn/p/GZ1101", "GZ1101"),
        ("GZ1102", "GZ1102"),
        ("gz1102", "GZ1102"),
        ("ＭＹ３１０１", "MY3101"),
        ("SM4011到手多少钱", "SM4011"),
        ("WJ1101", "WJ1101"),
    ],
)
def test_shows_the_card(product: Product, shop: Session, message: str, no: str) -> None:
    shows(product.visit().say(message), no, prices_of(shop, no))


def test_the_picture_of_the_card_exists(product: Product) -> None:
    card = product.visit().say("GZ2101").card("product")
    picture = requests.get(card["picture"], timeout=10, proxies={"http": ""})
    assert picture.status_code == 200
    assert picture.headers["content-type"].startswith("image/svg+xml")


def test_a_members_final_price_is_theirs(product: Product, shop: Session) -> None:
    answer = product.visit(customer="C001").say("GZ2102")
    member, anybody = prices_of(shop, "GZ2102", "C001"), prices_of(shop, "GZ2102")
    assert member.final_price < anybody.final_price
    shows(answer, "GZ2102", member)


def test_a_presale_names_deposit_and_balance(product: Product, shop: Session) -> None:
    prices = prices_of(shop, "GZ1105")
    assert prices.presale is not None
    answer = product.visit().say("GZ1105")
    shows(answer, "GZ1105", prices)
    amounts = {Decimal(row["amount"]) for row in answer.card("product")["prices"]}
    assert {prices.presale.deposit, prices.presale.balance} <= amounts
    assert f"定金{prices.presale.deposit:.0f}元" in answer.text


def test_a_product_off_sale_hands_on_to_its_successor(product: Product, shop: Session) -> None:
    answer = product.visit().say("GZ2098")
    shows(answer, "GZ2101", prices_of(shop, "GZ2101"))
    assert "下架" in answer.text


def test_it_stays_the_topic(product: Product, shop: Session) -> None:
    material = attribute_answer(shop, "GZ2101", "材质")
    assert material is not None
    talk = product.visit()
    answer = talk.say_all("https://item.taobao.com/item.htm?id=681203457712", "包邮吗", "什么面料的呀")
    assert all(part in answer.text for part in material.value.split()), str(talk)


def test_correction_the_last_number_counts(product: Product, shop: Session) -> None:
    talk = product.visit()
    shows(talk.say_all("GZ2101", "说错了，应该是GZ1101"), "GZ1101", prices_of(shop, "GZ1101"))


@pytest.mark.parametrize("message", [UNKNOWN_LINK, "https://item.jd.com/100999999999.html", "GZ9999", "货号是ZZ9999"])
def test_invalid_what_the_shop_does_not_have(product: Product, shop: Session, message: str) -> None:
    talk = product.visit()
    answer = talk.say(message)
    assert answer.outcomes == {"asked_back"}, str(talk)
    assert not answer.cards("product")
    assert answer.capsules, "likely products to tap"
    shows(talk.say("GZ2101"), "GZ2101", prices_of(shop, "GZ2101"))


def test_invalid_an_unknown_link_in_place_of_the_topic(product: Product) -> None:
    """It must not be answered from the product before."""
    talk = product.visit()
    assert not talk.say_all("GZ2101", UNKNOWN_LINK).cards("product"), str(talk)
    assert talk.say("到手多少钱").outcomes == {"asked_back"}


def test_asks_which_and_takes_a_tap(product: Product, shop: Session) -> None:
    talk = product.visit(customer="C002")
    asked = talk.say("到手多少钱")
    assert asked.outcomes == {"asked_back"}
    answer = talk.tap(asked.capsules[0])
    no = answer.card("product")["no"]
    shows(answer, no, prices_of(shop, no, "C002"))


def test_digression_before_the_number_comes(product: Product, shop: Session) -> None:
    talk = product.visit()
    talk.say("多少钱啊")
    assert talk.say("都发什么快递").outcomes == {"answered"}
    shows(talk.say("GZ2101"), "GZ2101", prices_of(shop, "GZ2101"))


def test_cancellation(product: Product) -> None:
    talk = product.visit()
    assert talk.say_all("多少钱啊", "算了不买了").outcomes == {"social"}
    assert talk.say("好的").outcomes == {"social"}
