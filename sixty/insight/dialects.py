"""The one SQL of mining, in the words of each database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

Dialect = Literal["sqlite", "postgresql", "duckdb"]

_SQL = Path(__file__).with_name("sql")

# Days between a visit's beginning and now: the one thing that every database says in its own way.
_AGE_DAYS: Mapping[Dialect, str] = {
    "sqlite": "(julianday(:now) - julianday(started_at))",
    "postgresql": "CAST(EXTRACT(EPOCH FROM CAST(:now AS timestamptz) - started_at) AS double precision) / 86400",
    "duckdb": "DATE_DIFF('second', started_at, CAST(:now AS TIMESTAMP)) / 86400.0",
}
_COMMENT = re.compile(r"(?m)^\s*--.*\n")
_PARAMETER = re.compile(r":([a-z_]+)\b")


def related_sql(dialect: Dialect) -> str:
    """The statement that counts what follows a question.

    Its parameters are `now`, `since` and `until` (times), `half_life_days` and `tap_weight` (numbers), spelled `:now`
    as SQLAlchemy wants them, and `$now` for DuckDB.
    """
    statement = _COMMENT.sub("", (_SQL / "related.sql").read_text(encoding="utf-8"))
    statement = statement.replace("{age_days}", _AGE_DAYS[dialect])
    return _PARAMETER.sub(r"$\1", statement) if dialect == "duckdb" else statement
