from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text

from bench.shop import _conclusions, hand_here, read_here, table, without_indexes_here
from bench.shop_loading import load, size_mb, without_indexes
from bench.shop_readings import LINES, QUESTIONS, drawn, expected, ours, times, wrong_answers
from bench.shop_rows import AT, CATEGORIES, Scale, customer_id, orders_of_customer, product_no, tables
from sixty.shop.database import engine_for, shop_session
from sixty.shop.models import Order, Product
from sixty.shop.pricing.offers import quote
from sixty.shop.pricing.playbook import shop_rules
from sixty.tables import Base

SMALL = Scale(1_000, 500)
LARGER = Scale(5_000, 5_000)


@pytest.fixture
def loaded(database_url: str) -> str:
    load(database_url, SMALL)
    return database_url


def test_rows_are_the_same_every_time_and_fit_their_columns() -> None:
    for table_, again in zip(tables(SMALL), tables(SMALL), strict=True):
        rows = list(table_.rows)
        assert rows == list(again.rows)
        assert {len(row) for row in rows} == {len(table_.columns)}, table_.name
        # Nothing that has a meaning in PostgreSQL's COPY.
        assert not any(set(str(value)) & set("\t\n\r\\") for row in rows for value in row)


def test_a_larger_shop_is_more_of_the_same_to_each() -> None:
    for scale in (SMALL, LARGER):
        orders = next(each for each in tables(scale) if each.name == "customer_order")
        owners = Counter(row[1] for row in orders.rows)
        assert len(owners) == scale.customers
        assert all(owners[customer_id(index)] == orders_of_customer(index) for index in range(scale.customers))


def test_sizes_that_do_not_come_out_even_are_refused() -> None:
    with pytest.raises(ValueError, match="come by"):
        Scale(1_010, 500)


