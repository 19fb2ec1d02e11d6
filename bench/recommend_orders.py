"""A generated shop whose customers buy by a structure that is known to the generator and to nobody else.

Some products belong to latent outfits: who comes for one of them often takes others of it. Outfits and products differ
in popularity by Zipf's law; outfits appear in the course of the year; many orders have nothing to do with any outfit,
and most of the others hold something that doesn't belong. Nothing here is told to the shop: it sees orders only.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from itertools import accumulate
from typing import Any

from sqlalchemy import insert
from sqlalchemy.engine import Connection

from bench.catalogue import products as named_products
from sixty.shop.models import Customer, Order, OrderLine, Product, Sku

UNTIL = datetime(2026, 11, 1, tzinfo=timezone.utc)
DAYS = 360
CATEGORIES = 12
KINDS_A_CATEGORY = 8


@dataclass(frozen=True)
class Market:
    """How people buy.

    Attributes:
        products: How many products there are.
        outfits: How many latent outfits.
        orders: How many orders in the year.
        customers: How many customers share them.
        with_intent: The share of orders that begin with an outfit.
        take: How likely a thing of the outfit is taken along.
        stray: How likely one more thing is taken that has nothing to do with it, and then one more, and so on.
        across: The share of outfits that span two categories.
        late: The share of outfits that appear only in the course of the year.
    """

    products: int = 2_000
    outfits: int = 350
    orders: int = 40_000
    customers: int = 12_000
    with_intent: float = 0.5
    take: float = 0.45
    stray: float = 0.4
    across: float = 0.3
    late: float = 0.3


@dataclass(frozen=True)
class Bought:
    """One order: when, by whom, which products."""

    at: datetime
    customer: str
    products: tuple[str, ...]


class _Chance:
    """Draws by Zipf's law: the n-th of all is drawn as often as 1/n^exponent."""

    def __init__(self, draw: random.Random, things: Sequence[Any], exponent: float) -> None:
        self._draw = draw
        self._things = things
        self._sums = list(accumulate(1 / (rank + 1) ** exponent for rank in range(len(things))))

    def one(self) -> Any:
        return self._things[bisect(self._sums, self._draw.random() * self._sums[-1])]


def number(index: int) -> str:
    """The number of a product."""
    return f"R{index:06}"


def orders_of(market: Market, seed: int) -> list[Bought]:
    """Draws a year of orders, the earliest first; the same ones for the same seed."""
    draw = random.Random(seed)
    numbers = [number(index) for index in range(market.products)]
    draw.shuffle(numbers)
    popular = _Chance(draw, numbers, 0.8)
    outfits = [_outfit(draw, market) for _ in range(market.outfits)]
    wanted = _Chance(draw, outfits, 0.8)
    born = {id(outfit): draw.random() if draw.random() < market.late else 0.0 for outfit in outfits}
    found: list[Bought] = []
    for moment in sorted(draw.random() for _ in range(market.orders)):
        products: list[str] = []
        outfit = wanted.one() if draw.random() < market.with_intent else ()
        if outfit and born[id(outfit)] <= moment:
            products = [each for each in outfit if draw.random() < market.take] or [draw.choice(outfit)]
        else:
            products = [popular.one()]
        while draw.random() < market.stray:
            products.append(popular.one())
        at = UNTIL - timedelta(days=DAYS * (1 - moment))
        customer = f"C{draw.randrange(market.customers):06}"
        found.append(Bought(at, customer, tuple(dict.fromkeys(products))))
    return found


def _outfit(draw: random.Random, market: Market) -> tuple[str, ...]:
    category = draw.randrange(CATEGORIES)
    other = draw.randrange(CATEGORIES) if draw.random() < market.across else category
    kinds = draw.sample(range(KINDS_A_CATEGORY), draw.choice((3, 3, 4, 5)))
    chosen = []
    for place, kind in enumerate(kinds):
        of_kind = (category if place % 2 == 0 else other) * KINDS_A_CATEGORY + kind
        chosen.append(number(draw.randrange(of_kind, market.products, CATEGORIES * KINDS_A_CATEGORY)))
    return tuple(dict.fromkeys(chosen))


def fill(connection: Connection, market: Market, orders: Sequence[Bought], seed: int) -> None:
    """Fills a migrated, empty database with the shop and some of its orders."""
    draw = random.Random(seed + 1)
    products, skus = [], []
    for index, each in enumerate(named_products(market.products)):
        of_kind = index % (CATEGORIES * KINDS_A_CATEGORY)
        common = {"status": "on_sale", "aliases": [], "runs": "正常", "brand": each["brand"], "name": each["name"]}
        shelf = {"category": f"类目{of_kind // KINDS_A_CATEGORY:02}", "kind": f"品类{of_kind:02}"}
        products.append({"no": number(index), **shelf, **common})
        price = Decimal(draw.randrange(20, 500))
        amounts = {"list_price": price, "price": price, "stock": draw.randrange(5, 100)}
        skus.append(
            {"code": f"{number(index)}-0", "product_no": number(index), "color": "", "size": "", "spec": "", **amounts}
        )
    connection.execute(insert(Product.__table__), products)
    connection.execute(insert(Sku.__table__), skus)
    person = {"nickname": "顾客", "phone": "13800000000", "level": "普通", "region": ""}
    people = sorted({order.customer for order in orders})
    connection.execute(insert(Customer.__table__), [{"id": each, **person} for each in people])
    address = {"receiver": "顾客", "phone": "13800000000", "address": "某路1号", "region": ""}
    money = {name: Decimal(9) for name in ("goods_amount", "paid_amount")}
    money |= {name: Decimal(0) for name in ("discount", "postage")}
    rows, lines = [], []
    for place, order in enumerate(orders):
        no = f"{place + 1:016}"
        times = {"placed_at": order.at, "paid_at": order.at}
        rows.append({"no": no, "customer_id": order.customer, "state": "confirmed", **times, **address, **money})
        for ordinal, product in enumerate(order.products, start=1):
            named = {"sku_code": f"{product}-0", "product_no": product, "name": product, "sku_text": ""}
            paid = {"quantity": 1, "unit_price": Decimal(9), "share": Decimal(9)}
            lines.append({"order_no": no, "ordinal": ordinal, **named, **paid})
    connection.execute(insert(Order.__table__), rows)
    connection.execute(insert(OrderLine.__table__), lines)
