"""Outreach: does every scene fire where it should and nowhere else, is anything lost or said twice, how fast is it?

Four parts. A simulated month is compared with an oracle of its own (`outreach_month`, `outreach_oracle`). Workers are
killed at random points, two at once (`outreach_crash`). A shop with a million open orders is scanned, and what is due
is said, on SQLite and on PostgreSQL where it is installed. And lifts are estimated on simulated customers whose true
lift is known (`outreach_lift`).

| figure | what it is |
| --- | --- |
| `scenes_fired` | how many scenes have said something in the month |
| `wrong_fires`, `missed_fires` | steps that the engine said and the oracle did not, and the other way round |
| `doubled`, `lost` | steps that were said twice, or never, in the month and by workers that were killed |
| `scan_s` | seconds of the longest look over all open orders on SQLite; `scan_postgresql_s` on PostgreSQL |
| `tick_s` | seconds of a usual look, with what is new since the one before |
| `sends_per_s` | steps that one worker decides on and puts into the outbox in a second, the slower database |
| `lift_coverage` | share of simulations whose interval covers the true lift; nominal 0.95 |
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import text

from bench import postgres_server
from bench.outreach_crash import crash
from bench.outreach_lift import lift_coverage
from bench.outreach_open_orders import NOW, fill
from bench.outreach_world import month
from sixty.outreach.planning import plan_new
from sixty.outreach.scenes import Book, Caps
from sixty.outreach.scenes_file import read_scenes
from sixty.outreach.sending import AT_ONCE, send_due
from sixty.shop.database import engine_for, shop_session, upgrade_database

PLAYBOOK = Path(__file__).resolve().parents[1] / "playbook"
OPEN_ORDERS = 1_000_000
CUSTOMERS, QUICK_CUSTOMERS = 100_000, 150
KILLS, QUICK_KILLS = 200, 40
# A killed worker lives for a fifth of a second, in which it says some dozens.
_ORDERS_A_KILL = 30
_MOST_SENDS = 6_000


def only_unpaid(book: Book) -> Book:
    """The scenes, but one: unpaid orders, without caps and with the chat alone, so that every order is one step."""
    scene = book.scenes["unpaid"]
    alone = replace(scene, ladder=scene.ladder[:1], control=0.0, late=timedelta(days=90))
    return replace(book, scenes={"unpaid": alone}, caps=Caps(10**6, 10**6, timedelta(0)))


def scan(url: str, book: Book, orders: int) -> dict[str, float]:
    """Looks over many open orders, and says what is due.

    Args:
        url: An empty, migrated database.
        book: The scenes.
        orders: How many are open.
    """
    with shop_session(url) as session:
        fill(session, orders)
        # As the database does by itself after a while.
        session.execute(text("ANALYZE"))
    reading, writing = partial(shop_session, url, read_only=True), partial(shop_session, url)

    def look(at: Any, far: bool) -> tuple[float, int]:
        begun = time.perf_counter()
        with reading() as session:
            planned = plan_new(session, book, at, far, writing)
        return time.perf_counter() - begun, planned.cases

    first, cases = look(NOW, True)
    with shop_session(url) as session:
        session.execute(text("ANALYZE"))
    before = _peak_mb()
    far, again = look(NOW, True)
    tick, new = look(NOW + timedelta(seconds=5), False)
    sends = _sends(url, book)
    return {
        "first_s": round(first, 2),
        "first_cases": cases,
        "far_s": round(far, 2),
        "far_new": again,
        "tick_s": round(tick, 3),
        "tick_new": new,
        "sends_per_s": round(sends, 1),
        "memory_mb": round(_peak_mb() - before, 1),
    }


def _sends(url: str, book: Book) -> float:
    """Steps said in a second by one worker: those of unpaid orders, all of which pass."""
    at = NOW + timedelta(hours=6)
    easy = only_unpaid(book)
    with shop_session(url, read_only=True) as session:
        plan_new(session, easy, at, True, partial(shop_session, url))
    said, begun = 0, time.perf_counter()
    while said < _MOST_SENDS:
        with shop_session(url) as session:
            done = send_due(session, easy, at)
        said += done.said
        if done.looked_at < AT_ONCE:
            break
    return said / (time.perf_counter() - begun)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def databases(folder: Path, name: str) -> Iterator[tuple[str, str]]:
    """Empty, migrated databases of both kinds, PostgreSQL where it is installed."""
    url = f"sqlite:///{folder / name}.db"
    upgrade_database(url)
    yield "sqlite", url
    engine_for(url).dispose()
    (folder / f"{name}.db").unlink()
    reason = postgres_server.why_not()
    if reason is not None:
        print(f"no PostgreSQL: {reason}", file=sys.stderr)
        return
    with postgres_server.running() as server, server.database(name) as address:
        upgrade_database(address)
        yield "postgresql", address
        engine_for(address).dispose()


def crashes(folder: Path, kills: int, seed: int) -> dict[str, Any]:
    """Kills workers on both databases."""
    figures: dict[str, Any] = {"crash_doubled": 0, "crash_lost": 0}
    book = only_unpaid(read_scenes(PLAYBOOK))
    for kind, url in databases(folder, "crash"):
        with shop_session(url) as session:
            # Four in a hundred are unpaid.
            fill(session, kills * _ORDERS_A_KILL * 25)
        came_of_it = crash(url, book, NOW + timedelta(hours=1), kills, seed)
        figures[f"crash_{kind}"] = vars(came_of_it)
        figures["crash_doubled"] += came_of_it.doubled
        figures["crash_lost"] += came_of_it.lost
    return figures


def scans(folder: Path, orders: int) -> dict[str, Any]:
    """Scans on both databases."""
    book = read_scenes(PLAYBOOK)
    figures: dict[str, Any] = {}
    for kind, url in databases(folder, "scan"):
        figures[f"scan_{kind}"] = scan(url, book, orders)
    found = [figures[f"scan_{kind}"] for kind in ("sqlite", "postgresql") if f"scan_{kind}" in figures]
    return {
        **figures,
        "open_orders": orders,
        "scan_s": figures["scan_sqlite"]["far_s"],
        "scan_postgresql_s": figures["scan_postgresql"]["far_s"] if "scan_postgresql" in figures else None,
        "tick_s": max(each["tick_s"] for each in found),
        "sends_per_s": min(each["sends_per_s"] for each in found),
    }


def measure(quick: bool, seed: int, parts: Sequence[str]) -> dict[str, Any]:
    """Measures what is asked for."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="sixty-outreach-") as made:
        folder = Path(made)
        if "month" in parts:
            url = f"sqlite:///{folder / 'month.db'}"
            upgrade_database(url)
            customers, step = (QUICK_CUSTOMERS, 30) if quick else (CUSTOMERS, 10)
            figures |= month(url, customers, seed, folder, step=timedelta(minutes=step))
            engine_for(url).dispose()
        if "crash" in parts:
            figures |= crashes(folder, QUICK_KILLS if quick else KILLS, seed)
        if "scan" in parts:
            figures |= scans(folder, OPEN_ORDERS)
    if "lift" in parts:
        figures |= lift_coverage(simulations=200)
    figures["doubled"] = figures.get("doubled", 0) + figures.get("crash_doubled", 0)
    figures["lost"] = figures.get("lost", 0) + figures.get("crash_lost", 0)
    return figures


PARTS = ("month", "crash", "scan", "lift")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench.outreach", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer customers in the month, fewer workers killed")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part; again for more")
    told = parser.parse_args(arguments)
    # A round tells what it did in a line each; here only figures are told.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    figures = measure(told.quick, told.seed, told.only or PARTS)
    print(json.dumps(figures, ensure_ascii=False, indent=None if told.json else 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
