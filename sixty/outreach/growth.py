"""Lets PostgreSQL know how much it holds while a look fills its tables."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

_FIRST = 1_000
_THEN = 4


@dataclass
class Growth:
    """How many cases of a scene one look has written.

    PostgreSQL takes a table that was empty a moment ago for empty until autovacuum comes by: it reads it from its first
    row for each row that refers to it, or may be known already. That takes quadratic time when a shop with many open
    orders begins.
    """

    _rows: int = 0
    _next: int = _FIRST

    def add(self, rows: int, write: Callable[[], AbstractContextManager[Session]]) -> None:
        """Counts rows; when there are four times as many as the last time, PostgreSQL looks at its tables anew.

        Args:
            rows: How many more there are.
            write: Opens a session that may write.
        """
        self._rows += rows
        if self._rows < self._next:
            return
        self._next = self._rows * _THEN
        with write() as session:
            if session.get_bind().dialect.name == "postgresql":
                session.execute(text("ANALYZE outreach_case, outreach_rung"))
