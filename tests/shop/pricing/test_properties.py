"""What holds for any basket, customer, promotions and rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sixty.shop.pricing import Allowance, BasketLine, Buyer, Promotion, Quote, Scope, price_basket
from sixty.shop.pricing.amounts import share_of_pieces, spread, yuan
from sixty.shop.pricing.basket import Basket
from sixty.shop.pricing.combination import Applied, Candidate, Order
from sixty.shop.pricing.promotions import CLAIMED_KINDS, KINDS
from sixty.shop.pricing.rules import Rules
from sixty.shop.pricing.stacking import USUAL, Stacking
from tests.shop.pricing.making import DAY, NOW, presale, promotion

CATEGORIES = ("工装", "母婴", "美妆")
PRODUCTS = ("P0", "P1", "P2", "P3")

fen = st.integers(0, 40_000).map(lambda amount: Decimal(amount).scaleb(-2))
some = st.integers(1, 15_000).map(lambda amount: Decimal(amount).scaleb(-2))
round_amounts = st.sampled_from([5, 10, 20, 30, 50, 99]).map(Decimal)
thresholds = st.sampled_from([50, 99, 100, 150, 200, 300, 400]).map(Decimal)
rates = st.integers(1, 999).map(lambda rate: Decimal(rate).scaleb(-3))


@st.composite
def lines(draw: st.DrawFn, number: int) -> BasketLine:
    member, price, listed = sorted(draw(st.tuples(fen, fen, fen)))
    terms = None
    if draw(st.integers(0, 3)) == 0:
        deposit, worth, whole = sorted(draw(st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))))
        terms = presale(whole, deposit, worth, balance_from=NOW + draw(st.integers(1, 2)) * DAY)
    return BasketLine(
        sku=f"S{number}",
        product_no=draw(st.sampled_from(PRODUCTS)),
        name=f"商品{number}",
        category=draw(st.sampled_from(CATEGORIES)),
        quantity=draw(st.integers(1, 4)),
        list_price=listed,
        price=price,
        member_price=draw(st.sampled_from([None, member])),
        presale=terms,
        deposit_paid=terms is not None and draw(st.booleans()),
    )


@st.composite
def baskets(draw: st.DrawFn) -> list[BasketLine]:
    return [draw(lines(number)) for number in range(draw(st.integers(1, 5)))]


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    return Scope(
        categories=frozenset(draw(st.sets(st.sampled_from(CATEGORIES), max_size=1))),
        products=frozenset(draw(st.sets(st.sampled_from(PRODUCTS), max_size=2))),
        without=frozenset(draw(st.sets(st.sampled_from(PRODUCTS), max_size=1))),
    )


@st.composite
def offers(draw: st.DrawFn, code: str, kinds: Sequence[str]) -> Promotion:
    kind = draw(st.sampled_from(kinds))
    threshold, amount = draw(thresholds), draw(round_amounts)
    parts: dict[str, Any] = {"scope": draw(scopes())}
    if kind == "timed_discount":
        parts |= draw(st.one_of(rates.map(lambda rate: {"rate": rate}), some.map(lambda off: {"amount": off})))
    elif kind == "bundle_price":
        parts |= {"price": draw(some), "scope": Scope(products=frozenset(draw(st.permutations(PRODUCTS))[:2]))}
    elif kind == "pieces":
        parts |= {
            "pieces": draw(st.integers(2, 3)),
            "rate": draw(rates),
            "which": draw(st.sampled_from(["nth", "all"])),
        }
    elif kind == "gift":
        parts |= {"gift": "袜子", "threshold": threshold}
    elif kind in ("store_cut", "cross_shop_cut", "allowance"):
        parts |= {"threshold": threshold, "amount": min(amount, threshold)}
        parts |= {"repeats": draw(st.booleans())} if kind != "allowance" else {}
    else:
        parts |= {"threshold": draw(st.one_of(st.just(Decimal(0)), st.just(threshold))), "amount": amount}
        if kind == "bundle_coupon":
            parts["pairs"] = frozenset({tuple(draw(st.permutations(PRODUCTS))[:2])})
    return promotion(code, kind, **parts)


ALL_KINDS = tuple(kind for kind in KINDS if kind not in ("presale", "member_price"))


@st.composite
def many_offers(draw: st.DrawFn, kinds: Sequence[str] = ALL_KINDS, most: int = 8) -> list[Promotion]:
    return [draw(offers(f"O{number}", kinds)) for number in range(draw(st.integers(0, most)))]


groups = st.sets(st.sampled_from(sorted(KINDS)), min_size=2, max_size=3).map(frozenset)
stackings = st.builds(
    lambda mode, exclusive: replace(USUAL, mode=mode, exclusive=exclusive),
    st.sampled_from(["sequential", "parallel"]),
    st.one_of(st.just(USUAL.exclusive), st.lists(groups, max_size=4).map(tuple)),
)
buyers = st.builds(
    lambda level, allowance: Buyer(level, "", (Allowance(allowance, NOW - DAY, NOW + 9 * DAY),)),
    st.sampled_from([None, "普通", "金卡"]),
    st.integers(0, 200).map(Decimal),
)


def quoted(basket: list[BasketLine], promotions: list[Promotion], buyer: Buyer, stacking: Stacking) -> Quote:
    return price_basket(Basket.of(basket), NOW, promotions, buyer, Rules(stacking))


@settings(max_examples=250, deadline=None)
@given(baskets(), many_offers(), buyers, stackings)
def test_a_price_is_never_negative_never_above_list_and_its_explanation_adds_up(
    basket: list[BasketLine], promotions: list[Promotion], buyer: Buyer, stacking: Stacking
) -> None:
    quote = quoted(basket, promotions, buyer, stacking)
    assert Decimal(0) <= quote.goods <= quote.list_total
    assert sum(line.share for line in quote.lines) == quote.goods
    assert quote.list_total + sum(step.amount for step in quote.steps) == quote.goods
    taken: dict[str, Decimal] = {}
    for step in quote.steps:
        assert step.amount <= 0
        assert sum(step.shares) == step.amount
        for sku, share in zip(step.skus, step.shares, strict=True):
            taken[sku] = taken.get(sku, Decimal(0)) + share
    for line in quote.lines:
        assert Decimal(0) <= line.share <= line.item_amount <= line.list_amount
        assert line.list_amount + taken.get(line.sku, 0) == line.share
    for payment in quote.payments:
        assert payment.balance >= 0
        assert payment.deposit is None or payment.goods >= payment.deposit.amount


@settings(max_examples=150, deadline=None)
@given(baskets(), many_offers(), buyers, stackings, st.randoms())
def test_the_order_of_lines_and_promotions_does_not_matter(
    basket: list[BasketLine], promotions: list[Promotion], buyer: Buyer, stacking: Stacking, random: Any
) -> None:
    shuffled = [replace(line, quantity=1) for line in basket for _ in range(line.quantity)]
    random.shuffle(shuffled)
    others = list(promotions)
    random.shuffle(others)
    one, other = (
        quoted(basket, promotions, buyer, stacking),
        quoted(shuffled, others, buyer, stacking),
    )
    assert (one.lines, one.goods, one.unused) == (other.lines, other.goods, other.unused)


@settings(max_examples=150, deadline=None)
@given(
    baskets(),
    many_offers(),
    buyers,
    stackings,
    st.sampled_from(sorted(CLAIMED_KINDS)),
    st.sampled_from(["threshold", "ended", "not begun", "level", "product"]),
)
def test_a_coupon_that_cannot_be_used_changes_nothing(
    basket: list[BasketLine],
    promotions: list[Promotion],
    buyer: Buyer,
    stacking: Stacking,
    kind: str,
    why: str,
) -> None:
    parts: dict[str, Any] = {"amount": 50, "pairs": frozenset({("P0", "P1")})}
    if why == "threshold":
        parts["threshold"] = sum(line.list_price * line.quantity for line in basket) + Decimal("0.01")
    elif why == "ended":
        parts |= {"starts_at": NOW - 9 * DAY, "ends_at": NOW}
    elif why == "not begun":
        parts |= {"starts_at": NOW + 5 * DAY, "ends_at": NOW + 9 * DAY}
    elif why == "level":
        parts["scope"] = Scope(levels=frozenset({"PLUS"}))
    else:
        parts["scope"] = Scope(products=frozenset({"ELSE"}))
    useless = promotion("USELESS", kind, **parts)
    one = quoted(basket, promotions, buyer, stacking)
    assert one.payments == quoted(basket, [*promotions, useless], buyer, stacking).payments


@settings(max_examples=100, deadline=None)
@given(baskets(), many_offers(), buyers, st.sampled_from(["sequential", "parallel"]))
def test_one_more_red_packet_never_makes_it_dearer(
    basket: list[BasketLine], promotions: list[Promotion], buyer: Buyer, mode: Any
) -> None:
    stacking = replace(USUAL, mode=mode)
    together = [line for line in basket if line.presale is None]
    if not together:
        return
    more = promotion("MORE", "red_packet", threshold=50, amount=20)
    without = quoted(together, promotions, buyer, stacking)
    assert quoted(together, [*promotions, more], buyer, stacking).goods <= without.goods


# --- the best combination ---

ORDER_KINDS = (
    "store_cut",
    "store_coupon",
    "category_coupon",
    "cross_shop_cut",
    "allowance",
    "red_packet",
)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    count = draw(st.integers(1, 4))
    amounts = draw(st.lists(st.integers(0, 50_000), min_size=count, max_size=count))
    floor = [draw(st.integers(0, amount)) if draw(st.integers(0, 3)) == 0 else 0 for amount in amounts]
    candidates = []
    for number in range(draw(st.integers(0, 6))):
        offer = replace(draw(offers(f"O{number}", ORDER_KINDS)), scope=Scope())
        places = draw(st.one_of(st.just(set(range(count))), st.sets(st.integers(0, count - 1), min_size=1)))
        optional = offer.is_claimed and draw(st.booleans())
        candidates.append(Candidate(offer, tuple(sorted(places)), optional))
    return Order(amounts, floor, candidates, draw(stackings), draw(st.integers(0, 20_000)))


def outcome(order: Order, chosen: tuple[int, ...]) -> int | None:
    """What a combination takes off; None when it may not be."""
    if any(order.excluded[one] >> other & 1 for one, other in combinations(chosen, 2)):
        return None
    left, allowance, total = list(order.amounts), order.allowance, 0
    for place, candidate in enumerate(order.candidates):
        applied: Applied | None = order.apply(candidate, left, allowance)
        if place in chosen:
            if applied is None:
                return None
            for at, share in zip(candidate.places, applied.shares, strict=True):
                left[at] -= share
            allowance -= applied.total if candidate.promotion.kind == "allowance" else 0
            total += applied.total
        elif (
            applied is not None
            and not candidate.optional
            and not any(order.excluded[place] >> other & 1 for other in chosen)
        ):
            return None  # It counts by itself, and nothing that is chosen excludes it.
    return total


@settings(max_examples=400, deadline=None)
@given(orders())
def test_the_best_combination_is_that_of_brute_force(order: Order) -> None:
    places = range(len(order.candidates))
    outcomes = [
        total
        for size in range(len(order.candidates) + 1)
        for chosen in combinations(places, size)
        if (total := outcome(order, chosen)) is not None
    ]
    best = order.best()
    assert sum(each.total for each in best) == max(outcomes)
    numbers = [order.candidates.index(each.candidate) for each in best]
    assert numbers == sorted(numbers)
    assert outcome(order, tuple(numbers)) == max(outcomes)


# --- shares ---

weights = st.lists(st.integers(0, 10**7), min_size=1, max_size=8)


@given(weights, st.integers(0, 10**6))
def test_shares_add_up_and_nobody_gets_more_than_their_weight(listed: list[int], millionth: int) -> None:
    total = sum(listed) * millionth // 10**6
    shares = spread(total, listed)
    assert sum(shares) == (total if sum(listed) else 0)
    for share, weight in zip(shares, listed, strict=True):
        assert 0 <= share <= weight
        assert abs(share * sum(listed) - total * weight) < max(1, sum(listed))


@given(weights, st.integers(0, 10**6))
def test_who_weighs_more_never_gets_less(listed: list[int], total: int) -> None:
    shares = spread(total, listed)
    for (one, mine), (other, theirs) in combinations(zip(listed, shares, strict=True), 2):
        if one > other:
            assert mine >= theirs
        if other > one:
            assert theirs >= mine


@given(st.integers(0, 10**6), st.integers(1, 20), st.data())
def test_pieces_paid_back_one_after_the_other_give_the_whole_share(
    paid: int, quantity: int, data: st.DataObject
) -> None:
    back, returned = Decimal(0), 0
    while returned < quantity:
        pieces = data.draw(st.integers(1, quantity - returned))
        one = share_of_pieces(yuan(paid), quantity, pieces, returned)
        assert 0 <= one <= yuan(paid)
        back += one
        returned += pieces
    assert back == yuan(paid)
