"""Polling loses nothing and doubles nothing, whatever breaks off when."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from sixty.shop.database import shop_session
from sixty.shop.gateways.errors import NonsenseError, OutOfReachError
from sixty.shop.gateways.ports import EventPage
from sixty.shop.order_events.incoming import Incoming
from sixty.shop.order_events.models import OrderEvent, PollCursor
from sixty.shop.order_events.polling import OVERLAP, poll
from sixty.shop.order_events.recording import Taken, take_in
from tests.shop.order_events.happenings import BEGIN, happening

END = BEGIN + timedelta(days=3)
Open = Callable[[], AbstractContextManager[Session]]


def cart(number: int, hours: float) -> Incoming:
    return dataclasses.replace(happening("cart", f"c{number}", hours, {"lines": []}), external_id=f"e{number}")


class Feed:
    """A system whose changes come two a page, and which fails when it is told to."""

    def __init__(self, *events: Incoming, fail_at: int = -1) -> None:
        self.events = list(events)
        self.asked: list[tuple[datetime, datetime, str | None]] = []
        self.fail_at = fail_at

    def changes(self, start: datetime, end: datetime, page: str | None = None) -> EventPage:
        self.asked.append((start, end, page))
        if len(self.asked) - 1 == self.fail_at:
            raise OutOfReachError("down")
        found = [event for event in self.events if start <= event.occurred_at < end]
        begin = int(page or 0)
        following = str(begin + 2) if begin + 2 < len(found) else None
        return EventPage(tuple(found[begin : begin + 2]), following)


@pytest.fixture
def open_shop(database_url: str) -> Open:
    return partial(shop_session, database_url)


def names(open_shop: Open) -> list[str]:
    with open_shop() as session:
        return sorted(session.scalars(select(OrderEvent.external_id)))


def test_everything_since_is_read_in_windows_that_overlap(open_shop: Open) -> None:
    feed = Feed(*(cart(index, index * 6) for index in range(12)))
    polled = poll(feed, "mall", open_shop, END, since=BEGIN)
    assert (polled.taken, polled.until) == (Taken(12, 0, 0), END)
    assert names(open_shop) == sorted(f"e{index}" for index in range(12))
    windows = sorted({(start, end) for start, end, _ in feed.asked})
    begins = [BEGIN, *(end for _, end in windows[:-1])]
    assert [start for start, _ in windows] == [begin - OVERLAP for begin in begins]
    assert all(end - start <= timedelta(days=1) + OVERLAP for start, end in windows)


def test_a_second_poll_begins_where_the_first_ended(open_shop: Open) -> None:
    feed = Feed(cart(1, 1))
    poll(feed, "mall", open_shop, END, since=BEGIN)
    feed.events += [cart(2, 71.9), cart(3, 73)]
    feed.asked.clear()
    later = poll(feed, "mall", open_shop, END + timedelta(hours=2))
    # What the system told late is within the overlap.
    assert later.taken == Taken(2, 0, 0)
    assert feed.asked[0][0] == END - OVERLAP
    assert poll(feed, "mall", open_shop, END + timedelta(hours=2)).taken.new == 0


def test_two_sources_have_a_cursor_each(open_shop: Open) -> None:
    poll(Feed(cart(1, 1)), "mall", open_shop, END, since=BEGIN)
    assert poll(Feed(cart(1, 1)), "store", open_shop, END, since=BEGIN).taken.new == 1
    with open_shop() as session:
        assert session.scalar(select(func.count()).select_from(PollCursor)) == 2


def test_what_a_webhook_brought_is_not_doubled(open_shop: Open) -> None:
    with open_shop() as session:
        take_in(session, "mall", [cart(1, 1)], "webhook", END)
    assert poll(Feed(cart(1, 1), cart(2, 2)), "mall", open_shop, END, since=BEGIN).taken == Taken(1, 1, 0)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    hours=st.lists(st.integers(0, 71), max_size=9),
    failures=st.lists(st.integers(0, 7), max_size=4),
)
def test_whatever_breaks_off_when_all_is_there_once(open_shop: Open, hours: list[int], failures: list[int]) -> None:
    with open_shop() as session:
        session.execute(delete(OrderEvent))
        session.execute(delete(PollCursor))
    events = [cart(index, hour) for index, hour in enumerate(hours)]
    new = 0
    for fail_at in (*failures, -1):
        before = len(names(open_shop))
        feed = Feed(*events, fail_at=fail_at)
        try:
            poll(feed, "mall", open_shop, END, since=BEGIN)
        except OutOfReachError:
            assert fail_at >= 0
        new += len(names(open_shop)) - before
    assert names(open_shop) == sorted(event.external_id for event in events)
    assert new == len(events)


def test_a_crash_between_recording_and_the_cursor_doubles_nothing(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = Feed(cart(1, 1), cart(2, 2))

    def die(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("sixty.shop.order_events.polling._move_cursor", die)
        with pytest.raises(KeyboardInterrupt):
            poll(feed, "mall", open_shop, END, since=BEGIN)
    assert names(open_shop) == ["e1", "e2"]
    assert poll(feed, "mall", open_shop, END, since=BEGIN).taken == Taken(0, 2, 0)


def test_a_feed_that_leads_in_a_circle_is_left(open_shop: Open) -> None:
    class Circle(Feed):
        def changes(self, start: datetime, end: datetime, page: str | None = None) -> EventPage:
            return EventPage((), "again")

    with pytest.raises(NonsenseError, match="circle"):
        poll(Circle(), "mall", open_shop, END, since=BEGIN)
