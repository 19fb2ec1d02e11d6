"""Tells every window that shows the board how things stand: worked out once for all, once a second at most.

Nothing is read while nobody looks. The figures carry the moment they are of, so that whoever gets them knows how old
they are.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from typing import Any

import structlog
from fastapi.encoders import jsonable_encoder
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from sixty.desk.board.day import DaysOfChats
from sixty.desk.board.figures import board_figures
from sixty.desk.board.supervision_rules import SupervisionRules
from sixty.desk.desk_rules import RoutingRules

EVERY_SECONDS = 1.0
_TROUBLE_SECONDS = 2.0
# An instance that nobody has looked at for so long reads the day anew, rather than all that was said since.
_FORGET_AFTER_SECONDS = 3600.0

OpenSession = Callable[[], AbstractContextManager[Session]]

_log = structlog.get_logger(__name__)


class Onlooker:
    """A window that shows the board; it takes the newest figures, and never those in between."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Opens it."""
        self._loop = loop
        self._event = asyncio.Event()
        self.newest = 0

    def wake(self) -> None:
        """Tells it that there is something new; from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float) -> None:
        """Waits until there is something new, or the time is over."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        self._event.clear()


class Broadcast:
    """Works out the board's figures while somebody looks."""

    def __init__(
        self,
        reading: OpenSession,
        routing: Callable[[], RoutingRules],
        rules: Callable[[], SupervisionRules],
        clock: Callable[[], datetime],
    ) -> None:
        """Begins with the first onlooker.

        Args:
            reading: Opens a session that reads.
            routing: The merchant's rules of routing, as they are now.
            rules: The merchant's rules of supervision.
            clock: The present moment.
        """
        self._reading = reading
        self._routing = routing
        self._rules = rules
        self._clock = clock
        self._days: DaysOfChats | None = None
        self._reading_lock = threading.Lock()
        self._lock = threading.Lock()
        self._onlookers: set[Onlooker] = set()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._worked_out = 0.0
        self.number = 0
        self.text = ""
        """The newest figures as JSON, and the how-manieth they are."""

    def figures(self) -> dict[str, Any]:
        """The figures of this moment."""
        with self._reading_lock:
            now, routing = self._clock(), self._routing()
            days = self._days
            long_ago = time.monotonic() - self._worked_out > _FORGET_AFTER_SECONDS
            if days is None or long_ago or days.zone != routing.groups[0].hours.zone:
                days = DaysOfChats(routing.groups[0].hours.zone)
            # Kept only once it has been read whole: one that broke off in the middle would count twice.
            self._days = None
            with self._reading() as session:
                found = board_figures(session, days, routing, self._rules(), now)
            self._days, self._worked_out = days, time.monotonic()
        return found

    def join(self, onlooker: Onlooker) -> None:
        """Somebody looks from now on."""
        with self._lock:
            self._onlookers.add(onlooker)
            if self._thread is None:
                self._stopped.clear()
                self._thread = threading.Thread(target=self._run, name="desk-board", daemon=True)
                self._thread.start()

    def leave(self, onlooker: Onlooker) -> None:
        """Somebody looks no longer; the last one ends the work."""
        with self._lock:
            self._onlookers.discard(onlooker)

    def watched_by(self, onlooker: Onlooker) -> bool:
        """Whether a window is still told anything; not once this has ended."""
        with self._lock:
            return onlooker in self._onlookers

    def _run(self) -> None:
        failures = 0
        while True:
            with self._lock:
                if not self._onlookers or self._stopped.is_set():
                    self._thread = None
                    return
            began = time.monotonic()
            pause = EVERY_SECONDS
            try:
                text = json.dumps(jsonable_encoder(self.figures()), ensure_ascii=False, separators=(",", ":"))
                failures = 0
                with self._lock:
                    self.text, self.number = text, self.number + 1
                    for each in self._onlookers:
                        each.wake()
            except SQLAlchemyError as error:
                failures += 1
                pause = _TROUBLE_SECONDS
                if failures in (1, 10, 100):
                    _log.warning("desk.board_waits", error=type(error).__name__, times=failures)
            except Exception:
                pause = _TROUBLE_SECONDS
                _log.exception("desk.board_failed")
            self._stopped.wait(max(0.05, pause - (time.monotonic() - began)))

    def stop(self) -> None:
        """Ends; windows come back to the next desk."""
        self._stopped.set()
        with self._lock:
            thread = self._thread
            for each in self._onlookers:
                each.wake()
            self._onlookers.clear()
        if thread is not None:
            thread.join(5.0)
