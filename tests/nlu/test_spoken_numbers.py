from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.nlu.spoken_numbers import chinese_number

DIGITS = "零一二三四五六七八九"


def spoken(number: int) -> str:
    """Says a number from 1 in full, as in 一万零三百零五."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        return f"{spoken(high)}万{'零' if 0 < low < 1000 else ''}{spoken(low) if low else ''}"
    words = ""
    for unit, worth in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit, number = divmod(number, worth)
        if digit:
            words += DIGITS[digit] + unit
        elif words and number and not words.endswith("零"):
            words += "零"
    return words


@given(st.integers(1, 99_999_999))
def test_what_is_said_is_read(number: int) -> None:
    assert chinese_number(spoken(number)) == number


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([("百", 100), ("千", 1000), ("万", 10_000)]))
def test_a_lone_digit_behind_a_unit_counts_the_next_lower_one(high: int, low: int, unit: tuple[str, int]) -> None:
    name, worth = unit
    assert chinese_number(f"{DIGITS[high]}{name}{DIGITS[low]}") == high * worth + low * worth // 10
    assert chinese_number(f"{DIGITS[high]}{name}零{DIGITS[low]}") == high * worth + low


@pytest.mark.parametrize(
    ("text", "number"), [("十二", 12), ("百八", 180), ("两", 2), ("两千", 2000), ("一万二", 12_000)]
)
def test_short_forms(text: str, number: int) -> None:
    assert chinese_number(text) == number


@pytest.mark.parametrize("text", ["", "万", "二三", "一百二千", "十十", "零零万", "钱", "三万三百二千"])
def test_no_number(text: str) -> None:
    assert chinese_number(text) is None


@given(st.text("零〇一二两三四五六七八九十百千万x", max_size=10))
def test_nothing_raises(text: str) -> None:
    number = chinese_number(text)
    assert number is None or 0 <= number < 100_000_000
