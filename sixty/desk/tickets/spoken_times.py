"""When something will be, as people say it: 24小时内, 明天12点前, 三个工作日内, 周五下午, 稍后."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sixty.desk.office_hours import OfficeHours
from sixty.nlu.days import day_of, read_days
from sixty.nlu.spoken_numbers import chinese_number

_NUMBER = r"(?:\d{1,3}(?:\.\d)?|[一二两三四五六七八九十]{1,3}|半)"
_UNITS = {
    "分钟": timedelta(minutes=1),
    "分": timedelta(minutes=1),
    "刻钟": timedelta(minutes=15),
    "小时": timedelta(hours=1),
    "钟头": timedelta(hours=1),
    "h": timedelta(hours=1),
    "H": timedelta(hours=1),
    "天": timedelta(days=1),
    "日": timedelta(days=1),
    "周": timedelta(weeks=1),
    "星期": timedelta(weeks=1),
}
_WITHIN = r"(?:之内|以内|内|里面|左右|上下|之后|以后|后)"
_AT_LATEST = r"(?:最晚|最迟|最多|最慢|大概|大约|预计|预估|需要|需|约|等|不超过|不会超过)"
_DURATION = re.compile(
    rf"(?P<latest>{_AT_LATEST}\s?)?(?<![\d.第近])(?P<low>{_NUMBER})(?:\s?[-~—至到]\s?(?P<high>{_NUMBER}))?\s?个?(?P<more>半)?"
    rf"(?P<unit>工作日|工作天|分钟|刻钟|小时|钟头|[hH](?![a-zA-Z])|天|日(?!常)|周(?![一二三四五六日末年边])|星期(?![一二三四五六日天])|分(?!之|享|期|开|别))"
    rf"(?P<half>半)?(?P<within>\s?的?(?:时间)?\s?{_WITHIN})?"
)
_CLOCK = re.compile(
    r"(?P<part>凌晨|清早|早上|早晨|上午|中午|下午|傍晚|晚上|今晚|明晚|晚)?\s?"
    r"(?P<hour>\d{1,2}|[一二两三四五六七八九十]{1,3})\s?"
    r"(?:[::](?P<minute>[0-5]\d)(?!\d)|(?:点钟|点|时)(?!间|候|代)(?P<spoken>半|一刻|三刻|[0-5]?\d分?)?)"
)
_PARTS = {
    "凌晨": 6,
    "清早": 10,
    "早上": 10,
    "早晨": 10,
    "明早": 10,
    "上午": 12,
    "中午": 13,
    "下午": 18,
    "傍晚": 19,
    "今晚": 24,
    "明晚": 24,
    "晚上": 24,
}
_PART = re.compile("|".join(sorted(_PARTS, key=len, reverse=True)))
_OFF_WORK = re.compile(r"下班(?:之前|以前|前)")
_WEEK = re.compile(r"(?P<which>这|本|下)(?:个)?(?:周|星期|礼拜)(?:之内|以内|内|里|前)(?![一二三四五六日天末])")
_MONTH = re.compile(
    r"(?P<which>本月|这个月|下个月|下月)?(?:月底|月末)(?:之前|以前|前)?|(?P<within>本月|这个月)(?:之内|以内|内)"
)
_SOON = re.compile(
    r"稍后|稍晚|稍等|一会儿?|待会儿?|等下|等会儿?|马上|立刻|立即|尽快|尽早|第一时间|这就|现在就|晚点|回头|随后|抓紧|加急"
)
# Between a day and the hour that belongs to it stand no more letters than that.
_BESIDE = 3
_NOON, _DAY = 12, 24


@dataclass(frozen=True)
class SpokenTime:
    """A time that was named.

    Attributes:
        start: Where it begins in the text.
        end: Where it ends.
        at: Until when that is; None where it was only said that it will be soon.
    """

    start: int
    end: int
    at: datetime | None


def read_times(text: str, said: datetime, hours: OfficeHours) -> list[SpokenTime]:
    """Finds times that are still to come.

    Args:
        text: What was said, in normal form.
        said: When.
        hours: The clock by which days are counted, and which days are worked.

    Returns:
        From left to right. Of a range (1到3天) the end counts, of a day its last moment.
    """
    local = said.astimezone(hours.zone)
    found: list[SpokenTime] = []
    for each in (
        *_durations(text, local, hours),
        *_moments(text, local, hours),
        *_spans(text, local, hours),
        *_soon(text),
    ):
        if not any(each.start < other.end and other.start < each.end for other in found):
            found.append(each)
    coming = [each for each in found if each.at is None or each.at > said]
    return sorted(coming, key=lambda each: each.start)


def _durations(text: str, local: datetime, hours: OfficeHours) -> Iterator[SpokenTime]:
    for match in _DURATION.finditer(text):
        if not (match["within"] or match["latest"]):
            continue
        number = _number(match["high"] or match["low"])
        if number is None:
            continue
        number += 0.5 if match["more"] or match["half"] else 0
        if match["unit"] in ("工作日", "工作天"):
            yield SpokenTime(match.start(), match.end(), _working_days(local, max(1, round(number)), hours))
        else:
            yield SpokenTime(match.start(), match.end(), local + number * _UNITS[match["unit"]])


def _moments(text: str, local: datetime, hours: OfficeHours) -> Iterator[SpokenTime]:
    days: list[tuple[int, int, date]] = [
        (each.start, each.end, day_of(each.value, local.date())) for each in read_days(text)
    ]
    clocks = [(match.start(), match.end(), match) for match in _CLOCK.finditer(text) if _is_an_hour(match)]
    used: set[int] = set()
    for start, end, day in days:
        beside = next(((s, e, m) for s, e, m in clocks if end - 2 <= s <= end + _BESIDE), None)
        if beside is not None:
            used.add(beside[0])
            yield SpokenTime(start, beside[1], _at_clock(beside[2], day, local, text[start:end]))
            continue
        part = _PART.search(text, max(start, end - 2), min(len(text), end + _BESIDE + 2))
        off = _OFF_WORK.search(text, end, min(len(text), end + _BESIDE + 4))
        if off is not None:
            yield SpokenTime(start, off.end(), _off_work(day, hours))
        elif part is not None:
            yield SpokenTime(start, max(end, part.end()), _hour_of(day, _PARTS[part[0]], local))
        else:
            yield SpokenTime(start, end, _hour_of(day, _DAY, local))
    for start, end, match in clocks:
        if start not in used:
            yield SpokenTime(start, end, _at_clock(match, local.date(), local, None))


def _spans(text: str, local: datetime, hours: OfficeHours) -> Iterator[SpokenTime]:
    """The end of the day's work, of the week, of the month; a part of today."""
    for match in _OFF_WORK.finditer(text):
        yield SpokenTime(match.start(), match.end(), _off_work(local.date(), hours))
    for match in _WEEK.finditer(text):
        sunday = local.date() + timedelta(days=6 - local.weekday() + (7 if match["which"] == "下" else 0))
        yield SpokenTime(match.start(), match.end(), _hour_of(sunday, _DAY, local))
    for match in _MONTH.finditer(text):
        later = 1 if (match["which"] or "").startswith("下") else 0
        year, month = divmod(local.year * 12 + local.month - 1 + later, 12)
        last = date(year, month + 1, calendar.monthrange(year, month + 1)[1])
        yield SpokenTime(match.start(), match.end(), _hour_of(last, _DAY, local))
    for match in _PART.finditer(text):
        yield SpokenTime(match.start(), match.end(), _hour_of(local.date(), _PARTS[match[0]], local))


