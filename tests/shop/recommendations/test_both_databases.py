"""Every kind of suggestion on SQLite and PostgreSQL, with shelves that were put in order and without."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import get_args

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from sixty.shop.climate import NOWHERE
from sixty.shop.models import Pairing, Product, Sku
from sixty.shop.recommendations import (
    Situation,
    SuggestionKind,
    Wish,
    fillers,
    next_question,
    outfit_for,
    recommend,
    refuse,
)
from sixty.shop.recommendations.models import CoPurchase, KindPair, ShelfPlace
from sixty.shop.recommendations.rules import RecommendationRules

RULES = RecommendationRules(filler_most=Decimal(1))


@pytest.fixture(params=["kept", "live"])
def shelves(request: pytest.FixtureRequest, shop: Session) -> Session:
    if request.param == "live":
        shop.execute(delete(ShelfPlace))
    return shop


@pytest.mark.parametrize("kind", get_args(SuggestionKind))
def test_each_kind(shelves: Session, now: datetime, kind: SuggestionKind) -> None:
    shelves.add(CoPurchase(product_no="GZ2101", with_no="SM1101", orders=4, lift=2.0, score=0.1, share=0.2))
    shelves.add(
        KindPair(category="工装", kind="工装裤", with_category="数码家电", with_kind="手机", orders=4, score=0.1)
    )
    product = "SM1101" if kind == "upgrade" else "GZ2101"
    situation = Situation(
        now,
        "C001",
        "conversation",
        product_no=product,
        color="" if kind == "upgrade" else "卡其",
        basket={"GZ3101-01": 1} if kind == "filler" else {},
        wish=Wish(kinds=("工装裤",), high=Decimal(400)) if kind == "wish" else Wish(),
    )
    found = recommend(shelves, kind, situation, 3, rules=RULES, climate=NOWHERE)
    expected = {
        "complementary": {"GZ3101", "SM1101"},
        "similar": {"GZ2102"},
        "substitute": {"GZ2101", "GZ2102"},
        "upgrade": {"SM1101"},
        "wish": {"GZ2101", "GZ2102"},
    }
    numbers = {each.product.no for each in found}
    if kind in expected:
        assert numbers <= expected[kind]
        assert numbers
    assert all(each.sku.stock > 0 for each in found)
    refuse(shelves, situation, numbers)
    assert not numbers & {each.product.no for each in recommend(shelves, kind, situation, 3, rules=RULES)}


def test_a_filler_of_a_category_and_of_a_product(shelves: Session, now: datetime) -> None:
    for found in fillers(shelves, Situation(now, basket={"GZ3101-01": 1}), 3, RULES, NOWHERE):
        assert found.after.total - found.before.total == found.suggestion.extra
        assert found.reached


def test_an_outfit_and_a_question(shelves: Session, now: datetime) -> None:
    outfit = outfit_for(shelves, Situation(now, product_no="GZ2101"), climate=NOWHERE)
    assert outfit is not None
    assert [item.product.no for item in outfit.items] == ["GZ3101"]
    question = next_question(shelves, Situation(now), climate=NOWHERE)
    assert question is None or question.options


def test_what_a_predecessor_was_paired_with(shelves: Session, now: datetime) -> None:
    shelves.add(Pairing(product_no="GZ2001", with_no="SM1101", reason="老搭配", ordinal=0))
    shelves.flush()
    found = recommend(shelves, "complementary", Situation(now, product_no="GZ2101"), 3, climate=NOWHERE)
    assert [(each.product.no, each.source) for each in found] == [("GZ3101", "pairing"), ("SM1101", "pairing")]
    assert found[1].reason.startswith("老搭配")


def test_the_last_piece_sold_is_not_suggested(shelves: Session, now: datetime) -> None:
    for sku in shelves.query(Sku).filter_by(product_no="GZ3101"):
        sku.stock = 0
    shelves.flush()
    for kind in get_args(SuggestionKind):
        found = recommend(shelves, kind, Situation(now, product_no="GZ2101", basket={"GZ2101-01": 1}), 9, rules=RULES)
        assert all(each.product.no != "GZ3101" for each in found)
    assert shelves.get(Product, "GZ3101") is not None
