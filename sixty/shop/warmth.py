"""Which temperatures a product suits, and whether it does for a place and a month."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from sqlalchemy.orm import Session

from sixty.shop.catalogue import attribute_answer
from sixty.shop.climate import Climate, Temperatures, Weather
from sixty.shop.relink import inherited_answer
from sixty.shop.wording import SHOP_ZONE

WarmthVerdict = Literal["fits", "needs_a_layer", "too_cold", "too_warm"]

# A layer underneath, a sweater or thermal wear, is good for about that many degrees.
A_LAYER = Decimal(8)

# Nights are about that much colder than the day's mean.
NIGHT = Decimal(5)

_SPAN = re.compile(r"(零下|零上|-|−)?(\d{1,2})(?:度|℃|°C)?[到至~～—](零下|零上|-|−)?(\d{1,2})(?:度|℃|°C)")
_MONTH = re.compile(r"(?<![\d一二三四五六七八九十])(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月")
_SEASONS = {"春": 4, "夏": 7, "秋": 10, "冬": 1}
# A holiday that may be in either of two months counts as in the colder one.
_HOLIDAYS = {"春节": 1, "过年": 1, "元旦": 1, "国庆": 10, "五一": 5, "暑假": 7, "寒假": 1}
_CHINESE_NUMBERS = {word: number for number, word in enumerate("一二三四五六七八九十", start=1)} | {
    "十一": 11,
    "十二": 12,
}


@dataclass(frozen=True)
class WarmthAnswer:
    """Whether a product does for the weather of a place.

    Attributes:
        verdict: What is found.
        suits: The temperatures that the product is made for.
        weather: How warm it is there.
        text: The answer with its figures, as a shop assistant would say it.
    """

    verdict: WarmthVerdict
    suits: Temperatures
    weather: Weather
    text: str


def temperatures_in(text: str) -> Temperatures | None:
    """Reads the first span of temperatures in a text: `适合零下8到8度`; None when there is none."""
    for found in _SPAN.finditer(text):
        first, low, second, high = found.groups()
        span = Temperatures(_signed(first, low), _signed(second, high))
        if span.low <= span.high:
            return span
    return None


def suitable_temperatures(session: Session, product_no: str) -> Temperatures | None:
    """Says which temperatures a product suits, as its thickness tells; None when nobody wrote that down."""
    answer = attribute_answer(session, product_no, "厚薄")
    if answer is None:
        inherited = inherited_answer(session, product_no, "厚薄")
        answer = inherited.answer if inherited is not None else None
    return None if answer is None else temperatures_in(f"{answer.value}，{answer.selling_point}")


def month_in(text: str, now: datetime) -> int:
    """Finds the month that a text speaks of (`12月`, `十一月`, `冬天`, `下个月`); this one when it names none."""
    this_month = now.astimezone(SHOP_ZONE).month
    found = _MONTH.search(text)
    if found is not None:
        named = found.group(1)
        return int(named) if named.isdecimal() else _CHINESE_NUMBERS[named]
    if "下个月" in text or "下月" in text:
        return this_month % 12 + 1
    for word, month in _HOLIDAYS.items():
        if word in text:
            return month
    for season, month in _SEASONS.items():
        if any(season + ending in text for ending in ("天", "季")) or f"{season}里" in text:
            return month
    return this_month


def worn_in(suits: Temperatures, weather: Weather) -> WarmthAnswer:
    """Judges whether what suits some temperatures does for the weather, and says so with figures."""
    means = weather.means
    usual = f"{weather.place}{weather.month}月平均气温{say_temperatures(means)}，早晚还会再低几度"
    made_for = f"这款适合{say_temperatures(suits)}"
    verdict: WarmthVerdict
    if means.low > suits.high:
        verdict, advice = "too_warm", "那时候穿会热，建议选薄一点的款式"
    elif means.low < suits.low - A_LAYER:
        verdict, advice = "too_cold", "单靠这款不够暖，建议选更厚的款式"
    elif means.low - NIGHT < suits.low:
        verdict, advice = "needs_a_layer", "能穿，不过里面要加一层，早晚才不冷"
    else:
        verdict, advice = "fits", "穿正合适"
    if verdict == "too_warm":
        usual = usual.removesuffix("，早晚还会再低几度")
    return WarmthAnswer(verdict, suits, weather, f"{usual}；{made_for}，{advice}")


def answer_for_trip(
    session: Session, product_no: str, text: str, now: datetime, climate: Climate, region: str = ""
) -> WarmthAnswer | None:
    """Answers `去东北穿行吗`.

    Args:
        session: The shop's database.
        product_no: What would be worn.
        text: What the customer says: the place, perhaps the month.
        now: The moment, for the month when the text names none.
        climate: The table.
        region: Where the customer lives, for a text that names no place; may be empty.

    Returns:
        The answer, or None when the place, or what the product suits, isn't known: then nothing may be claimed.
    """
    place = climate.place_in(text) or climate.place_in(region)
    suits = suitable_temperatures(session, product_no)
    if place is None or suits is None:
        return None
    weather = climate.weather(place, month_in(text, now))
    return None if weather is None else worn_in(suits, weather)


def say_temperatures(span: Temperatures) -> str:
    """Says temperatures in whole degrees: `零下17到零下16度`, `5到22度`, `20度左右`."""
    low, high = (int(end.quantize(Decimal(1), rounding=ROUND_HALF_UP)) for end in (span.low, span.high))
    return f"{_say_degrees(low)}度左右" if low == high else f"{_say_degrees(low)}到{_say_degrees(high)}度"


def _say_degrees(degrees: int) -> str:
    return f"零下{-degrees}" if degrees < 0 else str(degrees)


def _signed(sign: str | None, digits: str) -> Decimal:
    return -Decimal(digits) if sign in ("零下", "-", "−") else Decimal(digits)
