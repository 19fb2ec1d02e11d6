"""Asks a shop's system for what changed, window after window, and loses nothing when it is interrupted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from sixty.shop.gateways.errors import NonsenseError
from sixty.shop.gateways.ports import EventFeed
from sixty.shop.order_events.models import PollCursor
from sixty.shop.order_events.recording import Taken, apply_pending, take_in

WINDOW = timedelta(days=1)
"""The longest span asked for at once; Taobao's increments allow a day."""

OVERLAP = timedelta(minutes=10)
"""How far a window reaches back into the one before, for what a system reports late."""

FIRST_REACH = timedelta(days=7)
MOST_PAGES = 10_000

OpenShop = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Polled:
    """What a poll brought: events, up to when, and how many that had waited could be applied now."""

    taken: Taken
    until: datetime
    released: int


def poll(
    feed: EventFeed,
    source: str,
    open_shop: OpenShop,
    now: datetime,
    since: datetime | None = None,
    tell: Callable[[datetime, Taken], None] = lambda until, taken: None,
) -> Polled:
    """Reads all changes up to now.

    Every page is a transaction of its own; the cursor moves when its window is read to the end. Whatever was begun
    and not finished is read again, and known events change nothing.

    Args:
        feed: The shop's system.
        source: Its name, the same as that of its webhook.
        open_shop: Opens a session that may write.
        now: The present moment.
        since: Where to begin when nothing was polled yet; a week ago when left out.
        tell: Is told after each window how far it is and what came.

    Raises:
        GatewayError: The system gave no usable answer; what was read until then stays.
    """
    with open_shop() as session:
        cursor = session.get(PollCursor, source)
        begin = cursor.until if cursor is not None else (since or now - FIRST_REACH)
    taken = Taken(0, 0, 0)
    while begin < now:
        end = min(begin + WINDOW, now)
        taken += _read_window(feed, source, open_shop, begin - OVERLAP, end, now)
        with open_shop() as session:
            _move_cursor(session, source, end, now)
        begin = end
        tell(end, taken)
    with open_shop() as session:
        released = apply_pending(session, now)
    return Polled(taken, begin, released)


def _read_window(
    feed: EventFeed, source: str, open_shop: OpenShop, start: datetime, end: datetime, now: datetime
) -> Taken:
    taken = Taken(0, 0, 0)
    page: str | None = None
    seen: set[str] = set()
    for _ in range(MOST_PAGES):
        answer = feed.changes(start, end, page)
        with open_shop() as session:
            taken += take_in(session, source, answer.events, "poll", now)
        page = answer.next_page
        if page is None:
            return taken
        if page in seen:
            raise NonsenseError(f"the shop's system leads in a circle: page {page} comes twice")
        seen.add(page)
    raise NonsenseError(f"the shop's system has more than {MOST_PAGES} pages of changes in a window")


def _move_cursor(session: Session, source: str, until: datetime, now: datetime) -> None:
    cursor = session.get(PollCursor, source, with_for_update=True)
    if cursor is None:
        session.add(PollCursor(source=source, until=until, polled_at=now))
        return
    # Another poll may have gone further.
    cursor.until = max(cursor.until, until)
    cursor.polled_at = now
