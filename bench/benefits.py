"""``python -m bench.benefits``: benefits granted from all sides at once, and impressions that a product trial needs.

Two measurements, each a function that others may call:

- `overgranted`: 50 requests in several processes grant at the same moment; counted is what went beyond stock, budget,
  a customer's limit, or a key's once. It must be 0.
- `trial_impressions`: simulated shoppers are shown ten products until the best one, or one within a tenth of it, is
  known with 95% certainty, once by the product's own sampling, once in equal shares. The certainty is worked out the
  same way in both.

The last line of standard output is the result as one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from math import exp
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select

from bench import postgres_server
from sixty.shop.benefits import Granted, grant
from sixty.shop.benefits.benefit import AuthorityLimit, Benefit, BenefitPlan, Budget, CouponTerms, Often
from sixty.shop.benefits.models import BenefitCounter, BenefitGrant
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.models import Customer
from sixty.shop.orders import Viewer
from sixty.shop.trials.certainty import places
from sixty.shop.trials.sampling import Arm, compared, next_arm

NOW = datetime(2026, 5, 20, 7, 0, tzinfo=timezone.utc)
REQUESTS = 50
PROCESSES = 5
STOCK = 20
BUDGETED = 15
PRODUCTS = 10
USUAL_TAP = 0.15
SPREAD = 0.5
CERTAINTY = 0.95
MARGIN = 0.1
LEAST = 30

_DAYS = timedelta(days=30)
_LOOK = 250
_SLACK = 0.01


def plan() -> BenefitPlan:
    """Benefits of which one is short of stock, one of budget, and one is had once by each."""
    money = Budget("scarce", Decimal(BUDGETED * 2), "month")
    coupon = CouponTerms("red_packet", Decimal(0), Decimal(2))
    common: dict[str, Any] = {"say": "{title}", "given": "{title}"}
    made = (
        Benefit("by_stock", "coupon", "按库存", Decimal(2), stock=STOCK, coupon=coupon, **common),
        Benefit("by_budget", "goods", "按预算", Decimal(2), budget=money, **common),
        Benefit("once_each", "goods", "每人一份", Decimal(1), per_customer=Often(1, _DAYS), **common),
        Benefit("once_a_key", "service", "每个键一次", Decimal(1), per_customer=Often(REQUESTS, _DAYS), **common),
    )
    limit = AuthorityLimit(Decimal(10), Decimal(1000), _DAYS)
    return BenefitPlan({each.id: each for each in made}, authorities={"bot": limit})


@dataclass(frozen=True)
class Request:
    """One wish for a benefit."""

    benefit: str
    customer: str
    key: str


SCENARIOS: dict[str, tuple[Callable[[int], Request], int]] = {
    "stock": (lambda n: Request("by_stock", f"P{n}", f"stock:{n}"), STOCK),
    "budget": (lambda n: Request("by_budget", f"P{n}", f"budget:{n}"), BUDGETED),
    "customer": (lambda n: Request("once_each", "P0", f"customer:{n}"), 1),
    "key": (lambda n: Request("once_a_key", "P0", "key"), 1),
}
"""What every request of a scenario wishes for, and how many of them may have it."""


def grant_many(url: str, requests: Sequence[Request], at: float) -> list[bool]:
    """Grants from as many threads as there are requests, all at one moment; for a process of its own.

    Args:
        url: The database.
        requests: What is wished for.
        at: The moment, in seconds since 1970, so that several processes begin together.

    Returns:
        For each request whether it was granted anew.
    """

    def one(request: Request) -> bool:
        time.sleep(max(0.0, at - time.time()))
        with shop_session(url) as session:
            viewer = Viewer(f"conversation {request.key}", request.customer)
            found = grant(session, request.benefit, viewer, request.key, "bot", NOW, direct=True, plan=plan())
        return isinstance(found, Granted) and not found.repeated

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(one, requests))


def overgranted(url: str, processes: int = PROCESSES) -> dict[str, int]:
    """Lets all scenarios happen on a migrated, empty database, and counts what went too far.

    Args:
        url: The database.
        processes: How many processes share the requests.

    Returns:
        By scenario how many were granted, and `overgranted`: how many too many, and as many where rows and counters
        disagree. Too few are told as `undergranted`.
    """
    with shop_session(url) as session:
        session.add_all(
            Customer(id=f"P{n}", nickname=f"顾客{n}", phone="13800000000", level="普通") for n in range(REQUESTS)
        )
    counted: dict[str, int] = {}
    beyond = below = 0
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        list(pool.map(_warm, [url] * processes * 2))
        for name, (request_of, allowed) in SCENARIOS.items():
            requests = [request_of(number) for number in range(REQUESTS)]
            at = time.time() + 0.5
            parts = [requests[first::processes] for first in range(processes)]
            given = sum(sum(done) for done in pool.map(partial(grant_many, url, at=at), parts))
            rows = _rows(url, requests[0].benefit)
            counted[name] = given
            beyond += max(0, given - allowed) + max(0, rows - allowed) + abs(rows - given)
            below += max(0, allowed - given)
    with shop_session(url, read_only=True) as session:
        spent = session.scalar(select(func.max(BenefitCounter.spent)).where(BenefitCounter.name == "budget:scarce"))
    beyond += int(max(Decimal(0), (spent or Decimal(0)) - BUDGETED * 2))
    return {**counted, "overgranted": beyond, "undergranted": below}


def _warm(url: str) -> None:
    with shop_session(url, read_only=True) as session:
        session.scalar(select(func.count()).select_from(BenefitGrant))


def _rows(url: str, benefit_id: str) -> int:
    with shop_session(url, read_only=True) as session:
        query = select(func.count()).select_from(BenefitGrant).where(BenefitGrant.benefit_id == benefit_id)
        return session.scalar(query) or 0


@dataclass(frozen=True)
class Shopper:
    """What simulated shoppers make of one product.

    Attributes:
        tap: How many of those who see it look at it, …
        cart: … of those, how many put it into the cart, …
        order: … and of those, how many buy it.
    """

    tap: float
    cart: float
    order: float

    @property
    def worth(self) -> float:
        """What an impression is worth on average, as trials count it by default."""
        return self.tap * (0.1 * (1 - self.cart) + self.cart * (0.4 * (1 - self.order) + self.order))

    def sees(self, chance: random.Random) -> float:
        """What one impression is worth."""
        if chance.random() >= self.tap:
            return 0.0
        if chance.random() >= self.cart:
            return 0.1
        return 1.0 if chance.random() < self.order else 0.4


def shoppers(chance: random.Random) -> list[Shopper]:
    """Ten products of one shop: how often they are looked at is spread like a lognormal distribution, evenly.

    They stand at the distribution's expected order statistics (Blom 1958), so that every shop has a best product, some
    that come near and many that are so-so; which is which differs from shop to shop.
    """
    spread = statistics.NormalDist(0.0, SPREAD)
    places_of = [(at + 1 - 0.375) / (PRODUCTS + 0.25) for at in range(PRODUCTS)]
    products = [Shopper(tap=USUAL_TAP * exp(spread.inv_cdf(place)), cart=0.25, order=0.38) for place in places_of]
    chance.shuffle(products)
    return products


Choosing = Callable[[Sequence[Arm], np.random.Generator], Arm]


def in_equal_shares(arms: Sequence[Arm], _: np.random.Generator) -> Arm:
    """Shows one after the other."""
    return min(arms, key=lambda arm: arm.shown)


def by_sampling(arms: Sequence[Arm], chance: np.random.Generator) -> Arm:
    """Shows what the product's own sampling says."""
    return next_arm(arms, 1, chance, LEAST, MARGIN)


