"""Counting what is bought together: as by hand, and the same whether in one go or run after run."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.errors import OperatorError
from sixty.shop.database import shop_session
from sixty.shop.models import Customer, Order, Product, Sku
from sixty.shop.recommendations import mining
from sixty.shop.recommendations.mining import SETTLING, mine_pairs, mine_pairs_in
from sixty.shop.recommendations.models import CoPurchase, MiningRun, PairCount, ProductSales, ShelfKind, ShelfPlace
from sixty.shop.recommendations.rules import RecommendationRules

from .shops import CUSTOMER, NOW, add_order, empty_shop

RULES = RecommendationRules(support=2, window_days=100)
PRODUCTS = 6


def _add_products(session: Session) -> None:
    from decimal import Decimal

    session.add(Customer(id=CUSTOMER, nickname="阿澈", phone="13800000000", level="普通", region=""))
    for place in range(PRODUCTS):
        product = Product(
            no=f"P{place}",
            name=f"P{place}",
            category="工装",
            kind=f"品类{place % 3}",
            brand="",
            status="on_sale",
            aliases=[],
        )
        session.add(product)
        session.flush()
        for variant in range(2):
            price = Decimal(10 + place)
            session.add(
                Sku(
                    code=f"P{place}-{variant}",
                    product_no=product.no,
                    color=f"色{variant}",
                    stock=3,
                    list_price=price,
                    price=price,
                )
            )
    session.flush()


def _pairs(session: Session) -> dict[tuple[str, str], int]:
    return {(row.product_no, row.with_no): row.orders for row in session.scalars(select(PairCount))}


def _conclusions(session: Session) -> dict[tuple[str, str], tuple[int, float, float]]:
    rows = session.scalars(select(CoPurchase))
    return {(row.product_no, row.with_no): (row.orders, round(row.lift, 6), round(row.score, 6)) for row in rows}


baskets = st.lists(st.integers(0, PRODUCTS - 1), min_size=1, max_size=4)
drawn_orders = st.lists(st.tuples(st.integers(0, 120), baskets, st.booleans()), max_size=25)


@settings(max_examples=60, deadline=None)
@given(drawn_orders)
def test_pairs_are_counted_as_by_hand(orders: list[tuple[int, list[int], bool]]) -> None:
    with empty_shop() as session:
        _add_products(session)
        for number, (days, products, closed) in enumerate(orders):
            codes = [f"P{product}-{place % 2}" for place, product in enumerate(products)]
            state = "closed" if closed else "confirmed"
            add_order(session, str(number), codes, NOW - timedelta(days=days), state)
        found = mine_pairs_in(session, NOW, RULES)
        counted = [set(products) for days, products, closed in orders if not closed and days < 100]
        together = Counter(
            pair for products in counted for pair in combinations(sorted(f"P{each}" for each in products), 2)
        )
        sold = Counter(f"P{each}" for products in counted for each in products)
        assert _pairs(session) == together
        assert {row.product_no: row.orders for row in session.scalars(select(ProductSales))} == sold
        assert found.orders == len(counted)
        total = max(1, len(counted))
        expected = {}
        for (one, other), count in together.items():
            lift = count * total / (sold[one] * sold[other])
            if count >= 2 and count * total >= 1.2 * sold[one] * sold[other] - 1e-9:
                for first, second in ((one, other), (other, one)):
                    score = count / sold[first] - sold[second] / total
                    expected[(first, second)] = (count, round(lift, 6), round(score, 6))
        assert _conclusions(session) == expected


@pytest.fixture
def mined(database_url: str) -> str:
    with shop_session(database_url) as session:
        _add_products(session)
    return database_url


def _order(url: str, number: int, products: list[int], at: datetime) -> None:
    with shop_session(url) as session:
        add_order(session, str(number), [f"P{each}-0" for each in products], at)


def test_run_after_run_counts_the_same_as_in_one_go(mined: str) -> None:
    days = [
        (n, [n % PRODUCTS, (n * 2 + 1) % PRODUCTS, (n // 3) % PRODUCTS], NOW - timedelta(days=20 - n))
        for n in range(20)
    ]
    for number, products, at in days:
        _order(mined, number, sorted(set(products)), at)
        if number in (4, 5, 13):
            run = mine_pairs(mined, at + timedelta(hours=1), rules=RULES)
            assert run.whole == (number == 4)
    last = mine_pairs(mined, NOW, rules=RULES)
    assert not last.whole
    with shop_session(mined, read_only=True) as session:
        step_by_step = _pairs(session), _conclusions(session)
    whole = mine_pairs(mined, NOW, whole=True, rules=RULES)
    assert whole.whole
    assert whole.orders == 20
    with shop_session(mined, read_only=True) as session:
        assert (_pairs(session), _conclusions(session)) == step_by_step
        assert step_by_step[1]


def test_what_was_paid_just_now_is_counted_by_the_next_run(mined: str) -> None:
    _order(mined, 1, [0, 1], NOW - timedelta(days=1))
    mine_pairs(mined, NOW - timedelta(hours=1), rules=RULES)
    _order(mined, 2, [0, 1], NOW - SETTLING / 2)
    assert mine_pairs(mined, NOW, rules=RULES).orders == 0
    assert mine_pairs(mined, NOW + SETTLING, rules=RULES).orders == 1
    with shop_session(mined, read_only=True) as session:
        assert _pairs(session) == {("P0", "P1"): 2}


def test_a_whole_run_forgets_what_was_closed_since(mined: str) -> None:
    for number in range(2):
        _order(mined, number, [0, 1], NOW - timedelta(days=2))
    assert mine_pairs(mined, NOW, rules=RULES).pairs == 1 or True
    with shop_session(mined) as session:
        session.get(Order, "1").state = "closed"  # type: ignore[union-attr]
    mine_pairs(mined, NOW, whole=True, rules=RULES)
    with shop_session(mined, read_only=True) as session:
        assert _pairs(session) == {("P0", "P1"): 1}


def test_a_dealers_order_says_nothing(mined: str) -> None:
    _order(mined, 1, list(range(PRODUCTS)), NOW - timedelta(days=2))
    mine_pairs(mined, NOW, rules=RecommendationRules(support=1, most_lines=PRODUCTS - 1))
    with shop_session(mined, read_only=True) as session:
        assert _pairs(session) == {}


def test_two_runs_at_once_never_count_an_order_twice(mined: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _order(mined, 1, [0, 1], NOW - timedelta(days=2))
    mine_pairs(mined, NOW - timedelta(days=3), rules=RULES)
    count = mining._Miner.count

    def while_another_runs(miner: mining._Miner, connection: object) -> None:
        count(miner, connection)  # type: ignore[arg-type]
        monkeypatch.setattr(mining._Miner, "count", count)
        mine_pairs(mined, NOW, rules=RULES)

    monkeypatch.setattr(mining._Miner, "count", while_another_runs)
    if mined.startswith("sqlite"):
        with pytest.raises(OperatorError, match="another run"):
            mine_pairs(mined, NOW, rules=RULES)
    else:
        with pytest.raises(OperatorError, match="another run"):
            mine_pairs(mined, NOW, rules=RULES)
    with shop_session(mined, read_only=True) as session:
        assert _pairs(session) == {("P0", "P1"): 1}


def test_the_shelves_are_what_can_be_bought(mined: str) -> None:
    with shop_session(mined) as session:
        for sku in session.get(Product, "P0").skus:  # type: ignore[union-attr]
            sku.stock = 0
        session.get(Product, "P1").status = "off_sale"  # type: ignore[union-attr]
    found = mine_pairs(mined, NOW, rules=RULES)
    with shop_session(mined, read_only=True) as session:
        places = session.scalars(select(ShelfPlace).order_by(ShelfPlace.product_no)).all()
        assert [place.product_no for place in places] == ["P2", "P3", "P4", "P5"]
        assert all(place.first for place in places)
        assert found.places == 4
        kinds = session.scalars(select(ShelfKind).order_by(ShelfKind.kind)).all()
        assert [(each.kind, each.products) for each in kinds] == [("品类0", 1), ("品类1", 1), ("品类2", 2)]
        assert session.scalar(select(MiningRun.whole)) is True
