"""Writes a row unless it stands there already, in one statement on either database."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import bindparam, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, make_transient_to_detached

from sixty.ledger.prepared import Prepared

Row = TypeVar("Row")


def add_new(session: Session, kind: type[Row], values: Mapping[str, Any], key: tuple[str, ...]) -> Row | None:
    """Inserts one row.

    Args:
        session: A session that may write.
        kind: The mapped class, whose primary key is `id`, given by the database.
        values: All its other columns.
        key: The columns of the unique constraint by which a row is known.

    Returns:
        The row, as part of the session; None when one with that key was there already, which is left as it is.
    """
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    written = _insert(kind.__table__, key, on_postgresql).run(session, values)  # type: ignore[attr-defined]
    made = written.value if on_postgresql else written.made if written.changed else None
    if made is None:
        return None
    row: Any = kind(**values, id=made)  # type: ignore[call-arg]
    # The row is what has just been written: it needs no reading, and no second writing either.
    make_transient_to_detached(row)
    session.add(row)
    return cast(Row, row)


@lru_cache(maxsize=16)
def _insert(table: Any, key: tuple[str, ...], on_postgresql: bool) -> Prepared:
    """The statement for a table; SQLAlchemy knows `ON CONFLICT` for each database by itself only."""
    dialect: Any = postgresql.dialect() if on_postgresql else sqlite.dialect()
    quoted = dialect.identifier_preparer.quote
    columns = [each for each in table.columns if each.name != "id"]
    into = quoted(table.name)
    names = ", ".join(quoted(each.name) for each in columns)
    places = ", ".join(f":{each.name}" for each in columns)
    known_by = ", ".join(map(quoted, key))
    # Names of our own tables and columns; every value is bound.
    statement = f"INSERT INTO {into} ({names}) VALUES ({places}) ON CONFLICT ({known_by}) DO NOTHING"  # noqa: S608
    if on_postgresql:
        statement += " RETURNING id"
    return Prepared(text(statement).bindparams(*(bindparam(each.name, type_=each.type) for each in columns)))
