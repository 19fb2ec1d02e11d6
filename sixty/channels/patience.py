"""Writes what has been taken from a broker, however long the database is away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from sixty.channels.event_recorder import EventRecorder

_log = structlog.get_logger(__name__)
_LONGEST_PAUSE = 30.0


async def written_at_last(
    recorder: EventRecorder, events: Sequence[Mapping[str, Any]], stop: asyncio.Event, pause: float = 0.5
) -> int | None:
    """Writes events beside the event loop and tries again until it is done.

    Args:
        recorder: Writes them.
        events: The events.
        stop: Gives up; they are the broker's still, and come again.
        pause: Seconds before the second try; doubled up to half a minute.

    Returns:
        How many were new; None when it was stopped before they were written.
    """
    while True:
        try:
            return await asyncio.to_thread(recorder.record, events)
        except SQLAlchemyError as error:
            _log.warning("ledger.events_wait", count=len(events), error=type(error).__name__, seconds=pause)
        try:
            await asyncio.wait_for(stop.wait(), pause)
            return None
        except asyncio.TimeoutError:
            pause = min(2 * pause, _LONGEST_PAUSE)
