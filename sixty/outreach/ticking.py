"""One round of the worker: look for what is new, decide on what is due, see what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import partial

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from sixty.outreach.calling import tend_calls
from sixty.outreach.contacts import OutboxProvider, SmsProvider
from sixty.outreach.going_on import Patience, what_broke
from sixty.outreach.planning import LOOK_FAR_BACK_EVERY, Planned, plan_new
from sixty.outreach.scenes import Book
from sixty.outreach.scenes_file import shop_book
from sixty.outreach.sending import AT_ONCE, Done, send_due
from sixty.outreach.settling import settle
from sixty.outreach.sms_providers import sms_provider
from sixty.outreach.stopping import hear
from sixty.outreach.talks_going_on import take_back_visits
from sixty.outreach.texting import send_texts
from sixty.settings import Settings
from sixty.shop.database import shop_session

__all__ = ["Ticker", "plan_new", "send_due", "settle", "ticker_of"]

OpenSession = Callable[[], AbstractContextManager[Session]]

PLAN_EVERY = timedelta(seconds=10)
"""How often is looked for what is new."""

SETTLE_EVERY = timedelta(seconds=30)
"""How often is looked at what came of it."""

_MOST_A_ROUND = 5_000

_log = structlog.get_logger(__name__)


@dataclass
class Ticker:
    """Does rounds; one a worker, and any number of workers.

    Attributes:
        reading: Opens a session that only reads.
        writing: Opens a session that may write and commits at its end.
        book: The scenes as they are now.
        provider: Who carries SMS.
        clock: Tells the present moment again in the course of a round; left out, a round has one moment.
    """

    reading: OpenSession
    writing: OpenSession
    book: Callable[[], Book] = shop_book
    provider: SmsProvider = field(default_factory=OutboxProvider)
    clock: Callable[[], datetime] | None = None
    _patience: Patience = field(default_factory=Patience, init=False)
    _looked_far_back: datetime | None = field(default=None, init=False)
    _planned: datetime | None = field(default=None, init=False)
    _settled: datetime | None = field(default=None, init=False)

    def round(self, now: datetime) -> Done:
        """Does one round at a moment; what breaks in one part of it keeps back no other part."""
        book = self.book()
        done = Done()
        with self._part("hear"), self.writing() as session:
            # What was said meanwhile is read at each decision, too.
            hear(session, book, now)
        if self._planned is None or now - self._planned >= PLAN_EVERY:
            with self._part("visits"), self.writing() as session:
                take_back_visits(session, book, now)
            with self._part("plan"):
                self.plan(book, now)
                self._planned = now
        with self._part("send"):
            done = self.send(book, now)
        with self._part("sms"):
            # Deciding may have taken its time, and customers have gone on talking.
            self.sms(book, self.clock() if self.clock is not None else now)
        if self._settled is None or now - self._settled >= SETTLE_EVERY:
            with self._part("settle"), self.writing() as session:
                settle(session, book, now)
            with self._part("calls"), self.writing() as session:
                tend_calls(session, book, now)
            self._settled = now
        if done.looked_at:
            _log.info("outreach.round", said=done.said, held=done.held, unsaid=done.reasons)
        return done

    @contextmanager
    def _part(self, name: str) -> Iterator[None]:
        try:
            yield
        except (OperationalError, InterfaceError):
            # The database's trouble is everybody's: the next round tries again.
            raise
        except Exception as error:
            _log.warning("outreach.part_failed", part=name, **what_broke(error))

    def plan(self, book: Book, now: datetime) -> Planned:
        """Looks for what is new."""
        far = self._looked_far_back is None or now - self._looked_far_back >= LOOK_FAR_BACK_EVERY
        with self.reading() as session:
            planned = plan_new(session, book, now, far, self.writing, self._patience)
        if far:
            self._looked_far_back = now
        return planned

    def send(self, book: Book, now: datetime) -> Done:
        """Decides on what is due, a transaction at a time."""
        done = Done()
        while done.looked_at < _MOST_A_ROUND:
            with self.writing() as session:
                some = send_due(session, book, now)
            done += some
            if some.looked_at < AT_ONCE:
                break
        return done

    def sms(self, book: Book, now: datetime) -> int:
        """Hands SMS to the provider that may still go out."""
        return send_texts(self.writing, self.provider, book, now)


def ticker_of(settings: Settings) -> Ticker:
    """The ticker of a deployment.

    Raises:
        SettingsError: The provider of SMS that it has chosen cannot be had.
    """
    url, provider = settings.database_url, sms_provider(settings.sms_provider)
    return Ticker(
        partial(shop_session, url, read_only=True), partial(shop_session, url), provider=provider, clock=present
    )


def present() -> datetime:
    """The present moment."""
    return datetime.now(timezone.utc)
