"""Numbers that customers write: height, weight, order and phone numbers, clothes sizes, "the second one".

Pure functions on normal-form text; every pattern is bounded, so reading is linear in the length of a message.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_CN = "零〇一二两三四五六七八九"

_HEIGHT = re.compile(
    r"(?<![\d.])(?:"
    r"(?P<metres>[12])\s?(?:米|m|M)\s?(?P<cm>\d{1,2})(?!\d)"  # 1米75, 1m8
    rf"|(?P<cn_metres>[一二两])米(?P<cn_cm>[{_CN}]{{1,2}})"  # 一米七五
    r"|(?P<decimal>[12]\.\d{1,2})\s?(?:米|m(?!l)|M)"  # 1.75米
    r"|(?P<plain>\d{2,3}(?:\.5)?)\s?(?:cm|CM|Cm|厘米|公分)"  # 175cm
    r")"
)
_HEIGHT_NAMED = re.compile(
    r"(?:身高|个子|净高|身长|高)(?:是|有|大概|大约|差不多|在|:|,)?\s?"
    r"(?:(?P<decimal>1\.\d{1,2})|(?P<plain>\d{2,3}(?:\.5)?))(?![\d.])"
)
_WEIGHT = re.compile(
    r"(?<![\d.])(?P<number>\d{1,3}(?:\.\d)?)\s?(?P<unit>kg|KG|Kg|kG|公斤|千克|斤|k(?![a-z]))(?!重的|装)"
    rf"|(?P<cn>[{_CN}]?百?零?[{_CN}]?十?[{_CN}]?)(?P<cn_unit>公斤|斤)"
)
_WEIGHT_NAMED = re.compile(r"(?:体重|净重)(?:是|有|大概|大约|差不多|在|:|,)?\s?(?P<number>\d{1,3}(?:\.\d)?)(?![\d.])")
_PAIR = re.compile(
    r"(?<![\d.])(?P<height>1[0-9]{2}|[6-9]\d|20\d)(?:cm|CM)?\s?[,/、 \-+和高]\s?"
    r"(?:体?重)?(?P<weight>\d{2,3}(?:\.\d)?)(?!\d|\.\d|cm|CM|元|块|减)"
)
_BARE_HEIGHT = re.compile(r"(?<![\d.])(?P<number>1[0-9]{2}|[6-9]\d|20\d)[^\d]{0,3}$")
_BARE_WEIGHT = re.compile(r"[,/、 的高+]{1,2}(?:体?重)?(?P<number>\d{2,3}(?:\.\d)?)(?![\d.]|cm|CM|元|块|码|号)")
_ORDER_NO = re.compile(r"(?<!\d)\d{15,20}(?!\d)")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_TAIL = re.compile(r"(?:尾号|后四位|末四位|后4位|尾数)(?:是|为|:)?\s?(?P<tail>\d{4})(?!\d)")
_SIZE = re.compile(
    r"(?<![A-Za-z0-9])(?P<letters>(?:[2-6]X|X{1,4})L|XS|S|M|L)(?![A-Za-z0-9])"
    r"|(?<!\d)(?P<number>[2-5]\d(?:\.5)?|1[0-9]0)(?:码|号)",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"第\s?(?P<which>[一二三四五六七八九1-9])(?:个|单|笔|件|条|款|项)?|(?P<last>最后|最下面)(?:一|那)?(?:个|单|笔)"
)
_LONE_NUMBER = re.compile(r"^\D{0,4}(?P<number>\d{1,6}(?:\.\d{1,2})?)\D{0,4}$")


@dataclass(frozen=True)
class Found:
    """A value found in a text.

    Attributes:
        entity: Name of the Rasa entity.
        start: Index of the first character.
        end: Index behind the last one.
        value: Normalised: centimetres, kilograms, bare digits, upper-case sizes, or a position counted from 1
            (-1 for the last).
    """

    entity: str
    start: int
    end: int
    value: str


def chinese_number(text: str) -> int | None:
    """Reads a spoken number below 1000 ("一百三十五" 135, "一百三" 130, "九十八" 98); None when it is none."""
    if not text:
        return None
    total, rest = 0, text
    if "百" in rest:
        head, rest = rest.split("百", 1)
        if head and head not in _DIGITS:
            return None
        total += _DIGITS.get(head, 1) * 100
        if len(rest) == 1 and rest in _DIGITS and rest not in "零〇":
            return total + _DIGITS[rest] * 10
        rest = rest.lstrip("零〇")
    if "十" in rest:
        head, rest = rest.split("十", 1)
        if head and head not in _DIGITS:
            return None
        total += _DIGITS.get(head, 1) * 10
    if rest:
        if rest not in _DIGITS:
            return None
        total += _DIGITS[rest]
    return total


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def weight_in_kg(number: Decimal, height_cm: Decimal | None) -> Decimal:
    """Decides whether a weight without unit is meant in kilograms or in 斤 (half a kilogram).

    With a height, the reading whose body-mass index lies nearer to an ordinary one wins (22 for adults, 16 for
    children); without one, up to 80 counts as kilograms.

    Args:
        number: The bare number.
        height_cm: Height in centimetres, if known.

    Returns:
        Kilograms.
    """
    if height_cm is None or height_cm < 50:
        return number if number <= 80 else number / 2
    metres = float(height_cm) / 100
    usual = 16 if height_cm < 140 else 22

    def oddness(kilograms: Decimal) -> float:
        return abs(math.log(max(float(kilograms), 0.1) / metres**2 / usual))

    return min((number, number / 2), key=oddness)


def _heights(text: str) -> list[Found]:
    found = []
    for match in _HEIGHT.finditer(text):
        if match["metres"]:
            centimetres = match["cm"] if len(match["cm"]) == 2 else match["cm"] + "0"
            value = Decimal(match["metres"]) * 100 + Decimal(centimetres)
        elif match["cn_metres"]:
            digits = [_DIGITS[character] for character in match["cn_cm"]]
            value = Decimal(_DIGITS[match["cn_metres"]] * 100 + digits[0] * 10 + (digits[1] if len(digits) > 1 else 0))
        elif match["decimal"]:
            value = Decimal(match["decimal"]) * 100
        else:
            value = Decimal(match["plain"])
        found.append(Found("height", match.start(), match.end(), _plain(value)))
    for match in _HEIGHT_NAMED.finditer(text):
        value = Decimal(match["decimal"]) * 100 if match["decimal"] else Decimal(match["plain"])
        found.append(Found("height", match.start(), match.end(), _plain(value)))
    return found


def _weights(text: str, height: Decimal | None) -> list[Found]:
    found = []
    for match in _WEIGHT.finditer(text):
        if match["number"]:
            number: Decimal | None = Decimal(match["number"])
            unit = match["unit"]
        else:
            spoken = chinese_number(match["cn"])
            number, unit = (Decimal(spoken) if spoken else None), match["cn_unit"]
        if number:
            kilograms = number / 2 if unit == "斤" else number
            found.append(Found("weight", match.start(), match.end(), _plain(kilograms)))
    for match in _WEIGHT_NAMED.finditer(text):
        kilograms = weight_in_kg(Decimal(match["number"]), height)
        found.append(Found("weight", match.start(), match.end(), _plain(kilograms)))
    return found


def _pair(text: str) -> list[Found]:
    match = _PAIR.search(text)
    if match is None:
        return []
    height = Decimal(match["height"])
    kilograms = weight_in_kg(Decimal(match["weight"]), height)
    return [
        Found("height", *match.span("height"), _plain(height)),
        Found("weight", *match.span("weight"), _plain(kilograms)),
    ]


def _bare_partner(text: str, candidates: list[Found]) -> list[Found]:
    """The number without a unit beside a height or a weight that has one ("175/70kg", "1.75米 140")."""
    heights = [item for item in candidates if item.entity == "height"]
    weights = [item for item in candidates if item.entity == "weight"]
    if weights and not heights:
        match = _BARE_HEIGHT.search(text[: weights[0].start])
        return [Found("height", *match.span("number"), match["number"])] if match else []
    if heights and not weights:
        match = _BARE_WEIGHT.match(text, heights[0].end)
        if match:
            kilograms = weight_in_kg(Decimal(match["number"]), Decimal(heights[0].value))
            return [Found("weight", *match.span("number"), _plain(kilograms))]
    return []


def _identifiers(text: str) -> list[Found]:
    found = [Found("order_no", *match.span(), match[0]) for match in _ORDER_NO.finditer(text)]
    found += [Found("phone", *match.span(), match[0]) for match in _PHONE.finditer(text)]
    found += [Found("phone", *match.span("tail"), match["tail"]) for match in _TAIL.finditer(text)]
    return found


def _sizes(text: str) -> list[Found]:
    found = []
    for match in _SIZE.finditer(text):
        size = (match["letters"] or match["number"]).upper()
        doubled = re.fullmatch(r"(X{2,4})L", size)
        found.append(Found("size", match.start(), match.end(), f"{len(doubled[1])}XL" if doubled else size))
    return found


def _ordinals(text: str) -> list[Found]:
    found = []
    for match in _ORDINAL.finditer(text):
        which = match["which"]
        value = "-1" if which is None else which if which.isdigit() else str(_DIGITS[which])
        found.append(Found("ordinal", match.start(), match.end(), value))
    return found


def read_measures(text: str) -> list[Found]:
    """Finds every measurement and number that a shop assistant would note down.

    Args:
        text: A message in normal form.

    Returns:
        What was found, from left to right; of two that overlap, the first kind in the order identifiers,
        height, weight, pair, size, ordinal, lone number is kept.
    """
    heights = _heights(text)
    candidates = _identifiers(text) + heights
    candidates += _weights(text, Decimal(heights[0].value) if heights else None)
    if not any(item.entity == "weight" for item in candidates):
        candidates += _pair(text)
    candidates += _bare_partner(text, candidates)
    candidates += _sizes(text) + _ordinals(text)
    lone = _LONE_NUMBER.match(text)
    if lone:
        candidates.append(Found("number", *lone.span("number"), lone["number"]))
    kept: list[Found] = []
    for item in candidates:
        if all(item.end <= other.start or item.start >= other.end for other in kept):
            kept.append(item)
    return sorted(kept, key=lambda item: item.start)
