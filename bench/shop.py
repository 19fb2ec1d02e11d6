"""``python -m bench.shop``: what a price, a product's attribute and a customer's orders cost in shops of every size.

Each shop is generated, loaded into SQLite and PostgreSQL, and read by a process of its own, the way an action of the
bot reads it. In the same run plain SQL reads the least that an answer needs, and at last the bot reads the largest shop
without our indexes. The last line of standard output is the result as one JSON object, kept under bench/results/ too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from sqlalchemy import text

from bench import postgres_server, report
from bench.errors import BenchError
from bench.machine import CpuClock, describe_machine, peak_mb, resident_mb
from bench.shop_loading import load, size_mb, without_indexes
from bench.shop_readings import QUESTIONS, by_hand, drawn, ours, reader, times, wrong_answers
from bench.shop_rows import Scale
from sixty.shop.database import engine_for, upgrade_database

SCALES = (Scale(1_000, 10_000), Scale(100_000, 1_000_000), Scale(1_000_000, 10_000_000))
QUICK_SCALES = SCALES[:2]
DATABASES = ("sqlite", "postgresql")
MOST_P95_RATIO = 2.0
MOST_P95_MS = 10.0

_QUESTIONS_OF_EACH = 400
_QUICK_QUESTIONS_OF_EACH = 150
_CHECKED = 30
_WITHOUT_INDEXES = 10

# What the table shows: words, where the figure is, digits behind the point.
_COLUMNS: tuple[tuple[str, tuple[str, ...], int], ...] = (
    *(
        (f"{question}, {name}, ms", (question, figure), 2)
        for question in QUESTIONS
        for name, figure in (("p50", "p50_ms"), ("p95", "p95_ms"), ("p95 of processor", "cpu_p95_ms"))
    ),
    ("memory, MB", ("rss_mb",), 0),
    ("database, MB", ("database_mb",), 0),
    ("load, s", ("load_seconds",), 0),
)


def read_here(url: str, scale: Scale, count: int) -> dict[str, Any]:
    """Reads a loaded shop as the bot does; for a process of its own."""
    asked, answers = drawn(scale, count), ours(url)
    before = resident_mb(os.getpid())
    figures: dict[str, Any] = {}
    for question in QUESTIONS:
        figures[question] = times(answers[question], asked.of(question))
        figures[question]["wrong"] = wrong_answers(answers[question], question, asked.of(question)[:_CHECKED])
    figures |= {"rss_mb": resident_mb(os.getpid()), "rss_before_mb": before, "peak_rss_mb": peak_mb()}
    return figures | _server_memory(url)


def hand_here(url: str, scale: Scale, count: int) -> dict[str, Any]:
    """Reads the least by plain SQL; for a process of its own."""
    asked, answers = drawn(scale, count), by_hand(reader(url))
    return {question: times(answers[question], asked.of(question)) for question in QUESTIONS}


def without_indexes_here(url: str, scale: Scale, count: int) -> dict[str, Any]:
    """Reads a shop that has lost its indexes as the bot does, once; for a process of its own."""
    asked, answers = drawn(scale, count), ours(url)
    return {question: times(answers[question], asked.of(question), passes=0) for question in QUESTIONS}


_STEPS = {"read": read_here, "hand": hand_here, "without_indexes": without_indexes_here}


def _server_memory(url: str) -> dict[str, float]:
    """What the server's process of our connection has in memory, where the server is on this machine."""
    with engine_for(url).connect() as connection:
        if connection.dialect.name != "postgresql":
            return {}
        process = psutil.Process(int(connection.execute(text("SELECT pg_backend_pid()")).scalar() or 0))
        try:
            used = process.memory_full_info()
        except psutil.Error:
            return {}
    return {"server_process_mb": round((used.rss - used.shared) / 1024**2, 1)}


