"""How characters sound, near enough for what an input method by pinyin gets wrong."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from pypinyin.pinyin_dict import pinyin_dict

_PLANE = 0x10000
# A syllable's number must not be the number of a character that sounds like nothing but itself.
_SYLLABLES_FROM = 0x200000
# Flat and retroflex, front and back nasals: told apart by few southern speakers.
_ALIKE = ((re.compile(r"^([zcs])h"), r"\1"), (re.compile(r"([aei]n)g$"), r"\1"))


def _syllable(readings: str) -> str:
    """The first of "zhǎng,cháng" without tones, as it sounds to most ears."""
    marks = {"\u0300", "\u0301", "\u0304", "\u030c"}
    spelled = unicodedata.normalize("NFD", readings.split(",")[0])
    plain = "".join(character for character in spelled if character not in marks)
    for pattern, instead in _ALIKE:
        plain = pattern.sub(instead, plain)
    return plain


@lru_cache(maxsize=1)
def _table() -> npt.NDArray[np.uint32]:
    table = np.arange(_PLANE, dtype=np.uint32)
    numbers: dict[str, int] = {}
    for character, readings in pinyin_dict.items():
        if character < _PLANE and "\u3400" <= chr(character) <= "\u9fff":
            table[character] = _SYLLABLES_FROM + numbers.setdefault(_syllable(readings), len(numbers))
    return table


def sounds(characters: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """A number for how each character sounds; characters that are not Chinese sound like themselves."""
    table = _table()
    plain = characters < _PLANE
    return np.where(plain, table[np.where(plain, characters, 0)], characters)


def sound_alike(one: str, other: str) -> bool:
    """Whether two characters sound the same (库 and 裤)."""
    first, second = sounds(np.array([ord(one), ord(other)], dtype=np.uint32))
    return bool(first == second)
