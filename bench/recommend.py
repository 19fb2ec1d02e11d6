"""``python -m bench.recommend``: what recommendations hit, and what one costs in a shop of a million SKUs.

- *Hits*: a generated shop of known structure (`bench.recommend_orders`), split by time. The earlier orders are mined;
  of each later order one product is shown, and it counts whether one of the others is among five that are suggested:
  by `complementary`, by popularity, and at random. Intervals are 95% by bootstrap over customers.
- *Smoke*: order lines of a real demo shop's SQL dump, where there is one: they are mined and suggested from.
- *Time*: every kind of suggestion in shops of two sizes (`bench.shop_rows`), each read by a process of its own.
- *Trials and benefits*: figures of `bench.benefits`.

The last line of standard output is the result as one JSON object, kept under bench/results/ too.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bench import postgres_server, report
from bench.errors import BenchError
from bench.figures import percentile
from bench.machine import CpuClock, describe_machine
from bench.recommend_orders import Bought, Market, fill, number, orders_of
from bench.shop_loading import load
from bench.shop_readings import times
from bench.shop_rows import AT, CATEGORIES, Scale, customer_id, product_no, sku_code
from sixty.shop.climate import NOWHERE
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.models import Customer, Order, OrderLine, Product, Sku
from sixty.shop.recommendations import Situation, SuggestionKind, Wish, complementary, recommend
from sixty.shop.recommendations.mining import mine_pairs
from sixty.shop.recommendations.models import CoPurchase, KindPair
from sixty.shop.recommendations.rules import RecommendationRules
from sixty.shop.recommendations.shelf import put_in_order

SUGGESTED = 5
MARKET = Market()
SEEDS = (60, 61, 62)
SIZES = (Scale(10_000, 2_000), Scale(1_000_000, 200_000))
DUMP = Path(__file__).parents[2] / "shared" / "data" / "shops" / "macrozheng_mall.sql"
MOST_P95_MS = 10.0

_ASKED = 4_000
_QUICK_ASKED = 1_200
_RESAMPLES = 1_000
_TIMED = 200
_QUICK_TIMED = 120
_PARTNERS = 20
_RULES = RecommendationRules()

Method = Callable[[str, str, datetime], list[str]]


# ---------------------------------------------------------------------------------------------------------------- hits


@dataclass(frozen=True)
class Asked:
    """One product of a later order, and the others that count as a hit."""

    at: datetime
    customer: str
    shown: str
    others: frozenset[str]


def hits_here(folder: Path, seed: int, asked: int) -> dict[str, Any]:
    """Measures one generated shop.

    Args:
        folder: Where its database is made.
        seed: Which shop.
        asked: How many later orders are asked about at most.
    """
    orders = orders_of(MARKET, seed)
    split = orders[len(orders) * 4 // 5].at
    earlier = [order for order in orders if order.at < split]
    later = [order for order in orders if order.at >= split]
    draw = random.Random(seed + 2)
    questions = [_question(draw, order) for order in later if len(order.products) > 1]
    questions = draw.sample(questions, min(asked, len(questions)))
    url = f"sqlite:///{folder / f'hits-{seed}.db'}"
    upgrade_database(url)
    with engine_for(url).begin() as connection:
        fill(connection, MARKET, earlier, seed)
    begun = time.perf_counter()
    mined = mine_pairs(url, split, whole=True, rules=_RULES)
    mining_seconds = time.perf_counter() - begun
    sold = Counter(product for order in earlier for product in order.products)
    with shop_session(url, read_only=True) as session:
        methods: dict[str, Method] = {
            "complementary": _complementary(session),
            "popularity": _by_popularity(sold),
            "popularity_of_category": _by_popularity(sold, _categories(session)),
            "random": _at_random(random.Random(seed + 3)),
        }
        found = {name: _ask(method, questions) for name, method in methods.items()}
    engine_for(url).dispose()
    figures = {name: _figures(each, questions, seed) for name, each in found.items()}
    own = [hit for hit, _, _ in found["complementary"]]
    for name in ("popularity", "popularity_of_category", "random"):
        beside = [hit for hit, _, _ in found[name]]
        figures[name]["complementary_ahead_by"] = _interval(
            [float(one) - float(other) for one, other in zip(own, beside, strict=True)], questions, seed
        )
    return {"asked": len(questions), "pairs": mined.pairs, "mining_seconds": round(mining_seconds, 2), **figures}


def _question(draw: random.Random, order: Bought) -> Asked:
    shown = draw.choice(order.products)
    return Asked(order.at, order.customer, shown, frozenset(order.products) - {shown})


def _complementary(session: Session) -> Method:
    def method(shown: str, customer: str, at: datetime) -> list[str]:
        situation = Situation(at, customer, product_no=shown)
        found = complementary(session, situation, SUGGESTED, rules=_RULES, climate=NOWHERE)
        return [each.product.no for each in found]

    return method


def _by_popularity(sold: Counter[str], categories: dict[str, str] | None = None) -> Method:
    ranked = [product for product, _ in sold.most_common()]

    def method(shown: str, customer: str, at: datetime) -> list[str]:
        fitting: Iterable[str] = (each for each in ranked if each != shown)
        if categories is not None:
            fitting = (each for each in fitting if categories[each] == categories[shown])
        return [each for each, _ in zip(fitting, range(SUGGESTED), strict=False)]

    return method


def _at_random(draw: random.Random) -> Method:
    numbers = [number(index) for index in range(MARKET.products)]
    return lambda shown, customer, at: draw.sample(numbers, SUGGESTED)


def _categories(session: Session) -> dict[str, str]:
    return {row.no: row.category for row in session.execute(select(Product.no, Product.category))}


def _ask(method: Method, questions: Sequence[Asked]) -> list[tuple[bool, list[str], float]]:
    found = []
    for each in questions:
        begun = time.perf_counter()
        suggested = method(each.shown, each.customer, each.at)
        took = (time.perf_counter() - begun) * 1000
        found.append((bool(each.others & set(suggested)), suggested, took))
    return found


def _figures(found: Sequence[tuple[bool, list[str], float]], questions: Sequence[Asked], seed: int) -> dict[str, Any]:
    shown = {product for _, suggested, _ in found for product in suggested}
    return {
        "hit5": _interval([float(hit) for hit, _, _ in found], questions, seed),
        "coverage": round(len(shown) / MARKET.products, 4),
        "empty": round(sum(not suggested for _, suggested, _ in found) / len(found), 4),
        "p50_ms": round(percentile([took for _, _, took in found], 50) or 0, 3),
        "p95_ms": round(percentile([took for _, _, took in found], 95) or 0, 3),
    }


def _interval(values: Sequence[float], questions: Sequence[Asked], seed: int) -> dict[str, float]:
    """The mean, and its 95% interval by drawing customers anew."""
    of_customer: dict[str, list[float]] = {}
    for value, each in zip(values, questions, strict=True):
        of_customer.setdefault(each.customer, []).append(value)
    groups = [(sum(group), len(group)) for group in of_customer.values()]
    draw = random.Random(seed + 4)
    means = []
    for _ in range(_RESAMPLES):
        drawn = draw.choices(groups, k=len(groups))
        means.append(sum(total for total, _ in drawn) / sum(count for _, count in drawn))
    means.sort()
    return {
        "mean": round(sum(values) / len(values), 4),
        "low": round(means[_RESAMPLES * 25 // 1000], 4),
        "high": round(means[_RESAMPLES * 975 // 1000 - 1], 4),
    }


# --------------------------------------------------------------------------------------------------------------- smoke

_ITEM = re.compile(r"INSERT INTO `oms_order_item` VALUES \((\d+), (\d+), '[^']*', (\d+), ")


def smoke_here(folder: Path, dump: Path) -> dict[str, Any]:
    """Mines the order lines of a shop's SQL dump; only its numbers of orders and products are read."""
    baskets: dict[str, list[str]] = {}
    for _, order, product in _ITEM.findall(dump.read_text(encoding="utf-8")):
        baskets.setdefault(order, []).append(f"M{product}")
    numbers = sorted({product for products in baskets.values() for product in products})
    url = f"sqlite:///{folder / 'smoke.db'}"
    upgrade_database(url)
    now = datetime.now(timezone.utc)
    with shop_session(url) as session:
        session.add(Customer(id="C", nickname="顾客", phone="13800000000", level="普通"))
        for place, no in enumerate(numbers):
            kind = f"品类{place}"
            session.add(Product(no=no, name=no, category="商城", kind=kind, brand="", status="on_sale", aliases=[]))
        session.flush()
        for no in numbers:
            amounts = {"list_price": Decimal(9), "price": Decimal(9)}
            session.add(Sku(code=f"{no}-0", product_no=no, stock=9, **amounts))
        session.flush()
        for order, products in baskets.items():
            amounts = {"goods_amount": Decimal(9), "discount": Decimal(0), "postage": Decimal(0)}
            at = now - timedelta(days=1)
            lines = [
                OrderLine(
                    ordinal=place,
                    sku_code=f"{no}-0",
                    product_no=no,
                    name=no,
                    quantity=1,
                    unit_price=Decimal(9),
                    share=Decimal(9),
                )
                for place, no in enumerate(products, start=1)
            ]
            address = {"receiver": "顾客", "phone": "13800000000", "address": "某路1号", "paid_amount": Decimal(9)}
            session.add(
                Order(
                    no=order, customer_id="C", state="paid", placed_at=at, paid_at=at, lines=lines, **amounts, **address
                )
            )
    # Few orders: what nearly all of them hold lifts nothing.
    mined = mine_pairs(url, now, whole=True, rules=RecommendationRules(least_lift=Decimal(1)))
    with shop_session(url, read_only=True) as session:
        found = {no: complementary(session, Situation(now, product_no=no), SUGGESTED, rules=_RULES) for no in numbers}
    engine_for(url).dispose()
    return {
        "orders": len(baskets),
        "lines": sum(map(len, baskets.values())),
        "products": len(numbers),
        "mined_orders": mined.orders,
        "pairs": mined.pairs,
        "products_with_suggestions": sum(bool(each) for each in found.values()),
    }


