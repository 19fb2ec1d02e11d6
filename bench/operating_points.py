"""What customers would meet under one threshold of confidence or another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import mean, stdev
from typing import Any

from sixty.evaluation.scores import OUT_OF_SCOPE, Understood, summary

THRESHOLDS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
# The most wrong answers at once that are borne.
WRONG_AT_MOST = 0.10
_STEPS = 10_000
_SHOWN = ("direct_right", "capsule_right", "direct_wrong", "oos_recall")


def in_scope_accuracy(results: Sequence[Understood]) -> float | None:
    """Of the clear lines that belong to a shop, the share that is answered at once and rightly.

    Source: Larson et al., "An Evaluation Dataset for Intent Classification and Out-of-Scope Prediction", EMNLP 2019.
    """
    within = [result for result in results if result.line.clear and OUT_OF_SCOPE not in result.line.intents]
    if not within:
        return None
    return round(sum(result.direct and result.right for result in within) / len(within), 4)


def figures_of(results: Sequence[Understood]) -> dict[str, float | int | None]:
    """What customers meet when the bot answers at once where `direct` says so."""
    scores = summary(results)
    return {"in_scope_accuracy": in_scope_accuracy(results), **{name: scores[name] for name in _SHOWN}}


def at_threshold(results: Sequence[Understood], threshold: float) -> dict[str, float | int | None]:
    """The same when the bot answers at once from a confidence on, whatever the pipeline's own threshold."""
    return {
        "threshold": threshold,
        **figures_of([replace(result, direct=result.confidence >= threshold) for result in results]),
    }


def threshold_for(results: Sequence[Understood], wrong_at_most: float = WRONG_AT_MOST) -> float:
    """The lowest threshold, in steps of 0.0001, under which few enough of all lines get a wrong answer at once.

    Args:
        results: The lines, unclear ones included.
        wrong_at_most: The share that is borne.
    """
    wrong = sorted((result.confidence for result in results if not result.right), reverse=True)
    borne = math.floor(wrong_at_most * len(results) + 1e-9)
    if len(wrong) <= borne:
        return 0.0
    # 0.6 is 5999.999… steps; its threshold lies above it all the same.
    return round((math.floor(wrong[borne] * _STEPS + 1e-6) + 1) / _STEPS, 4)


def along_thresholds(results: Sequence[Understood]) -> dict[str, Any]:
    """Scores, the pipeline's own point of operation, the one with as many wrong answers as are borne, and a table."""
    scores = {name: value for name, value in summary(results).items() if not name.startswith("parse")}
    return {
        **scores,
        "in_scope_accuracy": in_scope_accuracy(results),
        "wrong_at_most": at_threshold(results, threshold_for(results)),
        "thresholds": [at_threshold(results, threshold) for threshold in THRESHOLDS],
    }


def mean_and_spread(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, dict[str, float | None]]:
    """Mean and sample standard deviation of figures over several draws; no spread of a single one."""
    found: dict[str, dict[str, float | None]] = {}
    for name in names:
        values = [float(row[name]) for row in rows if row.get(name) is not None]
        if values:
            spread = round(stdev(values), 4) if len(values) > 1 else None
            found[name] = {"mean": round(mean(values), 4), "spread": spread}
    return found
