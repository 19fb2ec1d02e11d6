"""``python -m bench.minute``: how well the golden minute is seen through, in one object.

- `hit3`, `hit3_popular`: how often what a customer asks next is among three, of those mined and of the most frequent of
  all (`minute_related`)
- `mined_messages_per_s`: customers' messages that mining reads in a second, from Parquet by DuckDB (`minute_scale`)
- `auc_bad`: how well willingness tells bad answers from good ones, on rated dialogs (`minute_satisfaction`)
- `lines_reached`: how many of A, B, B+, C, C+ and Z a written conversation with the bot reaches (`minute_lines`)
- `lift_coverage`: the share of experiments whose 95% interval holds the true lift of a generated shop (`minute_shop`)

Each module runs in a process of its own, and by itself tells more: intervals, what it is compared with, what it was
measured on. One whose data is not there is left out, and named under `missing`. The last line of standard output is the
result as one JSON object, kept under bench/results/ too.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.errors import BenchError
from bench.machine import describe_machine
from bench.report import progress, store

PARTS: Mapping[str, tuple[str, ...]] = {
    "minute_related": ("hit3", "hit3_popular"),
    "minute_scale": ("mined_messages_per_s",),
    "minute_satisfaction": ("auc_bad",),
    "minute_lines": ("lines_reached",),
    "minute_shop": ("lift_coverage",),
}
"""The modules, and the figures that are taken from the top of what each prints last."""

_PROJECT = Path(__file__).parents[1]
_LONGEST_S = 3_600


def measure(parts: Sequence[str], quick: bool) -> dict[str, Any]:
    """Runs modules one after the other.

    Args:
        parts: Which of `PARTS`.
        quick: Whether each measures less, in a minute or two.

    Returns:
        The figures; under `missing` why some are not there, under `parts` all that the modules say.
    """
    figures: dict[str, Any] = {}
    said: dict[str, Any] = {}
    missing: dict[str, str] = {}
    for part in parts:
        progress(f"{part} …")
        try:
            said[part] = run(part, quick)
        except BenchError as error:
            missing[part] = str(error)
            progress(f"{part}: {error}")
            continue
        for name in PARTS[part]:
            value = said[part].get(name)
            figures[name] = value
            if value is None:
                missing[name] = str(said[part].get("missing", f"{part} does not tell it"))
    return {**figures, "missing": missing, "parts": said}


def run(part: str, quick: bool) -> dict[str, Any]:
    """Runs one module and reads its result.

    Raises:
        BenchError: It failed, or what it prints last is no JSON object.
    """
    command = [sys.executable, "-m", f"bench.{part}", "--json", *(["--quick"] if quick else [])]
    try:
        done = subprocess.run(
            command, cwd=_PROJECT, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, timeout=_LONGEST_S
        )
    except subprocess.TimeoutExpired:
        raise BenchError(f"did not end within {_LONGEST_S} seconds") from None
    if done.returncode:
        raise BenchError(f"`{' '.join(command[1:])}` ended with {done.returncode}; what went wrong stands above")
    return last_object(done.stdout)


def last_object(printed: str) -> dict[str, Any]:
    """The JSON object on the last line of what was printed.

    Raises:
        BenchError: There is none.
    """
    lines = printed.strip().splitlines()
    try:
        found = json.loads(lines[-1])
    except (IndexError, ValueError):
        raise BenchError("its last line is no JSON") from None
    if not isinstance(found, dict):
        raise BenchError("its last line is no JSON object")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, writes the result down and prints it."""
    parser = argparse.ArgumentParser(prog="python -m bench.minute", description="The golden minute, measured.")
    parser.add_argument("--quick", action="store_true", help="less of everything: some minutes")
    parser.add_argument("--json", action="store_true", help="print nothing but the result")
    parser.add_argument("--only", nargs="+", choices=sorted(PARTS), metavar="MODULE", help=f"of {', '.join(PARTS)}")
    options = parser.parse_args(arguments)
    result = measure(options.only or list(PARTS), options.quick)
    result["machine"] = describe_machine()
    if not options.only:
        store(result, f"minute{'-quick' if options.quick else ''}")
    if not options.json:
        for name in (each for names in PARTS.values() for each in names):
            if name in result:
                sys.stdout.write(f"{name:22} {result[name] if result[name] is not None else '–'}\n")
    brief = {name: value for name, value in result.items() if name != "parts"}
    sys.stdout.write(json.dumps(brief, ensure_ascii=False) + "\n")
    # Data that is not there is no failure; a module that fails is one.
    return 1 if any(name in PARTS for name in result["missing"]) else 0


if __name__ == "__main__":
    sys.exit(main())