# ---------------------------------------------------------------------------------------------------------------- time

# As many as are shown at once.
_SHOWN: dict[SuggestionKind, int] = {
    "complementary": 3,
    "similar": 3,
    "substitute": 3,
    "upgrade": 1,
    "filler": 1,
    "wish": 3,
}
KINDS: tuple[SuggestionKind, ...] = ("complementary", "similar", "substitute", "upgrade", "filler", "wish")


def load_here(url: str, scale: Scale) -> None:
    """Loads a generated shop with what mining would have found in it, and puts its shelves in order."""
    upgrade_database(url)
    load(url, scale)
    with engine_for(url).begin() as connection:
        for chunk in _chunks(_bought_together(scale), 20_000):
            connection.execute(insert(CoPurchase.__table__), chunk)
        kinds = sorted({(row.category, row.kind) for row in connection.execute(select(Product.category, Product.kind))})
        draw = random.Random(60)
        pairs = [
            {
                "category": category,
                "kind": kind,
                "with_category": other,
                "with_kind": with_kind,
                "orders": 9,
                "score": 0.1,
            }
            for category, kind in kinds
            for other, with_kind in draw.sample(kinds, min(8, len(kinds)))
            if (category, kind) != (other, with_kind)
        ]
        connection.execute(insert(KindPair.__table__), pairs)
    with shop_session(url) as session:
        put_in_order(session)
    with engine_for(url).begin() as connection:
        for table in ("co_purchase", "shelf_place"):
            connection.exec_driver_sql(f"ANALYZE {table}")


