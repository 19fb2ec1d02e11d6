"""Numbers as they are spoken: 一百三十五, 一百三, 两千零五十, 一万二."""

from __future__ import annotations

DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = (("千", 1000), ("百", 100), ("十", 10))
_TEN_THOUSAND = 10_000


def chinese_number(text: str) -> int | None:
    """Reads a spoken number below a hundred million.

    Args:
        text: E.g. "一百三十五" (135), "一百三" (130), "百八" (180), "九十八" (98), "两万三" (23000).

    Returns:
        The number; None when it is none.
    """
    if "万" not in text:
        return _below_ten_thousand(text, 1)
    head, rest = text.split("万", 1)
    high = _below_ten_thousand(head, 1)
    low = _below_ten_thousand(rest, _TEN_THOUSAND) if rest.lstrip("零〇") else 0
    return None if not high or low is None else high * _TEN_THOUSAND + low


def _below_ten_thousand(text: str, above: int) -> int | None:
    """Reads what follows a unit worth `above`: a lone digit behind 百 counts tens, one behind 零 counts ones."""
    if not text:
        return None
    total, rest, before = 0, text, above
    for unit, worth in _UNITS:
        if before > 1:
            rest = rest.lstrip("零〇")
        if unit not in rest:
            continue
        head, rest = rest.split(unit, 1)
        if head and head not in DIGITS:
            return None
        total += DIGITS.get(head, 1) * worth
        before = worth
        if worth > 10 and len(rest) == 1 and DIGITS.get(rest):
            return total + DIGITS[rest] * worth // 10
    if not total and above > 1 and len(text) == 1:
        return DIGITS[text] * above // 10 if text in DIGITS else None
    if not rest:
        return total
    return total + DIGITS[rest] if rest in DIGITS else None
