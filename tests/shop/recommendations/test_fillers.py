"""A filler costs least of all that lift a basket over a threshold: as by trying everything."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.climate import NOWHERE
from sixty.shop.models import Product, Sku
from sixty.shop.pricing.explanation import Quote
from sixty.shop.pricing.offers import quote
from sixty.shop.pricing.promotions import ITEM_KINDS
from sixty.shop.recommendations import Situation, fillers, refuse
from sixty.shop.recommendations.models import ShelfPlace
from sixty.shop.recommendations.shelf import put_in_order

from .shops import CUSTOMER, NOW, RULES, Drawn, add_cut, empty_shop, shops


def _offers(found: Quote, skus: set[str]) -> dict[str, Decimal]:
    return {step.code: step.amount for step in found.steps if step.kind not in ITEM_KINDS and skus & set(step.skus)} | (
        {"postage": Decimal(0)} if not found.postage else {}
    )


def gains(before: Quote, after: Quote, skus: set[str]) -> bool:
    """Whether the basket gets an offer more, or one more often."""
    earlier, now = _offers(before, skus), _offers(after, skus)
    times = {step.code: step.label for step in before.steps}
    more = {
        step.code
        for step in after.steps
        if step.kind not in ITEM_KINDS and _times(step.label) > _times(times.get(step.code, ""))
    }
    return bool(now.keys() - earlier.keys()) or bool(more & now.keys())


def _times(label: str) -> int:
    if not label:
        return 0
    _, _, count = label.partition(" ×")
    return int(count) if count.isdigit() else 1


def _by_trying(session: Session, drawn: Drawn, basket: dict[str, int]) -> Decimal | None:
    before = quote(session, basket, NOW, CUSTOMER)
    nets = []
    for sku in session.scalars(select(Sku)):
        place = int(sku.product_no[1:])
        kind, _, on_sale, _ = drawn.products[place]
        if not on_sale or place in drawn.basket | drawn.refused or (place in drawn.had and kind != "袜子"):
            continue
        alone = quote(session, {sku.code: 1}, NOW, CUSTOMER).goods
        if sku.cost is not None and alone - sku.cost < RULES.least_margin * alone:
            continue
        for pieces in range(1, min(RULES.filler_pieces, sku.stock) + 1):
            after = quote(session, {**basket, sku.code: pieces}, NOW, CUSTOMER)
            net = after.total - before.total
            worth = quote(session, {sku.code: pieces}, NOW, CUSTOMER).goods - net
            if gains(before, after, set(basket)) and worth > 0 and net <= RULES.filler_most * before.goods:
                nets.append(net)
    return min(nets, default=None)


@settings(max_examples=60, deadline=None)
@given(shops(most=5), st.integers(2, 40), st.booleans(), st.booleans())
def test_a_filler_costs_least_of_all(drawn: Drawn, threshold: int, repeats: bool, kept: bool) -> None:
    with empty_shop() as session:
        drawn.add_to(session)
        add_cut(session, threshold * 10, threshold * 2, repeats=repeats, code="CUT")
        session.flush()
        if kept:
            put_in_order(session)
        basket = {f"P{place}-0": 1 for place in sorted(drawn.basket)}
        situation = Situation(NOW, CUSTOMER, "conversation", basket=basket)
        refuse(session, situation, {drawn.number(place) for place in drawn.refused})
        found = fillers(session, situation, rules=RULES, climate=NOWHERE)
        if not basket:
            assert not found
            return
        least = _by_trying(session, drawn, basket)
        assert [each.suggestion.extra for each in found] == ([] if least is None else [least])
        for each in found:
            after = {**basket, each.suggestion.sku.code: each.suggestion.pieces}
            assert each.after.total == quote(session, after, NOW, CUSTOMER).total
            assert each.suggestion.extra == each.after.total - each.before.total
            assert each.reached


@pytest.fixture
def coffee() -> Drawn:
    """Four things of 60, 45, 15 and 80 yuan."""
    products = tuple(("T恤", 0, True, "") for _ in range(4))
    skus = tuple((place, 0, "", "", 5, price, None) for place, price in enumerate((60, 45, 15, 80)))
    none: frozenset[int] = frozenset()
    return Drawn(products, skus, frozenset(), frozenset(), frozenset(), (), none, none, frozenset({0}), 0, "")


def test_two_of_a_cheap_thing_may_be_what_costs_least(coffee: Drawn) -> None:
    with empty_shop() as session:
        coffee.add_to(session)
        add_cut(session, 90, 20, repeats=False, code="CUT")
        session.flush()
        (found,) = fillers(session, Situation(NOW, basket={"P0-0": 1}), rules=RULES, climate=NOWHERE)
        assert (found.suggestion.product.no, found.suggestion.pieces, found.missing) == ("P2", 2, Decimal(30))
        assert "满90减20" in found.reached
        assert found.after.goods - found.before.goods == Decimal(10)


def test_paying_less_than_before_is_said(coffee: Drawn) -> None:
    with empty_shop() as session:
        coffee.add_to(session)
        add_cut(session, 75, 30, repeats=False, code="CUT")
        session.flush()
        (found,) = fillers(session, Situation(NOW, basket={"P0-0": 1}), rules=RULES, climate=NOWHERE)
        assert found.suggestion.extra == Decimal(-15)
        assert "反而少付15元" in found.suggestion.reason


def test_what_is_sold_out_since_the_shelves_were_put_in_order_fills_nothing(coffee: Drawn) -> None:
    with empty_shop() as session:
        coffee.add_to(session)
        add_cut(session, 75, 30, repeats=False, code="CUT")
        put_in_order(session)
        session.get(Sku, "P2-0").stock = 0  # type: ignore[union-attr]
        session.get(Product, "P1").status = "off_sale"  # type: ignore[union-attr]
        session.flush()
        assert session.get(ShelfPlace, ("P2", Decimal(15))) is not None
        (found,) = fillers(session, Situation(NOW, basket={"P0-0": 1}), rules=RULES, climate=NOWHERE)
        assert found.suggestion.product.no == "P3"


def test_a_filler_that_costs_far_more_than_it_brings_is_left_out(coffee: Drawn) -> None:
    with empty_shop() as session:
        coffee.add_to(session)
        add_cut(session, 300, 1, repeats=False, code="CUT")
        session.flush()
        assert fillers(session, Situation(NOW, basket={"P0-0": 2}), rules=RULES, climate=NOWHERE) == []


def test_a_campaign_that_is_over_lifts_nothing(coffee: Drawn) -> None:
    with empty_shop() as session:
        coffee.add_to(session)
        add_cut(session, 75, 30, repeats=False, code="CUT")
        session.flush()
        later = Situation(NOW + timedelta(days=3), basket={"P0-0": 1})
        assert all("满75减30" not in each.reached for each in fillers(session, later, rules=RULES, climate=NOWHERE))


def test_an_unknown_basket_has_no_filler(coffee: Drawn) -> None:
    with empty_shop() as session:
        coffee.add_to(session)
        assert fillers(session, Situation(NOW, basket={"NOTHING": 1}), rules=RULES, climate=NOWHERE) == []
