"""Fills a migrated, empty database with a generated shop, the quick way of its kind."""

# What is put into the SQL are names of our own tables and columns.
# ruff: noqa: S608

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import islice
from typing import Any

import psycopg2  # type: ignore[import-untyped]
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.schema import CreateIndex

from bench import report
from bench.shop_rows import Row, Scale, Table, tables
from sixty.shop.database import engine_for
from sixty.tables import Base

_AT_ONCE = 20_000
# Told of where a table takes longer than a moment.
_LARGE = 1_000_000


def load(url: str, scale: Scale) -> None:
    """Fills a database that has all tables and nothing in them."""
    names = [table.name for table in tables(scale)]
    with engine_for(url).begin() as connection:
        indexes = _drop_indexes(connection, names)
    if make_url(url).get_backend_name() == "sqlite":
        _load_sqlite(str(make_url(url).database), scale)
    else:
        _load_postgres(url, scale)
    with engine_for(url).begin() as connection:
        report.progress("  making indexes")
        for statement in indexes:
            connection.execute(text(statement))
    with engine_for(url).begin() as connection:
        if connection.dialect.name == "postgresql":
            # Its own daemon would do it within minutes.
            connection.execute(text("ANALYZE"))
        else:
            # As after an import; nothing else in production ever analyses the file.
            connection.execute(text("PRAGMA analysis_limit=1000"))
            for name in ("product", "sku", "attribute"):
                connection.execute(text(f"ANALYZE {name}"))


def without_indexes(url: str) -> None:
    """Drops every index that is no key."""
    with engine_for(url).begin() as connection:
        _drop_indexes(connection, inspect(connection).get_table_names())


def _drop_indexes(connection: Connection, names: list[str]) -> list[str]:
    """Drops the indexes of tables that are no keys, and returns how they are made again."""
    made: list[str] = []
    for table in Base.metadata.tables.values():
        if table.name in names:
            for index in table.indexes:
                made.append(str(CreateIndex(index).compile(dialect=connection.dialect)))
                index.drop(connection)
    return made


def _load_sqlite(path: str, scale: Scale) -> None:
    engine_for(f"sqlite:///{path}").dispose()
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-262144"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        for table in tables(scale):
            places = ", ".join("?" * len(table.columns))
            statement = f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({places})"
            connection.executemany(statement, _told(table))
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def _load_postgres(url: str, scale: Scale) -> None:
    connection = psycopg2.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL TIME ZONE 'UTC'")
            # Rows refer to what is there; asking for each of fifty million takes longer than loading them.
            cursor.execute("SET LOCAL session_replication_role = replica")
            # Emptied in the same transaction, the tables are filled without a log and with rows that need no vacuum.
            cursor.execute(f"TRUNCATE {', '.join(table.name for table in tables(scale))} CASCADE")
            for table in tables(scale):
                columns = ", ".join(table.columns)
                cursor.copy_expert(f"COPY {table.name} ({columns}) FROM STDIN WITH (FREEZE)", _Lines(_told(table)))
    finally:
        connection.close()


class _Lines:
    """Rows as a file in PostgreSQL's own format; none of our values holds a character that has a meaning in it."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows

    def read(self, size: int = -1) -> str:
        """The next rows; empty at the end."""
        lines = ("\t".join([r"\N" if value is None else str(value) for value in row]) for row in self._some())
        return "".join(f"{line}\n" for line in lines)

    def _some(self) -> list[Row]:
        return list(islice(self._rows, _AT_ONCE))


def _told(table: Table) -> Iterator[Row]:
    for number, row in enumerate(table.rows, start=1):
        if number % _LARGE == 0:
            report.progress(f"  {table.name}: {number // _LARGE} million rows")
        yield row


def size_mb(url: str) -> float:
    """How large a database is on disk."""
    with engine_for(url).connect() as connection:
        if connection.dialect.name == "postgresql":
            taken: Any = connection.execute(text("SELECT pg_database_size(current_database())")).scalar()
        else:
            pages = connection.execute(text("PRAGMA page_count")).scalar()
            taken = int(pages or 0) * int(connection.execute(text("PRAGMA page_size")).scalar() or 0)
    return round(int(taken) / 1024**2, 1)
