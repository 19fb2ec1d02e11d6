"""Customers who write one question in several short lines: how many do, and what reading the lines as one changes.

The dialogs are real ones, as published, and stay where they are: only figures leave this module. Lines of a customer
that no answer stands between are a burst. Each line is read by the trained model alone, as a bot does that answers at
once, and the lines of a burst together, as the front door joins them (`sixty/channels/bursts.py`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from sixty.channels.bursts import joined
from sixty.evaluation.labelled_lines import LabelledLine, read_labelled_lines
from sixty.logs import configure_logging
from sixty.settings import get_settings, project_root

RESULT = project_root() / "bench" / "results" / "bursts.json"
LONGEST = 4
"""Lines read as one at most, as in `playbook/front_door.yml`."""

SHORTEST = (4, 8, 24, 10_000)
"""Up to how many characters a line is one after which more is waited for."""

WAITS = (1, 2, 3, 5, 10, 30)

# What the bot does not answer: it asks back, or says that it is not for it.
_NOT_ANSWERED = frozenset({"nlu_fallback", "out_of_scope", None})


@dataclass(frozen=True)
class Read:
    """What the model makes of a text.

    Attributes:
        intent: What the bot acts on at once; None where it asks back.
        second: The second question of the same text.
    """

    intent: str | None
    second: str | None

    @property
    def answered(self) -> bool:
        """Whether the customer gets an answer."""
        return self.intent not in _NOT_ANSWERED

    def says(self, intents: Iterable[str]) -> bool:
        """Whether one of these is what the bot answers."""
        return bool({self.intent, self.second} & set(intents))


Burst = tuple[str, ...]


def bursts_of(rows: Iterable[Mapping[str, Any]]) -> Iterator[Burst]:
    """The customers' lines, those together that no answer stands between.

    Args:
        rows: One turn each, those of a dialog one after the other: `dialog`, `user`, `agent_reply` (empty where the
            customer wrote on), and `overall` for the rating, which is no turn.
    """
    for _, turns in groupby(rows, key=lambda row: row["dialog"]):
        burst: list[str] = []
        for row in turns:
            line = str(row["user"]).strip()
            if row.get("overall") or not line:
                continue
            burst.append(line)
            if str(row.get("agent_reply") or "").strip():
                yield tuple(burst)
                burst = []
        if burst:
            yield tuple(burst)


def parts(burst: Burst, shortest: int, most: int = LONGEST) -> list[Burst]:
    """The turns that a burst becomes when the bot waits after short lines only."""
    turns: list[list[str]] = []
    for line in burst:
        last = turns[-1] if turns else None
        if last is not None and len(last) < most and len(last[-1]) <= shortest:
            last.append(line)
        else:
            turns.append([line])
    return [tuple(turn) for turn in turns]


def gaps_of(dialogs: Iterable[Mapping[str, Any]]) -> list[float]:
    """Seconds between two lines of a customer that no answer stands between, where the dialogs tell the time."""
    found = []
    for dialog in dialogs:
        turns = dialog["dialogue"]
        for before, after in pairwise(turns):
            if before["sender_type"] == after["sender_type"] == "用户":
                passed = datetime.fromisoformat(after["time"]) - datetime.fromisoformat(before["time"])
                found.append(passed.total_seconds())
    return found


def how_many(bursts: Sequence[Burst]) -> dict[str, Any]:
    """How often customers write in bursts."""
    lines = sum(map(len, bursts))
    several = [burst for burst in bursts if len(burst) > 1]
    sizes = Counter(min(len(burst), 5) for burst in bursts)
    return {
        "lines": lines,
        "messages": len(bursts),
        "in_bursts": _share(sum(map(len, several)), lines),
        "messages_in_bursts": _share(len(several), len(bursts)),
        "sizes": {("5+" if size == 5 else str(size)): _share(sizes[size], len(bursts)) for size in sorted(sizes)},
    }


def compare(
    bursts: Sequence[Burst], reads: Mapping[str, Read], shortest: int, labels: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    """What customers meet who write in bursts, each line alone against short lines read as one.

    Args:
        bursts: Those of two lines and more.
        reads: What the model makes of each text, single lines and joined ones.
        shortest: Up to how many characters more is waited for.
        labels: The right intents of lines that people have labelled.
    """
    alone = joined_turns = alone_answered = joined_answered = nothing_alone = nothing_joined = 0
    right_alone = right_joined = labelled = asked_alone = asked_joined = 0
    for burst in bursts:
        turns = parts(burst, shortest)
        of_lines = [reads[line] for line in burst]
        of_turns = [reads[joined(turn)] for turn in turns]
        alone += len(of_lines)
        joined_turns += len(of_turns)
        alone_answered += sum(each.answered for each in of_lines)
        joined_answered += sum(each.answered for each in of_turns)
        asked_alone += sum(not each.answered for each in of_lines)
        asked_joined += sum(not each.answered for each in of_turns)
        nothing_alone += not any(each.answered for each in of_lines)
        nothing_joined += not any(each.answered for each in of_turns)
        for turn, read in zip(turns, of_turns, strict=True):
            for line in turn:
                if line in labels:
                    labelled += 1
                    right_alone += reads[line].says(labels[line])
                    right_joined += read.says(labels[line])
    return {
        "shortest": shortest,
        "replies_a_burst": {"alone": _mean(alone, len(bursts)), "joined": _mean(joined_turns, len(bursts))},
        "answered": {"alone": _share(alone_answered, alone), "joined": _share(joined_answered, joined_turns)},
        "asked_back_a_burst": {
            "alone": _mean(asked_alone, len(bursts)),
            "joined": _mean(asked_joined, len(bursts)),
        },
        "nothing_answered": {
            "alone": _share(nothing_alone, len(bursts)),
            "joined": _share(nothing_joined, len(bursts)),
        },
        "right": {
            "labelled": labelled,
            "alone": _share(right_alone, labelled),
            "joined": _share(right_joined, labelled),
        },
    }


async def read_all(model: Path, texts: Iterable[str]) -> dict[str, Read]:
    """Has the model read each text once."""
    # Rasa takes seconds to import, and tells of its libraries.
    from rasa.core.agent import Agent

    from sixty.nlu.linear_intent_classifier import SECOND_QUESTION

    agent = Agent.load(str(model))
    reads = {}
    for number, text in enumerate(sorted(set(texts)), 1):
        parsed: dict[str, Any] = await agent.parse_message(text)
        second = next(
            (str(each["value"]) for each in parsed.get("entities") or [] if each["entity"] == SECOND_QUESTION), None
        )
        intent = (parsed.get("intent") or {}).get("name")
        reads[text] = Read(None if intent == "nlu_fallback" else intent, second)
        if number % 500 == 0:
            sys.stderr.write(f"{number} texts read\n")
    return reads


def measure(dialogs: Path, timed: Path | None, labelled: Path | None, model: Path) -> dict[str, Any]:
    """All figures.

    Args:
        dialogs: Turns of dialogs, as in `bursts_of`, one JSON object a line.
        timed: Dialogs that tell the time, as in `gaps_of`, one JSON object a line.
        labelled: Lines that people have labelled, as `sixty eval` reads them.
        model: The trained model.
    """
    bursts = list(bursts_of(_rows(dialogs)))
    several = [burst for burst in bursts if len(burst) > 1]
    lines: list[LabelledLine] = read_labelled_lines(labelled) if labelled else []
    labels = {line.text.strip(): line.intents for line in lines if line.clear}
    texts = {line for burst in several for line in burst}
    texts.update(joined(turn) for burst in several for shortest in SHORTEST for turn in parts(burst, shortest))
    with warnings.catch_warnings(record=True):
        reads = asyncio.run(read_all(model, texts))
    gaps = sorted(gaps_of(_rows(timed))) if timed else []
    return {
        "bench": "bursts",
        **how_many(bursts),
        "gaps": {
            "pairs": len(gaps),
            **{f"within_{wait}_s": _share(sum(g <= wait for g in gaps), len(gaps)) for wait in WAITS},
        },
        "joined": [compare(several, reads, shortest, labels) for shortest in SHORTEST],
    }


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as rows:
        yield from (json.loads(row) for row in rows if row.strip())


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _mean(total: int, number: int) -> float | None:
    return round(total / number, 2) if number else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, writes the result down and prints it."""
    parser = argparse.ArgumentParser(prog="python -m bench.bursts", description=__doc__)
    parser.add_argument("--dialogs", type=Path, required=True, help="turns of dialogs (user satisfaction simulation)")
    parser.add_argument("--timed", type=Path, help="dialogs that tell the time (U-NEED)")
    parser.add_argument("--labelled", type=Path, help="labelled lines, as sixty eval reads them")
    parser.add_argument("--model", type=Path, default=get_settings().model)
    parser.add_argument("--json", action="store_true", help="only the JSON object")
    given = parser.parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    configure_logging(get_settings())
    result = measure(given.dialogs, given.timed, given.labelled, given.model)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if not given.json:
        sys.stdout.write(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
