"""Writing results: a JSON object for machines, a table for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"

_TURNS = (("without_action", "without a custom action"), ("with_action", "with custom actions"))

# What the table shows: words, where the figure is, digits behind the point.
_ROWS: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("training, s", ("training", "seconds"), 0),
    ("training, s of processor", ("training", "cpu_seconds"), 0),
    ("model, MB", ("model_mb",), 1),
    ("start-up, s", ("startup", "seconds"), 1),
    ("start-up, s of processor", ("startup", "cpu_seconds"), 1),
    ("first turn after the start, ms", ("startup", "first_turn_ms"), 0),
    ("memory of Rasa after the load, MB", ("rss_mb", "rasa"), 0),
    *(
        (f"turn {words}, {figure}, ms", ("turn", script, f"{figure}_ms"), 1)
        for script, words in _TURNS
        for figure in ("p50", "p95", "p99")
    ),
    *(
        (f"turn {words}, ms of processor in Rasa", ("turn", script, "cpu_ms_per_turn", "rasa"), 1)
        for script, words in _TURNS
    ),
    *(
        row
        for users in ("1", "8", "32")
        for row in (
            (f"{users} at once, turns/s", ("load", users, "turns_per_second"), 1),
            (f"{users} at once, p95, ms", ("load", users, "p95_ms"), 1),
        )
    ),
    ("right intents of real lines", ("understanding", "accuracy"), 3),
    ("… had it never declined", ("understanding", "accuracy_without_declining"), 3),
)


def progress(text: str) -> None:
    """Tells whoever waits how far it is; never on standard output, whose last line is the result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def store(result: Mapping[str, Any], name: str) -> Path:
    """Writes a result below bench/results and returns where it is."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def table(result: Mapping[str, Any], ours: str, theirs: str) -> str:
    """A Markdown table of two bots' figures and their ratios."""
    lines = [f"| | {ours} | {theirs} | {ours}/{theirs} |", "|---|---:|---:|---:|"]
    for words, path, digits in _ROWS:
        cells = [
            _cell(_at(result.get(ours), path), digits),
            _cell(_at(result.get(theirs), path), digits),
            _cell(_at(result.get("ratios"), path), 2),
        ]
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _at(tree: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        tree = tree.get(name) if isinstance(tree, Mapping) else None
    return tree


def _cell(value: Any, digits: int) -> str:
    return f"{value:.{digits}f}" if isinstance(value, (int, float)) else "–"