def run_step(module: str, *step: str) -> dict[str, Any]:
    """Runs a step of a benchmark in a process of its own and returns what it found.

    Raises:
        BenchError: It failed.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, "--step", *step],
        capture_output=True,
        text=True,
        check=False,
        # A deployment's settings on this machine are none of its business.
        env={name: value for name, value in os.environ.items() if not name.startswith("SIXTY_")},
    )
    if done.returncode != 0:
        raise BenchError(f"{module} {' '.join(step)} failed:\n{done.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _in_fresh_process(step: str, url: str, scale: Scale, count: int) -> dict[str, Any]:
    return run_step("bench.shop", step, url, str(scale.skus), str(scale.orders), str(count))


def compare(scales: Sequence[Scale], databases: Sequence[str], count: int) -> dict[str, Any]:
    """Measures every size in every database and returns everything as one object.

    Raises:
        BenchError: A database cannot be started, or an answer was wrong.
    """
    begun, started_at, before = time.monotonic(), datetime.now(timezone.utc), CpuClock.read()
    result: dict[str, Any] = {
        "bench": "shop",
        "machine": describe_machine(),
        "scales": [asdict(scale) for scale in scales],
        "questions_of_each": count,
        "databases": {name: {} for name in databases},
        "by_hand": {name: {} for name in databases},
        "without_indexes": {},
    }
    for name in databases:
        with places(name) as place:
            for scale in scales:
                with place(scale) as url:
                    _measure(result, name, url, scale, count, is_largest=scale == max(scales, key=_size))
    result |= _conclusions(result, scales)
    result["others_cpu_percent"] = before.others_percent(CpuClock.read())
    result["started_at"] = started_at.isoformat(timespec="seconds")
    result["took_seconds"] = round(time.monotonic() - begun, 1)
    return result


def _size(scale: Scale) -> int:
    return scale.skus + scale.orders


def _measure(result: dict[str, Any], name: str, url: str, scale: Scale, count: int, *, is_largest: bool) -> None:
    words = f"{name}, {scale.skus:,} SKUs, {scale.orders:,} orders"
    report.progress(f"{words}: loading")
    begun = time.monotonic()
    upgrade_database(url)
    load(url, scale)
    seconds = round(time.monotonic() - begun, 1)
    report.progress(f"{words}: reading")
    figures = _in_fresh_process("read", url, scale, count)
    wrong = {question: figures[question]["wrong"] for question in QUESTIONS if figures[question]["wrong"]}
    if wrong:
        raise BenchError(f"{words}: wrong answers: {wrong}")
    figures |= {"load_seconds": seconds, "database_mb": size_mb(url)}
    result["databases"][name][str(scale.skus)] = figures
    report.progress(f"{words}: reading the least by plain SQL")
    result["by_hand"][name][str(scale.skus)] = _in_fresh_process("hand", url, scale, count)
    if is_largest:
        report.progress(f"{words}: reading without indexes")
        without_indexes(url)
        result["without_indexes"][name] = _in_fresh_process("without_indexes", url, scale, _WITHOUT_INDEXES)


@contextmanager
def places(name: str) -> Iterator[Any]:
    """Where databases of a kind are made, one after the other."""
    with ExitStack() as stack:
        if name == "sqlite":
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-shop-")))
            yield lambda scale: _file(folder / f"{scale.skus}.db")
        else:
            report.progress("starting PostgreSQL")
            server = stack.enter_context(postgres_server.running())
            yield lambda scale: server.database(f"shop_{scale.skus}")


@contextmanager
def _file(path: Path) -> Iterator[str]:
    url = f"sqlite:///{path}"
    try:
        yield url
    finally:
        engine_for(url).dispose()
        for each in path.parent.glob(f"{path.name}*"):
            each.unlink()


def _conclusions(result: dict[str, Any], scales: Sequence[Scale]) -> dict[str, Any]:
    """How the largest shop compares with the smallest, what the bot adds to plain SQL, and what the indexes bring.

    `p95_ratio` is the worst of all questions and databases; the times are those of the largest shop, on PostgreSQL
    where that was measured.
    """
    small, large = (str(choose(scales, key=_size).skus) for choose in (min, max))
    growth: dict[str, Any] = {}
    ratios: dict[str, Any] = {"to_plain_sql": {}, "without_indexes": {}}
    for name, of in result["databases"].items():
        hand, bare = result["by_hand"][name][large], result["without_indexes"][name]
        growth[name] = {each: round(of[large][each]["p95_ms"] / of[small][each]["p95_ms"], 2) for each in QUESTIONS}
        ratios["to_plain_sql"][name] = {
            each: round(of[large][each]["p50_ms"] / hand[each]["p50_ms"], 2) for each in QUESTIONS
        }
        ratios["without_indexes"][name] = {
            each: round(bare[each]["p50_ms"] / of[large][each]["p50_ms"], 1) for each in QUESTIONS
        }
    judged = "postgresql" if "postgresql" in result["databases"] else "sqlite"
    of_judged = result["databases"][judged][large]
    worst = max(ratio for each in growth.values() for ratio in each.values())
    times_of = {f"{each}_ms_p95": of_judged[each]["p95_ms"] for each in QUESTIONS}
    return {
        "p95_growth": growth,
        "ratios": ratios,
        "database": judged,
        "p95_ratio": worst,
        **times_of,
        "rss_mb": of_judged["rss_mb"],
        "is_flat": worst <= MOST_P95_RATIO,
        "is_quick": judged == "postgresql" and all(value < MOST_P95_MS for value in times_of.values()),
    }


def table(result: dict[str, Any]) -> str:
    """A Markdown table of the figures."""
    names = [words for words, _, _ in _COLUMNS]
    rows = ["| | SKUs | orders | " + " | ".join(names) + " |", "|---|" + "---:|" * (len(names) + 2)]
    orders = {str(scale["skus"]): scale["orders"] for scale in result["scales"]}
    for key, words in (("databases", "{}"), ("by_hand", "{}, plain SQL")):
        for name, of in result[key].items():
            for size, figures in of.items():
                rows.append(_row(words.format(name), int(size), orders[size], figures))
    largest = max(orders, key=int)
    for name, figures in result["without_indexes"].items():
        rows.append(_row(f"{name}, without indexes", int(largest), orders[largest], figures))
    return "\n".join(rows)


def _row(words: str, skus: int, orders: int, figures: dict[str, Any]) -> str:
    cells = []
    for _, path, digits in _COLUMNS:
        value: Any = figures
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        cells.append("–" if value is None else f"{value:,.{digits}f}")
    return f"| {words} | {skus:,} | {orders:,} | {' | '.join(cells)} |"


def _databases(wanted: Sequence[str] | None) -> tuple[str, ...]:
    if wanted:
        return tuple(wanted)
    reason = postgres_server.why_not()
    if reason is not None:
        report.progress(f"SQLite only: {reason}")
    return DATABASES if reason is None else DATABASES[:1]


def main() -> int:
    """Reads the options, runs the comparison and prints it."""
    parser = argparse.ArgumentParser(prog="python -m bench.shop", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="at most 100,000 SKUs and 1,000,000 orders")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument(
        "--databases", nargs="+", choices=DATABASES, help="only these; all that can be started if left out"
    )
    parser.add_argument("--sizes", type=int, nargs="+", metavar="SKUS", help="SKUs, each with ten orders")
    parser.add_argument("--step", nargs=5, metavar=("STEP", "URL", "SKUS", "ORDERS", "COUNT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        step, url, skus, orders, count = options.step
        print(json.dumps(_STEPS[step](url, Scale(int(skus), int(orders)), int(count))))
        return 0
    try:
        scales: tuple[Scale, ...] = QUICK_SCALES if options.quick else SCALES
        if options.sizes:
            scales = tuple(Scale(size, size * 10) for size in options.sizes)
        count = _QUICK_QUESTIONS_OF_EACH if options.quick else _QUESTIONS_OF_EACH
        result = {"quick": options.quick, **compare(scales, _databases(options.databases), count)}
    except (BenchError, ValueError) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("bench: ended before its time\n")
        return 130
    path = report.store(result, "shop-quick" if options.quick else "shop")
    if not options.json:
        print(table(result), end="\n\n")
        print(f"- p95 of the largest shop to that of the smallest, the worst: {result['p95_ratio']:.2f}")
        print(f"- others used {result['others_cpu_percent']:.0f} % of the processors; all figures: {path.name}\n")
    print(json.dumps(result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
