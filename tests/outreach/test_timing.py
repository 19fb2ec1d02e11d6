"""Quiet hours and times of day, on the shop's clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.outreach.timing import Clock

CHINA = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 1, 1)  # noqa: DTZ001 - Hypothesis adds the zone
NIGHT = Clock(CHINA, time(22), time(8, 30))
NONE = Clock(CHINA, time(0), time(0))

times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
clocks = st.builds(Clock, st.just(CHINA), times, times)
moments = st.datetimes(START, START + timedelta(days=366), timezones=st.just(timezone.utc))


@pytest.mark.parametrize(
    ("clock", "at", "quiet"),
    [
        (NIGHT, time(22), True),
        (NIGHT, time(3), True),
        (NIGHT, time(8, 30), False),
        (NIGHT, time(21, 59), False),
        (Clock(CHINA, time(12), time(14)), time(13), True),
        (Clock(CHINA, time(12), time(14)), time(14), False),
        (Clock(CHINA, time(12), time(14)), time(3), False),
    ],
)
def test_when_it_is_quiet(clock: Clock, at: time, quiet: bool) -> None:
    assert clock.is_quiet_at(at) is quiet


@given(times, moments)
def test_no_quiet_hours_where_both_times_are_the_same(edge: time, at: datetime) -> None:
    clock = Clock(CHINA, edge, edge)
    assert not clock.is_quiet(at)
    assert clock.out_of_quiet(at) == at


@given(clocks, moments)
def test_what_comes_out_of_the_quiet_hours_is_their_first_end(clock: Clock, at: datetime) -> None:
    out = clock.out_of_quiet(at)
    assert at <= out < at + timedelta(days=1)
    assert not clock.is_quiet(out)
    assert (out == at) is not clock.is_quiet(at)
    if out > at:
        assert clock.is_quiet(out - timedelta(microseconds=1))
        assert out.astimezone(CHINA).time() == clock.quiet_until


@given(moments, st.lists(times, min_size=1, max_size=3))
def test_the_next_of_some_times_of_day(at: datetime, some: list[time]) -> None:
    found = NONE.next_of(some, at)
    assert at <= found < at + timedelta(days=1)
    assert found.astimezone(CHINA).time() in some
    assert all(NONE.next_of([each], at) >= found for each in some)


@given(clocks, moments, st.timedeltas(timedelta(0), timedelta(days=7)), st.lists(times, max_size=3))
def test_something_is_due_after_its_wait_and_never_in_the_quiet_hours(
    clock: Clock, at: datetime, wait: timedelta, some: list[time]
) -> None:
    due = clock.due(at, wait, some)
    assert due >= at + wait
    assert not clock.is_quiet(due)
    if not some:
        assert due == clock.out_of_quiet(at + wait)
