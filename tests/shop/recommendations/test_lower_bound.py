"""What is said to cost at least so much never costs less, and what is left out for it would not have won."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sixty.shop.climate import NOWHERE
from sixty.shop.models import Coupon, Customer, Sku
from sixty.shop.pricing.basket import Allowance, Basket, BasketLine, Buyer
from sixty.shop.pricing.engine import price_basket
from sixty.shop.pricing.models import PromotionRow, PromotionScopeRow
from sixty.shop.pricing.offers import basket_of, promotions_for, quote
from sixty.shop.pricing.postage import Postage, PostageRule
from sixty.shop.pricing.presale import PresaleTerms
from sixty.shop.pricing.promotions import Promotion, PromotionKind, Scope
from sixty.shop.pricing.rules import Rules
from sixty.shop.pricing.stacking import USUAL, Mode
from sixty.shop.recommendations import Situation, fillers, refuse
from sixty.shop.recommendations.advice import Advice
from sixty.shop.recommendations.filler_trials import trials_for
from sixty.shop.recommendations.gaps import gaps_of
from sixty.shop.recommendations.lower_bound import LowerBound

from .shops import CUSTOMER, NOW, RULES, Drawn, add_cut, empty_shop, shops
from .test_fillers import gains

_DAY = timedelta(days=1)
_PRESALE = PresaleTerms(
    *(Decimal(80), Decimal(10), Decimal(20), NOW - _DAY, NOW + _DAY, NOW + _DAY, NOW + 2 * _DAY, NOW + 3 * _DAY)
)
_CATEGORIES = ("工装", "鞋靴")
_KINDS: tuple[PromotionKind, ...] = (
    *("timed_discount", "pieces", "bundle_price", "store_cut", "store_coupon", "category_coupon"),
    *("bundle_coupon", "cross_shop_cut", "allowance", "red_packet", "gift"),
)
_YUAN = st.integers(1, 400).map(Decimal)


@st.composite
def _lines(draw: st.DrawFn, count: int) -> list[BasketLine]:
    lines = []
    for place in range(count):
        price = Decimal(draw(st.integers(100, 30_000))).scaleb(-2)
        member = draw(st.none() | st.integers(50, 99))
        presale = _PRESALE if price > 100 and draw(st.integers(0, 3)) == 0 else None
        lines.append(
            BasketLine(
                f"P{place}-0",
                f"P{place}",
                f"第{place}件",
                draw(st.sampled_from(_CATEGORIES)),
                draw(st.integers(1, 3)),
                price * 2,
                price,
                None if member is None else (price * member / 100).quantize(Decimal("0.01")),
                presale=presale,
            )
        )
    return lines


@st.composite
def _promotions(draw: st.DrawFn, count: int) -> list[Promotion]:
    found = []
    for number, kind in enumerate(draw(st.lists(st.sampled_from(_KINDS), max_size=8))):
        products = frozenset(f"P{place}" for place in draw(st.sets(st.integers(0, count - 1), max_size=2)))
        scope = draw(
            st.sampled_from(
                [
                    Scope(),
                    Scope(products=products),
                    Scope(categories=frozenset(_CATEGORIES[:1])),
                    Scope(without=products),
                ]
            )
        )
        amount = draw(_YUAN)
        threshold = amount + draw(st.integers(0, 500).map(Decimal))
        parts: dict[str, object] = {"threshold": threshold, "amount": amount}
        if kind == "timed_discount":
            parts = draw(st.sampled_from([{"rate": Decimal("0.8")}, {"price": amount}, {"amount": amount}]))
        elif kind == "pieces":
            parts = {
                "pieces": draw(st.integers(2, 4)),
                "rate": Decimal("0.7"),
                "which": draw(st.sampled_from(("nth", "all"))),
            }
        elif kind == "bundle_price":
            parts, scope = {"price": amount}, Scope(products=products or frozenset({"P0"}))
        elif kind == "gift":
            parts = {"threshold": threshold, "gift": f"赠品{number}"}
        elif kind in ("store_cut", "cross_shop_cut"):
            parts["repeats"] = draw(st.booleans())
        elif kind == "bundle_coupon":
            parts["pairs"] = frozenset({("P0", f"P{count - 1}"), ("P0", "P1")})
        elif kind != "allowance":
            parts["threshold"] = draw(st.sampled_from((Decimal(0), threshold)))
        title, ends = f"第{number}个", NOW + draw(st.integers(1, 3)) * _DAY
        found.append(Promotion(f"K{number}", kind, title, NOW - _DAY, ends, scope=scope, **parts))  # type: ignore[arg-type]
    return found


_RULES = st.builds(
    lambda mode, fee, free: Rules(
        replace(USUAL, mode=mode), Postage(PostageRule(Decimal(fee), None if free is None else Decimal(free)))
    ),
    st.sampled_from(get_args(Mode)),
    st.integers(0, 20),
    st.none() | st.integers(1, 300),
)


@settings(max_examples=400, deadline=None)
@given(st.data(), st.integers(2, 4), _RULES, st.sampled_from((None, "金卡")), st.integers(0, 300))
def test_nothing_costs_less_than_the_least(
    data: st.DataObject, count: int, rules: Rules, level: str | None, allowance: int
) -> None:
    *lines, added = data.draw(_lines(count))
    added = replace(added, presale=None)
    promotions = data.draw(_promotions(count))
    buyer = Buyer(level, "浙江", (Allowance(Decimal(allowance), NOW - _DAY, NOW + _DAY),))
    before = price_basket(Basket.of(lines), NOW, promotions, buyer, rules)
    after = price_basket(Basket.of([*lines, added]), NOW, promotions, buyer, rules)
    least = LowerBound(lines, before, promotions, buyer, NOW, rules).of(added)
    assert least.net <= after.total - before.total
    assert price_basket(Basket.of([added]), NOW, promotions, buyer, rules).goods <= least.alone
    assert least.may_give or not set(after.gifts) - set(before.gifts)
    assert least.may_reach or not gains(before, after, {line.sku for line in lines})


@settings(max_examples=50, deadline=None)
@given(_lines(2), st.integers(1, 9), st.integers(1, 9))
def test_of_a_single_cut_it_is_what_is_paid(drawn: list[BasketLine], tens: int, twelfths: int) -> None:
    lines = [replace(line, presale=None) for line in drawn]
    cut = Promotion(
        "CUT",
        "store_cut",
        "满减",
        NOW - _DAY,
        NOW + _DAY,
        threshold=Decimal(12 * tens),
        amount=Decimal(tens * twelfths),
    )
    before = price_basket(Basket.of(lines[:1]), NOW, [cut])
    after = price_basket(Basket.of(lines), NOW, [cut])
    least = LowerBound(lines[:1], before, [cut], Buyer(), NOW, Rules()).of(lines[1])
    assert least.net == after.total - before.total


def _add_promotions(session: Session, data: st.DataObject) -> None:
    amounts = st.integers(1, 12).map(lambda tens: Decimal(tens * 10))
    for code, kind, title, parts in (
        ("TIMED", "timed_discount", "限时", {"rate": Decimal("0.9")}),
        ("PIECES", "pieces", "两件九折", {"pieces": 2, "rate": Decimal("0.9"), "which": "all"}),
        ("GIFT", "gift", "满赠", {"gift": "袜子", "threshold": data.draw(amounts) * 3}),
        ("CROSS", "cross_shop_cut", "跨店", {"threshold": Decimal(200), "amount": Decimal(30), "repeats": True}),
    ):
        if data.draw(st.booleans()):
            some = st.sets(st.integers(0, 4), min_size=1, max_size=3)
            products = data.draw(some) if code in ("TIMED", "PIECES") else ()
            session.add(
                PromotionRow(
                    **{"threshold": Decimal(0), "repeats": False, **parts},
                    code=code,
                    kind=kind,
                    title=title,
                    everywhere=not products,
                    starts_at=NOW - _DAY,
                    ends_at=NOW + _DAY,
                    phases=[],
                    levels=[],
                )
            )
            session.flush()
            for place in products:
                session.add(PromotionScopeRow(promotion_code=code, field="product", value=f"P{place}"))
    if data.draw(st.booleans()):
        span = {"starts_at": NOW - _DAY, "ends_at": NOW + _DAY}
        amount = data.draw(amounts)
        session.add(
            Coupon(
                code="CAT",
                title="品类券",
                kind="category",
                category="工装",
                threshold=amount * 2,
                amount=amount,
                **span,
            )
        )
    session.flush()


def _by_counting_all(session: Session, drawn: Drawn, situation: Situation) -> Decimal | None:
    """The least net money of everything that was thought of, each counted by the engine."""
    basket = basket_of(session, situation.basket, NOW)
    advice = Advice(session, situation, RULES, NOWHERE)
    promotions = promotions_for(session, basket.lines, NOW)
    before = quote(session, situation.basket, NOW, CUSTOMER)
    nets = []
    gaps = gaps_of(advice, basket.lines, before, promotions)
    for trial in trials_for(advice, gaps) if gaps else ():
        code = trial.piece.code
        for pieces in range(trial.pieces, min(RULES.filler_pieces, trial.piece.stock) + 1):
            after = quote(session, {**situation.basket, code: pieces}, NOW, CUSTOMER)
            net = after.total - before.total
            alone = quote(session, {code: 1}, NOW, CUSTOMER).goods
            saves = quote(session, {code: pieces}, NOW, CUSTOMER).goods > net
            brings = saves or set(after.gifts) - set(before.gifts)
            if not brings or not advice.leaves_margin(alone, trial.piece):
                continue
            if gains(before, after, set(situation.basket)) and net <= RULES.filler_most * before.goods:
                nets.append(net)
    return min(nets, default=None)


@settings(max_examples=60, deadline=None)
@given(shops(most=5), st.data(), st.integers(2, 40), st.booleans())
def test_what_is_left_out_would_not_have_won(drawn: Drawn, data: st.DataObject, tens: int, repeats: bool) -> None:
    with empty_shop() as session:
        drawn.add_to(session)
        add_cut(session, tens * 10, tens * 2, repeats=repeats, code="CUT")
        _add_promotions(session, data)
        session.get(Customer, CUSTOMER).level = data.draw(st.sampled_from(("普通", "金卡")))  # type: ignore[union-attr]
        for sku in session.query(Sku):
            sku.member_price = sku.price * data.draw(st.sampled_from((8, 10))) / 10
        session.flush()
        basket = {f"P{place}-0": 1 for place in sorted(drawn.basket)}
        situation = Situation(NOW, CUSTOMER, "conversation", basket=basket)
        refuse(session, situation, {drawn.number(place) for place in drawn.refused})
        found = fillers(session, situation, rules=RULES, climate=NOWHERE)
        least = _by_counting_all(session, drawn, situation) if basket else None
        assert [each.suggestion.extra for each in found] == ([] if least is None else [least])
