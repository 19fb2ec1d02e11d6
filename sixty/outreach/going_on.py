"""Lets a round go on when one thing in it breaks: what broke is taken back and told, and tried again later."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from traceback import extract_tb
from typing import Any

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

MOST_ATTEMPTS = 5
"""How often something that breaks is tried; then it is given up."""

_FIRST_DELAY = timedelta(minutes=1)

_log = structlog.get_logger(__name__)


@dataclass
class Attempt:
    """Whether something broke."""

    broken: bool = False


@contextmanager
def set_apart(session: Session, event: str, **about: Any) -> Iterator[Attempt]:
    """Does something in a savepoint: where it raises, only that is taken back, and it is logged.

    Args:
        session: A session.
        event: What the log says.
        about: What else it says; nothing that a customer wrote.

    Raises:
        OperationalError: The database itself is at fault, such as by a deadlock; that is nobody's thing.
    """
    attempt = Attempt()
    try:
        with session.begin_nested():
            yield attempt
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        attempt.broken = True
        _log.warning(event, **what_broke(error), **about)


def what_broke(error: Exception) -> dict[str, str]:
    """What the log says of an error: its kind, and where it was raised; its own words may be a customer's."""
    frames = extract_tb(error.__traceback__)[-3:]
    return {
        "error": type(error).__name__,
        "at": " < ".join(f"{Path(each.filename).name}:{each.lineno}" for each in reversed(frames)),
    }


def delay_after(attempts: int) -> timedelta:
    """How long something waits that has broken so many times: 1, 2, 4, 8 minutes, then no more."""
    return _FIRST_DELAY * 2 ** (attempts - 1) if attempts < MOST_ATTEMPTS else timedelta(0)


@dataclass
class Patience:
    """Remembers what has broken that no row can tell of, as long as the process lives."""

    _broken: dict[Hashable, tuple[int, datetime]] = field(default_factory=dict, init=False)

    def waits(self, what: Hashable, now: datetime) -> bool:
        """Whether something has been put off, and its time has not come."""
        return what in self._broken and now < self._broken[what][1]

    def broke(self, what: Hashable, now: datetime) -> bool:
        """Puts something off; True when it has broken so often that it is given up."""
        attempts = self._broken.pop(what, (0, now))[0] + 1
        if attempts >= MOST_ATTEMPTS:
            return True
        self._broken[what] = attempts, now + delay_after(attempts)
        return False
