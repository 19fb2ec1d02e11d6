"""Times as merchants write them: `45s`, `30m`, `24h`, `3d`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class WrittenSpan(timedelta):
    """What pydantic reads as a time; each subclass says in which form it may be written.

    Attributes:
        form: A number and the letter of its unit, as two groups.
        called: What it is called in messages, with examples.
    """

    form: ClassVar[re.Pattern[str]]
    called: ClassVar[str]

    @classmethod
    def __get_validators__(cls) -> Iterator[Any]:
        """Lets pydantic read it."""
        yield cls._of

    @classmethod
    def _of(cls, value: Any) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = cls.form.fullmatch(str(value).strip())
        if found is None:
            raise ValueError(f"{value!r} is no {cls.called}")
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
