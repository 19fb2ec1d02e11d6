"""What the worker does, each for one moment; whatever dies in the middle is done by the next one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from sixty.insight.mining import mine
from sixty.outreach.ticking import Ticker, present, ticker_of
from sixty.playbook import capsule_plan
from sixty.settings import Settings
from sixty.shop.benefits.ending import expire_due
from sixty.shop.database import shop_session
from sixty.shop.order_events.recording import apply_pending
from sixty.shop.proofs import forget_old_proofs
from sixty.shop.recommendations.mining import mine_pairs

PAUSE = 3.0
"""Seconds between two rounds of outreach."""

_log = structlog.get_logger(__name__)


@dataclass
class Jobs:
    """The jobs of one worker.

    Attributes:
        settings: The deployment's settings.
        clock: The present moment.
    """

    settings: Settings
    clock: Callable[[], datetime] = present
    last_round: datetime | None = field(default=None, init=False)
    _ticker: Ticker | None = field(default=None, init=False)
    _busy: threading.Lock = field(default_factory=threading.Lock, init=False)

    def outreach(self, stop: threading.Event, until: datetime) -> int:
        """Does rounds of outreach until a moment, or until it is told to stop; one thread of a process at a time.

        Returns:
            How many rounds.
        """
        if not self.settings.outreach or not self._busy.acquire(blocking=False):
            return 0
        rounds = 0
        try:
            while not stop.is_set() and self.clock() < until:
                self._round()
                rounds += 1
                stop.wait(PAUSE)
        finally:
            self._busy.release()
        return rounds

    def benefits(self) -> int:
        """Ends benefits that have run out; returns how many."""
        ended = 0
        while True:
            with shop_session(self.settings.database_url) as session:
                some = expire_due(session, self.clock())
            ended += some
            if not some:
                return ended

    def old_proofs(self) -> int:
        """Forgets who has proved an order, and tried to, once it no longer counts; returns how many rows went."""
        with shop_session(self.settings.database_url) as session:
            return forget_old_proofs(session, self.clock())

    def order_events(self) -> int:
        """Applies order events that had to wait for something; returns how many."""
        with shop_session(self.settings.database_url) as session:
            return apply_pending(session, self.clock())

    def related_questions(self) -> int:
        """Mines what customers ask next; returns of how many visits."""
        return mine(self.settings.database_url, self.clock(), capsule_plan().related).visits

    def pairs(self) -> int:
        """Counts what is bought together; returns of how many orders."""
        return mine_pairs(self.settings.database_url).orders

    def _round(self) -> None:
        if self._ticker is None:
            self._ticker = ticker_of(self.settings)
        try:
            self._ticker.round(self.clock())
            self.last_round = self.clock()
        except (SQLAlchemyError, OSError) as error:
            _log.warning("outreach.round_failed", error=type(error).__name__)
        except Exception:
            # A mistake in one case must not end all others for good; it is told each time.
            _log.exception("outreach.round_failed")
