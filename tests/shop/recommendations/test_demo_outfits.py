"""Suggestions in the demo shop, as a customer meets them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.catalogue import attribute_keys, find_product
from sixty.shop.climate import read_climate
from sixty.shop.demo import seed
from sixty.shop.models import Order, Product, Sku
from sixty.shop.pricing.offers import quote
from sixty.shop.recommendations import (
    Situation,
    Wish,
    after_order,
    after_size_advice,
    answered,
    complementary,
    for_wish,
    next_question,
    outfit_for,
    recommend,
    refuse,
    refuse_all,
    similar,
    substitutes,
    upgrades,
    wants_none,
    wish_in,
)
from sixty.shop.recommendations.narrowing import MOST_QUESTIONS
from sixty.shop.recommendations.rules import read_recommendations
from sixty.shop.relink import pairings_of

from .shops import empty_shop

PLAYBOOK = Path(__file__).parents[3] / "playbook"
NOW = datetime(2026, 11, 5, 7, 0, tzinfo=timezone.utc)
JACKET = "GZ1101"


@pytest.fixture(scope="module")
def demo() -> Iterator[Session]:
    with empty_shop() as session:
        seed(session, NOW, path=PLAYBOOK / "demo")
        yield session


@pytest.fixture(autouse=True)
def _as_it_was(demo: Session) -> Iterator[None]:
    with demo.begin_nested() as nested:
        yield
        nested.rollback()
    demo.expire_all()


def _visitor(**more: object) -> Situation:
    given: dict[str, object] = {"now": NOW, "conversation_id": "visit", "product_no": JACKET, "region": "浙江", **more}
    return Situation(**given)  # type: ignore[arg-type]


def test_a_jacket_becomes_an_outfit_with_trousers_a_shirt_and_a_belt(demo: Session) -> None:
    outfit = outfit_for(demo, _visitor(color="卡其", size="L"))
    assert outfit is not None
    rules = read_recommendations(PLAYBOOK)
    assert [rules.family_of(item.product.kind) for item in outfit.items] == ["上衣", "裤子", "腰带"]
    assert outfit.sku.color == "卡其"
    assert all(item.sku.size in ("L", "") or "均码" in item.sku.text for item in outfit.items)
    codes = [outfit.sku.code, *(item.sku.code for item in outfit.items)]
    assert outfit.picture == f"/pictures/outfit/{'_'.join(codes)}.svg"
    assert outfit.bundle.bundle_price == quote(demo, dict.fromkeys(codes, 1), NOW).goods
    assert outfit.bundle.saving > 0
    trousers = outfit.items[1]
    assert "卡其和您看的卡其工装夹克一个颜色" in trousers.reason


def test_a_picture_of_the_merchants_own_is_the_products(demo: Session) -> None:
    find_product(demo, JACKET).picture = "https://example.com/jacket.jpg"  # type: ignore[union-attr]
    demo.flush()
    outfit = outfit_for(demo, _visitor())
    assert outfit is not None
    assert outfit.picture == "https://example.com/jacket.jpg"


def test_every_pairing_is_found_as_relinking_finds_it(demo: Session) -> None:
    for product in demo.scalars(select(Product)):
        paired = {each.with_no for each in pairings_of(demo, product.no)}
        found = complementary(demo, Situation(NOW, product_no=product.no), 20)
        assert {each.product.no for each in found if each.source == "pairing"} <= paired
        can_be_bought = {
            no
            for no in paired
            if (other := demo.get(Product, no)) is not None
            and other.status == "on_sale"
            and any(sku.stock for sku in other.skus)
        }
        assert can_be_bought <= {each.product.no for each in found}


def test_a_phone_is_upgraded_for_what_it_really_costs_more(demo: Session) -> None:
    (found,) = upgrades(demo, _visitor(product_no="SM1101", color="曜石黑", spec="8GB+128GB"))
    assert (found.product.no, found.sku.spec, found.sku.color) == ("SM1101", "8GB+256GB", "曜石黑")
    before = demo.scalars(select(Sku).where(Sku.product_no == "SM1101", Sku.spec == "8GB+128GB")).first()
    assert before is not None
    assert found.extra == found.final_price - quote(demo, {before.code: 1}, NOW).goods
    assert found.reason == f"再加{found.extra:.0f}元，存储翻倍（128GB→256GB）"


def test_a_size_that_is_out_has_a_substitute_in_that_size(demo: Session) -> None:
    found = substitutes(demo, _visitor(color="黑色", size="XL"))
    assert found
    assert found[0].product.no == JACKET
    assert found[0].sku.color != "黑色"
    assert all(each.sku.size == "XL" and each.sku.stock for each in found)
    assert "XL码有现货" in found[0].reason


def test_what_is_off_sale_has_its_successor(demo: Session) -> None:
    found = substitutes(demo, _visitor(product_no="SM4010"))
    assert found[0].product.no == "SM4011"


def test_what_is_similar_is_not_for_somebody_else(demo: Session) -> None:
    for each in similar(demo, _visitor(product_no="GZ1106")):
        assert "男" not in each.product.name


def test_nothing_of_summer_is_suggested_in_the_cold(demo: Session) -> None:
    january = NOW + timedelta(days=70)
    wish = wish_in(demo, "推荐一件上衣")
    there = Situation(january, region="浙江", wish=wish)
    in_winter = [each.product.no for each in for_wish(demo, there, 9, climate=read_climate(PLAYBOOK))]
    assert in_winter
    assert "GZ3102" not in in_winter
    july = replace(there, now=NOW - timedelta(days=120))
    assert any(each.product.no == "GZ3102" for each in for_wish(demo, july, 9, climate=read_climate(PLAYBOOK)))


def test_a_wish_for_somebody_is_narrowed_and_fulfilled(demo: Session) -> None:
    wish = wish_in(demo, "推荐一件外套给老婆，三百以内")
    assert wish.recipient is not None
    assert (wish.recipient.word, wish.high) == ("老婆", Decimal(300))
    found = for_wish(demo, _visitor(product_no=None, wish=wish))
    assert [each.product.no for each in found] == ["GZ1106"]
    assert found[0].final_price <= 300
    assert "女款，给老婆正合适" in found[0].reason


@pytest.mark.parametrize("text", ["推荐一件衣服给我吧", "推荐个礼物", "随便看看", "推荐个两三百的", "送妈妈"])
@pytest.mark.parametrize("choice", [0, 1, -1])
def test_never_more_than_three_questions(demo: Session, text: str, choice: int) -> None:
    wish = wish_in(demo, text)
    asked = []
    while (question := next_question(demo, _visitor(product_no=None, wish=wish))) is not None:
        asked.append(question.key)
        assert len(asked) <= MOST_QUESTIONS
        assert question.options[-1].text == "都可以"
        assert len(question.options) >= 3
        wish = question.options[choice].wish
        assert wish.asked == tuple(asked)
    assert len(set(asked)) == len(asked)
    assert for_wish(demo, _visitor(product_no=None, wish=wish))


def test_an_answer_in_own_words_narrows_too(demo: Session) -> None:
    wish = answered(demo, Wish(), "recipient", "老婆")
    assert wish.recipient is not None
    assert wish.asked == ("recipient",)
    wish = answered(demo, wish, "budget", "三百吧")
    assert wish.high == Decimal(390)
    wish = answered(demo, wish, "kind", "外套吧")
    assert "女工装外套" in wish.kinds
    assert answered(demo, wish, "use", "随便").use == ""
    assert answered(demo, wish, "use", "骑车上班").asked == ("recipient", "budget", "kind", "use")


def test_after_size_advice_and_after_an_order(demo: Session) -> None:
    known = _visitor(customer_id="C001", size="L")
    outfit = after_size_advice(demo, known)
    assert outfit is not None
    order = demo.scalars(select(Order).where(Order.customer_id == "C001", Order.state != "closed")).first()
    assert order is not None
    bought = {line.product_no for line in order.lines}
    found = after_order(demo, replace(known, product_no=None), order.no)
    assert not bought & {each.product.no for each in found}
    stranger = replace(known, customer_id="C002", conversation_id="another", product_no=None)
    assert after_order(demo, stranger, order.no) == []


def test_a_refusal_is_remembered_by_customer_and_by_conversation(demo: Session) -> None:
    known = _visitor(customer_id="C003")
    first = complementary(demo, known, 3)
    refuse(demo, known, [first[0].product.no])
    elsewhere = replace(known, conversation_id="another day", now=NOW + timedelta(days=3))
    assert first[0].product.no not in {each.product.no for each in complementary(demo, elsewhere, 9)}
    much_later = replace(elsewhere, now=NOW + timedelta(days=181))
    assert first[0].product.no in {each.product.no for each in complementary(demo, much_later, 9)}
    visitor = _visitor(conversation_id="a visitor's")
    refuse(demo, visitor, [first[1].product.no])
    assert first[1].product.no not in {each.product.no for each in complementary(demo, visitor, 9)}
    # Who signs in meanwhile stays in the conversation.
    signed_in = replace(visitor, customer_id="C005")
    assert first[1].product.no not in {each.product.no for each in complementary(demo, signed_in, 9)}
    assert first[1].product.no in {each.product.no for each in complementary(demo, _visitor(conversation_id="x"), 9)}


def test_who_wants_nothing_more_gets_nothing_unasked(demo: Session) -> None:
    known = _visitor(customer_id="C003", size="L")
    assert not wants_none(demo, known)
    refuse_all(demo, known)
    assert wants_none(demo, known)
    assert after_size_advice(demo, known) is None
    # What they ask for they still get.
    assert outfit_for(demo, known) is not None
    assert wants_none(demo, replace(known, conversation_id="tomorrow", now=NOW + timedelta(days=1)))
    assert not wants_none(demo, replace(known, conversation_id="in spring", now=NOW + timedelta(days=31)))
    assert not wants_none(demo, _visitor(customer_id="C005", conversation_id="somebody else"))


def test_what_was_bought_is_not_suggested_unless_it_is_used_up(demo: Session) -> None:
    for order in demo.scalars(select(Order).where(Order.state != "closed").limit(60)):
        situation = Situation(NOW, order.customer_id, product_no=order.lines[0].product_no)
        had = {
            line.product_no
            for each in demo.scalars(
                select(Order).where(Order.customer_id == order.customer_id, Order.state != "closed")
            )
            for line in each.lines
        }
        for kind in ("complementary", "similar"):
            for each in recommend(demo, kind, situation):  # type: ignore[arg-type]
                keeps = "保质期" not in attribute_keys(demo, each.product.no)
                consumable = read_recommendations(PLAYBOOK).is_consumable(each.product.category, each.product.kind)
                assert each.product.no not in had or not keeps or consumable


def test_a_cost_limits_what_is_suggested(demo: Session) -> None:
    first = complementary(demo, _visitor(), 3)
    product = first[0].product
    for sku in product.skus:
        sku.cost = sku.price
    demo.flush()
    assert product.no not in {each.product.no for each in complementary(demo, _visitor(), 9)}


def test_who_asks_for_what_is_out_of_season_gets_it(demo: Session) -> None:
    wish = wish_in(demo, "推荐一件羽绒外套")
    july = Situation(NOW - timedelta(days=120), region="浙江", wish=wish)
    assert [each.product.no for each in for_wish(demo, july, climate=read_climate(PLAYBOOK))] == ["GZ1105"]
