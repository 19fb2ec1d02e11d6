"""What a turn has said is written down before Rasa saves that the turn is over.

Rasa saves the tracker at the end of a turn, and recovery takes a saved turn for one whose replies stand in the ledger.
While Rasa works out what comes next, replies are written beside it; a tracker store that asks here before it saves
makes sure that none is still under way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar

_written: ContextVar[Callable[[], Awaitable[None]] | None] = ContextVar("written", default=None)
_asked = False


def stores_ask() -> None:
    """Says that this process's tracker store asks; else whoever writes has to wait for each reply by himself."""
    global _asked
    _asked = True


def is_asked() -> bool:
    """Whether the tracker store of this process asks before it saves."""
    return _asked


def while_saying(written: Callable[[], Awaitable[None]]) -> None:
    """Says, in the task of a turn, what waits until all that it has said so far is written."""
    _written.set(written)


async def all_is_written() -> None:
    """Waits until all that the present turn has said is written; outside of a turn, not at all."""
    written = _written.get()
    if written is not None:
        await written()
