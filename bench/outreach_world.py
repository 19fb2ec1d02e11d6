"""``python -m bench.outreach_world``: a simulated month before the worker, compared with an oracle.

Customers live their month (`bench.outreach_month`), the worker ticks through it by an accelerated clock, and what it
has said is compared, rung by rung, with what the oracle says it should have. The last line is the result as one JSON
object. 100,000 customers with some 280,000 orders are the whole month; any number is as good a check, only smaller.
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.orm import Session

from bench.outreach_book import read_book
from bench.outreach_compare import Verdict, compare
from bench.outreach_drive import Spent, Worker, pass_month, playbook_with_campaign, ticks
from bench.outreach_happenings import Days, of_life, of_shelves
from bench.outreach_month import BALANCE_UNTIL, BEGINS, DAYS, OWN_SALE, SALE_FROM, SALE_UNTIL, Shop, lives, open_shop
from bench.outreach_oracle import Oracle
from bench.outreach_rows import Quick, sign_up, stock_shelves
from bench.postgres_server import running
from bench.report import progress, store
from sixty.ledger.models import OutboxRow
from sixty.outreach.calling import call_list, call_outcome, take_call
from sixty.outreach.contacts import unsubscribe
from sixty.outreach.control import arm_of
from sixty.outreach.looking import last_look
from sixty.outreach.scenes_file import read_scenes
from sixty.outreach.ticking import Ticker
from sixty.shop.database import engine_for, shop_session, upgrade_database

SEED = 11
WHOLE = 100_000
QUICK = 1_000
PLAYBOOK = Path(__file__).parents[1] / "playbook"
SILENT = ("follow_up",)
"""Scenes that `playbook/minutes.yml` times within a chat, which other benches measure."""

_A_BATCH = 5_000
# A round stops after so many, and the next one comes in a moment.
_FULL = 1_000
_AGENT = "A1"
# Agents have time for every call.
_ALL_CALLS = 1_000_000


def oracle_for(playbook: Path, shop: Shop, moments: list[datetime]) -> Oracle:
    """The oracle of a shop whose worker looks at these moments."""
    phases = [
        ("sale", SALE_FROM, SALE_UNTIL),
        ("balance", SALE_FROM, BALANCE_UNTIL),
        ("sale", *OWN_SALE),
    ]
    return Oracle(read_book(playbook, phases), shop, moments, arm_of)


def worker_for(url: str, playbook: Path) -> Worker:
    """The worker as its process makes it, on a playbook of the bench's own."""
    book = read_scenes(playbook)
    ticker = Ticker(partial(shop_session, url, read_only=True), partial(shop_session, url), lambda: book)

    def tick(_: str, now: datetime, spent: Spent) -> None:
        with spent.on("worker"):
            while True:
                done = ticker.round(now)
                spent.counts["looked_at"] += done.looked_at
                if done.looked_at < _FULL:
                    return

    def look(session: Session, row: OutboxRow, now: datetime) -> object:
        return last_look(session, row, now, book)

    def make_calls(now: datetime) -> None:
        with shop_session(url, read_only=True) as session:
            waiting = [contact.id for contact in call_list(session, now, limit=_ALL_CALLS)]
        for contact_id in waiting:
            with shop_session(url) as session:
                if take_call(session, contact_id, _AGENT, now, book):
                    call_outcome(session, contact_id, "not_reached", _AGENT, now, book=book)

    return Worker(tick, look, unsubscribe, make_calls)


