"""How far a window of the workbench has come in what happens: the ledger's messages, and the desk's events."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WRITTEN = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")


@dataclass(frozen=True, order=True)
class Cursor:
    """The last message and the last event of the desk that a window has been told."""

    message: int
    event: int

    def __str__(self) -> str:
        return f"{self.message}-{self.event}"


def read_cursor(text: str | None) -> Cursor | None:
    """A cursor as a page sends it back; None for anything else."""
    found = _WRITTEN.fullmatch(text or "")
    return Cursor(int(found[1]), int(found[2])) if found else None
