"""Sums of money and numbers of pieces in what customers write.

Pure functions on normal-form text; every pattern is bounded, so reading is linear in the length of a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from sixty.nlu.found import Found
from sixty.nlu.spoken_numbers import DIGITS, chinese_number

_SPOKEN = r"[零〇一二两三四五六七八九十百千万]{1,9}"
_TO = r"\s?[-~到至]\s?"
_ABOUT = r"(?:多|来|几|出头)?"
_COUNTER = (
    r"(?:件|条|双|个|箱|打(?![不开折电进算包通字印])|套|盒|瓶|袋|包|只|支|台|部|份|本|顶|副|对(?![不吗吧的么呢])|罐|桶|张|卷|把|枚"
    r"|提|组|杯|块|片|串|盆|身)"
)
_YUAN = r"(?:元|块钱|块|人民币|rmb|yuan|r(?![a-z]))"
_MONEY = re.compile(
    rf"(?<![\d.A-Za-z])(?:¥|rmb)\s?(?P<marked>\d{{1,8}}(?:\.\d{{1,2}})?)(?![\d.]*\d)(?:\s?{_YUAN})?"  # ¥99.9
    r"|(?<![\d.])(?P<whole>\d{1,7})块(?P<jiao>\d)(?:毛|角)?(?![\d.个件片])"  # 9块9
    rf"|(?<![\d.])(?P<low>\d{{1,7}}(?:\.\d{{1,2}})?){_TO}(?=\d{{1,8}}(?:\.\d{{1,2}})?\s?{_YUAN})"  # 100-200元
    rf"|(?<![\d.])(?P<number>\d{{1,8}}(?:\.\d{{1,2}})?)(?P<scale>万|[kKwW](?![A-Za-z]))?{_ABOUT}\s?{_YUAN}"
    r"|(?<![\d.])(?P<coins>\d)\s?(?:毛钱?|角钱)"
    rf"|(?<![几数])(?P<spoken>{_SPOKEN}){_ABOUT}(?P<unit>元|块钱|块)(?P<change>[一二三四五六七八九](?!{_COUNTER}|[斤米位次年月天人]))?",
    re.IGNORECASE,
)
# "少五块", "八块吧": money; "五块香皂": pieces.
_PAID = re.compile(r"(?:少|减|便宜|贵|差|退|收|加|补|让|省|多|赔|返|要我)(?:我|了|个)?\s?$")
_ENDS = re.compile(r"\s*(?:$|[,。!?;…~吧呢吗了呀啊的行就都能可以])")
# 满300减50, 满三百减五十
_COUPON = re.compile(rf"满(?P<from>\d{{1,6}}|{_SPOKEN})(?:元|块)?[减送返](?P<off>\d{{1,6}}|{_SPOKEN})")
_SCALES = {"万": 10_000, "w": 10_000, "k": 1_000}
_JIAO = Decimal("0.1")

_PIECES = re.compile(
    r"(?<![\d.第前后每同几这那另上下某各:/xX×*-])"
    rf"(?:(?P<number>\d{{1,4}})|(?P<half>半)(?=打)|(?P<spoken>{_SPOKEN}))\s?(?P<counter>{_COUNTER})"
    r"(?!(?<=三包)(?:服务|政策|法|规|期|等|范围|凭))(?!以上|以下|[月钟码号人问地快评颜款尺颗字星礼小工季会代装起折半点])"
    r"|(?P<together>[俩仨])"
    r"|(?<=[\u4e00-\u9fff])\s?[xX×*]\s?(?P<times>[1-9]\d{0,2})(?![\d.A-Za-z])"  # 工装裤x2
)
# "换一个", "有一个问题", "等一下": one of something is a number of pieces only where it is bought or sent.
_BOUGHT = re.compile(r"(?:买|拍|要|订|定|来|拿|下单|加|发|收到|少|多|漏|差|缺|就|只|共|给我)(?:了|到|发)?我?了?\s?$")
_ALONE = re.compile(r"[\s。.!,呀啊吧哦哈的就行]*$")
_DOZEN = 12


def read_amounts(text: str) -> list[Found]:
    """Finds sums of money and numbers of pieces.

    Args:
        text: A message in normal form.

    Returns:
        `money` in yuan and `quantity` in pieces (pairs, boxes – whatever is counted; a dozen is twelve), from left to
        right and without overlaps.
    """
    money = list(_money(text))
    taken = bytearray(len(text))
    for item in money:
        taken[item.start : item.end] = b"\1" * (item.end - item.start)
    pieces = [item for item in _pieces(text) if not any(taken[item.start : item.end])]
    return sorted(money + pieces, key=lambda item: item.start)


def _money(text: str) -> Iterator[Found]:
    coupons = [
        Found("money", *match.span(group), str(value))
        for match in _COUPON.finditer(text)
        for group in ("from", "off")
        if (value := _count(match[group])) is not None
    ]
    for match in _MONEY.finditer(text):
        amount = _yuan(match)
        if amount is None:
            continue
        span = match.span("low") if match["low"] else match.span()
        if not any(item.start < span[1] and span[0] < item.end for item in coupons):
            yield Found("money", *span, _plain(amount))
    yield from coupons


def _yuan(match: re.Match[str]) -> Decimal | None:
    for group in ("marked", "low"):
        if match[group]:
            return Decimal(match[group])
    if match["whole"]:
        return Decimal(match["whole"]) + Decimal(match["jiao"]) * _JIAO
    if match["number"]:
        return Decimal(match["number"]) * _SCALES.get((match["scale"] or "").lower(), 1)
    if match["coins"]:
        return Decimal(match["coins"]) * _JIAO
    whole = chinese_number(match["spoken"])
    # "两块面包" are pieces, "一块发货" is together; "两块钱", "两块五" and "三百块" are money.
    if whole is None or (match["unit"] == "块" and whole < 10 and not match["change"] and not _is_paid(match)):
        return None
    return whole + DIGITS[match["change"]] * _JIAO if match["change"] else Decimal(whole)


def _is_paid(match: re.Match[str]) -> bool:
    before = _PAID.search(match.string, max(0, match.start() - 4), match.start())
    return bool(before and _ENDS.match(match.string, match.end()))


def _pieces(text: str) -> Iterator[Found]:
    for match in _PIECES.finditer(text):
        if match["together"]:
            yield Found("quantity", *match.span(), str("一二俩仨".index(match["together"])))
            continue
        if match["times"]:
            yield Found("quantity", *match.span("times"), match["times"])
            continue
        if match["half"]:
            yield Found("quantity", *match.span(), str(_DOZEN // 2))
            continue
        count = _count(match["number"] or match["spoken"])
        if not count:
            continue
        is_bought = _BOUGHT.search(text, max(0, match.start() - 6), match.start())
        alone = not text[: match.start()].strip() and _ALONE.match(text, match.end())
        if match["spoken"] == "一" and not is_bought and not alone and match["counter"] not in "打箱":
            continue
        yield Found("quantity", *match.span(), str(count * _DOZEN if match["counter"] == "打" else count))


def _count(text: str) -> int | None:
    return int(text) if text.isdigit() else chinese_number(text)


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
