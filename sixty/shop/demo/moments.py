"""Times that are written relative to the moment of seeding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sixty.shop.wording import SHOP_ZONE

_FORM = re.compile(r"([+-]?)(\d{1,4})([dhm])(?: ([01]?\d|2[0-3]):([0-5]\d))?")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


@dataclass(frozen=True)
class Moment:
    """A time such as `-25m`, `+2h`, `-3d` or `-3d 14:20`.

    With a clock time it is that time of that day in the shop's zone, counted from today.
    """

    offset: timedelta
    clock: time | None = None

    @classmethod
    def parse(cls, text: str) -> Moment:
        """Reads a relative time.

        Raises:
            ValueError: The text has another form.
        """
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is no relative time")
        sign, count, unit, hour, minute = found.groups()
        offset = int(count) * _UNITS[unit] * (-1 if sign == "-" else 1)
        if hour is None:
            return cls(offset)
        if unit != "d":
            raise ValueError(f"{text!r} gives a time of day, which only goes with days (d)")
        return cls(offset, time(int(hour), int(minute)))

    def at(self, now: datetime) -> datetime:
        """Works out the moment, seen from now."""
        if self.clock is None:
            return now + self.offset
        local = now.astimezone(SHOP_ZONE)
        day = (local + self.offset).date()
        return datetime.combine(day, self.clock, SHOP_ZONE).astimezone(now.tzinfo)

    @classmethod
    def __get_validators__(cls) -> Iterator[Callable[[Any], Moment]]:
        """Lets pydantic read it."""
        yield cls._of

    @classmethod
    def _of(cls, value: Any) -> Moment:
        return value if isinstance(value, Moment) else cls.parse(str(value))