def test_questions_are_the_same_every_time_and_ask_everywhere() -> None:
    asked = drawn(LARGER, 200)
    assert asked == drawn(LARGER, 200)
    assert {len(basket.wanted) for basket in asked.baskets} == {LINES}
    assert {basket.customer is None for basket in asked.baskets} == {True, False}
    assert len(set(asked.customers)) > 100
    named = {int(no[1:]) * 10 // LARGER.products for no, _ in asked.attributes}
    assert named == set(range(10))


def test_every_row_arrives_and_keeps_its_word(loaded: str) -> None:
    with engine_for(loaded).connect() as connection:
        for each in tables(SMALL):
            held = connection.execute(select(func.count()).select_from(Base.metadata.tables[each.name])).scalar()
            assert held == len(list(each.rows)), each.name
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    with shop_session(loaded) as session:
        assert {product.category for product in session.scalars(select(Product))} == set(CATEGORIES)
        order = session.scalars(select(Order).where(Order.state == "confirmed").limit(1)).one()
        assert order.placed_at < order.confirmed_at
        assert order.lines
        assert sum(line.share for line in order.lines) == pytest.approx(order.paid_amount, abs=1)
    assert size_mb(loaded) > 0.1


def test_what_refers_to_something_refers_to_what_is_there(loaded: str) -> None:
    with engine_for(loaded).connect() as connection:
        for held in Base.metadata.tables.values():
            for key in held.foreign_keys:
                query = (
                    f"SELECT count(*) FROM {held.name} a WHERE a.{key.parent.name} IS NOT NULL AND NOT EXISTS "
                    f"(SELECT 1 FROM {key.column.table.name} b WHERE b.{key.column.name} = a.{key.parent.name})"
                )
                assert connection.execute(text(query)).scalar() == 0, (held.name, key.parent.name)


def test_a_loaded_shop_has_the_indexes_of_ours(loaded: str) -> None:
    def indexes() -> set[str | None]:
        found = inspect(engine_for(loaded))
        return {index["name"] for each in tables(SMALL) for index in found.get_indexes(each.name)}

    wanted = {index.name for each in tables(SMALL) for index in Base.metadata.tables[each.name].indexes}
    assert wanted <= indexes()
    without_indexes(loaded)
    assert not wanted & indexes()


def test_the_bot_finds_what_is_there_and_promotions_count(loaded: str) -> None:
    asked, answers = drawn(SMALL, 40), ours(loaded)
    for question in QUESTIONS:
        assert wrong_answers(answers[question], question, asked.of(question)) == 0
    assert wrong_answers(lambda _: 0, "orders", asked.customers) == 40
    kinds: Counter[str] = Counter()
    with shop_session(loaded) as session:
        for basket in asked.baskets:
            found = quote(session, basket.wanted, AT, basket.customer, rules=shop_rules())
            kinds.update(step.kind for payment in found.payments for step in payment.steps)
    counting = {"timed_discount", "pieces", "category_coupon", "cross_shop_cut", "store_cut", "gift"}
    assert counting | {"red_packet", "allowance", "presale", "member_price"} <= set(kinds), kinds


def test_both_ways_of_reading_are_measured(loaded: str) -> None:
    read = read_here(loaded, SMALL, 5)
    assert {question: read[question]["wrong"] for question in QUESTIONS} == dict.fromkeys(QUESTIONS, 0)
    assert read["peak_rss_mb"] > 10
    hand = hand_here(loaded, SMALL, 5)
    without_indexes(loaded)
    bare = without_indexes_here(loaded, SMALL, 5)
    name = "postgresql" if loaded.startswith("postgresql") else "sqlite"
    result: dict[str, Any] = {
        "scales": [{"skus": SMALL.skus, "orders": SMALL.orders}],
        "databases": {name: {"1000": {**read, "load_seconds": 1.0, "database_mb": 2.0}}},
        "by_hand": {name: {"1000": hand}},
        "without_indexes": {name: bare},
    }
    result |= _conclusions(result, [SMALL])
    assert (result["database"], result["p95_ratio"], result["is_flat"]) == (name, 1.0, True)
    assert result["price_ms_p95"] == read["price"]["p95_ms"]
    assert f"| {name} | 1,000 | 500 |" in table(result)
    assert f"| {name}, without indexes | 1,000 | 500 |" in table(result)


def test_the_worst_growth_is_told() -> None:
    def of(milliseconds: float) -> dict[str, Any]:
        return {question: {"p50_ms": 1.0, "p95_ms": milliseconds} for question in QUESTIONS} | {"rss_mb": 1.0}

    slow = of(2.0)
    slow["orders"] = {"p50_ms": 1.0, "p95_ms": 7.0}
    databases = {"sqlite": {"1000": of(2.0), "5000": of(2.0)}, "postgresql": {"1000": of(2.0), "5000": slow}}
    result = {"databases": databases, "by_hand": databases, "without_indexes": {name: of(1.0) for name in databases}}
    found = _conclusions(result, [SMALL, LARGER])
    assert (found["p95_ratio"], found["is_flat"], found["is_quick"]) == (3.5, False, True)
    assert (found["orders_ms_p95"], found["database"]) == (7.0, "postgresql")


def test_times_take_the_shortest_of_several_readings() -> None:
    heard: list[str] = []

    def ask(each: str) -> int:
        heard.append(each)
        return 1

    figures = times(ask, ["a", "b"], passes=2)
    assert heard == ["a", "b"] * 3
    assert figures["p50_ms"] <= figures["p95_ms"]
    assert "cpu_p95_ms" not in times(ask, ["a"], passes=0)


def test_what_must_be_found() -> None:
    asked = drawn(SMALL, 3)
    assert expected("price", asked.baskets[0]) == LINES
    assert expected("orders", 0) == 1
    assert expected("orders", 9) == 5
    assert product_no(7) == "P0000007"


@pytest.fixture(autouse=True)
def _plain_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The project's own playbook and the tables, whatever this machine's deployment says."""
    from sixty.settings import get_settings

    for name in [each for each in os.environ if each.startswith("SIXTY_SHOP")]:
        monkeypatch.delenv(name)
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()
