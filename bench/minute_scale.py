"""Mining related questions from ten million messages of customers, with DuckDB on Parquet.

Visits are generated, the same ones every time, a piece at a time, and written by the product's own writer
(`sixty/insight/parquet.py`); then what `sixty mine related --parquet` does is timed: reading, counting, shares, weights
and ranks. Every question has questions that follow it more often, by category; one rare question loses orders when it
is left open. Nothing of a real customer is in it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from bench.machine import CpuClock, describe_machine, peak_mb
from bench.report import progress, store
from sixty.insight.mining import parameters
from sixty.insight.parquet import TURNS, VISITS, Columns, counted_in_parquet, write_files
from sixty.insight.related import relate
from sixty.related_rules import RelatedRules

NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)
MESSAGES = 10_000_000
QUICK_MESSAGES = 1_000_000
QUESTIONS = 80
CATEGORIES = 12
LONGEST = 12
VISITS_A_PIECE = 200_000
SMALL_TALK = 0.25
# The shares of the questions that another one often leads to; the rest comes up by itself.
_OFTEN = (0.2, 0.12, 0.06, 0.03)
MISSED = 0.1
RARE, HARMLESS = QUESTIONS - 1, 0
"""A question that is seldom asked and loses orders when it is left open, and one that is often asked and loses none."""


@dataclass(frozen=True)
class Shop:
    """Who asks what after what.

    Attributes:
        popular: Cumulative shares of questions that come up by themselves, by Zipf's law.
        followers: By category and question, those that it often leads to.
    """

    popular: Any
    followers: Any

    @classmethod
    def of(cls, random: np.random.Generator) -> Shop:
        """Draws one."""
        popular = 1 / np.arange(1, QUESTIONS + 1)
        followers = random.integers(QUESTIONS, size=(CATEGORIES, QUESTIONS, len(_OFTEN)), dtype=np.int32)
        return cls(np.cumsum(popular / popular.sum()), followers)

    def next(self, random: np.random.Generator, category: Any, question: Any) -> Any:
        """Draws what is asked next in each visit."""
        drawn = random.random(len(question))
        slot = np.searchsorted(np.cumsum(_OFTEN), drawn)
        led = self.followers[category, question, np.minimum(slot, len(_OFTEN) - 1)]
        return np.where(slot < len(_OFTEN), led, self.first(random, len(question)))

    def first(self, random: np.random.Generator, count: int) -> Any:
        """Draws questions that come up by themselves."""
        drawn = np.searchsorted(self.popular, random.random(count))
        return np.minimum(drawn, QUESTIONS - 1).astype(np.int32)


def question_name(number: int) -> str:
    """What a question is called in the files."""
    return f"question_{number:02}"


_NAMES = np.array([question_name(number) for number in range(QUESTIONS)], dtype=np.object_)
_CATEGORIES = np.array([f"类目{number:02}" for number in range(CATEGORIES)], dtype=np.object_)


@dataclass(frozen=True)
class Piece:
    """Some visits and their turns."""

    visits: Columns
    turns: Columns


def pieces(messages: int, seed: int = 1) -> Iterator[Piece]:
    """Generates visits until they have so many messages of customers."""
    random = np.random.default_rng(seed)
    shop = Shop.of(random)
    visits = turns = 0
    while turns < messages:
        piece = _piece(shop, random, visits, turns, messages - turns)
        visits += len(piece.visits["id"])
        turns += len(piece.turns["message_id"])
        yield piece


def _piece(shop: Shop, random: np.random.Generator, visits: int, turns: int, most: int) -> Piece:
    count = VISITS_A_PIECE
    lengths = 1 + np.minimum(random.poisson(3.2, count), LONGEST - 1)
    # As many visits as fit; the last one is cut.
    ends = np.cumsum(lengths)
    if ends[-1] > most:
        count = int(np.searchsorted(ends, most)) + 1
        lengths = lengths[:count]
        lengths[-1] -= int(ends[count - 1]) - most
    category = random.integers(CATEGORIES, size=count)
    asked = np.empty((count, LONGEST), dtype=np.int32)
    asked[:, 0] = shop.first(random, count)
    for step in range(1, LONGEST):
        asked[:, step] = shop.next(random, category, asked[:, step - 1])
    there = np.arange(LONGEST) < lengths[:, None]
    talk = random.random((count, LONGEST)) < SMALL_TALK
    missed = random.random((count, LONGEST)) < MISSED
    lost = (there & ~talk & missed & (asked == RARE)).any(axis=1)
    ordered = random.random(count) < np.where(lost, 0.02, 0.3)
    started = np.datetime64("2025-06-01T00:00:00", "us") + (random.random(count) * 360 * 86_400e6).astype(
        "timedelta64[us]"
    )
    visit, ordinal = np.nonzero(there)
    question = _NAMES[asked[there]]
    question[talk[there]] = ""
    at = started[visit] + ordinal * np.timedelta64(9, "s")
    ids = visits + 1 + np.arange(count, dtype=np.int64)
    empty = np.full(count, "", dtype=np.object_)
    ended = started + lengths * np.timedelta64(9, "s")
    return Piece(
        {
            "id": ids,
            "started_at": started,
            "ended_at": ended,
            "category": _CATEGORIES[category],
            "entry": empty,
            "channel": np.full(count, "web", dtype=np.object_),
            "arm": np.full(count, "pushes", dtype=np.object_),
            "turns": lengths.astype(np.int32),
            "questions": (there & ~talk).sum(axis=1).astype(np.int32),
            "line": empty,
            "score": np.full(count, 0.5),
            "ordered_at": np.where(ordered, ended, np.datetime64("NaT", "us")),
            "handed_over": np.zeros(count, dtype=bool),
        },
        {
            "message_id": turns + 1 + np.arange(len(visit), dtype=np.int64),
            "visit_id": ids[visit],
            "ordinal": ordinal.astype(np.int32),
            "at": at,
            "question": question,
            "category": _CATEGORIES[category[visit]],
            "mood": np.full(len(visit), "", dtype=np.object_),
            "tapped": random.random(len(visit)) < 0.1,
            "pushed": random.random(len(visit)) < 0.3,
            "outcome": np.where(missed[there], "missed", "answered").astype(np.object_),
            "score": np.full(len(visit), 0.5),
        },
    )


def measure(messages: int, folder: Path) -> dict[str, Any]:
    """Generates, writes, mines, and says how long each took."""
    progress(f"writing {messages:,} messages")
    began = time.perf_counter()
    visits = turns = 0
    for kind in (VISITS, TURNS):
        # Generated twice, so that neither kind has to wait in memory for the other.
        columns = (piece.visits if kind is VISITS else piece.turns for piece in pieces(messages))
        written = write_files(folder, kind, columns)
        visits, turns = (written, turns) if kind is VISITS else (visits, written)
    writing = time.perf_counter() - began
    size = sum(file.stat().st_size for file in folder.rglob("*.parquet")) / 1024**2
    progress("mining")
    rules = RelatedRules()
    clock, began, cpu = CpuClock.read(), time.perf_counter(), time.process_time()
    counted = counted_in_parquet(folder, parameters(NOW, rules))
    counting = time.perf_counter() - began
    related = relate(counted, rules)
    mining = time.perf_counter() - began
    cpu = time.process_time() - cpu
    others = clock.others_percent(CpuClock.read())
    first = [each for each in related if each.category == "" and each.place == 1]
    weights = {each.following: each.weight for each in first}
    return {
        "messages": turns,
        "visits": visits,
        "files_mb": round(size, 1),
        "writing_s": round(writing, 1),
        "mining_s": round(mining, 2),
        "counting_s": round(counting, 2),
        "mining_cpu_s": round(cpu, 2),
        "mined_messages_per_s": round(turns / mining),
        "groups": len(counted),
        "related": len(related),
        "weight_rare": round(weights[question_name(RARE)], 4),
        "weight_harmless": round(weights[question_name(HARMLESS)], 4),
        "peak_mb": peak_mb(),
        "others_cpu_percent": others,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, writes the result down and prints it."""
    parser = argparse.ArgumentParser(prog="python -m bench.minute_scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_MESSAGES:,} messages")
    parser.add_argument("--messages", type=int, help=f"how many; {MESSAGES:,} when left out")
    parser.add_argument("--json", action="store_true", help="only the JSON object")
    given = parser.parse_args(arguments)
    messages = given.messages or (QUICK_MESSAGES if given.quick else MESSAGES)
    with tempfile.TemporaryDirectory(prefix="minute-scale-") as folder:
        result = {"bench": "minute_scale", **measure(messages, Path(folder)), "machine": describe_machine()}
    store(result, "minute_scale-quick" if messages < MESSAGES else "minute_scale")
    if not given.json:
        sys.stdout.write(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
