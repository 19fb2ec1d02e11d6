"""Numbers that customers write: height, weight, order and phone numbers, clothes sizes, "the second one".

Chest, waist, foot and age are read by `body_parts`, money, pieces and days by `amounts` and `days`.

Pure functions on normal-form text; every pattern is bounded, so reading is linear in the length of a message.

What is not a body is left alone: the length of a cable, the waist of trousers, the weight of a sack of rice, a
coupon's "满300减50". A number that is read wrongly fills a slot and comes back as wrong advice.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import Decimal

from sixty.nlu.amounts import read_amounts
from sixty.nlu.body_parts import read_body_parts
from sixty.nlu.days import read_days
from sixty.nlu.found import Found
from sixty.nlu.spoken_numbers import DIGITS as _DIGITS
from sixty.nlu.spoken_numbers import chinese_number

_CN = "零〇一二两三四五六七八九"
# "一百六", "百八", "一百三十五"
_CN_HUNDREDS = rf"[{_CN}]?百零?[{_CN}]?十?[{_CN}]?"
_TO = r"\s?[-~到至]\s?"
_ABOUT = r"(?:左右|上下|多|几|来|出头)?"
# What stands between the name of a measure and its number: "身高大概是170".
_BETWEEN = r"(?:大概|大约|差不多|只有|也就|刚好|的话|不到|[是有在才快约:,=]){0,2}\s?"

_HEIGHT = re.compile(
    r"(?<![\d.xX×*])(?:"
    rf"(?P<metres>[12一二两])\s?[米mM]\s?(?P<rest>\d{{1,2}}|[{_CN}]{{1,2}})(?!\d)"  # 1米75, 1m8, 一米七五
    r"|(?P<decimal>[012][.。]\d{1,2})\s?(?:米|m(?![la])|M)"  # 1.75米
    rf"|(?P<plain>\d{{2,3}}(?:\.\d)?)(?:{_TO}(?P<upto>\d{{2,3}}(?:\.\d)?))?\s?(?:[cC][mM]|㎝|厘米|公分)"  # 175cm
    rf"|(?P<spoken>{_CN_HUNDREDS})(?:厘米|公分)"
    r")"
)
_HEIGHT_NAMED = re.compile(
    rf"(?:身高|个子|个头|净高|身长|(?<![最提增新多拔超加])高){_BETWEEN}"
    r"(?:(?P<decimal>[01]\.\d{1,2})"
    rf"|(?P<plain>\d{{2,3}}(?:\.\d)?)(?:{_TO}(?P<upto>\d{{2,3}}(?:\.\d)?))?"
    rf"|(?P<digits>一[{_CN}]{{2}})|(?P<spoken>{_CN_HUNDREDS}))"
    rf"(?![\d.{_CN}十百]|\s?(?:斤|公斤|[kK][gG]|元|块|天|%))"
)
_HEIGHT_BEFORE_NAME = re.compile(r"(?<![\d.米mM])(?P<plain>\d{2,3}(?:\.\d)?)的?(?:身高|个子|个头|高)")
_NAME_OF_HEIGHT = re.compile(r"身高|个子|个头|身长|高")
# Lengths that are no height: before them "裤长", "腰围"; behind them "…的数据线", "…长".
_MEASURED_PART = re.compile(r"(?:围|(?<!身)长|宽|深|厚|径|肩|腰|胸|臀|脚|腿|袖|腕|口)\s?[是约有:]?\s?$")
_MEASURED_THING = re.compile(r"\s?的?(?:床|线|数据线|充电线|延长线|绳|布|桌|柜|水管|长(?!得|的)|宽|厚)")

_UNIT = r"(?P<unit>[kK][gG]|㎏|公斤|千克|市斤|斤|k(?![a-z\d]))"
_WEIGHT = re.compile(
    rf"(?<![\d.])(?P<number>\d{{1,3}}(?:\.\d{{1,2}})?)(?:{_TO}(?P<upto>\d{{1,3}}(?:\.\d{{1,2}})?))?"
    rf"\s?{_ABOUT}\s?{_UNIT}(?!重的|装)"
    rf"|(?P<spoken>{_CN_HUNDREDS}|[{_CN}]?十[{_CN}]?|[{_CN}]){_ABOUT}(?P<spoken_unit>公斤|千克|斤)(?!重的|装)"
)
_WEIGHT_NAMED = re.compile(
    rf"(?P<name>体重|(?<![承载负毛不沉很太多])重){_BETWEEN}"
    rf"(?:(?P<number>\d{{1,3}}(?:\.\d{{1,2}})?)(?:{_TO}(?P<upto>\d{{1,3}}(?:\.\d{{1,2}})?))?"
    rf"|(?P<spoken>{_CN_HUNDREDS}|[{_CN}]十[{_CN}]?))"
    rf"(?![\d.{_CN}十百]|\s?{_ABOUT}(?:[cC][mM]|元|块|天|%|[kK][gG]|㎏|公斤|千克|市斤|斤))"
)
_WEIGHT_BEFORE_NAME = re.compile(r"(?<![\d.])(?P<number>\d{1,3}(?:\.\d{1,2})?)的体重")
# Where one of these is spoken of, kilograms and 斤 are the goods', unless a height stands beside them.
_GOODS = re.compile(
    r"装|多少钱|价|元|块|包邮|邮费|运费|承重|负重|载重|毛重|净含量|规格|一斤|每斤|(?<!\d)几斤"
    r"|大米|小米|香米|面粉|油|牛肉|猪肉|虾|蛋|苹果|橙|水果|坚果|茶|馄饨|一[箱袋桶]|洗衣机|哑铃"
    r"|称了|斤的(?:多少|太多|东西|又)|(?:买|拍的是|收到的?是)[二两三四五六七八九十\d]{1,3}斤"
)
_NOT_A_BODY = r"\s?(?:[\d.]|cm|CM|㎝|厘米|mm|元|块|减|[gG](?![a-z])|ml|ML|[个片件包张只页支袋箱瓶盒天号码折岁月寸尺%])"
_PAIR = re.compile(
    r"(?<![\d.满券减/-])(?P<height>1\d{2}|20\d|[6-9]\d|1\.\d{2})(?:cm|CM)?"
    rf"{_ABOUT}(?P<between>\s?[,/、 \-+高]\s?)(?:体?重)?(?P<weight>\d{{2,3}}(?:\.\d)?)(?![-/]|{_NOT_A_BODY})"
)
_BARE_HEIGHT = re.compile(
    rf"(?<![\d.满减])(?:(?P<plain>1\d{{2}}|20\d|[5-9]\d)|(?P<decimal>1\.\d{{1,2}})|(?P<digits>一[{_CN}]{{2}}))"
    r"(?:左右|上下|[多几的高,/、;:+* -]){0,3}$"
)
_BARE_HEIGHT_BEHIND = re.compile(rf"[,/、 ]{{1,2}}(?P<plain>1[3-9]\d|20\d)(?!斤|公斤|[kK][gG]|{_NOT_A_BODY})")
_BARE_WEIGHT = re.compile(
    rf"(?:左右|上下|[多几])?[,/、 的高+]{{1,2}}(?:体?重)?"
    rf"(?:(?P<number>\d{{2,3}}(?:\.\d)?)(?!{_NOT_A_BODY})|(?P<spoken>{_CN_HUNDREDS})(?![斤公千元块个件]))"
)

_ORDER_NO = re.compile(r"(?<!\d)(?:\d{15,20}|\d{4}(?:[ -]\d{4}){3}(?:[ -]?\d{1,4})?)(?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?(?P<phone>1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?!\d)")
_TAIL = re.compile(
    r"(?:尾号|[后末]四位|后4位|尾数|手机号?|电话)(?:是|为|:)?\s?(?P<tail>\d{4})"
    # "尾号2345那单" names an order.
    r"(?!\d|的?[那这]?(?:单|笔|个?订单))"
)
_TAIL_BEHIND_ORDER = re.compile(r"[ ,;、/]{1,3}(?P<tail>\d{4})(?!\d)")

_BODY_TYPE = re.compile(r"(?<!\d)(?P<size>1[0-9]\d/\d{2,3}[ABCYabcy])(?![A-Za-z0-9])")  # 160/84A
_SIZE = re.compile(
    r"(?<![A-Za-z0-9])(?P<letters>(?:[2-6]\s?X|X{1,4})\s?L|XS|NB|S|M|L)(?![A-Za-z0-9])"
    r"|(?<![\d.])(?P<number>[2-9]\d(?:\.5)?|1\d[05])码"
    # A day of the month is no shoe.
    r"|(?<![\d.月])(?P<mark>3[2-9]|[4-9]\d|1\d0)号"
    r"|(?P<spoken>[三四]十[一二三四五六七八九]?)[码号]"  # 四十二码
    r"|(?:鞋码|尺码|码数)(?:是|:)?\s?(?P<named>\d{2}(?:\.5)?)(?![\d.])",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"(?P<back>倒数)?第\s?(?P<which>十[一二三四五六七八九]?|[一二三四五六七八九]|\d{1,2})(?![\d十一二三四五六七八九])"
    r"(?:个|单|笔|件|条|款|项)?(?!半价|件半价|[天次周年期代页名步]|时间)"
    r"|(?P<last>(?:最后|最下面)[的那一]{0,2}[个单笔])"
    r"|(?:最上面|最前面)[的那一]{0,2}[个单笔]|(?:最近|最新|刚(?:买|下|拍))的?[那这一]?[单笔]"
)
_LONE_NUMBER = re.compile(
    r"^\D{0,4}?(?<![A-Za-z双满])(?:"
    r"(?P<number>\d{1,14}(?:\.\d{1,2})?)"
    r"(?!\s?(?:元|块|毛|折|天|日|月|年|岁|点|小时|分钟|ml|mAh|g(?![a-z])|w(?![a-z])|L|寸|尺|%|度|后|斤|公斤|千克|kg|cm|厘米|公分)|个?月|减)"
    rf"|(?P<spoken>{_CN_HUNDREDS})"
    r")\D{0,4}$",
    re.IGNORECASE,
)

# Below these it is a foot or a bag of fruit; what is too much for a body is asked again by the form.
_LEAST_HEIGHT_CM = 40
_LEAST_WEIGHT_KG = 2
_CHILD_BELOW_CM = 140


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
    usual = 16 if height_cm < _CHILD_BELOW_CM else 22

    def oddness(kilograms: Decimal) -> float:
        return abs(math.log(max(_mass_index(kilograms, height_cm), 0.1) / usual))

    return min((number, number / 2), key=oddness)


def read_measures(text: str) -> list[Found]:
    """Finds every measurement and number that a shop assistant would note down.

    Args:
        text: A message in normal form.

    Returns:
        What was found, from left to right; of two that overlap, the first kind in the order identifiers, chest, waist,
        foot and age, height, weight, size, ordinal, money and pieces, day, lone number is kept.
    """
    taken = bytearray(len(text))
    kept: list[Found] = []

    def keep(found: list[Found]) -> None:
        for item in found:
            if not any(taken[item.start : item.end]):
                taken[item.start : item.end] = b"\1" * (item.end - item.start)
                kept.append(item)

    keep(_identifiers(text))
    keep([Found("size", *match.span(), match["size"].upper()) for match in _BODY_TYPE.finditer(text)])

    def left() -> str:
        return "".join("·" if mark else character for character, mark in zip(text, taken, strict=True))

    # The digits of an order number or of 160/84A are no body, those of a waist no weight.
    keep(read_body_parts(left()))
    keep(_body(left()))
    keep(_sizes(text))
    keep(_ordinals(text))
    keep(read_amounts(text))
    keep(read_days(text))
    keep(_lone_number(text))
    return sorted(kept, key=lambda item: item.start)


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _mass_index(kilograms: Decimal, height_cm: Decimal) -> float:
    return float(kilograms) / (float(height_cm) / 100) ** 2


def _ordinary_body(kilograms: Decimal, height_cm: Decimal) -> bool:
    """Whether two bare numbers can be a person at all; "满100减20" and "90 60 90" cannot."""
    low, high = (11, 23) if height_cm < _CHILD_BELOW_CM else (13, 50)
    return low <= _mass_index(kilograms, height_cm) <= high


def _middle(low: str, high: str | None) -> Decimal:
    return (Decimal(low) + Decimal(high)) / 2 if high else Decimal(low)


def _spoken(text: str) -> Decimal | None:
    number = chinese_number(text)
    return None if number is None else Decimal(number)


def _height_of(match: re.Match[str]) -> Decimal | None:
    """The centimetres of any of the patterns of a height."""
    groups = match.groupdict()
    if groups.get("metres"):
        metres, rest = groups["metres"], groups["rest"]
        digits = "".join(str(_DIGITS.get(character, character)) for character in rest)
        return Decimal(_DIGITS.get(metres) or metres) * 100 + Decimal(digits.ljust(2, "0"))
    if groups.get("decimal"):
        return Decimal(groups["decimal"].replace("。", ".")) * 100
    if groups.get("digits"):
        return Decimal("".join(str(_DIGITS[character]) for character in groups["digits"]))
    if groups.get("spoken"):
        return _spoken(groups["spoken"])
    return _middle(groups["plain"], groups.get("upto"))


def _height(match: re.Match[str], group: str | int = 0) -> list[Found]:
    value = _height_of(match)
    if value is None or value < _LEAST_HEIGHT_CM:
        return []
    return [Found("height", *match.span(group), _plain(value))]


def _weight(span: tuple[int, int], kilograms: Decimal) -> list[Found]:
    return [Found("weight", *span, _plain(kilograms))] if kilograms >= _LEAST_WEIGHT_KG else []


def _heights(text: str) -> list[Found]:
    found: list[Found] = []
    for match in _HEIGHT.finditer(text):
        thing = _MEASURED_THING.match(text, match.end())
        if not thing and not _MEASURED_PART.search(text, max(0, match.start() - 4), match.start()):
            found += _height(match)
    pattern = _HEIGHT_BEFORE_NAME if _numbers_come_first(text) else _HEIGHT_NAMED
    for match in pattern.finditer(text):
        found += _height(match)
    return found


def _numbers_come_first(text: str) -> bool:
    """Whether the first name of a measure tells that this customer writes "165高 110重", not "身高165"."""
    name = _NAME_OF_HEIGHT.search(text)
    if name is None:
        return False
    before = text[max(0, name.start() - 12) : name.start()]
    return bool(re.search(r"\d的?$", before)) and not re.search(r"重\D{0,3}[\d.]{1,5}的?$", before)


def _weights(text: str, heights: list[Found]) -> list[Found]:
    height = Decimal(heights[0].value) if heights else None
    found: list[Found] = []
    for match in _WEIGHT.finditer(text):
        number = _middle(match["number"], match["upto"]) if match["number"] else _spoken(match["spoken"])
        unit = match["unit"] or match["spoken_unit"]
        if number is not None and (unit != "k" or heights):
            found += _weight(match.span(), number / 2 if unit.endswith("斤") and unit != "公斤" else number)
    if not heights and _GOODS.search(text):
        found = []
    for match in _WEIGHT_NAMED.finditer(text):
        number = _middle(match["number"], match["upto"]) if match["number"] else _spoken(match["spoken"])
        # "重96" alone may be anything's weight; beside a height it is the customer's.
        if number is not None and (match["name"] == "体重" or heights):
            found += _weight(match.span(), weight_in_kg(number, height))
    for match in _WEIGHT_BEFORE_NAME.finditer(text):
        # "身高170的体重130": the number in between is the height's.
        of_height = re.search(r"高\D{0,3}$", text[max(0, match.start() - 4) : match.start()])
        if not of_height or _numbers_come_first(text):
            found += _weight(match.span(), weight_in_kg(Decimal(match["number"]), height))
    return _without_overlaps(found)


def _without_overlaps(found: list[Found]) -> list[Found]:
    kept: list[Found] = []
    for item in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or item.start >= kept[-1].end:
            kept.append(item)
    return kept


def _body(text: str) -> list[Found]:
    """Heights and weights; a number without a unit counts beside one that has it, or as a likely pair."""
    heights = _without_overlaps(_heights(text))
    weights = _weights(text, heights)
    if not heights and not weights:
        return [item for match in _PAIR.finditer(text) for item in _pair(match)]
    found = heights + weights
    if weights:
        found += _bare_heights(text, heights, weights)
    else:
        for height in heights:
            found += _bare_weight(text, height)
    return found


def _pair(match: re.Match[str]) -> list[Found]:
    height = Decimal(match["height"]) * (100 if "." in match["height"] else 1)
    bare = Decimal(match["weight"])
    if "-" in match["between"] and (height < _CHILD_BELOW_CM or 0 <= bare - height <= 20):
        return []  # "100-20" is a coupon, "170-180" a range of sizes.
    kilograms = weight_in_kg(bare, height)
    if not _ordinary_body(kilograms, height):
        return []
    return [Found("height", *match.span("height"), _plain(height)), *_weight(match.span("weight"), kilograms)]


def _bare_heights(text: str, heights: list[Found], weights: list[Found]) -> Iterator[Found]:
    """The number before each weight that has no height of its own ("163 50kg, 178 75kg"), or the one behind it."""
    since = 0
    missing = not heights
    waiting = iter(heights)
    height = next(waiting, None)
    for weight in weights:
        of_its_own = False
        while height is not None and height.start < weight.start:
            of_its_own, height = True, next(waiting, None)
        match = None if of_its_own else _BARE_HEIGHT.search(text, max(since, weight.start - 16), weight.start)
        for item in _height(match, match.lastgroup or 0) if match else []:
            missing = False
            yield item
        since = weight.end
    behind = _BARE_HEIGHT_BEHIND.match(text, weights[-1].end) if missing else None
    if behind:
        yield from _height(behind, "plain")


def _bare_weight(text: str, height: Found) -> list[Found]:
    match = _BARE_WEIGHT.match(text, height.end)
    if match is None:
        return []
    number = Decimal(match["number"]) if match["number"] else _spoken(match["spoken"])
    if number is None:
        return []
    kilograms = weight_in_kg(number, Decimal(height.value))
    if not _ordinary_body(kilograms, Decimal(height.value)):
        return []
    return _weight(match.span("number" if match["number"] else "spoken"), kilograms)


def _identifiers(text: str) -> list[Found]:
    found: list[Found] = []
    for match in _ORDER_NO.finditer(text):
        found.append(Found("order_no", *match.span(), re.sub(r"\D", "", match[0])))
        tail = _TAIL_BEHIND_ORDER.match(text, match.end())
        if tail:
            found.append(Found("phone", *tail.span("tail"), tail["tail"]))
    found += [Found("phone", *match.span(), re.sub(r"\D", "", match["phone"])) for match in _PHONE.finditer(text)]
    found += [Found("phone", *match.span("tail"), match["tail"]) for match in _TAIL.finditer(text)]
    return found


def _sizes(text: str) -> list[Found]:
    found = []
    for match in _SIZE.finditer(text):
        if match["spoken"]:
            found.append(Found("size", *match.span(), str(_spoken(match["spoken"]))))
            continue
        size = "".join(str(match[match.lastgroup or 0]).upper().split())
        doubled = re.fullmatch(r"(X{2,4})L", size)
        found.append(Found("size", *match.span(), f"{len(doubled[1])}XL" if doubled else size))
    return found


def _ordinals(text: str) -> list[Found]:
    found = []
    for match in _ORDINAL.finditer(text):
        which = match["which"]
        position = (int(which) if which.isdigit() else chinese_number(which)) if which else 1
        if position:
            backwards = match["back"] or match["last"]
            found.append(Found("ordinal", *match.span(), str(-position if backwards else position)))
    return found


def _lone_number(text: str) -> list[Found]:
    match = _LONE_NUMBER.match(text)
    if match is None:
        return []
    if match["number"] is None:
        return [Found("number", *match.span("spoken"), str(chinese_number(match["spoken"])))]
    if _GOODS.search(text) or _MEASURED_PART.search(text, 0, match.start("number")):
        return []
    return [Found("number", *match.span("number"), match["number"])]
