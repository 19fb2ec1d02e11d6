"""Mines related questions from the turns of all visits, in the database or from exported Parquet files.

The database counts (`sql/related.sql`), `sixty.insight.related` works out what the counts mean, and the result takes
the place of the one before: mining twice is mining once. Counting only reads; the table is written in a moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Float, bindparam, delete, insert, text
from sqlalchemy.orm import Session

from sixty.insight.dialects import related_sql
from sixty.insight.models import RelatedQuestion
from sixty.insight.parquet import counted_in_parquet, counts_in_file
from sixty.insight.related import START, Counted, Related, relate
from sixty.related_rules import RelatedRules
from sixty.shop.database import shop_session
from sixty.tables import UtcDateTime

STILL_RUNNING = timedelta(minutes=30)
"""A visit whose last message is younger may go on: what follows is not known yet."""


@dataclass(frozen=True)
class Mined:
    """What a run found.

    Attributes:
        visits: From how many visits.
        rows: What follows what.
        groups: How many kinds of visits the database told apart.
    """

    visits: int
    rows: list[Related]
    groups: int


def mine(
    url: str,
    now: datetime,
    rules: RelatedRules,
    *,
    parquet: Path | None = None,
    counts: Path | None = None,
    store: bool = True,
) -> Mined:
    """Mines related questions and puts them into the table, in place of those before.

    Args:
        url: The shop's database, migrated.
        now: The moment; visits that may still go on then don't count.
        rules: What the merchant set.
        parquet: Counts in these exported files and not in the database.
        counts: Takes these counts of another database.
        store: Whether the result is kept.

    Raises:
        OperatorError: The files are not there or not such files.
    """
    if counts is not None:
        counted = counts_in_file(counts)
    elif parquet is not None:
        counted = counted_in_parquet(parquet, parameters(now, rules))
    else:
        with shop_session(url, read_only=True) as session:
            counted = count_in_database(session, now, rules)
    rows = relate(counted, rules)
    if store:
        with shop_session(url) as session:
            keep(session, rows, now)
    visits = sum(each.visits for each in counted if each.question == START and each.place == 1)
    return Mined(visits, rows, len(counted))


def parameters(now: datetime, rules: RelatedRules) -> dict[str, Any]:
    """The parameters of `related.sql`."""
    return {
        "now": now,
        "since": now - timedelta(days=rules.window_days),
        "until": now - STILL_RUNNING,
        "half_life_days": rules.half_life_days,
        "tap_weight": rules.tap_weight,
    }


def count_in_database(session: Session, now: datetime, rules: RelatedRules) -> list[Counted]:
    """Counts what followed each question, in the database."""
    statement = text(related_sql("sqlite" if session.get_bind().dialect.name == "sqlite" else "postgresql"))
    for name, value in parameters(now, rules).items():
        kind = UtcDateTime() if isinstance(value, datetime) else Float()
        statement = statement.bindparams(bindparam(name, value, kind))
    return [Counted.read(row) for row in session.execute(statement)]


def keep(session: Session, rows: Iterable[Related], now: datetime) -> None:
    """Puts what was mined in place of what was mined before."""
    session.execute(delete(RelatedQuestion))
    values = [
        {
            "question": each.question,
            "category": each.category,
            "place": each.place,
            "following": each.following,
            "count": each.count,
            "share": each.share,
            "weight": each.weight,
            "rank_score": each.rank_score,
            "mined_at": now,
        }
        for each in rows
    ]
    if values:
        session.execute(insert(RelatedQuestion.__table__), values)
