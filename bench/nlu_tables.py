"""Markdown tables of a comparison of pipelines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_SCORES = (("accuracy", "accuracy"), ("macro-F1", "macro_f1"), ("top-3", "top3"), ("ECE", "ece"))
_POINT = (("right at once", "direct_right"), ("right capsule", "capsule_right"), ("wrong at once", "direct_wrong"))
_ALONG = (("in-scope accuracy", "in_scope_accuracy"), ("out-of-scope recall", "oos_recall"), *_POINT)
# Of these the whole curve is shown; of all others it is in the JSON.
_CURVES = ("sixty", "vanilla")


def tables(result: Mapping[str, Any]) -> str:
    """All tables of a result of `bench.nlu`, each with its heading; without those that would be empty."""
    candidates: Mapping[str, Any] = result["candidates"]
    whole = {name: figures["all_lines"] for name, figures in candidates.items() if "all_lines" in figures}
    parts = [_cost(whole)] if whole else []
    for gold in result["data"]["gold"]:
        read = {name: figures["scores"][gold] for name, figures in whole.items() if gold in figures["scores"]}
        if read:
            parts += [_scores(gold, read), *(_curve(gold, name, read[name]) for name in _CURVES if name in read)]
    crossed = {
        name: figures["cross_validation"] for name, figures in candidates.items() if "cross_validation" in figures
    }
    if crossed:
        parts.append(_scores("our own lines, cross-validation", crossed))
    parts += _few_shot(candidates)
    if result["ratios"]:
        parts.append(_ratios(result["ratios"]))
    return "\n\n".join(parts)


def _table(heading: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"**{heading}**", "", f"| {' | '.join(columns)} |", "|---" + "|---:" * (len(columns) - 1) + "|"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def _cell(value: Any, digits: int = 3) -> str:
    return f"{value:.{digits}f}" if isinstance(value, (int, float)) else "–"


def _cost(whole: Mapping[str, Any]) -> str:
    columns = ("", "parse p50, ms", "p95, ms", "p50, ms of processor", "model, MB", "training, s", "of processor, s")
    rows = []
    for name, figures in whole.items():
        parse, training = figures["parse"], figures["training"]
        bot = " (whole bot)" if training.get("of") not in ("nlu", None) and training["seconds"] else ""
        rows.append(
            (
                name,
                *(_cell(parse[figure], 2) for figure in ("p50_ms", "p95_ms", "cpu_p50_ms")),
                _cell(figures["model_mb"], 1),
                *(_cell(training[figure], 0) + bot for figure in ("seconds", "cpu_seconds")),
            )
        )
    return _table("trained on all lines", columns, rows)


def _scores(heading: str, read: Mapping[str, Any]) -> str:
    own = [f"{words}, own threshold" for words, _ in _POINT]
    bound = ["threshold of 0.10 wrong", *(f"{words} there" for words, _ in _POINT[:2]), "out-of-scope recall there"]
    rows = []
    for name, scores in read.items():
        point = scores["wrong_at_most"]
        rows.append(
            (
                name,
                *(_cell(scores[figure]) for _, figure in (*_SCORES, *_POINT)),
                *(_cell(point[figure]) for figure in ("threshold", "direct_right", "capsule_right", "oos_recall")),
            )
        )
    return _table(heading, ("", *(words for words, _ in _SCORES), *own, *bound), rows)


def _curve(gold: str, name: str, scores: Mapping[str, Any]) -> str:
    rows = [
        (_cell(point["threshold"], 1), *(_cell(point[figure]) for _, figure in _ALONG))
        for point in scores["thresholds"]
    ]
    return _table(f"{name} along the threshold, {gold}", ("threshold", *(words for words, _ in _ALONG)), rows)


def _few_shot(candidates: Mapping[str, Any]) -> list[str]:
    sizes = sorted({int(size) for figures in candidates.values() for size in figures.get("few_shot", {})})
    made = []
    for size in sizes:
        drawn = {
            name: figures["few_shot"][str(size)]
            for name, figures in candidates.items()
            if str(size) in figures.get("few_shot", {})
        }
        sets = list(next(iter(drawn.values()))["scores"])
        columns = ("", "draws", *(f"{gold}, {words}" for gold in sets for words in ("accuracy", "macro-F1")))
        rows = [
            (
                name,
                str(few["draws"]),
                *(_spread(few["scores"][gold].get(figure)) for gold in sets for figure in ("accuracy", "macro_f1")),
            )
            for name, few in drawn.items()
        ]
        made.append(_table(f"{size} lines an intent", columns, rows))
    return made


def _spread(figure: Mapping[str, Any] | None) -> str:
    if figure is None:
        return "–"
    return _cell(figure["mean"]) + ("" if figure["spread"] is None else f" ± {_cell(figure['spread'])}")


def _ratios(ratios: Mapping[str, Any]) -> str:
    rows = [(name, _cell(value, 2)) for name, value in ratios.items() if name not in ("on", "accuracy_points")]
    rows += [(f"accuracy, points more, {name}", _cell(value, 1)) for name, value in ratios["accuracy_points"].items()]
    return _table(f"sixty/vanilla, both trained on {ratios['on']}", ("", ""), rows)
