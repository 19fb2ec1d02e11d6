from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.nlu.days import day_of, read_days
from sixty.nlu.normal_form import normal_form

FRIDAY = date(2026, 11, 20)
DAYS = st.dates(date(2020, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("text", "value", "day"),
    [
        ("明天能到吗", "P1D", date(2026, 11, 21)),
        ("昨晚拍的", "-P1D", date(2026, 11, 19)),
        ("大后天出差", "P3D", date(2026, 11, 23)),
        ("三天后", "P3D", date(2026, 11, 23)),
        ("10天前买的", "-P10D", date(2026, 11, 10)),
        ("周五", "W5", FRIDAY),
        ("星期天", "W7", date(2026, 11, 22)),
        ("这周三", "W0-3", date(2026, 11, 18)),
        ("下周五前", "W1-5", date(2026, 11, 27)),
        ("上个礼拜二", "W-1-2", date(2026, 11, 10)),
        ("周末", "W6", date(2026, 11, 21)),
        ("12月3号", "--12-03", date(2026, 12, 3)),
        ("十二月三日", "--12-03", date(2026, 12, 3)),
        ("1月2日", "--01-02", date(2027, 1, 2)),
        ("2026年12月3日", "2026-12-03", date(2026, 12, 3)),
        ("2026-12-03 下单", "2026-12-03", date(2026, 12, 3)),
        ("2026/1/2", "2026-01-02", date(2026, 1, 2)),
        ("双11的时候", "--11-11", date(2027, 11, 11)),
        ("双十二", "--12-12", date(2026, 12, 12)),
        ("618活动", "--06-18", date(2027, 6, 18)),
        ("国庆节", "--10-01", date(2027, 10, 1)),
        ("25号到", "---25", date(2026, 11, 25)),
        ("3号发货", "---03", date(2026, 12, 3)),
    ],
)
def test_days(text: str, value: str, day: date) -> None:
    assert [item.value for item in read_days(normal_form(text))] == [value]
    assert day_of(value, FRIDAY) == day


@pytest.mark.parametrize("text", ["2月30号", "13月3号", "618元", "第3天", "3天", "一周岁", "2号线", "12月", "周边"])
def test_no_days(text: str) -> None:
    assert read_days(normal_form(text)) == []


@given(DAYS)
def test_a_written_day_is_that_day(day: date) -> None:
    for text in (day.isoformat(), f"{day.year}年{day.month}月{day.day}日", f"{day.year}/{day.month}/{day.day}"):
        (found,) = read_days(text)
        assert day_of(found.value, FRIDAY) == day


@given(DAYS, DAYS)
def test_a_day_without_a_year_is_the_next_of_that_name(day: date, today: date) -> None:
    (found,) = read_days(f"{day.month}月{day.day}号")
    meant = day_of(found.value, today)
    assert (meant.month, meant.day) == (day.month, day.day)
    assert today <= meant < today + timedelta(days=9 * 366)


@given(DAYS, st.integers(1, 7))
def test_a_weekday_is_within_the_next_seven_days(today: date, weekday: int) -> None:
    meant = day_of(f"W{weekday}", today)
    assert meant.isoweekday() == weekday
    assert 0 <= (meant - today).days < 7


@given(DAYS, st.integers(1, 31))
def test_a_day_of_a_month_is_soon(today: date, number: int) -> None:
    meant = day_of(f"---{number:02}", today)
    assert meant.day == number
    assert 0 <= (meant - today).days <= 62


@given(st.integers(0, 999), DAYS)
def test_so_many_days_are_so_many(count: int, today: date) -> None:
    (found,) = read_days(f"{count}天后")
    assert day_of(found.value, today) == today + timedelta(days=count)


def test_something_else_is_no_day() -> None:
    with pytest.raises(ValueError, match="is no day"):
        day_of("明天", FRIDAY)


@given(st.text("0123456789年月日号天前后周下上一二三十双/-.明", max_size=20))
def test_whatever_is_found_can_be_resolved(text: str) -> None:
    for item in read_days(text):
        assert 0 <= item.start < item.end <= len(text)
        try:
            day_of(item.value, FRIDAY)
        except (ValueError, OverflowError):
            pytest.fail(f"{item} means no day")
