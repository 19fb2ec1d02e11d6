"""Visits and turns as Parquet files, and mining from them with DuckDB: for more chats than a shop's database likes.

What is written holds no text, no customer and no conversation: numbers of visits and turns, times (UTC), categories,
questions and what came of them. DuckDB, ClickHouse, Spark and pandas read it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.errors import OperatorError
from sixty.insight.dialects import related_sql
from sixty.insight.models import ChatTurn, Visit
from sixty.insight.related import Counted

ROWS_A_FILE = 500_000
Columns = Mapping[str, Any]
COUNTS = (
    "category",
    "question",
    "state",
    "place",
    "following",
    "visit_count",
    "recency_sum",
    "weight_sum",
    "ordered_sum",
)
"""The columns of what `related.sql` counts."""

_PART = "part-"
_TYPES = {"BIGINT": np.int64, "INTEGER": np.int32, "DOUBLE": np.float64, "BOOLEAN": np.bool_}
_VISITS = Visit.__table__
_TURNS = ChatTurn.__table__


@dataclass(frozen=True)
class Exported:
    """One kind of files.

    Attributes:
        name: The table and the folder.
        columns: What is written, with DuckDB's types.
        key: The number that rows are written in the order of.
        at: The time by which they are chosen.
    """

    name: str
    columns: Mapping[str, str]
    key: Any
    at: Any


VISITS = Exported(
    "visit",
    {
        "id": "BIGINT",
        "started_at": "TIMESTAMP",
        "ended_at": "TIMESTAMP",
        "category": "VARCHAR",
        "entry": "VARCHAR",
        "channel": "VARCHAR",
        "arm": "VARCHAR",
        "turns": "INTEGER",
        "questions": "INTEGER",
        "line": "VARCHAR",
        "score": "DOUBLE",
        "ordered_at": "TIMESTAMP",
        "handed_over": "BOOLEAN",
    },
    _VISITS.c.id,
    _VISITS.c.started_at,
)
TURNS = Exported(
    "chat_turn",
    {
        "message_id": "BIGINT",
        "visit_id": "BIGINT",
        "ordinal": "INTEGER",
        "at": "TIMESTAMP",
        "question": "VARCHAR",
        "category": "VARCHAR",
        "mood": "VARCHAR",
        "tapped": "BOOLEAN",
        "pushed": "BOOLEAN",
        "outcome": "VARCHAR",
        "score": "DOUBLE",
    },
    _TURNS.c.message_id,
    _TURNS.c.at,
)


def export(session: Session, folder: Path, since: datetime | None = None) -> dict[str, int]:
    """Writes visits and turns into `folder/visit` and `folder/chat_turn`, in place of files that are there.

    Rows are read and written in pieces, so memory does not grow with the shop.

    Args:
        session: The shop's database.
        folder: Where to write.
        since: Only visits that began then or later, and their turns.

    Returns:
        How many rows of each.
    """
    return {
        each.name: write_files(folder, each, (_columns(each, rows) for rows in _batches(session, each, since)))
        for each in (VISITS, TURNS)
    }


def write_files(folder: Path, exported: Exported, pieces: Iterable[Columns]) -> int:
    """Writes pieces of one kind, a file each, in place of those that are there.

    Args:
        folder: In which the kind's own folder is or will be.
        exported: The kind.
        pieces: The columns of each, by name, as numpy arrays; times are `datetime64[us]` in UTC, and of words an
            empty one is NULL.

    Returns:
        How many rows were written.

    Raises:
        OperatorError: The kind's folder has files that are no such export, which are not removed.
    """
    import duckdb

    goal = folder / exported.name
    strange = [file.name for file in goal.glob("*") if not file.match(f"{_PART}*.parquet")] if goal.exists() else []
    if strange:
        raise OperatorError(f"{goal} has other files ({strange[0]}): name an empty folder, or one of an earlier export")
    # Who reads meanwhile, or after a failure, finds the export of before.
    fresh = folder / f"{exported.name}.writing"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    listed = ", ".join(_written(name, kind) for name, kind in exported.columns.items())
    count = 0
    with duckdb.connect() as connection:
        number = -1
        # DuckDB finds `piece`, the variable, by its name.
        for number, piece in enumerate(map(dict, pieces)):
            rows = connection.sql("SELECT * FROM piece").project(listed)
            rows.write_parquet(str(fresh / f"{_PART}{number:05}.parquet"), compression="zstd")
            count += len(next(iter(piece.values())))
        if number < 0:  # A file without rows says what the columns are.
            empty = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in exported.columns.items())
            connection.sql("SELECT 1 LIMIT 0").project(empty).write_parquet(str(fresh / f"{_PART}00000.parquet"))
    shutil.rmtree(goal, ignore_errors=True)
    fresh.rename(goal)
    return count


def counted_in_parquet(folder: Path, parameters: Mapping[str, Any], threads: int | None = None) -> list[Counted]:
    """Counts what followed each question, in exported files.

    Args:
        folder: What `export` wrote.
        parameters: Those of `related.sql`; times carry a zone.
        threads: How many DuckDB may use; as many as there are processors when left out.

    Raises:
        OperatorError: There is no export.
    """
    import duckdb

    with duckdb.connect() as connection:
        if threads is not None:
            connection.execute(f"SET threads = {int(threads)}")
        for each in (VISITS, TURNS):
            files = folder / each.name
            if not any(files.glob("*.parquet")):
                raise OperatorError(f"{files} has no Parquet files: write them with `sixty mine export {folder}`")
            connection.read_parquet(str(files / "*.parquet")).create_view(each.name)
        given = {name: _naive(value) if isinstance(value, datetime) else value for name, value in parameters.items()}
        try:
            return [Counted.read(row) for row in connection.execute(related_sql("duckdb"), given).fetchall()]
        except (duckdb.BinderException, duckdb.InvalidInputException) as error:
            raise OperatorError(f"{folder} is no export of visits and turns: {error}") from error


def _written(name: str, kind: str) -> str:
    # DuckDB tells the type of a column of objects by its first ones, and stumbles when these are None.
    value = f"NULLIF(\"{name}\", '')" if kind == "VARCHAR" else f'"{name}"'
    return f'CAST({value} AS {kind}) AS "{name}"'


def counts_in_file(file: Path) -> list[Counted]:
    """Reads what another database has counted with `related.sql`: a Parquet, CSV or JSON file with its columns.

    Raises:
        OperatorError: There is no such file, or it has other columns.
    """
    import duckdb

    readers = {".parquet": "read_parquet", ".csv": "read_csv", ".json": "read_json", ".jsonl": "read_json"}
    reader = readers.get(file.suffix)
    if reader is None or not file.is_file():
        raise OperatorError(f"{file} is no file to read: give a .parquet, .csv, .json or .jsonl with the counts")
    with duckdb.connect() as connection:
        try:
            rows = getattr(connection, reader)(str(file)).project(", ".join(COUNTS)).fetchall()
            # An empty text and none are the same in a CSV; categories and beginnings are empty texts.
            return [Counted.read((row[0] or "", row[1] or "", *row[2:4], row[4] or None, *row[5:])) for row in rows]
        except (duckdb.Error, TypeError, ValueError) as error:
            wanted = ", ".join(COUNTS)
            raise OperatorError(f"{file} can't be read as counts (columns {wanted}): {error}") from error


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(timezone.utc).replace(tzinfo=None)


def _columns(exported: Exported, rows: Sequence[Sequence[Any]]) -> Columns:
    by_column = zip(*rows, strict=True)
    return {
        name: _array(kind, values) for (name, kind), values in zip(exported.columns.items(), by_column, strict=True)
    }


def _array(kind: str, values: Sequence[Any]) -> Any:
    if kind == "TIMESTAMP":
        return np.array([None if value is None else _naive(value) for value in values], dtype="datetime64[us]")
    if kind == "VARCHAR":
        return np.array([value or "" for value in values], dtype=np.object_)
    return np.array(values, dtype=_TYPES[kind])


def _batches(session: Session, exported: Exported, since: datetime | None) -> Iterator[list[Sequence[Any]]]:
    table = exported.key.table
    wanted = select(*(table.c[name] for name in exported.columns)).order_by(exported.key).limit(ROWS_A_FILE)
    if since is not None:
        wanted = wanted.where(exported.at >= since)
    last = None
    while True:
        # By key and not by offset: each piece is found at once, and no cursor stays open.
        rows = session.execute(wanted if last is None else wanted.where(exported.key > last)).all()
        if not rows:
            return
        yield rows
        last = rows[-1][0]
