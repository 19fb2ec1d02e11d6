"""Whatever is suggested can be bought, was not refused, is not what they have, and is for the one it is for."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sixty.shop.climate import NOWHERE
from sixty.shop.models import Sku
from sixty.shop.pricing.offers import quote
from sixty.shop.recommendations import (
    Recipient,
    Situation,
    Suggestion,
    SuggestionKind,
    Wish,
    outfit_for,
    recommend,
    refuse,
    substitutes,
)
from sixty.shop.recommendations.shelf import put_in_order

from .shops import CUSTOMER, NOW, RULES, SIZES, SPECS, Drawn, empty_shop, shops

ALL_KINDS = get_args(SuggestionKind)


def _situation(drawn: Drawn, session: Session, **more: object) -> Situation:
    codes = [f"P{place}-0" for place in sorted(drawn.basket)]
    recipient = Recipient("她" if drawn.gender == "女" else "他", drawn.gender, "adult") if drawn.gender else None
    given_: dict[str, object] = {
        "now": NOW,
        "customer_id": CUSTOMER,
        "conversation_id": "conversation",
        "product_no": drawn.number(drawn.about),
        "basket": dict.fromkeys(codes, 1),
        "wish": Wish(recipient=recipient),
    }
    situation = Situation(**{**given_, **more})  # type: ignore[arg-type]
    refuse(session, situation, {drawn.number(place) for place in drawn.refused})
    return situation


def _check(session: Session, drawn: Drawn, situation: Situation, found: Iterable[Suggestion]) -> None:
    for each in found:
        place = int(each.product.no[1:])
        kind, _, on_sale, people = drawn.products[place]
        assert on_sale
        assert each.sku.product_no == each.product.no
        assert each.sku.stock >= each.pieces
        assert place not in drawn.refused
        assert place not in drawn.basket
        assert place not in drawn.had or kind == "袜子"
        assert drawn.gender != "女" or people != "男士"
        assert drawn.gender != "男" or people != "女士"
        assert situation.wish.allows(each.sku.price, each.final_price) or each.kind == "filler"
        assert each.final_price == quote(session, {each.sku.code: 1}, NOW, CUSTOMER).goods
        if each.sku.cost is not None:
            assert each.final_price - each.sku.cost >= RULES.least_margin * each.final_price
        assert each.reason
        assert not each.reason.endswith(("。", "，"))


@settings(max_examples=50, deadline=None)
@given(shops(), st.booleans())
def test_every_suggestion_may_be_made(drawn: Drawn, kept: bool) -> None:
    with empty_shop() as session:
        drawn.add_to(session)
        if kept:
            put_in_order(session)
        situation = _situation(drawn, session)
        for kind in ALL_KINDS:
            found = recommend(session, kind, situation, 5, rules=RULES, climate=NOWHERE)
            _check(session, drawn, situation, found)
            numbers = [each.product.no for each in found]
            assert len(set(numbers)) == len(numbers)
            if kind in ("complementary", "similar"):
                assert situation.product_no not in numbers


@settings(max_examples=40, deadline=None)
@given(shops(), st.integers(0, 40), st.integers(0, 40))
def test_a_budget_holds_for_what_is_really_paid(drawn: Drawn, one: int, other: int) -> None:
    low, high = sorted((Decimal(one * 5), Decimal(other * 5)))
    with empty_shop() as session:
        drawn.add_to(session)
        wish = Wish(low=low, high=high)
        situation = _situation(drawn, session, wish=wish)
        for kind in ("complementary", "similar", "wish"):
            for each in recommend(session, kind, situation, 5, rules=RULES, climate=NOWHERE):
                assert low <= each.sku.price
                assert each.final_price <= high


@settings(max_examples=50, deadline=None)
@given(shops(), st.sampled_from(SIZES[1:]), st.sampled_from(SPECS))
def test_a_substitute_has_the_size_that_was_wanted(drawn: Drawn, size: str, spec: str) -> None:
    with empty_shop() as session:
        drawn.add_to(session)
        situation = _situation(drawn, session, size=size, spec=spec)
        found = substitutes(session, situation, 5, rules=RULES, climate=NOWHERE)
        _check(session, drawn, situation, found)
        for each in found:
            assert each.sku.size == size
            assert each.sku.stock > 0
        # Of the shop nothing that would do is kept back while nothing is found.
        if not found and drawn.about not in drawn.refused | drawn.basket | drawn.had and not drawn.gender:
            _, _, on_sale, _ = drawn.products[drawn.about]
            own = session.query(Sku).filter_by(product_no=situation.product_no, size=size).all()
            assert not on_sale or not any(sku.stock and sku.cost is None for sku in own)


@settings(max_examples=50, deadline=None)
@given(shops())
def test_an_upgrade_is_dearer_and_says_by_how_much(drawn: Drawn) -> None:
    with empty_shop() as session:
        drawn.add_to(session)
        situation = _situation(drawn, session)
        for each in recommend(session, "upgrade", situation, 5, rules=RULES, climate=NOWHERE):
            assert each.extra is not None
            assert "128GB→256GB" in each.reason
            assert each.sku.spec == "256GB"
            assert (f"再加{each.extra:.0f}元" in each.reason) == (each.extra > 0)


@settings(max_examples=50, deadline=None)
@given(shops())
def test_an_outfit_has_one_thing_of_each_place(drawn: Drawn) -> None:
    with empty_shop() as session:
        drawn.add_to(session)
        situation = _situation(drawn, session)
        outfit = outfit_for(session, situation, rules=RULES, climate=NOWHERE)
        if outfit is None:
            return
        _check(session, drawn, situation, outfit.items)
        families = [RULES.family_of(each.kind) for each in (outfit.product, *(item.product for item in outfit.items))]
        assert len(set(families)) == len(families)
        codes = [outfit.sku.code, *(item.sku.code for item in outfit.items)]
        assert outfit.bundle.bundle_price == quote(session, dict.fromkeys(codes, 1), NOW).goods


@settings(max_examples=40, deadline=None)
@given(shops())
def test_what_was_seen_is_not_shown_again(drawn: Drawn) -> None:
    with empty_shop() as session:
        drawn.add_to(session)
        first = recommend(session, "complementary", _situation(drawn, session), 2, rules=RULES, climate=NOWHERE)
        seen = tuple(each.product.no for each in first)
        again = _situation(drawn, session, seen=seen)
        for kind in ALL_KINDS:
            for each in recommend(session, kind, again, 5, rules=RULES, climate=NOWHERE):
                assert each.product.no not in seen
