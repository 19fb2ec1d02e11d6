"""The commands ``sixty shop import`` and ``sixty shop export``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sixty.settings import get_settings

if TYPE_CHECKING:
    from rich.progress import Progress

    from sixty.shop.exchange.importing import Imported

_SHOWN = 20
_KINDS = "catalogue, prices, stock, attributes, size_charts or pairings"
_STEPS = {"read": "reading", "check": "checking", "compare": "comparing", "merge": "merging"}
# SQLite has one writer at a time: a chat that wants to write waits meanwhile.
_MERGING_IN_SQLITE = "merging; who writes waits"


def register(shop: typer.Typer) -> None:
    """Adds both commands."""
    shop.command("import")(import_)
    shop.command("export")(export)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV (UTF-8 or GBK) or XLSX.")],
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help=f"What it holds: {_KINDS}; told from its headings if left out.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check it, and change nothing.")] = False,
    errors: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the list of errors into this CSV or XLSX file.")
    ] = None,
) -> None:
    """Imports catalogue, prices, stock, attributes, size charts or pairings, all of a file or nothing."""
    from sixty.processes.database import migrate
    from sixty.shop.exchange.importing import import_file
    from sixty.shop.exchange.kinds import kind_named
    from sixty.shop.exchange.sheets import write_rows

    settings = get_settings()
    wanted = kind_named(kind) if kind else None
    migrate(settings)
    with _progress() as progress:
        names = {**_STEPS, **({"merge": _MERGING_IN_SQLITE} if settings.database_url.startswith("sqlite") else {})}
        tasks = {step: progress.add_task(name, total=1.0, start=False) for step, name in names.items()}

        def tell(step: str, share: float) -> None:
            progress.start_task(tasks[step])
            progress.update(tasks[step], completed=share)

        found = import_file(settings.database_url, file, wanted, dry_run=dry_run, tell=tell)
    if errors is not None:
        write_rows(errors, ["row", "column", "value", "problem", "remedy"], map(astuple, found.problems))
    _report(file, found, dry_run)
    if found.problems:
        raise typer.Exit(1)


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv or .xlsx file; replaced if it is there.")],
    kind: Annotated[str, typer.Option(metavar="KIND", help=f"What to write: {_KINDS}.")] = "catalogue",
) -> None:
    """Exports what the shop holds into a file that can be imported again."""
    from sixty.shop.exchange.exporting import export_file
    from sixty.shop.exchange.kinds import kind_named

    wanted = kind_named(kind)
    with _progress() as progress:
        task = progress.add_task("writing", total=1.0)
        count = export_file(
            get_settings().database_url, file, wanted, lambda share: progress.update(task, completed=share)
        )
        progress.update(task, completed=1.0)
    typer.echo(f"{count} rows of {wanted.title} written to {file}")


@contextmanager
def _progress() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield progress


def _report(file: Path, found: Imported, dry_run: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if found.unknown:
        typer.echo(f"not read, no such column in {found.kind.name}: {'、'.join(found.unknown)}", err=True)
    if not found.problems:
        done = "could be imported" if dry_run else "imported"
        typer.echo(f"{found.rows} rows of {found.kind.title} {done} from {file}")
        return
    table = Table("row", "column", "value", "problem", "remedy")
    for each in found.problems[:_SHOWN]:
        table.add_row(*(Text(part) for part in (str(each.row), each.column, each.value, each.problem, each.remedy)))
    Console(stderr=True, highlight=False).print(table)
    count = f"more than {len(found.problems)}" if found.more_problems else str(len(found.problems))
    rest = "; --errors FILE lists them" if len(found.problems) > _SHOWN else ""
    typer.echo(f"Nothing was imported: {count} errors in {file}{rest}", err=True)
