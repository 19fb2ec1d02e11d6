"""Days in what customers write: 明天, 周五, 12月3号, 双11, 三天后.

A value says what the customer said, independent of the day it was said on, in the manner of ISO 8601:

- `2026-12-03`: that day; `--12-03`: that day of the year at hand; `---03`: of the month at hand;
- `P1D`, `-P2D`: so many days from today; `P0D` is today;
- `W5`: the next Friday, today included; `W0-5`: the Friday of this week (from Monday), `W1-5` of the next, `W-1-5` of
  the last.

`day_of` turns one into a date.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from sixty.nlu.found import Found
from sixty.nlu.spoken_numbers import chinese_number

_RELATIVE = {"大前天": -3, "前天": -2, "昨天": -1, "昨晚": -1, "今天": 0, "今日": 0, "今晚": 0, "明天": 1, "明日": 1}
_RELATIVE |= {"明早": 1, "明晚": 1, "明儿": 1, "后天": 2, "大后天": 3}
_FESTIVALS = {
    "元旦": "01-01",
    "情人节": "02-14",
    "三八节": "03-08",
    "妇女节": "03-08",
    "女神节": "03-08",
    "五一": "05-01",
    "劳动节": "05-01",
    "六一": "06-01",
    "儿童节": "06-01",
    "国庆": "10-01",
    "圣诞": "12-25",
}
_NUMBER = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_COUNT = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3})"
_DAY = re.compile(
    r"(?<![\d.-])(?P<year>20\d{2})\s?[-/.年]\s?(?P<month>\d{1,2})\s?[-/.月]\s?(?P<day>\d{1,2})(?![\d.])[日号]?"
    rf"|(?<!\d)(?P<month2>{_NUMBER})月(?:份)?\s?(?P<day2>{_NUMBER})(?:[日号]|(?![\d.个天件]))"
    r"|(?P<double>双(?P<twice>11|12|十一|十二))"
    r"|(?<![\d.])(?P<mid>618|6\.18)(?=活动|大促|期间|价|的时候|那天|前|后|买|会|有)"
    rf"|(?P<festival>{'|'.join(_FESTIVALS)})(?:节|当天)?"
    rf"|(?P<relative>{'|'.join(sorted(_RELATIVE, key=len, reverse=True))})"
    rf"|(?<![\d第每近这前后过.])(?P<count>{_COUNT})天(?:以|之)?(?P<side>前|后)(?![台续])"
    r"|(?P<week>上上|下下|上|下|本|这)?个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末]|[1-6](?![\d天次]))(?!年|边|岁)"
    rf"|(?<![\d.月第])(?P<only>[1-9]|[12]\d|3[01])(?:号|日)(?![线楼院店码机仓门])",
)
_WEEKS = {"上上": -2, "上": -1, "本": 0, "这": 0, "下": 1, "下下": 2}
_WEEKDAYS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "日": 7, "天": 7, "末": 6}


def read_days(text: str) -> list[Found]:
    """Finds days.

    Args:
        text: A message in normal form.

    Returns:
        `date` entities from left to right; a day that no calendar has (2月30号) is none.
    """
    return [
        Found("date", *match.span(), value) for match in _DAY.finditer(text) if (value := _value(match)) is not None
    ]


def day_of(value: str, today: date) -> date:
    """The date that a value of `date` means.

    Args:
        value: In one of the forms above.
        today: The customer's day.

    Returns:
        The date. Of days that come again the next one is meant, today included.

    Raises:
        ValueError: The value has none of the forms above.
    """
    for pattern, meaning in _MEANINGS:
        match = re.fullmatch(pattern, value)
        if match:
            return meaning(match, today)
    raise ValueError(f"{value!r} is no day: expected e.g. 2026-12-03, --12-03, ---03, P1D, W5 or W1-5")


def _value(match: re.Match[str]) -> str | None:
    if match["relative"]:
        return _days_from_today(_RELATIVE[match["relative"]])
    if match["count"]:
        count = _number(match["count"])
        return None if count is None else _days_from_today(-count if match["side"] == "前" else count)
    if match["weekday"]:
        weekday = _WEEKDAYS.get(match["weekday"]) or int(match["weekday"])
        return f"W{_WEEKS[match['week']]}-{weekday}" if match["week"] else f"W{weekday}"
    if match["double"]:
        return "--12-12" if match["twice"] in ("12", "十二") else "--11-11"
    if match["mid"]:
        return "--06-18"
    if match["festival"]:
        return f"--{_FESTIVALS[match['festival']]}"
    if match["only"]:
        return f"---{int(match['only']):02}"
    month, day = _number(match["month"] or match["month2"]), _number(match["day"] or match["day2"])
    if month is None or day is None or not 1 <= month <= 12:
        return None
    year = int(match["year"]) if match["year"] else None
    # The 29th of February is a day of some year.
    if not 1 <= day <= calendar.monthrange(year or 2024, month)[1]:
        return None
    return f"{year}-{month:02}-{day:02}" if year else f"--{month:02}-{day:02}"


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else chinese_number(text)


def _days_from_today(days: int) -> str:
    return f"-P{-days}D" if days < 0 else f"P{days}D"


def _next(months: Iterator[tuple[int, int]], day: int, today: date) -> date:
    """The first day of that number in those months that is not over."""
    for year, month in months:
        if day <= calendar.monthrange(year, month)[1] and date(year, month, day) >= today:
            return date(year, month, day)
    raise ValueError(f"no month has a day {day}")


def _of_year(match: re.Match[str], today: date) -> date:
    # Eight years hold a 29th of February, wherever they begin.
    return _next(((today.year + years, int(match[1])) for years in range(9)), int(match[2]), today)


def _of_month(match: re.Match[str], today: date) -> date:
    months = (divmod(today.year * 12 + today.month - 1 + later, 12) for later in range(13))
    return _next(((year, month + 1) for year, month in months), int(match[1]), today)


def _of_week(match: re.Match[str], today: date) -> date:
    monday = today - timedelta(days=today.weekday())
    return monday + timedelta(weeks=int(match[1]), days=int(match[2]) - 1)


_MEANINGS: tuple[tuple[str, Callable[[re.Match[str], date], date]], ...] = (
    (r"\d{4}-\d\d-\d\d", lambda match, _: date.fromisoformat(match[0])),
    (r"--(\d\d)-(\d\d)", _of_year),
    (r"---(\d\d)", _of_month),
    (r"P(\d{1,4})D", lambda match, today: today + timedelta(days=int(match[1]))),
    (r"-P(\d{1,4})D", lambda match, today: today - timedelta(days=int(match[1]))),
    (r"W([1-7])", lambda match, today: today + timedelta(days=(int(match[1]) - today.isoweekday()) % 7)),
    (r"W(-?\d)-([1-7])", _of_week),
)
