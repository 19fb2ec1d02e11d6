"""Inspects while a desk is served, in a thread of its own: who waits in the queue waits for no rule."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial

import structlog

from sixty.desk.desk_errors import DeskError
from sixty.desk.desk_rules import read_routing
from sixty.desk.inspection.inspector import Inspector, OpenSession
from sixty.desk.inspection.mood_ear import MoodEar
from sixty.desk.inspection.plans import draw_week, plans_due
from sixty.desk.inspection.rows import Plan
from sixty.desk.inspection.rules import read_inspection
from sixty.desk.inspection.stretch_reading import Reading
from sixty.desk.ticker import TickerThread
from sixty.desk.tickets.rules import read_tickets
from sixty.settings import Settings, project_root
from sixty.shop.database import shop_session

_EVERY_SECONDS = 5.0
# A desk with much to catch up on does so in turns with everything else.
_AT_A_STRETCH = 4.0
_DRAW_EVERY = timedelta(minutes=5)

_log = structlog.get_logger(__name__)


@dataclass
class InspectionTicker:
    """Looks at chats that have been closed, and draws last week's samples.

    Attributes:
        open_session: Opens database sessions; `read_only=True` promises not to write.
        inspector: Looks at chats.
        clock: The present moment.
    """

    open_session: OpenSession
    inspector: Inspector
    clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    _drawn: datetime | None = None

    def tick(self) -> int:
        """Does what is due; returns how many chats it has looked at."""
        now = self.clock()
        try:
            return self._look(now)
        finally:
            # Samples are drawn of what has been looked at, whatever keeps the rest from it.
            if self._drawn is None or now - self._drawn >= _DRAW_EVERY:
                self._drawn = now
                self._draw(now)

    def _look(self, now: datetime) -> int:
        begun = time.monotonic()
        looked = 0
        while (count := self.inspector.look(now)) and time.monotonic() - begun < _AT_A_STRETCH:
            looked += count
        return looked

    def _draw(self, now: datetime) -> None:
        reading = self.inspector.reading
        zone = reading.routing.groups[-1].hours.zone
        with self.open_session(read_only=True) as session:
            due = [(plan.id, week) for plan, week in plans_due(session, zone, now)]
        for plan_id, week in due:
            try:
                with self.open_session() as session:
                    plan = session.get(Plan, plan_id)
                    if plan is not None:
                        draw_week(session, plan, week, reading.rules, zone, now)
            except (DeskError, ValueError) as error:
                # Another desk has drawn it, or nobody of the plan may score: the page says so.
                _log.info("inspection.not_drawn", plan=plan_id, week=week, kind=type(error).__name__)


@contextmanager
def inspecting(settings: Settings) -> Iterator[None]:
    """Inspects while a desk is served; a playbook without `inspection.yml` inspects nothing."""
    rules = read_inspection(settings.playbook)
    if rules is None:
        yield
        return
    open_session = partial(shop_session, settings.database_url)
    reading = Reading(rules, read_routing(settings.playbook), read_tickets(settings.playbook), MoodEar(project_root()))
    ticker = InspectionTicker(open_session, Inspector(open_session, reading))
    thread = TickerThread(ticker, every=_EVERY_SECONDS, name="desk-inspection")
    thread.start()
    try:
        yield
    finally:
        thread.stop()