def _soon(text: str) -> Iterator[SpokenTime]:
    for match in _SOON.finditer(text):
        yield SpokenTime(match.start(), match.end(), None)


def _is_an_hour(match: re.Match[str]) -> bool:
    hour = _number(match["hour"])
    return hour is not None and 0 <= hour <= _DAY


def _at_clock(match: re.Match[str], day: date, local: datetime, said_day: str | None) -> datetime:
    """The moment of an hour of a day that was said; where none was, the next such hour that is to come."""
    hour = int(_number(match["hour"]) or 0)
    part = match["part"] or ("晚" if (said_day or "").endswith("晚") else "")
    if (part in ("下午", "傍晚", "晚上", "今晚", "明晚", "晚") and hour < _NOON) or (part == "中午" and hour < 3):
        hour += _NOON
    spoken = match["spoken"] or ""
    minute = int(match["minute"] or {"半": 30, "一刻": 15, "三刻": 45}.get(spoken, spoken.rstrip("分") or 0))
    moment = datetime.combine(day, time(), local.tzinfo) + timedelta(hours=hour, minutes=minute)
    # "六点前" after noon is six in the evening, and without a day what has passed today is tomorrow's.
    evening = moment + timedelta(hours=_NOON)
    if moment <= local and not part and hour < _NOON and evening > local:
        return evening
    return moment + timedelta(days=1) if moment <= local and said_day is None else moment


def _hour_of(day: date, hour: int, local: datetime) -> datetime:
    return datetime.combine(day, time(), local.tzinfo) + timedelta(hours=hour)


def _off_work(day: date, hours: OfficeHours) -> datetime:
    """When work stops for the day; midnight where it never does."""
    midnight = datetime.combine(day, time(), hours.zone)
    edges = [minute for minute in hours.edges(day) if hours.is_open(midnight + timedelta(minutes=minute - 1))]
    return midnight + timedelta(minutes=max(edges, default=_DAY * 60) or _DAY * 60)


def _working_days(local: datetime, count: int, hours: OfficeHours) -> datetime:
    """The end of the so-many-th working day behind today: Monday to Friday, without days that are holidays."""
    day = local.date()
    while count:
        day += timedelta(days=1)
        worked = bool(hours.special[day]) if day in hours.special else day.weekday() < 5
        count -= worked
    return _hour_of(day, _DAY, local)


def _number(text: str) -> float | None:
    if text == "半":
        return 0.5
    return float(text) if text[0].isdigit() else chinese_number(text)
