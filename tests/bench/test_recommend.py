from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import event

from bench import recommend as bench
from bench.recommend import KINDS, _interval, _situation, hits_here, load_here, read_here, smoke_here, table
from bench.recommend_orders import Market, orders_of
from bench.shop_rows import Scale
from sixty.shop.climate import NOWHERE
from sixty.shop.database import engine_for, shop_session
from sixty.shop.recommendations import recommend

SMALL = Market(products=300, outfits=40, orders=2_500, customers=900)


def test_orders_are_the_same_every_time_and_in_order() -> None:
    orders = orders_of(SMALL, 1)
    assert orders == orders_of(SMALL, 1)
    assert orders != orders_of(SMALL, 2)
    assert [order.at for order in orders] == sorted(order.at for order in orders)
    assert all(len(set(order.products)) == len(order.products) > 0 for order in orders)


def test_some_products_are_far_more_popular_than_others() -> None:
    sold = Counter(product for order in orders_of(SMALL, 1) for product in order.products)
    ranked = [count for _, count in sold.most_common()]
    assert sum(ranked[:15]) > 3 * sum(ranked[-150:]) / 10
    assert ranked[0] > 10 * ranked[len(ranked) // 2]


def test_hits_beside_popularity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "MARKET", SMALL)
    monkeypatch.setattr(bench, "_RESAMPLES", 200)
    found = hits_here(tmp_path, 5, 120)
    assert found["asked"] == 120
    own, popular, drawn = (found[name] for name in ("complementary", "popularity", "random"))
    assert own["hit5"]["low"] <= own["hit5"]["mean"] <= own["hit5"]["high"]
    assert own["hit5"]["mean"] > drawn["hit5"]["mean"]
    assert own["coverage"] > popular["coverage"]
    ahead = popular["complementary_ahead_by"]
    assert ahead["mean"] == pytest.approx(own["hit5"]["mean"] - popular["hit5"]["mean"], abs=1e-3)


def test_where_nothing_belongs_together_nothing_is_ahead_for_certain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = Market(products=300, outfits=40, orders=2_500, customers=900, with_intent=0.0)
    monkeypatch.setattr(bench, "MARKET", noise)
    monkeypatch.setattr(bench, "_RESAMPLES", 200)
    found = hits_here(tmp_path, 5, 120)
    assert found["popularity"]["complementary_ahead_by"]["low"] <= 0


def test_an_interval_is_of_customers() -> None:
    asked = [bench.Asked(bench.AT, f"C{number % 3}", "A", frozenset()) for number in range(30)]
    everything = _interval([1.0] * 30, asked, 1)
    assert everything == {"mean": 1.0, "low": 1.0, "high": 1.0}
    of_one = _interval([float(number % 3 == 0) for number in range(30)], asked, 1)
    assert of_one["low"] == 0.0
    assert of_one["high"] == 1.0


def test_a_dump_of_order_lines_is_mined(tmp_path: Path) -> None:
    lines = [
        f"INSERT INTO `oms_order_item` VALUES ({n}, {n // 2}, '2018', {26 + n % 2}, 'x', 'name');" for n in range(12)
    ]
    dump = tmp_path / "dump.sql"
    dump.write_text("\n".join(lines), encoding="utf-8")
    found = smoke_here(tmp_path, dump)
    assert (found["orders"], found["lines"], found["products"], found["pairs"]) == (6, 12, 2, 1)
    assert found["products_with_suggestions"] == 2


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    folder = tmp_path_factory.mktemp("shops")
    urls = {}
    for skus in (5_000, 50_000):
        urls[skus] = f"sqlite:///{folder / f'{skus}.db'}"
        load_here(urls[skus], Scale(skus, 1_000))
    return urls


@pytest.mark.parametrize("kind", KINDS)
def test_the_database_does_as_much_work_in_a_shop_ten_times_as_large(shops: dict[int, str], kind: str) -> None:
    """Counted in steps of SQLite's own machine, which no other load on this machine changes."""
    steps: dict[int, int] = {}
    for skus, url in shops.items():
        draw = random.Random(1)
        asked = [_situation(draw, Scale(skus, 1_000), kind) for _ in range(12)]  # type: ignore[arg-type]
        counted = [0]

        def count(counted: list[int] = counted) -> int:
            counted[0] += 1
            return 0

        engine = engine_for(url)

        def watch(connection: object, record: object, count: object = count) -> None:
            connection.set_progress_handler(count, 20)  # type: ignore[attr-defined]

        engine.dispose()
        event.listen(engine, "connect", watch)
        for situation in asked:
            with shop_session(url, read_only=True) as session:
                recommend(session, kind, situation, 3, climate=NOWHERE)  # type: ignore[arg-type]
        event.remove(engine, "connect", watch)
        engine.dispose()
        steps[skus] = counted[0]
    # A kind has ten times as many products, so that more of what is asked for is there; a scan would be ten times it.
    assert steps[50_000] < 4 * steps[5_000] + 12 * 400


def test_every_kind_is_timed(shops: dict[int, str]) -> None:
    figures = read_here(shops[5_000], Scale(5_000, 1_000), 4)
    assert set(figures) == set(KINDS)
    assert figures["complementary"]["suggested"] > 0
    hits = {"mean": 0.5, "low": 0.4, "high": 0.6}
    of = {"hit5": hits, "coverage": 0.1, "p50_ms": 1.0, "p95_ms": 2.0}
    names = ("complementary", "popularity_of_category", "popularity", "random")
    result = {"shops": [dict.fromkeys(names, of)], "time": {"sqlite": {"5000": figures}}}
    assert "sqlite, 5,000 SKUs" in table(result)