def _bought_together(scale: Scale) -> Iterator[dict[str, Any]]:
    draw = random.Random(61)
    for index in range(scale.products):
        for place, other in enumerate(draw.sample(range(scale.products), _PARTNERS)):
            if other != index:
                score = 0.4 / (place + 1)
                pair = {"product_no": product_no(index), "with_no": product_no(other), "orders": 30 - place}
                yield {**pair, "lift": 5.0, "score": score, "share": score}


def _chunks(rows: Iterator[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def read_here(url: str, scale: Scale, count: int) -> dict[str, Any]:
    """Asks for every kind of suggestion as the bot does; for a process of its own."""
    draw = random.Random(62)
    figures: dict[str, Any] = {}
    for kind in KINDS:
        situations = [_situation(draw, scale, kind) for _ in range(count)]
        found = 0

        def ask(situation: Situation, kind: SuggestionKind = kind) -> int:
            with shop_session(url, read_only=True) as session:
                return len(recommend(session, kind, situation, _SHOWN[kind], climate=NOWHERE))

        found = sum(ask(situation) for situation in situations)
        figures[kind] = {**times(ask, situations), "suggested": round(found / count, 2)}
    return figures


def _situation(draw: random.Random, scale: Scale, kind: SuggestionKind) -> Situation:
    customer = customer_id(draw.randrange(scale.customers))
    product = draw.randrange(scale.products)
    shown: dict[str, Any] = {"product_no": product_no(product), "color": draw.choice(("黑色", "卡其"))}
    if kind in ("complementary", "substitute"):
        shown["size"] = draw.choice(("M", "L", "XL"))
    if kind == "filler":
        skus = (draw.randrange(scale.skus) for _ in range(draw.choice((1, 2, 3))))
        shown = {"basket": {sku_code(sku): 1 for sku in skus}}
    if kind == "wish":
        low = Decimal(draw.randrange(20, 300))
        shown = {"wish": Wish(category=draw.choice(CATEGORIES), low=low, high=low + 200)}
    return Situation(AT, customer, **shown)


def _in_fresh_process(step: str, url: str, scale: Scale, count: int) -> dict[str, Any]:
    done = subprocess.run(
        [
            *(sys.executable, "-W", "ignore", "-m", "bench.recommend", "--step", step, url),
            *(str(scale.skus), str(scale.orders), str(count)),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    if done.returncode != 0:
        raise BenchError(f"{step} of {scale.skus} SKUs failed:\n{done.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def timed(sizes: Sequence[Scale], databases: Sequence[str], count: int) -> dict[str, Any]:
    """Measures shops of every size in every database."""
    figures: dict[str, Any] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-recommend-")))
        for database in databases:
            figures[database] = {}
            for scale in sizes:
                report.progress(f"{database}, {scale.skus:,} SKUs: loading")
                with ExitStack() as opened:
                    if database == "sqlite":
                        url = f"sqlite:///{folder / f'{scale.skus}.db'}"
                    else:
                        server = opened.enter_context(postgres_server.running())
                        url = opened.enter_context(server.database(f"recommend_{scale.skus}"))
                    load_here(url, scale)
                    engine_for(url).dispose()
                    report.progress(f"{database}, {scale.skus:,} SKUs: asking")
                    figures[database][str(scale.skus)] = _in_fresh_process("read", url, scale, count)
                for file in folder.glob(f"{scale.skus}.db*"):
                    file.unlink()
    return figures


# ----------------------------------------------------------------------------------------------------------------- all


def measure(*, quick: bool, databases: Sequence[str], sizes: Sequence[Scale]) -> dict[str, Any]:
    """Measures everything and returns it as one object."""
    begun, started_at, before = time.monotonic(), datetime.now(timezone.utc), CpuClock.read()
    shops: list[dict[str, Any]] = []
    smoke: dict[str, Any] | None = None
    with tempfile.TemporaryDirectory(prefix="bench-recommend-") as made:
        for seed in SEEDS[:1] if quick else SEEDS:
            report.progress(f"a generated shop, seed {seed}")
            shops.append({"seed": seed, **hits_here(Path(made), seed, _QUICK_ASKED if quick else _ASKED)})
        if DUMP.exists():
            smoke = smoke_here(Path(made), DUMP)
    time_taken = timed(sizes, databases, _QUICK_TIMED if quick else _TIMED)
    small, large = (str(scale.skus) for scale in (min(sizes, key=_skus), max(sizes, key=_skus)))
    report.progress("trials and benefits")
    from bench.benefits import measure as measure_benefits

    of_benefits = dict(measure_benefits(quick))
    return {
        "bench": "recommend",
        "machine": describe_machine(),
        "hit5": _mean(shops, "complementary"),
        "hit5_popularity": _mean(shops, "popularity"),
        "hit5_ahead_low": min(shop["popularity"]["complementary_ahead_by"]["low"] for shop in shops),
        "p95_ms": _worst(time_taken, large, "p95_ms"),
        "p95_cpu_ms": _worst(time_taken, large, "cpu_p95_ms"),
        "p95_ratio": _ratio(time_taken, small, large, "p95_ms"),
        "p95_cpu_ratio": _ratio(time_taken, small, large, "cpu_p95_ms"),
        "trial_impressions_ratio": of_benefits.get("trial_impressions_ratio"),
        "overgranted": of_benefits.get("overgranted"),
        "shops": shops,
        "smoke": smoke,
        "time": time_taken,
        "benefits": of_benefits,
        "others_cpu_percent": before.others_percent(CpuClock.read()),
        "started_at": started_at.isoformat(timespec="seconds"),
        "took_seconds": round(time.monotonic() - begun, 1),
    }


def _skus(scale: Scale) -> int:
    return scale.skus


def _mean(shops: Sequence[dict[str, Any]], method: str) -> float:
    return round(sum(float(shop[method]["hit5"]["mean"]) for shop in shops) / len(shops), 4)


def _worst(time_taken: dict[str, Any], size: str, name: str) -> float:
    """The worst kind of suggestion in the worst database."""
    return max(float(figures[name]) for of_sizes in time_taken.values() for figures in of_sizes[size].values())


def _ratio(time_taken: dict[str, Any], small: str, large: str, name: str) -> float:
    """How much longer the slowest kind takes in the largest shop than in the smallest, in the worst database."""
    slowest = [
        max(float(of_sizes[large][kind][name]) for kind in KINDS)
        / max(float(of_sizes[small][kind][name]) for kind in KINDS)
        for of_sizes in time_taken.values()
    ]
    return round(max(slowest), 3)


def table(result: dict[str, Any]) -> str:
    """Markdown tables of the figures."""
    rows = ["| suggested by | hit@5 | 95% interval | coverage | p50, ms | p95, ms |", "|---|---:|---:|---:|---:|---:|"]
    first = result["shops"][0]
    for name in ("complementary", "popularity_of_category", "popularity", "random"):
        of = first[name]
        interval = f"{of['hit5']['low']:.3f} to {of['hit5']['high']:.3f}"
        rows.append(
            f"| {name} | {of['hit5']['mean']:.3f} | {interval} | {of['coverage']:.2f} "
            f"| {of['p50_ms']:.2f} | {of['p95_ms']:.2f} |"
        )
    rows += ["", "| kind, p95 in ms | " + " | ".join(KINDS) + " |", "|---|" + "---:|" * len(KINDS)]
    for database, of_sizes in result["time"].items():
        for size, figures in of_sizes.items():
            cells = " | ".join(f"{figures[kind]['p95_ms']:.2f}" for kind in KINDS)
            rows.append(f"| {database}, {int(size):,} SKUs | {cells} |")
    return "\n".join(rows)


def main() -> int:
    """Reads the options, measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.recommend", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one generated shop, fewer questions, SQLite only")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--databases", nargs="+", choices=("sqlite", "postgresql"), help="only these")
    parser.add_argument("--sizes", type=int, nargs="+", metavar="SKUS", help="SKUs, each with a fifth as many orders")
    parser.add_argument("--step", nargs=5, metavar=("STEP", "URL", "SKUS", "ORDERS", "COUNT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        _, url, skus, orders, count = options.step
        print(json.dumps(read_here(url, Scale(int(skus), int(orders)), int(count))))
        return 0
    databases = options.databases or ["sqlite"]
    if not options.databases and not options.quick and postgres_server.why_not() is None:
        databases = ["sqlite", "postgresql"]
    sizes = [Scale(size, size // 5) for size in options.sizes] if options.sizes else list(SIZES)
    try:
        result = {"quick": options.quick, **measure(quick=options.quick, databases=databases, sizes=sizes)}
    except (BenchError, ValueError) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("bench: ended before its time\n")
        return 130
    path = report.store(result, "recommend-quick" if options.quick else "recommend")
    if not options.json:
        print(table(result), end="\n\n")
        print(f"- others used {result['others_cpu_percent']:.0f} % of the processors; all figures: {path.name}\n")
    print(json.dumps(result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
