"""``python -m bench.shop_files``: what bringing a million variants into the shop takes, by CSV and by XLSX.

A catalogue is generated and imported three times by processes of their own: into an empty shop, once more without any
change, and with every price and stock changed. Meanwhile a chat's writer tries to write ten times a second, and the
longest that it had to wait is told. The last line of standard output is the result as one JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench import postgres_server, report
from bench.errors import BenchError
from bench.machine import CpuClock, describe_machine, peak_mb
from bench.shop import DATABASES, places, run_step
from bench.shop_rows import SKUS_A_PRODUCT, Row, Scale, tables
from sixty.shop.database import engine_for, upgrade_database
from sixty.shop.exchange.importing import import_file
from sixty.shop.exchange.sheets import write_rows

ROWS = 1_000_000
QUICK_ROWS = 100_000
FORMATS = ("csv", "xlsx")
_HEADINGS = ("商品编码", "标题", "类目", "品类", "品牌", "SKU编码", "颜色", "尺码", "库存", "吊牌价", "价格", "会员价")
_PAUSE = 0.1
_NO_ORDERS = 50

_COLUMNS = {
    "read, s": ("read_seconds", 0),
    "check, s": ("check_seconds", 0),
    "compare, s": ("compare_seconds", 0),
    "merge, s": ("merge_seconds", 1),
    "a writer waits at most, s": ("longest_wait_seconds", 1),
    "memory at most, MB": ("peak_rss_mb", 0),
}


def catalogue_rows(rows: int, *, changed: bool) -> Iterator[list[str | int]]:
    """The rows of a catalogue file; `changed` has other prices and stocks."""
    held = {table.name: table.rows for table in tables(Scale(rows, _NO_ORDERS)) if table.name in ("product", "sku")}
    products, skus = held["product"], held["sku"]
    while variants := list(islice(skus, SKUS_A_PRODUCT)):
        yield from _of_a_product(next(products), variants, changed)


def _of_a_product(product: Row, variants: Sequence[Row], changed: bool) -> Iterator[list[str | int]]:
    named = [str(value) for value in product[:5]]
    for code, _, color, size, _, stock, listed, price, member in variants:
        pieces = int(stock or 0) + (5 if changed else 0)
        amounts = [
            value if value is None else int(value) - (100 if changed else 0) for value in (listed, price, member)
        ]
        written = ["" if amount is None else f"{amount // 100}.{amount % 100:02}" for amount in amounts]
        yield [*named, str(code), str(color), str(size), pieces, *written]


def import_here(url: str, path: str) -> dict[str, Any]:
    """Imports a file while somebody else writes; for a process of its own."""
    begun: dict[str, float] = {}
    ended: dict[str, float] = {}

    def tell(step: str, share: float) -> None:
        begun.setdefault(step, time.perf_counter())
        if share >= 1:
            ended.setdefault(step, time.perf_counter())

    over = threading.Event()
    waits: list[float] = []
    writer = threading.Thread(target=_write_now_and_then, args=(url, over, waits))
    writer.start()
    started, used = time.perf_counter(), time.process_time()
    try:
        found = import_file(url, Path(path), tell=tell)
    finally:
        over.set()
        writer.join()
    if found.problems or not found.merged:
        raise BenchError(f"{path} was not imported: {found.problems[:3]}")
    return {
        "rows": found.rows,
        "read_seconds": round(begun["check"] - started, 2),
        **{f"{step}_seconds": round(ended[step] - begun[step], 2) for step in ("check", "compare", "merge")},
        "cpu_seconds": round(time.process_time() - used, 2),
        "longest_wait_seconds": round(max(waits), 2),
        "refused": sum(wait == float("inf") for wait in waits),
        "peak_rss_mb": peak_mb(),
    }


def _write_now_and_then(url: str, over: threading.Event, waits: list[float]) -> None:
    """Writes as a chat does, and takes it back; an infinite wait is one that ended in a refusal."""
    row = "INSERT INTO customer (id, nickname, phone, level, region) VALUES ('bench', '', '', '普通', '')"
    while True:
        begun = time.perf_counter()
        try:
            with engine_for(url).connect() as connection, connection.begin() as transaction:
                connection.execute(text(row))
                transaction.rollback()
            waits.append(time.perf_counter() - begun)
        except Exception:
            waits.append(float("inf"))
        if over.wait(_PAUSE):
            return


def measure(rows: int, databases: Sequence[str], formats: Sequence[str]) -> dict[str, Any]:
    """Writes the files, imports them and returns everything as one object.

    Raises:
        BenchError: A database cannot be started, or a file was not imported.
    """
    begun, started_at, before = time.monotonic(), datetime.now(timezone.utc), CpuClock.read()
    result: dict[str, Any] = {"bench": "shop_files", "machine": describe_machine(), "rows": rows, "files": {}}
    with tempfile.TemporaryDirectory(prefix="bench-files-") as made:
        folder = Path(made)
        for ending in formats:
            for name in ("first", "changed"):
                result["files"][f"{name}.{ending}"] = _write(
                    folder / f"{name}.{ending}", rows, changed=name == "changed"
                )
        result["imports"] = {
            database: {ending: _import_all(database, folder, ending, rows) for ending in formats}
            for database in databases
        }
    result["others_cpu_percent"] = before.others_percent(CpuClock.read())
    result["started_at"] = started_at.isoformat(timespec="seconds")
    result["took_seconds"] = round(time.monotonic() - begun, 1)
    return result


def _write(path: Path, rows: int, *, changed: bool) -> dict[str, float]:
    report.progress(f"writing {path.name}")
    begun = time.monotonic()
    write_rows(path, _HEADINGS, catalogue_rows(rows, changed=changed))
    return {"seconds": round(time.monotonic() - begun, 1), "mb": round(path.stat().st_size / 1024**2, 1)}


def _import_all(database: str, folder: Path, ending: str, rows: int) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    with places(database) as place, place(Scale(rows, _NO_ORDERS)) as url:
        upgrade_database(url)
        for name, file in (("first", "first"), ("unchanged", "first"), ("changed", "changed")):
            report.progress(f"{database}, {ending}: {name}")
            figures[name] = run_step("bench.shop_files", "import", url, str(folder / f"{file}.{ending}"))
    return figures


def table(result: dict[str, Any]) -> str:
    """A Markdown table of the figures."""
    rows = ["| | | | " + " | ".join(_COLUMNS) + " |", "|---|---|---|" + "---:|" * len(_COLUMNS)]
    for database, of in result["imports"].items():
        for ending, runs in of.items():
            for name, figures in runs.items():
                cells = (f"{figures[key]:,.{digits}f}" for key, digits in _COLUMNS.values())
                rows.append(f"| {database} | {ending} | {name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def main() -> int:
    """Reads the options, measures and prints it."""
    parser = argparse.ArgumentParser(prog="python -m bench.shop_files", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROWS:,} rows instead of {ROWS:,}")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--rows", type=int, help="how many variants the files have")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, help="only these")
    parser.add_argument("--formats", nargs="+", choices=FORMATS, help="only these")
    parser.add_argument("--step", nargs=3, metavar=("STEP", "URL", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(import_here(*options.step[1:])))
        return 0
    databases = options.databases or (DATABASES if postgres_server.why_not() is None else DATABASES[:1])
    try:
        rows = options.rows or (QUICK_ROWS if options.quick else ROWS)
        result = {"quick": options.quick, **measure(rows, databases, options.formats or FORMATS)}
    except (BenchError, ValueError) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("bench: ended before its time\n")
        return 130
    path = report.store(result, "shop-files-quick" if options.quick else "shop-files")
    if not options.json:
        print(table(result), end="\n\n")
        print(f"- others used {result['others_cpu_percent']:.0f} % of the processors; all figures: {path.name}\n")
    print(json.dumps(result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
