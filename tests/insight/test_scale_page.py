"""What docs/scale.md shows is the SQL that runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import expressions as exp

from bench.related_sql import Elsewhere, related_sql_for
from sixty.insight.dialects import related_sql
from sixty.insight.parquet import COUNTS

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
BLOCKS = dict(
    zip(("clickhouse", "spark"), re.findall(r"```sql\n(.*?)\n```", PAGE.read_text("utf-8"), re.DOTALL), strict=True)
)


@pytest.mark.parametrize("dialect", ["clickhouse", "spark"])
def test_the_page_shows_what_the_translation_is(dialect: Elsewhere) -> None:
    assert BLOCKS[dialect] == related_sql_for(dialect), f"python -m bench.related_sql {dialect}"


@pytest.mark.parametrize("dialect", ["clickhouse", "spark"])
def test_other_databases_understand_it_as_the_same(dialect: Elsewhere) -> None:
    theirs = sqlglot.parse_one(related_sql_for(dialect), read=dialect)
    ours = sqlglot.parse_one(related_sql("duckdb"), read="duckdb")
    for kind in (exp.CTE, exp.Window, exp.Max, exp.Min, exp.Sum, exp.Case, exp.Union, exp.Join):
        assert len(list(theirs.find_all(kind))) == len(list(ours.find_all(kind))), kind
    assert [each.alias_or_name for each in theirs.selects] == [each.alias_or_name for each in ours.selects]


def test_the_counts_have_the_columns_that_are_read() -> None:
    statement = sqlglot.parse_one(related_sql("duckdb"), read="duckdb")
    assert tuple(each.alias_or_name for each in statement.selects) == COUNTS


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_only_the_age_differs(dialect: str) -> None:
    def without_age(statement: str) -> str:
        return re.sub(r"POWER\(0\.5, .* / .half_life_days\)", "POWER", statement).replace("$", ":")

    assert without_age(related_sql(dialect)) == without_age(related_sql("duckdb"))  # type: ignore[arg-type]
