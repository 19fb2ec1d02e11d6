"""Three questions that every chat asks of the shop, as the bot asks them, and the least that any program must read."""

# What is put into the SQL are question marks and a number of ours.
# ruff: noqa: S608

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import psycopg2  # type: ignore[import-untyped]
from sqlalchemy.engine import make_url

from bench.figures import percentile
from bench.shop_rows import (
    AT,
    ATTRIBUTES_A_PRODUCT,
    CATEGORIES,
    SKUS_A_PRODUCT,
    Scale,
    customer_id,
    orders_of_customer,
    product_no,
    sku_code,
)
from sixty.shop.catalogue import ATTRIBUTE_KEYS, attribute_answer, attribute_keys, find_product
from sixty.shop.database import shop_session
from sixty.shop.gateways.chosen import order_gateway
from sixty.shop.orders import Viewer
from sixty.shop.pricing.offers import quote

Question = Literal["price", "attribute", "orders"]
QUESTIONS: tuple[Question, ...] = ("price", "attribute", "orders")
LINES = 10
ORDERS_SHOWN = 5
WARM_PASSES = 5
_SEED = 60
_CATEGORIES_A_BASKET = 5
_A_STRANGER_IN = 4

T = TypeVar("T")
Read = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Basket:
    """What is bought, and by whom."""

    wanted: dict[str, int]
    customer: str | None


@dataclass(frozen=True)
class Asked:
    """Everything that is asked, one of each kind a customer."""

    baskets: list[Basket]
    attributes: list[tuple[str, str]]
    customers: list[int]

    def of(self, question: Question) -> Sequence[Any]:
        """What is asked of a kind."""
        found: dict[Question, Sequence[Any]] = {
            "price": self.baskets,
            "attribute": self.attributes,
            "orders": self.customers,
        }
        return found[question]


def drawn(scale: Scale, count: int) -> Asked:
    """Draws questions from all of a shop, the same ones every time."""
    draw = random.Random(_SEED)
    return Asked(
        [_basket(draw, scale, number) for number in range(count)],
        [
            (product_no(draw.randrange(scale.products)), draw.choice(ATTRIBUTE_KEYS[:ATTRIBUTES_A_PRODUCT]))
            for _ in range(count)
        ],
        [draw.randrange(scale.customers) for _ in range(count)],
    )


def _basket(draw: random.Random, scale: Scale, number: int) -> Basket:
    """Ten variants of ten products, of a few categories, two of them a pair."""
    begins = draw.sample(range(len(CATEGORIES)), _CATEGORIES_A_BASKET)
    fitting = [range(begin, scale.products, len(CATEGORIES)) for begin in begins]
    chosen: set[int] = set()
    while len(chosen) < LINES - 1:
        chosen.add(draw.choice(draw.choice(fitting)))
    while len(chosen) < LINES:
        chosen.add((draw.choice(sorted(chosen)) + 1) % scale.products)
    # A line is a variant; the pieces are mostly one.
    wanted = {
        sku_code(product * SKUS_A_PRODUCT + draw.randrange(SKUS_A_PRODUCT)): draw.choice((1, 1, 1, 2))
        for product in sorted(chosen)
    }
    known = number % _A_STRANGER_IN != 0
    return Basket(wanted, customer_id(draw.randrange(scale.customers)) if known else None)


def ours(url: str) -> dict[Question, Callable[[Any], int]]:
    """The questions as the bot asks them, each in a session of its own as in a turn; they return what they found."""

    def price(basket: Basket) -> int:
        with shop_session(url, read_only=True) as session:
            found = quote(session, basket.wanted, AT, basket.customer)
        return sum(len(payment.lines) for payment in found.payments)

    def attribute(asked: tuple[str, str]) -> int:
        no, key = asked
        with shop_session(url, read_only=True) as session:
            product = find_product(session, no)
            if product is None or attribute_answer(session, product.no, key) is None:
                return 0
            return len(attribute_keys(session, product.no))

    def orders(customer: int) -> int:
        with shop_session(url, read_only=True) as session:
            gateway = order_gateway(session, AT)
            found = gateway.orders_of(Viewer("bench", customer_id(customer)), ORDERS_SHOWN).value
        return len(found)

    return {"price": price, "attribute": attribute, "orders": orders}


