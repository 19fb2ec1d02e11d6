"""The counting of `sixty/insight/sql/related.sql` in the words of other databases: `python -m bench.related_sql spark`.

docs/scale.md shows what this prints; a test holds both together.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Literal, get_args

import sqlglot

from sixty.insight.dialects import related_sql

Elsewhere = Literal["clickhouse", "spark"]

_TIME, _NUMBER = "DateTime64(6)", "Float64"
_CLICKHOUSE_TYPES = {"now": _TIME, "since": _TIME, "until": _TIME, "half_life_days": _NUMBER, "tap_weight": _NUMBER}
_PARAMETER = re.compile(r"\{(\w+): \}")


def related_sql_for(dialect: Elsewhere) -> str:
    """The statement, translated from DuckDB's words by sqlglot; parameters are spelled as the database's own."""
    statement = sqlglot.transpile(related_sql("duckdb"), read="duckdb", write=dialect, pretty=True)[0]
    # ClickHouse wants the type with the name of a parameter.
    return _PARAMETER.sub(lambda match: f"{{{match[1]}:{_CLICKHOUSE_TYPES[match[1]]}}}", statement)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints it."""
    parser = argparse.ArgumentParser(prog="python -m bench.related_sql", description=__doc__)
    parser.add_argument("dialect", choices=get_args(Elsewhere))
    sys.stdout.write(related_sql_for(parser.parse_args(arguments).dialect) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