def month(
    url: str,
    customers: int,
    seed: int,
    folder: Path,
    playbook: Path = PLAYBOOK,
    step: timedelta = timedelta(minutes=10),
    days: tuple[int, int] = (0, DAYS),
) -> dict[str, Any]:
    """Lets a month pass in a migrated, empty database, and compares.

    Args:
        url: The database.
        customers: How many.
        seed: Decides.
        folder: An empty folder for what does not fit into memory.
        playbook: The playbook whose scenes are said.
        step: How long the worker rests between two looks by day.
        days: On which days of the month the worker is there, from and until; what happens before, it finds.
    """
    begun = time.perf_counter()
    shop, own = open_shop(seed), playbook_with_campaign(playbook, folder)
    orders = _fill(url, shop, seed, customers)
    kept = Days(folder)
    written = kept.write(_all(shop, seed, customers))
    progress(f"{customers} customers with {orders} orders: {written} happenings")
    first, last = (BEGINS + timedelta(days=day) for day in days)
    moments = [at for at in ticks(step) if first < at < last]
    watch = _Watch()
    spent = pass_month(url, Quick(shop), worker_for(url, own), kept.read(), moments, watch.look)
    passed = time.perf_counter()
    oracle = oracle_for(own, shop, moments)
    with shop_session(url, read_only=True) as session:
        verdict: Verdict = compare(session, oracle, known(shop, seed, customers))
    scenes = [scene.name for scene in oracle.book.scenes if scene.name not in SILENT]
    return {
        **verdict.figures(scenes),
        "orders": orders,
        "happenings": written,
        "ticks": len(moments),
        "decided_on": spent.counts["looked_at"],
        "seconds": {
            "all": round(time.perf_counter() - begun, 1),
            "month": round(passed - begun, 1),
            "oracle": round(time.perf_counter() - passed, 1),
            **{what: round(seconds, 1) for what, seconds in spent.seconds.items()},
        },
        "decided_on_per_s": round(spent.counts["looked_at"] / max(spent.seconds["worker"], 1e-9)),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _fill(url: str, shop: Shop, seed: int, customers: int) -> int:
    with shop_session(url) as session:
        stock_shelves(session, shop)
    orders, crowd = 0, lives(shop, seed, customers)
    while batch := list(islice(crowd, _A_BATCH)):
        orders += sum(len(life.orders) for life in batch)
        with shop_session(url) as session:
            sign_up(session, batch)
    return orders


def _all(shop: Shop, seed: int, customers: int) -> Iterator[Any]:
    yield from of_shelves(shop)
    for life in lives(shop, seed, customers):
        yield from of_life(life)


def known(shop: Shop, seed: int, customers: int) -> Iterator[Any]:
    """All lives in the order of whom they count by: signed-in customers first, then visitors."""
    for signed_in in (True, False):
        for life in lives(shop, seed, customers):
            if (life.customer_id is not None) is signed_in:
                yield life


class _Watch:
    """Tells now and then how far the month is."""

    def __init__(self) -> None:
        self._told = time.perf_counter()

    def look(self, now: datetime) -> None:
        if time.perf_counter() - self._told > 30:
            self._told = time.perf_counter()
            progress(f"day {(now - BEGINS) / timedelta(days=1):.1f}")


@contextmanager
def _database(url: str | None, folder: Path, postgresql: bool) -> Iterator[str]:
    if postgresql:
        with running() as server, server.database("month") as address:
            upgrade_database(address)
            yield address
        return
    address = url or f"sqlite:///{folder / 'month.db'}"
    upgrade_database(address)
    yield address
    engine_for(address).dispose()


def main(arguments: list[str] | None = None) -> int:
    """Runs the bench; 1 when the worker and the oracle differ."""
    parser = argparse.ArgumentParser(prog="python -m bench.outreach_world", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} customers instead of {WHOLE}")
    parser.add_argument("--customers", type=int, help="so many customers")
    parser.add_argument("--seed", type=int, default=SEED, help="decides who does what")
    parser.add_argument("--step", type=int, default=10, help="minutes between two looks of the worker by day")
    parser.add_argument("--days", type=int, nargs=2, default=(0, DAYS), help="the worker is there from and until")
    parser.add_argument("--database", help="an empty database; a new SQLite file when left out")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server of its own")
    parser.add_argument("--json", action="store_true", help="prints the JSON object only")
    given = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    customers = given.customers or (QUICK if given.quick else WHOLE)
    with tempfile.TemporaryDirectory(prefix="sixty-month-") as place:
        folder = Path(place)
        with _database(given.database, folder, given.postgresql) as url:
            found = month(
                url, customers, given.seed, folder, step=timedelta(minutes=given.step), days=tuple(given.days)
            )
    store(found, "outreach_world")
    if not given.json:
        for kind, examples in found["samples"].items():
            progress(kind)
            for each in examples[:2]:
                progress(f"    {each}")
    print(json.dumps(found, ensure_ascii=False))
    return int(bool(found["wrong_fires"] or found["missed_fires"] or found["doubled"]))


if __name__ == "__main__":
    sys.exit(main())
