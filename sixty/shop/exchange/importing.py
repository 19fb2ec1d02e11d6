"""Brings a file into the shop: read, checked, and merged only when there is nothing wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache
from itertools import islice
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sixty.errors import OperatorError
from sixty.shop.database import engine_for
from sixty.shop.exchange.cells import CellError, Stored
from sixty.shop.exchange.kinds import KINDS, Kind, SheetColumn, kind_of
from sixty.shop.exchange.sheets import read_rows
from sixty.shop.exchange.staging import MOST_PROBLEMS, Problem, Staging
from sixty.shop.recommendations.shelf import put_in_order

BATCH = 5_000
_ROWS_BEFORE_HEADINGS = 10
# Filled in every row of its kind; a variant's own only where there is a variant.
_NEEDED = {
    "catalogue": ("product_no",),
    "prices": ("code", "price"),
    "stock": ("code", "stock"),
    "attributes": ("product_no", "key", "value"),
    "size_charts": ("chart_id", "size"),
    "pairings": ("product_no", "with_no", "reason"),
}
_OF_A_VARIANT = ("code", "stock", "price")
_SHOWS_A_VARIANT = (*_OF_A_VARIANT, "color", "size", "spec")
_REMEMBERED = 4_096


@dataclass
class Imported:
    """What an import found.

    Attributes:
        kind: What the file holds.
        rows: How many rows could be read.
        unknown: Headings that nothing is taken from.
        problems: What is wrong; nothing was imported when there is anything.
        more_problems: Whether there are more than are listed.
        merged: Whether the shop was changed.
    """

    kind: Kind
    rows: int = 0
    unknown: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    more_problems: bool = False
    merged: bool = False


def import_file(
    url: str,
    path: Path,
    kind: Kind | None = None,
    *,
    dry_run: bool = False,
    tell: Callable[[str, float], None] = lambda step, share: None,
    now: datetime | None = None,
) -> Imported:
    """Imports a file, all of it or nothing.

    Rows are added or changed by their number; what the file doesn't name stays. A column that it lacks stays as it is
    in the shop, an empty cell of one that it has empties it.

    Args:
        url: The shop's database, migrated.
        path: The file.
        kind: What it holds; told from its headings when left out.
        dry_run: Reads and checks, and changes nothing.
        tell: Is told of the step that is under way and which share of it is done.
        now: The moment that the file is taken to be of; the present one when left out.

    Raises:
        OperatorError: The file cannot be read, or it can't be told what it holds.
    """
    rows = read_rows(path, lambda share: tell("read", share))
    headings, kind = _headings(path, rows, kind)
    columns = [kind.column_of(heading) for heading in headings]
    found = Imported(kind, unknown=[each for each, column in zip(headings, columns, strict=True) if not column])
    found.unknown = [heading for heading in found.unknown if heading.strip()]
    present = _once(path, columns)
    with engine_for(url).connect() as connection:
        staging = Staging(connection, kind, present)
        parsed = _parsed(rows, kind, columns, found)
        while batch := list(islice(parsed, BATCH)):
            staging.add(batch)
            found.rows += len(batch)
        tell("check", 0.0)
        staging.prepare()
        for problem in staging.problems():
            _note(found, problem)
        found.problems.sort(key=lambda each: each.row)
        tell("check", 1.0)
        if not found.problems and not dry_run:
            tell("compare", 0.0)
            staging.compare()
            tell("compare", 1.0)
            tell("merge", 0.0)
            try:
                staging.merge(now or datetime.now(timezone.utc), found.rows)
            except IntegrityError as error:
                raise OperatorError(
                    f"Nothing was imported, the rows do not fit the shop: {' '.join(str(error.orig).split())}. "
                    "Variants that exchange their colour or size have to be imported in two steps"
                ) from error
            if kind.name in ("catalogue", "prices", "stock"):
                with Session(bind=connection, future=True) as session, session.begin():
                    put_in_order(session)
            found.merged = True
            tell("merge", 1.0)
        staging.drop()
    return found


def _headings(path: Path, rows: Iterator[tuple[int, list[str]]], kind: Kind | None) -> tuple[list[str], Kind]:
    """Finds the row with the headings: some exports put notes before it."""
    best: list[str] = []
    for _, row in islice(rows, _ROWS_BEFORE_HEADINGS):
        headings = [cell.strip() for cell in row]
        fitting = kind_of(headings) if kind is None else (kind if not kind.missing(headings) else None)
        if fitting is not None:
            return headings, fitting
        best = max(best, headings, key=lambda each: sum(bool(cell) for cell in each))
    if kind is not None:
        raise OperatorError(f"{path.name} has no column {'、'.join(kind.missing(best))}, which {kind.title} need")
    needed = "; ".join(
        f"{each.name}: {'、'.join(column.title for column in each.columns if column.must)}" for each in KINDS.values()
    )
    raise OperatorError(f"The headings of {path.name} are of no kind. A file needs one of these sets – {needed}")


def _once(path: Path, columns: Sequence[SheetColumn | None]) -> list[SheetColumn]:
    present: dict[str, SheetColumn] = {}
    for column in columns:
        if column is not None and present.setdefault(column.field, column) and columns.count(column) > 1:
            raise OperatorError(f"{path.name} has two columns that mean {column.title}: remove or rename one")
    return list(present.values())


def _parsed(
    rows: Iterator[tuple[int, list[str]]], kind: Kind, columns: Sequence[SheetColumn | None], found: Imported
) -> Iterator[dict[str, Stored]]:
    empty: dict[str, Stored] = {column.field: None for column in kind.columns}
    # Most cells of a column say what others said: colours, sizes, prices, the title of a product's ten variants.
    places = [
        (index, column, lru_cache(maxsize=_REMEMBERED)(column.read))
        for index, column in enumerate(columns)
        if column is not None
    ]
    needed_of_all = _NEEDED[kind.name]
    needed_of_a_variant = (*needed_of_all, *_OF_A_VARIANT) if kind.name == "catalogue" else needed_of_all
    titles = {column.field: column.title for column in kind.columns}
    for number, row in rows:
        if not any(cell and not cell.isspace() for cell in row):
            continue
        values: dict[str, Stored] = {"row": number, **empty}
        sound = True
        for index, column, read in places:
            cell = row[index] if index < len(row) else ""
            if not cell:
                continue
            try:
                values[column.field] = read(cell)
            except CellError as error:
                sound = False
                _note(found, Problem(number, column.title, cell, error.problem, error.remedy))
        is_variant = any(values.get(name) is not None for name in _SHOWS_A_VARIANT)
        for field_name in needed_of_a_variant if is_variant else needed_of_all:
            if sound and values[field_name] is None:
                sound = False
                _note(found, Problem(number, titles[field_name], "", "is empty", "fill it in"))
        if sound:
            yield values


def _note(found: Imported, problem: Problem) -> None:
    if len(found.problems) < MOST_PROBLEMS:
        found.problems.append(problem)
    else:
        found.more_problems = True
