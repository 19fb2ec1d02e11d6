"""Amounts as customers say them when they name a budget: `三百以内`, `两三百`, `100到200`, `五百左右`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_DIGITS = {word: number for number, word in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}
_WORD = "零一二两俩三四五六七八九十百千万"
_NUMBER = rf"(?:\d+(?:\.\d{{1,2}})?[百千万kK]?|[{_WORD}]+)"
_YUAN = r"(?:块钱|元钱|块|元|rmb|RMB)?"
_NOT_MONEY = (
    r"(?!\s*(?:岁|斤|公斤|kg|cm|厘米|码|件|个|条|双|盒|包|瓶|月|天|号|毫升|升|瓦|度|人|克|GB|寸|英寸|折|片|支|本))"
)

# "两三百", "一两千": two neighbouring digits before one unit.
_NEIGHBOURS = re.compile(rf"([一两二三四五六七八])([两二三四五六七八九])([百千]){_YUAN}")
_OF_A_BODY = re.compile(r"(?:身高|体重|胸围|腰围|脚长)\s*\d")
_SPAN = re.compile(rf"({_NUMBER}){_YUAN}\s*(?:到|至|-|~|～|—)\s*({_NUMBER}){_YUAN}{_NOT_MONEY}")
_AT_MOST_BEFORE = re.compile(
    rf"(?:不超过|别超过|不要超过|低于|不高于|最多|顶多|至多|预算(?:是|就|只有)?|控制在)({_NUMBER})"
    rf"{_YUAN}(?:左右|上下)?{_NOT_MONEY}"
)
_AT_MOST_AFTER = re.compile(rf"({_NUMBER}){_YUAN}(?:以内|之内|以下|之下|内|封顶)")
_AT_LEAST = re.compile(
    rf"(?:({_NUMBER}){_YUAN}(?:以上|起步|往上)|(?:不低于|至少|起码|(?<!不)(?<!别)超过)({_NUMBER}){_YUAN}){_NOT_MONEY}"
)
_ABOUT = re.compile(
    rf"({_NUMBER}){_YUAN}(?:左右|上下|附近|出头|多块|来块|多(?!大|少|长|宽))|({_NUMBER})(?:块钱|块|元)(?!以|起)|([一二两三四五六七八九]?[百千])(?:把块|来块|多块)"
)
_HALF_AS_MUCH = (Decimal("0.7"), Decimal("1.3"))


@dataclass(frozen=True)
class Budget:
    """What may be spent, in yuan; None where there is no limit."""

    low: Decimal | None
    high: Decimal | None


def budget_in(text: str, *, is_answer: bool = False) -> Budget | None:
    """Reads the budget that a text names; None when it names none.

    Args:
        text: What the customer says.
        is_answer: Whether the budget was asked for, so that a bare number is one.
    """
    neighbours = _NEIGHBOURS.search(text)
    if neighbours is not None:
        first, second, unit = neighbours.groups()
        low, high = (Decimal(_DIGITS[digit] * _UNITS[unit]) for digit in (first, second))
        if low < high:
            return Budget(low, high)
    span = None if _OF_A_BODY.search(text) else _SPAN.search(text)
    if span is not None:
        ends = (amount_of(span.group(1)), amount_of(span.group(2)))
        if ends[0] is not None and ends[1] is not None and ends[0] <= ends[1]:
            return Budget(ends[0], ends[1])
    at_least = _first(_AT_LEAST, text)
    for pattern in (_AT_MOST_AFTER, _AT_MOST_BEFORE):
        at_most = _first(pattern, text)
        if at_most:
            return Budget(at_least if at_least and at_least <= at_most else None, at_most)
    if at_least:
        return Budget(at_least, None)
    about = _first(_ABOUT, text)
    if about is None and is_answer:
        bare = re.fullmatch(rf"\s*({_NUMBER})\s*", text.strip("吧。，, 的哦啊呢"))
        about = amount_of(bare.group(1)) if bare else None
    if about:
        low, high = ((about * share).quantize(Decimal(1), ROUND_HALF_UP) for share in _HALF_AS_MUCH)
        return Budget(low, high)
    return None


def _first(pattern: re.Pattern[str], text: str) -> Decimal | None:
    found = pattern.search(text)
    if found is None:
        return None
    return amount_of(next(group for group in found.groups() if group is not None))


def amount_of(text: str) -> Decimal | None:
    """Reads a number as customers write it: `300`, `3千`, `两百五`; None where it is none."""
    if text[0].isdigit():
        unit = {"百": 100, "千": 1_000, "万": 10_000, "k": 1_000, "K": 1_000}.get(text[-1])
        return Decimal(text[:-1]) * unit if unit else Decimal(text)
    total, section, digit = 0, 0, 0
    last_unit = 0
    for place, char in enumerate(text):
        if char in _DIGITS:
            digit = _DIGITS[char]
            # "两百五" is 250: a last digit counts for the next lower unit.
            if place == len(text) - 1 and last_unit > 10 and text[place - 1] != "零":
                section += digit * (last_unit // 10)
                digit = 0
        elif char == "万":
            total = (total + section + digit) * _UNITS[char]
            section = digit = 0
            last_unit = _UNITS[char]
        else:
            section += (digit or 1) * _UNITS[char]
            digit = 0
            last_unit = _UNITS[char]
    value = total + section + digit
    return Decimal(value) if value else None
