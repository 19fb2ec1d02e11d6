"""The one declarative base and the column types that all tables share.

Every package that keeps tables (`sixty.shop`, `sixty.desk`) declares them on this
`Base`, so that one Alembic history creates them all.
"""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, DateTime, MetaData
from sqlalchemy.orm import declarative_base
from sqlalchemy.types import TypeDecorator

# Names for constraints, so that a migration can drop what an earlier one made.
NAMING_CONVENTION = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

if TYPE_CHECKING:
    # SQLAlchemy 1.4 carries no types of its own: this is as much of the declarative base
    # as our code relies on. Columns are annotated with what an instance holds.
    class Base:
        """What every mapped class has."""

        metadata: Any
        __table__: Any

        def __init__(self, **values: Any) -> None: ...

else:
    Base = declarative_base(metadata=MetaData(naming_convention=NAMING_CONVENTION))


class FixedPoint(TypeDecorator):  # type: ignore[misc]
    """A number with a fixed count of decimals, kept as a whole number.

    Goes in and comes out as `Decimal`. Floats and finer fractions are refused rather than
    rounded: a wrong amount must never reach the database unnoticed. (SQLite has no exact
    decimals of its own.)
    """

    impl = BigInteger
    cache_ok = True
    places = 0

    def process_bind_param(self, value: Decimal | None, dialect: object) -> int | None:
        """Turns the number into how many of the smallest unit it is."""
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise TypeError(f"must be a Decimal, not {type(value).__name__}: {value!r}")
        units = value.scaleb(self.places) if value.is_finite() else value
        if not value.is_finite() or units != units.to_integral_value():
            raise ValueError(f"has more than {self.places} decimals: {value}")
        return int(units)

    def process_result_value(self, value: int | None, dialect: object) -> Decimal | None:
        """Turns the count of the smallest unit into the number."""
        return None if value is None else _decimal(int(value), self.places)


@lru_cache(maxsize=1 << 16)
def _decimal(units: int, places: int) -> Decimal:
    # Prices come again and again, and a Decimal never changes.
    return Decimal(units).scaleb(-places)


class Money(FixedPoint):
    """An amount in yuan, kept as whole fen."""

    cache_ok = True
    places = 2


class Measure(FixedPoint):
    """A length in cm, a weight in kg or an age in years, kept in tenths."""

    cache_ok = True
    places = 1


class UtcDateTime(TypeDecorator):  # type: ignore[misc]
    """A moment in time: refuses naive values, returns aware ones in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> datetime | None:
        """Turns any zone into UTC."""
        if value is None:
            return None
        if value.tzinfo is None or value.utcoffset() is None:
            raise ValueError(f"a time needs its zone: {value!r}")
        return value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:
        """Gives back the zone that SQLite cannot keep."""
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=timezone.utc)
        return value.astimezone(timezone.utc)


def column(attribute: object) -> Any:
    """Returns a mapped attribute as the column expression that it is on its class.

    Mapped attributes are annotated with what an instance holds (`no: str`), which is what
    most code wants to know; a query that calls a column's own methods says so with this.
    """
    return attribute
