"""Statements that run with every message, compiled once.

SQLAlchemy keeps what it has compiled, but finding it again, and what it does around a statement, costs ten times as
much as SQLite takes for the statement itself. These go to the driver as text with values that are ready for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class _Compiled:
    """A statement for one kind of database.

    Attributes:
        text: In the driver's own way.
        order: Names of its values, in order; None where the driver wants names.
        fixed: Values that are part of the statement.
        ready: What makes a value ready for the driver, by name, where something has to.
    """

    text: str
    order: Sequence[str] | None
    fixed: Mapping[str, Any]
    ready: Mapping[str, Callable[[Any], Any]]

    def values(self, given: Mapping[str, Any]) -> Any:
        all_values = {**self.fixed, **given}
        for name, make_ready in self.ready.items():
            all_values[name] = make_ready(all_values[name])
        if self.order is None:
            return all_values
        return tuple(all_values[name] for name in self.order)


class Done(NamedTuple):
    """What came of a statement. Values are as the driver has them: a time in SQLite is a text.

    Attributes:
        changed: How many rows it has changed.
        made: The id of the row that it has inserted, where the driver knows that.
        row: The first row of what was asked for.
    """

    changed: int
    made: int | None
    row: Sequence[Any] | None

    @property
    def value(self) -> Any:
        """The first value of the first row; None where there is none."""
        return self.row[0] if self.row is not None else None


class Prepared:
    """A Core statement with named values; see `run`."""

    def __init__(self, statement: Any, columns: Sequence[str] | None = None) -> None:
        """Takes the statement. What is always the same, as in an `IN`, stands in it as `literal_column`.

        Args:
            statement: What is run.
            columns: Of an `INSERT` without values of its own: the columns that `run_all` will be given.
        """
        self._statement = statement
        self._columns = columns
        self._compiled: dict[str, _Compiled] = {}

    def run(self, session: Session, values: Mapping[str, Any]) -> Done:
        """Runs it as part of the session's transaction.

        Args:
            session: An open session.
            values: By the names of the statement's own.

        Raises:
            DBAPIError: As SQLAlchemy would raise it.
        """
        connection = session.connection()
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name) or self._compile(dialect)
        driver = connection.connection
        cursor = driver.cursor()
        try:
            cursor.execute(compiled.text, compiled.values(values))
            row = cursor.fetchone() if cursor.description is not None else None
            return Done(cursor.rowcount, cursor.lastrowid, row)
        except dialect.dbapi.Error as error:
            lost = dialect.is_disconnect(error, driver, cursor)
            if lost:
                connection.invalidate(error)
            raise DBAPIError.instance(
                compiled.text,
                None,
                error,
                dialect.dbapi.Error,
                hide_parameters=True,
                connection_invalidated=lost,
                dialect=dialect,
            ) from error
        finally:
            # Of a connection that is lost, that fails, too.
            with suppress(dialect.dbapi.Error):
                cursor.close()

    def run_all(self, session: Session, many: Sequence[Mapping[str, Any]]) -> None:
        """Runs an `INSERT` for several rows."""
        if not many:
            return
        connection = session.connection()
        dialect = connection.dialect
        if dialect.name == "postgresql":
            # SQLAlchemy sends all rows at once, the driver by itself one by one.
            connection.execute(self._statement, list(many))
            return
        compiled = self._compiled.get(dialect.name) or self._compile(dialect)
        connection.exec_driver_sql(compiled.text, [compiled.values(each) for each in many])

    def _compile(self, dialect: Any) -> _Compiled:
        made = self._statement.compile(dialect=dialect, column_keys=self._columns)
        parameters = {name: each for each, name in made.bind_names.items()}
        ready = {
            name: make_ready
            for name, each in parameters.items()
            if (make_ready := each.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }
        fixed = {name: each.value for name, each in parameters.items() if not each.required}
        order = tuple(made.positiontup) if made.positional else None
        self._compiled[dialect.name] = compiled = _Compiled(str(made), order, fixed, ready)
        return compiled
