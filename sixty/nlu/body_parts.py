"""What a tape measure says of a body, and its age: 胸围92, 腰围二尺三, 脚长24.5, 3岁半.

Pure functions on normal-form text; every pattern is bounded, so reading is linear in the length of a message.

A 尺 is a third of a metre, a 寸 a tenth of it; waists of 24 to 44 without a unit are the inches of trousers. Who tells
the shoe size they usually wear tells the length of their foot: half of size and ten, in cm (GB/T 3293.1: 250 mm is 40).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from sixty.nlu.found import Found
from sixty.nlu.spoken_numbers import chinese_number

_DIGIT = "一二两三四五六七八九"
_TENS = rf"(?:[{_DIGIT}]?十[{_DIGIT}]?)"
_HUNDREDS = rf"(?:[{_DIGIT}]?百零?[{_DIGIT}]?十?[{_DIGIT}]?)"
_BETWEEN = r"(?:大概|大约|差不多|只有|也就|刚好|的话|不到|[是有在才快约:,=量]){0,2}\s?"
_TO = r"\s?[-~到至]\s?"
_CM = r"(?:[cC][mM]|㎝|厘米|公分)"
_MM = r"(?:[mM]{2}|毫米)"
# What makes a number another one: "腰10斤", "胸围85码", "弯腰90度".
_NOT_CM = r"(?![\d.%码号度]|\s?(?:斤|公斤|千克|[kK][gG]|元|块|天|个月|折))"

_LENGTH = (
    rf"(?:(?P<chi>\d(?:\.\d)?|[{_DIGIT}])\s?尺(?:(?P<cun>[\d{_DIGIT}半])寸?)?"  # 二尺三, 2尺7寸, 2.3尺
    rf"|(?P<number>\d{{2,3}}(?:\.\d{{1,2}})?)(?:{_TO}(?P<upto>\d{{2,3}}(?:\.\d)?))?"
    rf"(?:\s?(?:{_CM}|(?P<mm>{_MM})|(?P<inch>英寸|寸)))?"
    rf"|(?P<spoken>{_HUNDREDS}|{_TENS})(?:{_CM})?)"
)
_GIRTH = re.compile(rf"(?P<part>(?<![下半])胸围?|裤?腰围?|裤子(?=[\d二两三]尺)){_BETWEEN}{_LENGTH}{_NOT_CM}")
_GIRTH_BEHIND = re.compile(rf"(?<![\d.]){_LENGTH}的(?P<part>胸围|腰围?)(?![带包])")
_ALL_THREE = re.compile(
    r"三围(?:大概|是|:)?\s?(?P<chest>\d{2,3})[-/、, .*x]{1,2}(?P<waist>\d{2,3})[-/、, .*x]{1,2}\d{2,3}(?!\d)"
)
_CHI_CM = Decimal(100) / 3
_INCH_CM = Decimal("2.54")
_TROUSER_INCHES = range(24, 45)
# Beyond these it is no body; within, the size form says what it finds odd.
_GIRTHS_CM = (Decimal(30), Decimal(250))

_FOOT_LENGTH = (
    r"(?:(?P<number>\d{1,3}(?:\.\d{1,2})?)"
    rf"|(?P<spoken>{_TENS}|[八九])(?:点(?P<point>[{_DIGIT}]))?)"
    rf"(?:\s?(?:(?P<cm>{_CM})(?P<rest>[\d{_DIGIT}半](?![\d双只个件斤]))?|(?P<mm>{_MM})))?"
)
_FOOT = re.compile(
    rf"(?P<side>[左右]?)(?<!裤)脚(?:的?长度?|丫子?)?{_BETWEEN}{_FOOT_LENGTH}(?![\d.码号%]|\s?(?:斤|元|块|天|个))"
)
_FOOT_BEHIND = re.compile(
    r"(?<![\d.])(?P<number>\d{2}(?:\.\d)?)(?P<half>半)?"
    rf"(?:(?P<cm>{_CM})的?|的|[码号]的)脚(?![踝背面底宽围尖趾])"
)
_SHOE = re.compile(rf"鞋子?(?:内长)?\s?(?P<number>\d{{2}}(?:\.\d)?)\s?(?P<cm>{_CM})")
_SHOE_MM = re.compile(rf"(?<![\d.])(?P<number>[12]\d\d|3[01]\d)\s?(?P<mm>{_MM})")
_OF_A_FOOT = re.compile(r"鞋|脚|国标")
_USUAL_SHOE = re.compile(
    r"(?:平时|平常|一般|通常|一直|以前|日常)(?:都|是|就)?(?:穿|拿|买)?\s?(?P<number>3[3-9]|4\d)(?P<half>\.5|半)?"
    r"\s?[码号]?的?(?:运动|皮|球|布|跑|板)?[鞋脚]"
)
# An answer that is a length and nothing else; whose, the bot has asked.
_LONE_LENGTH = re.compile(
    rf"[^\d高宽厚径长围深粗腰胸肩臀袖裤衣跟底{_DIGIT}十]{{0,6}}?(?P<all>{_FOOT_LENGTH})[\s左右吧呢的哦呀啊~。.!,]{{0,4}}"
)
_FEET_CM = (Decimal(8), Decimal(32))
_USUAL_SIZES = (Decimal(33), Decimal(50))
_LEAST_MM = 80

_YEARS = re.compile(
    rf"(?<![\d.~到至第几-])(?P<years>\d{{1,2}}|{_TENS}|[{_DIGIT}])\s?周?岁(?:(?P<half>半)"
    rf"|零?(?P<months>\d{{1,2}}|十[一二]?|[{_DIGIT}])个?月)?(?!以[上下内]|之|起|到|至|\s?[-~])"
    r"|(?<![\d零一二三四五六七八九十])(?P<half_year>半)岁"
)
_MONTHS = re.compile(
    rf"(?<![\d.~到至第每近过前后保修质期孕产了穿用再还等有-])(?P<months>\d{{1,2}}|{_TENS}|[{_DIGIT}])个(?:多|半)?月(?P<big>大)?"
    r"(?!后|前|内|以|之|就|保|质|销|才|了|能到|没)"
)
_NEWBORN = re.compile(r"(?P<twice>双)?满月(?![酒礼])")
_OF_A_CHILD = re.compile(r"宝|娃|婴|孩|崽|儿子|女儿|闺女|穿|身高|体重|码|斤|[kK][gG]|[cC][mM]|厘米")
_OLDEST, _MOST_MONTHS = 120, 36


def read_body_parts(text: str) -> list[Found]:
    """Finds chest, waist, foot and age.

    Args:
        text: A message in normal form.

    Returns:
        `chest`, `waist` and `foot` in centimetres, `age` in years, from left to right and without overlaps.
    """
    found = [*_girths(text), *_feet(text), *_ages(text)]
    kept: list[Found] = []
    for item in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or item.start >= kept[-1].end:
            kept.append(item)
    return kept


def _plain(number: Decimal, places: str = "0.1") -> str:
    return format(number.quantize(Decimal(places)).normalize(), "f")


def _count(text: str) -> int | None:
    return int(text) if text.isdigit() else chinese_number(text)


def _girths(text: str) -> Iterator[Found]:
    three = _ALL_THREE.search(text)
    if three:
        for part in ("chest", "waist"):
            yield Found(part, three.start(part), three.end(part), three[part])
    matches = list(_GIRTH.finditer(text)) or list(_GIRTH_BEHIND.finditer(text))
    for match in matches:
        part = "chest" if "胸" in match["part"] else "waist"
        value = _girth_cm(match, part)
        if value is not None and _GIRTHS_CM[0] <= value <= _GIRTHS_CM[1]:
            yield Found(part, *match.span(), _plain(value))


def _girth_cm(match: re.Match[str], part: str) -> Decimal | None:
    if match["chi"]:
        chi = Decimal(match["chi"]) if match["chi"][0].isdigit() else Decimal(_count(match["chi"]) or 0)
        cun = 5 if match["cun"] == "半" else _count(match["cun"] or "0") or 0
        return (chi + Decimal(cun) / 10) * _CHI_CM
    if match["spoken"]:
        spoken = _count(match["spoken"])
        return None if spoken is None else Decimal(spoken)
    number = Decimal(match["number"])
    if match["upto"]:
        number = (number + Decimal(match["upto"])) / 2
    if match["mm"]:
        return number / 10
    # Behind the number stands nothing but its unit, or 的 and the part.
    has_unit = not match[0][-1].isdigit() and "的" not in match[0]
    if match["inch"] or (part == "waist" and not has_unit and number in _TROUSER_INCHES):
        return number * _INCH_CM
    return number


def _feet(text: str) -> Iterator[Found]:
    found = [(match, _foot_cm(match)) for match in _FOOT.finditer(text)]
    feet = [(match, value) for match, value in found if value is not None]
    both = {match["side"] for match, _ in feet} >= {"左", "右"}
    if both:
        # Feet differ; shoes are chosen by the longer one.
        feet = [max(feet, key=lambda each: each[1])]
    for match, value in feet:
        yield Found("foot", *match.span(), _plain(value))
    patterns = [_FOOT_BEHIND, _SHOE, _USUAL_SHOE]
    if _OF_A_FOOT.search(text):
        patterns.append(_SHOE_MM)
    for pattern in patterns:
        for match in pattern.finditer(text):
            length = _foot_cm(match)
            if length is not None:
                yield Found("foot", *match.span(), _plain(length))
    lone = _LONE_LENGTH.fullmatch(text)
    length = _foot_cm(lone) if lone and (lone["cm"] or lone["mm"]) else None
    if lone and length is not None:
        yield Found("foot", lone.start("all"), lone.end("all"), _plain(length))


def _foot_cm(match: re.Match[str]) -> Decimal | None:
    """The centimetres of a foot; None where it can be no foot's."""
    groups = match.groupdict()
    if groups["number"]:
        number = Decimal(groups["number"])
    else:
        number = Decimal(_count(groups["spoken"]) or 0) + Decimal(_count(groups.get("point") or "0") or 0) / 10
    rest = groups.get("rest")
    if rest:
        number += Decimal(5 if rest == "半" else _count(rest) or 0) / 10
    if groups.get("half"):
        number += Decimal("0.5")
    if not groups.get("cm"):
        if groups.get("mm") or number >= _LEAST_MM:
            number /= 10
        elif match.re in (_FOOT_BEHIND, _USUAL_SHOE) and _USUAL_SIZES[0] <= number <= _USUAL_SIZES[1]:
            number = (number + 10) / 2
    # Nonsense that is called the length of a foot is the form's to ask about.
    is_called_so = match.re is _FOOT and "长" in match[0]
    return number if is_called_so or _FEET_CM[0] <= number <= _FEET_CM[1] else None


def _ages(text: str) -> Iterator[Found]:
    for match in _YEARS.finditer(text):
        years = Decimal(0) if match["half_year"] else Decimal(_count(match["years"]) or 0)
        if match["half"] or match["half_year"]:
            years += Decimal("0.5")
        months = _count(match["months"]) if match["months"] else 0
        years += Decimal(months or 0) / 12
        if 0 < years <= _OLDEST:
            yield Found("age", *match.span(), _plain(years, "0.01"))
    of_a_child = bool(_OF_A_CHILD.search(text))
    for match in _MONTHS.finditer(text):
        months = _count(match["months"])
        # By itself it answers the question after the age.
        alone = match[0] == text.strip(" 了吧。～~!")
        if months and months <= _MOST_MONTHS and (match["big"] or of_a_child or alone):
            yield Found("age", *match.span(), _plain(Decimal(months) / 12, "0.01"))
    if of_a_child:
        for match in _NEWBORN.finditer(text):
            yield Found("age", *match.span(), _plain(Decimal(2 if match["twice"] else 1) / 12, "0.01"))