class SimulatedTrial:
    """A trial among simulated shoppers.

    Args:
        products: What is shown.
        choosing: Decides which one.
        seed: Makes it the same each time.
        delay: After how many further impressions one is settled: what comes of it isn't known before.
    """

    def __init__(self, products: Sequence[Shopper], choosing: Choosing, seed: int, delay: int) -> None:
        self._products = products
        self._choosing = choosing
        self._chance, self._deciding = random.Random(seed), np.random.default_rng(seed)
        self._delay = delay
        self._pending: deque[tuple[int, float]] = deque()
        self._plain = [Arm(str(at), 0, 0.0, 0, 0.0) for at in range(len(products))]

    def advance(self, impressions: int) -> None:
        """Shows products so many times."""
        for _ in range(impressions):
            at = int(self._choosing(compared(self._plain), self._deciding).product_no)
            self._pending.append((at, self._products[at].sees(self._chance)))
            self._plain[at] = replace(self._plain[at], shown=self._plain[at].shown + 1)
            if len(self._pending) > self._delay:
                done, worth = self._pending.popleft()
                arm = self._plain[done]
                self._plain[done] = Arm(
                    arm.product_no, arm.settled + 1, arm.reward + worth, arm.shown, (arm.squares or 0.0) + worth * worth
                )

    def certainty(self) -> tuple[float, bool]:
        """How sure one can be of the likeliest best, and whether it is the best, or as good within the margin."""
        chances = places(compared(self._plain), 1, MARGIN)
        worths = [each.worth for each in self._products]
        return max(chances), worths[chances.index(max(chances))] >= (1 - MARGIN) * max(worths)


