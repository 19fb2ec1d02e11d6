"""Wishes, bargaining and second thoughts, over the running servers."""

from __future__ import annotations

from decimal import Decimal

from sixty.shop.benefits.models import BenefitGrant
from sixty.shop.database import shop_session
from tests.servers.running import Product

JACKET, PHONE = "GZ1101", "SM1101"


def granted(product: Product, customer: str) -> list[str]:
    with shop_session(product.database_url, read_only=True) as session:
        rows = session.query(BenefitGrant).filter(BenefitGrant.customer_id == customer)
        return [row.benefit_id for row in rows]


def test_a_wish_is_narrowed_shown_and_gone_on_from(product: Product) -> None:
    talk = product.visit()
    answer = talk.say("推荐几款")
    for _ in range(3):
        if not answer.capsules or answer.cards("suggestions"):
            break
        answer = talk.tap(answer.capsules[0])
    shown = answer.card("suggestions")["items"]
    assert 1 <= len(shown) <= 3
    assert all(item["reason"] and Decimal(item["final_price"]) > 0 for item in shown)
    others = talk.say("换一批")
    again = [item["no"] for card in others.cards("suggestions") for item in card["items"]]
    assert not {item["no"] for item in shown} & {*again}


def test_an_upgrade_is_asked_for_and_taken(product: Product) -> None:
    talk = product.visit("product", PHONE)
    answer = talk.say("有没有更好的")
    assert "再加" in answer.text
    assert answer.card("suggestions")["items"][0]["difference"].startswith("再加")
    assert "到手" in talk.say("好的").text


def test_bargaining_ends_in_a_benefit_that_is_given_once(product: Product) -> None:
    talk = product.visit("product", JACKET, customer="C021")
    answer = talk.say("能便宜点吗")
    for _ in range(4):
        if answer.cards("benefit"):
            break
        answer = talk.say("再便宜点")
    assert answer.card("benefit")["state"] == "offered"
    done = talk.say("好的")
    assert done.card("benefit")["state"] == "granted"
    assert len(granted(product, "C021")) == 1


def test_who_is_angry_is_sold_nothing(product: Product) -> None:
    talk = product.visit("product", JACKET, customer="C022")
    talk.say("气死我了，你们就是骗子")
    for line in ("能便宜点吗", "我再看看", "不买了"):
        answer = talk.say(line)
        assert not answer.cards("benefit")
        assert not answer.cards("own_channel")
    assert granted(product, "C022") == []