def expected(question: Question, asked: Any) -> int:
    """What a question must find."""
    if question == "price":
        return len(asked.wanted)
    return ATTRIBUTES_A_PRODUCT if question == "attribute" else min(ORDERS_SHOWN, orders_of_customer(asked))


def by_hand(read: Read) -> dict[Question, Callable[[Any], int]]:
    """The least that must be read for an answer, by plain SQL over an open connection.

    The price is that of the basket's variants alone: no promotion, no customer, nothing explained.
    """

    def price(basket: Basket) -> int:
        codes = list(basket.wanted)
        query = (
            "SELECT s.code, s.price, s.list_price, s.member_price, p.name, p.category "
            f"FROM sku s JOIN product p ON p.no = s.product_no WHERE s.code IN ({_places(codes)})"
        )
        return len(read(query, codes))

    def attribute(asked: tuple[str, str]) -> int:
        query = (
            "SELECT p.name, a.key, a.value, a.selling_point FROM product p "
            "JOIN attribute a ON a.product_no = p.no WHERE p.no = ?"
        )
        return len(read(query, [asked[0]]))

    def orders(customer: int) -> int:
        query = f"SELECT * FROM customer_order WHERE customer_id = ? ORDER BY placed_at DESC LIMIT {ORDERS_SHOWN}"
        found = read(query, [customer_id(customer)])
        numbers = [row[0] for row in found]
        places = _places(numbers)
        read(f"SELECT * FROM order_line WHERE order_no IN ({places})", numbers)
        parcels = [row[0] for row in read(f"SELECT * FROM parcel WHERE order_no IN ({places})", numbers)]
        if parcels:
            read(f"SELECT * FROM parcel_trace WHERE parcel_no IN ({_places(parcels)})", parcels)
        read(f"SELECT * FROM refund WHERE order_no IN ({places})", numbers)
        return len(found)

    return {"price": price, "attribute": attribute, "orders": orders}


def _places(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def reader(url: str) -> Read:
    """Runs SQL over one open connection of the database's own driver, without a transaction around it."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        connection = sqlite3.connect(str(address.database), isolation_level=None)
        return lambda query, values: connection.execute(query, values).fetchall()
    remote = psycopg2.connect(address.set(drivername="postgresql").render_as_string(hide_password=False))
    remote.autocommit = True
    cursor = remote.cursor()

    def read(query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        cursor.execute(query.replace("?", "%s"), values)
        return list(cursor.fetchall())

    return read


def times(ask: Callable[[T], int], asked: Sequence[T], passes: int = WARM_PASSES) -> dict[str, float]:
    """Asks everything once and then for the clock, `passes` times; of several readings the shortest counts.

    Returns:
        Percentiles in milliseconds by the clock and of this process's processor time, and the p95 of the first time,
        when nothing had been read yet.
    """
    first = [_clocked(ask, each)[0] for each in asked]
    clock, cpu = [float("inf")] * len(asked), [float("inf")] * len(asked)
    for _ in range(passes):
        for number, each in enumerate(asked):
            taken, used = _clocked(ask, each)
            clock[number], cpu[number] = min(clock[number], taken), min(cpu[number], used)
    figures = {f"p{percent}_ms": percentile(clock if passes else first, percent) for percent in (50, 95)}
    figures["first_p95_ms"] = percentile(first, 95)
    if passes:
        figures["cpu_p95_ms"] = percentile(cpu, 95)
    return {name: round(value or 0.0, 3) for name, value in figures.items()}


def _clocked(ask: Callable[[T], int], asked: T) -> tuple[float, float]:
    begun, used = time.perf_counter(), time.thread_time()
    ask(asked)
    return (time.perf_counter() - begun) * 1000, (time.thread_time() - used) * 1000


def wrong_answers(ask: Callable[[Any], int], question: Question, asked: Sequence[Any]) -> int:
    """How many questions did not find what is there: a quick answer that is wrong counts for nothing."""
    return sum(ask(each) != expected(question, each) for each in asked)
