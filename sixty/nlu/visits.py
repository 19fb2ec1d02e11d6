"""When somebody is to come to a customer's door, and what they should heed, in what customers write.

A courier or a fitter is asked for on a day ("改到周六下午", "晚两天送", "明天别送 后天送"), at a time of day, or by
a call before. Days that are only spoken of because they won't do ("今天没人") are not asked for.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sixty.nlu.days import day_of, read_days
from sixty.nlu.normal_form import normal_form
from sixty.nlu.spoken_numbers import chinese_number

PartOfDay = Literal["morning", "afternoon", "evening"]
PARTS: dict[PartOfDay, str] = {"morning": "上午", "afternoon": "下午", "evening": "晚上"}
"""How they are said."""


@dataclass(frozen=True)
class VisitWish:
    """What is wished for; what was not told is empty.

    Attributes:
        day: The day.
        part: The part of the day.
        hour: The hour in the customer's own words: 三点以后.
        note: What whoever comes should heed: to call before, where to leave it.
        ruled_out: Whether days are spoken of, of which none will do.
    """

    day: date | None = None
    part: PartOfDay | None = None
    hour: str = ""
    note: str = ""
    ruled_out: bool = False


_WONT_DO_BEHIND = re.compile(
    r"^[ ,，]?(?:[上下中]午|早上|晚上|白天)?[ ,，]?(?:我|家里|那天|我们)?[都也]?(?:临时)?(?:又)?"
    r"(?:别|不[要在行方便用可]|没[人空法]|有事|先别|要?上班|出差|开会|走了?|飞|赶不|来不了|约不|暂时)"
)
_WONT_DO_BEFORE = re.compile(r"(?:不[要用]|别在?|不是|除了|不能)$")
_WAS_MEANT = re.compile(r"(?:约[的了在好]*|原定|原[来本]|之前说|本来|刚才说|说好|说了?|定的|等到)$")
_MOVED_TO = re.compile(r"(?:[改换约定挪推调][到成在]|提前到?|改为|更正)[ 是为]?$")
_LATER = re.compile(
    r"(?:[晚迟延推]|推迟|延[后迟期]|往后[推挪调延拖]*|顺延|再过|[过等])[送来派]?(?:个)?"
    r"(?P<count>\d{1,2}|[一二两三四五六七八九十]{1,3}|半)个?(?P<unit>天|日|周|星期|礼拜|月)"
)
_UNITS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7}
_MONTH_ENDS = re.compile(r"(?<!下)(?:这?个?月底|月末)")
_PART = re.compile(
    r"(?P<morning>上午|早上|早晨|清早|一早|[今明]早|中午前)|(?P<afternoon>中午|下午|午后)"
    r"|(?P<evening>傍晚|晚上|夜里|晚间|[今明]晚|下了?班(?:以?后|再|了)|晚饭后|等我下班)"
)
_NUMBER = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,2})"
_CLOCK = re.compile(
    rf"(?P<hour>{_NUMBER})[点时](?:半|钟|一刻|\d{{1,2}}分?)?(?:[到至-]{_NUMBER}[点时]半?)?(?P<side>之间|以?[前后]|之[前后]|左右)?"
)
_CALL = re.compile(
    r"(?:打|回|拨|挂|来)个?(?:一下|过|给)?(?:我|他|她)?(?:老[公婆]|爱人|媳妇|家人?|妈|爸)?(?:号|那个|这个)?(?:电话|手机|座机|号)"
    r"|电话(?:先)?(?:联系|通知|沟通)|先?联系(?:一下|下)?我|回拨|来电|响个?电话|(?:通知|知会)我|跟我联系|打[给我]|加我微信"
    r"|提前(?:半.{0,3}小时|半个钟头)?(?:联系|通知|说)"
)
_PHONE = re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_PLACE = re.compile(
    r"(?:放|搁|丢|存|寄存|送[到上])在?(?:我家|小区|公司|单位|楼下)?的?"
    r"(?:门口|家门口|门卫|保安|岗亭|驿站|快递柜|丰巢|自提柜|柜子|物业|前台|代收点|鞋柜|消防栓|楼上|楼道|超市|传达室|站点)[^,，。;；!！?？\s]{0,8}"
)
_NOT_WANTED = re.compile(r"(?:不要|别|不用|不能).{0,3}$")
_AT_HOME = re.compile(
    r"随时(?:都)?(?:可以|能)?[送来派]|(?:可以|能)(?:恢复)?(?:派?送|配送|拉来|送货)[了啦]|(?:重新|二次|再次)[派送投配]|再[派送投]一[次趟下]"
    r"|现在就(?:可以|能)?送|恢复派?送"
)


def read_visit(text: str, today: date) -> VisitWish:
    """Reads what is wished for.

    Args:
        text: What the customer wrote.
        today: The customer's day.

    Returns:
        The wish; its day may be over already.
    """
    plain = normal_form(text)
    part, hour = _time_of_day(plain)
    days = read_days(plain)
    ruled_out = bool(days) and all(_wont_do(plain, each.start, each.end) for each in days)
    return VisitWish(_day(plain, today), part, hour, _note(plain), ruled_out)


def _day(text: str, today: date) -> date | None:
    found = [each for each in read_days(text) if not _wont_do(text, each.start, each.end)]
    fresh = [each for each in found if not _WAS_MEANT.search(text, 0, each.start)]
    # "改到明天，我后天才回": the day that something is moved to.
    fresh = [each for each in fresh if _MOVED_TO.search(text, 0, each.start)] or fresh
    if fresh or (found and not _later(text, today)):
        try:
            return day_of((fresh or found)[-1].value, today)
        except ValueError:
            return None
    return _later(text, today)


def _later(text: str, today: date) -> date | None:
    found = _LATER.search(text)
    if found is not None:
        if found["count"] == "半":
            return today + timedelta(days=15) if found["unit"] == "月" else None
        count = int(found["count"]) if found["count"].isdigit() else chinese_number(found["count"])
        if count is None:
            return None
        return (
            _months_later(today, count) if found["unit"] == "月" else today + timedelta(_UNITS[found["unit"]] * count)
        )
    if _MONTH_ENDS.search(text):
        return today.replace(day=calendar.monthrange(today.year, today.month)[1])
    return None


def _months_later(today: date, months: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def _wont_do(text: str, start: int, end: int) -> bool:
    return bool(_WONT_DO_BEHIND.match(text[end : end + 12]) or _WONT_DO_BEFORE.search(text[:start]))


def _time_of_day(text: str) -> tuple[PartOfDay | None, str]:
    parts: list[PartOfDay] = [
        part
        for match in _PART.finditer(text)
        if not _wont_do(text, match.start(), match.end())
        for part in PARTS
        if match[part] is not None
    ]
    clocks = [match for match in _CLOCK.finditer(text) if not _wont_do(text, match.start(), match.end())]
    if not clocks:
        return (parts[-1] if parts else None), ""
    clock = clocks[-1]
    return (parts[-1] if parts else _part_at(clock["hour"])), clock.group()


def _part_at(hour: str) -> PartOfDay | None:
    number = int(hour) if hour.isdigit() else chinese_number(hour)
    if number is None or number > 23:
        return None
    # Nobody has goods brought at five in the morning: 三点以后 is the afternoon, 七点后 the evening.
    if 8 <= number <= 11:
        return "morning"
    return "evening" if number == 7 or number >= 18 else "afternoon"


def _note(text: str) -> str:
    notes = []
    phone = _PHONE.search(text)
    call = _CALL.search(text)
    if (call is not None and not _NOT_WANTED.search(text[: call.start()])) or (phone is not None and "联系" in text):
        number = re.sub(r"\D", "", phone.group()) if phone else ""
        notes.append(f"派送前请打{number}联系" if number else "派送前请先电话联系收件人")
    elif call is not None:
        notes.append("派送时请不要打电话")
    place = _PLACE.search(text)
    if place is not None and not _NOT_WANTED.search(text[: place.start()]):
        notes.append(f"请{place.group()}")
    if _AT_HOME.search(text):
        notes.append("收件人在家，请尽快派送")
    return "；".join(notes)
