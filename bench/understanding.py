"""How often a running bot names the right intent of real customers' lines."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.errors import BenchError
from bench.servers import direct_session

_PARSE_WITHIN = 30.0
_NOT_JUDGED = "unclear"
_FALLBACK = "nlu_fallback"


@dataclass(frozen=True)
class GoldLine:
    """A line with its labels: the intent, and a second one that is right too where there is one."""

    text: str
    intents: tuple[str, ...]

    def accepts(self, intent: str | None) -> bool:
        """Whether the intent is one of the labels."""
        return intent in self.intents


def read_gold(path: Path) -> list[GoldLine]:
    """Reads labelled lines: tab-separated, with the columns text, intent and also ("-" for none).

    Lines whose intent nobody could tell (`unclear`) are left out.

    Raises:
        BenchError: The file has other columns.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if not {"text", "intent", "also"} <= set(rows.fieldnames or ()):
            raise BenchError(f"{path} has no columns text, intent and also")
        return [
            GoldLine(row["text"], tuple(label for label in (row["intent"], row["also"]) if label and label != "-"))
            for row in rows
            if row["intent"] != _NOT_JUDGED
        ]


def judge(gold: Sequence[GoldLine], parsed: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Counts right intents.

    Args:
        gold: The labelled lines.
        parsed: What the bot made of each, as Rasa's /model/parse answers.

    Returns:
        Lines, how many are right, their share; how many the bot declined (`nlu_fallback`), and the share that would
        be right had it never declined.
    """
    right = declined = right_guesses = 0
    for line, result in zip(gold, parsed, strict=True):
        intent = (result.get("intent") or {}).get("name")
        guesses = [guess["name"] for guess in result.get("intent_ranking") or [] if guess["name"] != _FALLBACK]
        right += line.accepts(intent)
        declined += intent == _FALLBACK
        right_guesses += line.accepts(guesses[0] if guesses else None)
    total = len(gold)
    return {
        "lines": total,
        "right": right,
        "accuracy": round(right / total, 4) if total else None,
        "declined": declined,
        "accuracy_without_declining": round(right_guesses / total, 4) if total else None,
    }


def seen_in_training(gold: Sequence[GoldLine], data: Path) -> int:
    """How many gold lines the training data holds to the letter, blanks, case and width aside."""
    trained: set[str] = set()
    for path in data.rglob("*.yml"):
        for block in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("nlu") or []:
            if "intent" in block:
                lines = str(block.get("examples") or "").splitlines()
                trained.update(_written_alike(line.strip().removeprefix("-")) for line in lines)
    return sum(_written_alike(line.text) in trained for line in gold)


def _written_alike(line: str) -> str:
    return "".join(unicodedata.normalize("NFKC", line).lower().split())


def measure_understanding(url: str, gold: Sequence[GoldLine]) -> dict[str, Any]:
    """Has a running bot parse every line and counts right intents."""
    parsed = []
    with direct_session() as session:
        for line in gold:
            answer = session.post(f"{url}/model/parse", json={"text": line.text}, timeout=_PARSE_WITHIN)
            answer.raise_for_status()
            parsed.append(answer.json())
    return judge(gold, parsed)
