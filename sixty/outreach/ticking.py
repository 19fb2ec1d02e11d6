"""One round of the worker: look for what is new, decide on what is due, see what came of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import partial

import structlog
from sqlalchemy.orm import Session

from sixty.outreach.contacts import OutboxProvider, SmsProvider, claim_sms, deliver_sms, sms_failed, sms_of, sms_sent
from sixty.outreach.looking import look, say_sent, withdraw_calls
from sixty.outreach.models import OutreachContact, OutreachRung
from sixty.outreach.planning import LOOK_FAR_BACK_EVERY, Planned, plan_new
from sixty.outreach.scenes import Book, shop_book
from sixty.outreach.sending import AT_ONCE, Done, send_due
from sixty.outreach.settling import settle
from sixty.outreach.sms_providers import sms_provider
from sixty.outreach.stopping import hear
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
    """

    reading: OpenSession
    writing: OpenSession
    book: Callable[[], Book] = shop_book
    provider: SmsProvider = field(default_factory=OutboxProvider)
    _looked_far_back: datetime | None = field(default=None, init=False)
    _planned: datetime | None = field(default=None, init=False)
    _settled: datetime | None = field(default=None, init=False)

    def round(self, now: datetime) -> Done:
        """Does one round at a moment."""
        book = self.book()
        with self.writing() as session:
            hear(session, book, now)
        if self._planned is None or now - self._planned >= PLAN_EVERY:
            self.plan(book, now)
            self._planned = now
        done = self.send(book, now)
        self.sms(book, now)
        if self._settled is None or now - self._settled >= SETTLE_EVERY:
            with self.writing() as session:
                settle(session, book, now)
                withdraw_calls(session, book, now)
            self._settled = now
        if done.looked_at:
            _log.info("outreach.round", said=done.said, held=done.held, unsaid=done.reasons)
        return done

    def plan(self, book: Book, now: datetime) -> Planned:
        """Looks for what is new."""
        far = self._looked_far_back is None or now - self._looked_far_back >= LOOK_FAR_BACK_EVERY
        with self.reading() as session:
            planned = plan_new(session, book, now, far, self.writing)
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
        sent = 0
        while True:
            with self.writing() as session:
                taken = claim_sms(session, self.provider, now)
                going = [each for each in taken if self._may_go(session, book, each, now)]
                if isinstance(self.provider, OutboxProvider):
                    # It sends nothing itself, so what it keeps is part of the transaction.
                    sent += deliver_sms(session, going, self.provider, now)
                    going = []
            sent += sum(self._hand_over(each, now) for each in going)
            if not taken:
                return sent

    def _may_go(self, session: Session, book: Book, contact_id: int, now: datetime) -> bool:
        contact: OutreachContact = session.get(OutreachContact, contact_id)
        rung: OutreachRung = session.get(OutreachRung, contact.rung_id, populate_existing=True, with_for_update=True)
        if rung.state == "sent":
            return True
        found = look(session, book, rung, now) if rung.state == "queued" else None
        if found is None:
            contact.state, contact.problem = "failed", f"left unsaid: {rung.reason}"
            return False
        case, scene, _ = found
        # Whether it arrives is told by its receipt; that it was tried is told before, so that it is never tried twice.
        say_sent(session, book, scene, case, rung, now)
        return True

    def _hand_over(self, contact_id: int, now: datetime) -> bool:
        with self.reading() as session:
            sms = sms_of(session, contact_id)
        try:
            ref = self.provider.send(sms)
        except Exception as error:
            # The error's own words may hold a number.
            _log.warning("sms.not_sent", contact=contact_id, error=type(error).__name__)
            with self.writing() as session:
                sms_failed(session, contact_id, type(error).__name__, now)
            return False
        with self.writing() as session:
            return sms_sent(session, contact_id, self.provider.name, ref, now)


def ticker_of(settings: Settings) -> Ticker:
    """The ticker of a deployment.

    Raises:
        SettingsError: The provider of SMS that it has chosen cannot be had.
    """
    url, provider = settings.database_url, sms_provider(settings.sms_provider)
    return Ticker(partial(shop_session, url, read_only=True), partial(shop_session, url), provider=provider)


def present() -> datetime:
    """The present moment."""
    return datetime.now(timezone.utc)