@dataclass(frozen=True)
class Course:
    """How certain one became in some shops, one row a look, one column a shop; and how often one was right."""

    looks: tuple[int, ...]
    certainties: tuple[tuple[float, ...], ...]
    right: tuple[tuple[bool, ...], ...]

    def impressions(self, shops: Sequence[int], certainty: float = CERTAINTY) -> float:
        """After how many impressions one was so certain, on the average of some shops; between looks on a line."""
        before, low = 0, 0.0
        for look, row in zip(self.looks, self.certainties, strict=True):
            mean = statistics.mean(row[shop] for shop in shops)
            if mean >= certainty:
                return before + (look - before) * (certainty - low) / (mean - low)
            before, low = look, mean
        return float(self.looks[-1])

    def right_at(self, impressions: float) -> float:
        """In which share of the shops one was right by then."""
        at = next((place for place, look in enumerate(self.looks) if look >= impressions), len(self.looks) - 1)
        return statistics.mean(self.right[at])


def follow(shops: Sequence[Sequence[Shopper]], choosing: Choosing, seed: int, delay: int, most: int) -> Course:
    """Runs a trial in every shop until one is certain on the average, and a little longer."""
    trials = [SimulatedTrial(products, choosing, seed + number, delay) for number, products in enumerate(shops)]
    looks, certainties, right = [], [], []
    for look in range(_LOOK, most + 1, _LOOK):
        for trial in trials:
            trial.advance(_LOOK)
        seen = [trial.certainty() for trial in trials]
        looks.append(look)
        certainties.append(tuple(each for each, _ in seen))
        right.append(tuple(each for _, each in seen))
        if statistics.mean(certainties[-1]) >= CERTAINTY + _SLACK:
            break
    return Course(tuple(looks), tuple(certainties), tuple(right))


def trial_impressions(trials: int = 32, seed: int = 1, delay: int = 100, most: int = 30_000) -> dict[str, float]:
    """Compares the product's sampling with equal shares over many simulated shops.

    Counted is after how many impressions one is 95% certain of the best, on the average of the shops. (When a shop
    reaches that for the first time depends on luck more than on the way.)

    Args:
        trials: How many shops; both ways see the same ones.
        seed: Makes it the same each time.
        delay: After how many further impressions one is settled.
        most: When one gives up.

    Returns:
        `trial_impressions_ratio`: impressions by sampling over impressions in equal shares; its 95% interval by
        bootstrap over shops; and for both ways the impressions and in which share of the shops the best was right.
    """
    shops = [shoppers(random.Random(seed * 100_003 + number)) for number in range(trials)]
    own, equal = (follow(shops, way, seed, delay, most) for way in (by_sampling, in_equal_shares))
    everywhere = range(trials)
    chance = random.Random(seed)
    drawn = [[chance.choice(everywhere) for _ in everywhere] for _ in range(500)]
    ratios = sorted(own.impressions(some) / equal.impressions(some) for some in drawn)
    figures: dict[str, float] = {
        "trials": trials,
        "trial_impressions_ratio": round(own.impressions(everywhere) / equal.impressions(everywhere), 4),
        "ratio_low": round(ratios[12], 4),
        "ratio_high": round(ratios[487], 4),
    }
    for name, course in (("sampling", own), ("equal", equal)):
        impressions = course.impressions(everywhere)
        figures |= {f"{name}_impressions": round(impressions), f"{name}_right": round(course.right_at(impressions), 4)}
    return figures


def trial_impressions_ratio(trials: int = 32, seed: int = 1) -> float:
    """Impressions that the product's sampling needs for each one in equal shares, at the same certainty."""
    return trial_impressions(trials, seed)["trial_impressions_ratio"]


def databases(folder: Path) -> Iterator[tuple[str, str]]:
    """Empty, migrated databases of both kinds, PostgreSQL where it is installed."""
    url = f"sqlite:///{folder / 'benefits.db'}"
    upgrade_database(url)
    yield "sqlite", url
    engine_for(url).dispose()
    reason = postgres_server.why_not()
    if reason is not None:
        print(f"no PostgreSQL: {reason}", file=sys.stderr)
        return
    with postgres_server.running() as server, server.database("benefits") as address:
        upgrade_database(address)
        yield "postgresql", address
        engine_for(address).dispose()


def measure(quick: bool) -> Mapping[str, Any]:
    """Measures both."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="sixty-benefits-") as folder:
        for name, url in databases(Path(folder)):
            figures[name] = overgranted(url)
    figures["overgranted"] = sum(each["overgranted"] for each in figures.values())
    figures |= trial_impressions(32 if quick else 100)
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench.benefits", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer simulated shops")
    told = parser.parse_args(arguments)
    print(json.dumps(measure(told.quick), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
