"""An evaluation as a page to look at: figures, intents, a heat map of confusions, and the lines behind them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from sixty.evaluation.lessons import what_came_of
from sixty.evaluation.scores import EXPLAINED, Understood, confusions, intent_scores, summary
from sixty.evaluation.sources import NearestLines

_STYLE = """
body { font: 14px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; color: #222; margin: 2rem auto; padding: 0 1rem;
  max-width: 1200px; }
table { border-collapse: collapse; margin: 1rem 0; } td, th { padding: 2px 8px; text-align: left; }
.figures td:first-child, .figures td:last-child { color: #666; } li span { color: #27a; }
li .wrong { color: #c32; } .bar { background: #2b7; height: 10px; display: inline-block; }
.heat td { width: 16px; height: 16px; padding: 0; border: 1px solid #eee; text-align: center; font-size: 10px; }
.heat th { font-weight: normal; font-size: 11px; white-space: nowrap; }
.heat .top th { writing-mode: vertical-rl; transform: rotate(180deg); height: 130px; padding: 0; }
details { margin: .3rem 0; } li { margin: .2rem 0; } code { color: #777; font-size: 12px; }
"""
_SHOWN_LINES = 20


def write_report(path: Path, name: str, results: Sequence[Understood], nearest: NearestLines) -> None:
    """Writes the page.

    Args:
        path: Where to.
        name: What was evaluated, for the heading.
        results: The lines as they were understood.
        nearest: Finds where a misunderstanding came from.
    """
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'>",
        f"<title>{escape(name)}</title><style>{_STYLE}</style>",
        f"<h1>How well {escape(name)} was understood</h1>",
        _figures(results),
        _intents(results),
        _heat_map(results),
        _lines(results, nearest),
        "</html>",
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts), encoding="utf-8")


def _figures(results: Sequence[Understood]) -> str:
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{'–' if value is None else value}</td><td>{escape(EXPLAINED[name])}</td></tr>"
        for name, value in summary(results).items()
    )
    return f"<table class='figures'>{rows}</table>"


def _intents(results: Sequence[Understood]) -> str:
    rows = "".join(
        f"<tr><td>{escape(score.intent)}</td><td>{score.lines}</td><td>{score.precision:.2f}</td>"
        f"<td>{score.recall:.2f}</td><td>{score.f1:.2f} "
        f"<span class='bar' style='width:{score.f1 * 100:.0f}px'></span></td></tr>"
        for score in intent_scores(results)
    )
    head = "<tr><th>intent</th><th>lines</th><th>precision</th><th>recall</th><th>F1</th></tr>"
    return f"<h2>Intents</h2><table>{head}{rows}</table>"


def _heat_map(results: Sequence[Understood]) -> str:
    pairs = {(truth, predicted): len(lines) for truth, predicted, lines in confusions(results)}
    names = sorted({name for pair in pairs for name in pair})
    largest = max(pairs.values(), default=1)
    head = "<tr class='top'><th></th>" + "".join(f"<th>{escape(name)}</th>" for name in names) + "</tr>"
    rows = []
    for truth in names:
        cells = []
        for predicted in names:
            count = pairs.get((truth, predicted), 0)
            shade = f" style='background:rgba(220,60,40,{0.15 + 0.85 * count / largest:.2f})'" if count else ""
            title = f" title='{escape(truth)} read as {escape(predicted)}: {count}'"
            cells.append(f"<td{shade}{title}>{count or ''}</td>")
        rows.append(f"<tr><th>{escape(truth)}</th>{''.join(cells)}</tr>")
    return f"<h2>Confusions: rows are right, columns predicted</h2><table class='heat'>{head}{''.join(rows)}</table>"


def _lines(results: Sequence[Understood], nearest: NearestLines) -> str:
    parts = ["<h2>Misunderstood lines</h2>"]
    for truth, predicted, lines in confusions(results):
        items = []
        for result in lines[:_SHOWN_LINES]:
            source = nearest.nearest(result.line.text, predicted)
            drawn = f" <code>{escape(source.place)} {escape(source.text)}</code>" if source else ""
            wrong = " class='wrong'" if result.direct else ""
            came = f"<span{wrong}>{what_came_of(result)}</span>"
            items.append(f"<li>{escape(result.line.text)} ({result.confidence:.2f}) {came}{drawn}</li>")
        heading = f"{escape(truth)} read as {escape(predicted)} ({len(lines)})"
        parts.append(f"<details open><summary>{heading}</summary><ul>{''.join(items)}</ul></details>")
    return "\n".join(parts)
