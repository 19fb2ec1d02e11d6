"""When people are at work."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.desk.office_hours import MINUTES, OfficeHours, Period, read_period, say_hours

CHINA = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2026, 11, 21, tzinfo=timezone.utc)


def week(
    *periods: str, breaks: tuple[str, ...] = (), special: dict[date, tuple[str, ...]] | None = None
) -> OfficeHours:
    days = {day: tuple(map(read_period, texts)) for day, texts in (special or {}).items()}
    return OfficeHours(CHINA, (tuple(map(read_period, periods)),) * 7, tuple(map(read_period, breaks)), days)


def at(clock: str, day: int = 23) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("09:00-12:00", Period(540, 720)),
        ("9:00-12:00", Period(540, 720)),
        ("00:00-24:00", Period(0, 1440)),
        ("22:00-02:00", Period(1320, 1560)),
        ("18:00-24:00", Period(1080, 1440)),
    ],
)
def test_periods_are_read(text: str, period: Period) -> None:
    assert read_period(text) == period


@pytest.mark.parametrize("text", ["9-12", "09:00", "25:00-26:00", "09:60-10:00", "09:00-09:00", "24:00-02:00", "早上"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text.split("-", maxsplit=1)[0]):
        read_period(text)


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [("08:59", False), ("09:00", True), ("11:59", True), ("12:00", False), ("12:59", False), ("13:00", True)],
)
def test_a_break_is_taken_out(clock: str, is_open: bool) -> None:
    assert week("09:00-21:00", breaks=("12:00-13:00",)).is_open(at(clock)) is is_open


def test_a_holiday_has_hours_of_its_own() -> None:
    hours = week("09:00-21:00", special={date(2026, 11, 23): (), date(2026, 11, 24): ("14:00-15:00",)})
    assert not hours.is_open(at("10:00"))
    assert hours.opens_at(at("10:00")) == at("14:00", 24)
    assert hours.closes_at(at("14:30", 24)) == at("15:00", 24)


def test_a_night_belongs_to_the_day_it_began_on() -> None:
    hours = week("22:00-02:00", special={date(2026, 11, 24): ()})
    assert hours.is_open(at("01:59", 24))
    assert not hours.is_open(at("02:00", 24))
    assert not hours.is_open(at("23:00", 24))
    assert hours.opens_at(at("23:00", 24)) == at("22:00", 25)


def test_who_never_works_never_opens() -> None:
    assert OfficeHours(CHINA, ((),) * 7).opens_at(at("10:00")) is None


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (week("09:00-21:00", breaks=("12:00-13:00",)), "9:00–12:00、13:00–21:00"),
        (week("09:00-12:00", "12:00-18:30"), "9:00–18:30"),
        (week("22:00-02:00"), "0:00–2:00、22:00–24:00"),
        (week("00:00-24:00"), "0:00–24:00"),
        (OfficeHours(CHINA, ((),) * 7), ""),
    ],
)
def test_hours_are_said_as_on_a_door(hours: OfficeHours, said: str) -> None:
    assert say_hours(hours, at("10:00")) == said


_minutes = st.integers(0, MINUTES - 1)
_periods = st.builds(lambda start, length: Period(start, start + length), _minutes, st.integers(1, MINUTES))
_hours = st.builds(
    lambda days, breaks, special: OfficeHours(CHINA, tuple(days), tuple(breaks), special),
    st.lists(st.lists(_periods, max_size=3).map(tuple), min_size=7, max_size=7),
    st.lists(_periods.filter(lambda each: each.end - each.start < 180), max_size=2),
    st.dictionaries(
        st.dates(date(2026, 11, 20), date(2026, 12, 2)), st.lists(_periods, max_size=2).map(tuple), max_size=3
    ),
)
_moments = st.integers(0, 10 * MINUTES * 60).map(lambda seconds: FIRST + timedelta(seconds=seconds))


@given(_hours, _moments)
def test_work_begins_where_it_is_said_to_and_not_before(hours: OfficeHours, moment: datetime) -> None:
    opens = hours.opens_at(moment)
    if opens is None:
        assert not any(hours.is_open(moment + timedelta(minutes=step)) for step in range(0, 3 * MINUTES, 7))
        return
    assert opens >= moment
    assert hours.is_open(opens)
    step = moment
    while step < opens:
        assert not hours.is_open(step)
        step += timedelta(minutes=13)


@given(_hours, _moments)
def test_work_stops_where_it_is_said_to_and_not_before(hours: OfficeHours, moment: datetime) -> None:
    closes = hours.closes_at(moment)
    if closes is None:
        return
    assert hours.is_open(moment)
    assert not hours.is_open(closes)
    step = moment
    while step < closes:
        assert hours.is_open(step)
        step += timedelta(minutes=13)
