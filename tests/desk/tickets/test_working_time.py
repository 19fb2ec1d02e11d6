"""Time that counts only while somebody is at work."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from sixty.desk.office_hours import ALWAYS, OfficeHours, Period
from sixty.desk.tickets.working_time import moment_after, worked_between

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Nine to six with an hour's break, Monday to Friday.
OFFICE = OfficeHours(SHANGHAI, ((Period(540, 1080),),) * 5 + ((),) * 2, (Period(720, 780),))
MONDAY = datetime(2026, 11, 23, 11, tzinfo=SHANGHAI)

moments = st.integers(0, 330 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(minutes=minutes)
)
spans = st.integers(1, 200 * 60).map(lambda minutes: timedelta(minutes=minutes))


def test_breaks_nights_and_weekends_do_not_count() -> None:
    assert moment_after(OFFICE, MONDAY, timedelta(hours=1)) == MONDAY + timedelta(hours=1)
    assert moment_after(OFFICE, MONDAY, timedelta(hours=2)) == MONDAY + timedelta(hours=3)
    friday = datetime(2026, 11, 27, 17, tzinfo=SHANGHAI)
    assert moment_after(OFFICE, friday, timedelta(hours=2)) == datetime(2026, 11, 30, 10, tzinfo=SHANGHAI)


def test_a_calendar_without_any_work_counts_around_the_clock() -> None:
    never = OfficeHours(SHANGHAI, ((),) * 7)
    assert moment_after(never, MONDAY, timedelta(hours=5)) == MONDAY + timedelta(hours=5)
    assert worked_between(never, MONDAY, MONDAY + timedelta(days=3)) == timedelta(0)


@settings(max_examples=60, deadline=None)
@given(moments, spans)
def test_what_is_added_lies_between(start: datetime, span: timedelta) -> None:
    end = moment_after(OFFICE, start, span)
    assert worked_between(OFFICE, start, end) == span
    assert worked_between(OFFICE, end, start) == -span
    assert end - start >= span


@settings(max_examples=60, deadline=None)
@given(moments, spans, spans)
def test_one_after_the_other_is_both_at_once(start: datetime, first: timedelta, second: timedelta) -> None:
    there = moment_after(OFFICE, start, first)
    assert moment_after(OFFICE, there, second) == moment_after(OFFICE, start, first + second)


@settings(max_examples=60, deadline=None)
@given(moments, spans)
def test_around_the_clock_every_minute_counts(start: datetime, span: timedelta) -> None:
    assert moment_after(ALWAYS, start, span) == start + span
