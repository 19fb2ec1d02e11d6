"""The event broker of a bot that runs on one machine: what Rasa does goes into the ledger, beside the turn.

In production Rasa's own brokers carry the events and `sixty ledger consume` writes the same rows.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Sequence
from typing import Any

import structlog
from rasa.core.brokers.broker import EventBroker
from rasa.utils.endpoints import EndpointConfig

from sixty.channels.event_recorder import EventRecorder

_log = structlog.get_logger(__name__)

MOST_WAITING = 50_000
"""Events that wait for a database that is away; what is beyond is left to `sixty ledger reconcile`."""

_MOST_AT_ONCE = 300
# What comes within this time is written together: of a busy bot, many turns. Nobody waits for it, but what it takes is
# taken from the turns.
_GATHERING_SECONDS = 0.25
_PAUSES = (0.2, 1.0, 5.0)
_CLOSING_SECONDS = 15.0

_Event = dict[str, Any]


class LedgerBroker(EventBroker):
    """Takes the events of every tracker that is saved; it never breaks a turn, and never holds one up."""

    def __init__(self, recorder: EventRecorder | None = None, pauses: Sequence[float] = _PAUSES) -> None:
        """Starts the one thread that writes.

        Args:
            recorder: What writes; one on the database of the settings when left out.
            pauses: Seconds between tries while the database is away.
        """
        self._recorder = recorder or EventRecorder()
        self._pauses = tuple(pauses)
        self._waiting: queue.Queue[_Event | None] = queue.Queue(MOST_WAITING)
        self._dropped = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()

    @classmethod
    async def from_endpoint_config(
        cls, broker_config: EndpointConfig, event_loop: asyncio.AbstractEventLoop | None = None
    ) -> LedgerBroker:
        """Creates the broker from endpoints.yml; it has no options."""
        return cls()

    def publish(self, event: _Event) -> None:
        """Takes one event of a tracker that has just been saved."""
        if self._closing.is_set():
            # A last tracker that is saved while Rasa shuts down.
            self._write([event], pauses=())
            return
        try:
            self._waiting.put_nowait(event)
        except queue.Full:
            self._dropped += 1
            if self._dropped in (1, 10, 100) or self._dropped % 1000 == 0:
                _log.error("ledger.events_dropped", count=self._dropped, remedy="sixty ledger reconcile")

    async def close(self) -> None:
        """Writes what is still to be written."""
        await asyncio.get_running_loop().run_in_executor(None, self.close_now)

    def close_now(self) -> None:
        """The same, for who runs no loop."""
        if not self._closing.is_set():
            self._closing.set()
            self._waiting.put(None)
        self._thread.join(_CLOSING_SECONDS)

    def _run(self) -> None:
        ended = False
        while not ended:
            first = self._waiting.get()
            if first is None:
                return
            self._closing.wait(_GATHERING_SECONDS)
            events = [first]
            while len(events) < _MOST_AT_ONCE:
                try:
                    event = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if event is None:
                    ended = True
                    break
                events.append(event)
            self._write(events, self._pauses)

    def _write(self, events: Sequence[_Event], pauses: Sequence[float]) -> None:
        for pause in (*pauses, None):
            try:
                self._recorder.record(events)
                return
            except Exception as error:
                if pause is None:
                    # Not the events themselves: they hold what the customer said.
                    _log.exception("ledger.events_not_written", count=len(events), remedy="sixty ledger reconcile")
                    return
                _log.warning("ledger.events_wait", count=len(events), error=type(error).__name__)
            self._closing.wait(pause)
