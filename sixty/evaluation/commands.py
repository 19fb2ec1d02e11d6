"""The commands ``sixty eval`` and ``sixty errors``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sixty.settings import get_settings, project_root

if TYPE_CHECKING:
    from sixty.evaluation.labelled_lines import LabelledLine
    from sixty.evaluation.scores import Understood
    from sixty.evaluation.sources import NearestLines

_EXAMPLES = 3


def register(app: typer.Typer) -> None:
    """Adds both commands."""
    app.command(name="eval")(evaluate)
    app.command(name="errors")(errors)


def evaluate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Lines with labels: id, text, intent, also, by tabs.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object, last.")] = False,
    report: Annotated[Path | None, typer.Option(metavar="HTML", help="Where the page goes.")] = None,
) -> None:
    """Measures how well the trained model understands lines that people have labelled."""
    from sixty.evaluation.report import write_report
    from sixty.evaluation.scores import summary

    results, nearest = _understood(file)
    page = report or get_settings().var / "evaluations" / f"{file.stem}.html"
    write_report(page, file.name, results, nearest)
    if not as_json:
        _print_tables(results, nearest)
        typer.echo(f"Page with a heat map: {page}")
    typer.echo(json.dumps(summary(results), ensure_ascii=False))


def errors(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Lines with labels: id, text, intent, also, by tabs.")],
    as_yaml: Annotated[
        bool, typer.Option("--yaml", help="Print blocks of training data, to be edited and moved into data/nlu.")
    ] = False,
) -> None:
    """Lists misunderstood lines, grouped by what they were taken for, ready to be learned from."""
    from sixty.evaluation import lessons

    results, nearest = _understood(file)
    found = lessons.lessons_of(results, nearest)
    if not found:
        typer.echo("# No clear line was misunderstood." if as_yaml else "No clear line was misunderstood.")
        return
    for row in lessons.as_yaml(found, file.name) if as_yaml else lessons.as_text(found, results):
        typer.echo(row)


def _understood(file: Path) -> tuple[list[Understood], NearestLines]:
    from rich.console import Console
    from rich.progress import Progress

    from sixty.evaluation.labelled_lines import read_labelled_lines
    from sixty.evaluation.sources import NearestLines, read_training_lines
    from sixty.evaluation.understanding import understand
    from sixty.logs import configure_logging

    settings = get_settings()
    configure_logging(settings)
    lines = read_labelled_lines(file)
    training = read_training_lines(project_root() / "data" / "nlu")
    for warning in _strange_labels(file, lines, {line.intent for line in training}):
        typer.echo(warning, err=True)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Reading", total=len(lines))
        return understand(settings.model, lines, lambda: progress.advance(task)), NearestLines(training)


def _strange_labels(file: Path, lines: list[LabelledLine], known: set[str]) -> Iterator[str]:
    """Labels that nobody taught the model, so that their lines can only be wrong."""
    from sixty.validation.problem import spelling

    for line in lines:
        for label in line.intents:
            if label not in known:
                yield f"{file}:{line.number}: no training line has the intent {label}. {spelling(label, known)}."


def _print_tables(results: list[Understood], nearest: NearestLines) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from sixty.evaluation.scores import EXPLAINED, confusions, intent_scores, summary

    console = Console()
    table = Table("figure", "", "what it says")
    for name, value in summary(results).items():
        table.add_row(name, "–" if value is None else str(value), EXPLAINED[name])
    console.print(table)
    table = Table("intent", "lines", "precision", "recall", "F1")
    for score in intent_scores(results):
        table.add_row(
            Text(score.intent), str(score.lines), f"{score.precision:.2f}", f"{score.recall:.2f}", f"{score.f1:.2f}"
        )
    console.print(table)
    table = Table("right", "predicted", "lines", "examples, and the training line that each is most like")
    for truth, predicted, lines in confusions(results):
        examples = []
        for result in lines[:_EXAMPLES]:
            source = nearest.nearest(result.line.text, predicted)
            examples.append(result.line.text + (f"  ← {source.place}" if source else ""))
        # As text: what customers put in brackets is no markup.
        table.add_row(Text(truth), Text(predicted), str(len(lines)), Text("\n".join(examples)))
    console.print(table)
