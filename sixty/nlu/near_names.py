"""When something that is almost a name is meant to be that name.

A slip of the keyboard is forgiven; another word is not: "男士工装裤" is no slip of "女士工装裤", nor X6 of X5.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import jieba

from sixty.nlu.sounds import sound_alike

SHORTEST_SOUNDED = 3
SHORTEST_MISSPELLED = 5
LONGEST_MISSPELLED = 20
_SHORTEST_REPLACED = 6
_SHORTEST_CURTAILED = 7

# What these say is never said by mistake, and never left out.
_COUNTS_AND_NEGATIONS = frozenset("零〇一二两三四五六七八九十百千万半双单不无非没未免")
# One of these in place of another, or added, is another variant.
_CONTRASTS = frozenset(
    "男女老少童婴大小长短高低宽窄厚薄轻重深浅粗细软硬新旧前后左右上下内外里春夏秋冬冷热干湿甜咸辣早晚黑白红黄蓝绿紫灰粉棕橙金银"
)
# These stand beside a name far more often than by mistake in it: "手机可以" is no 手机壳.
_FUNCTION_WORDS = frozenset("可的了吗是在不和有也就都会能要我你他她它这那个吧呢啊呀还没来去到给跟把被让说看得请")
_COMMON = 5  # how often jieba's corpus must hold a word that everybody knows

Way = Literal["left out", "added", "swapped", "replaced"]


class Slip(NamedTuple):
    """The one difference between a name and what was written.

    Attributes:
        way: What happened to the name.
        at: Where in what was written (left out: where it is missing).
        meant: The character of the name, empty when one was added.
        written: The character instead, empty when one was left out.
    """

    way: Way
    at: int
    meant: str
    written: str


def one_slip(name: str, written: str) -> Slip | None:
    """The single left out, added, replaced or swapped character between two texts; None when it takes more or none."""
    if name == written or abs(len(name) - len(written)) > 1:
        return None
    start = 0
    while start < min(len(name), len(written)) and name[start] == written[start]:
        start += 1
    end = 0
    while end < min(len(name), len(written)) - start and name[-1 - end] == written[-1 - end]:
        end += 1
    meant, instead = name[start : len(name) - end], written[start : len(written) - end]
    if len(meant) == len(instead) == 2 and meant == instead[::-1]:
        return Slip("swapped", start, meant, instead)
    if len(meant) > 1 or len(instead) > 1:
        return None
    if not instead:
        return Slip("left out", start, meant, "")
    return Slip("replaced" if meant else "added", start, meant, instead)


def is_meant_by_spelling(name: str, written: str) -> bool:
    """Whether what was written is the name with one slip that changes no meaning.

    Args:
        name: A folded name.
        written: Folded text about as long.

    Returns:
        True for a slip; False for no or more differences, and where the difference may be meant.
    """
    slip = one_slip(name, written)
    if slip is None or not SHORTEST_MISSPELLED <= len(name) <= LONGEST_MISSPELLED:
        return False
    if not all(_is_chinese(character) for character in slip.meant + slip.written):
        return False
    if _COUNTS_AND_NEGATIONS & {*slip.meant, *slip.written} and slip.way != "swapped":
        return False
    if slip.way == "swapped":
        return True
    if slip.way == "left out":
        # Without its last character a short name is no longer that thing (宝宝沐浴露).
        return 0 < slip.at < len(written) or len(name) >= _SHORTEST_CURTAILED
    if slip.way == "added":
        return 0 < slip.at < len(written) - 1 and slip.written not in _CONTRASTS
    if slip.written in _FUNCTION_WORDS:
        return False
    if sound_alike(slip.meant, slip.written):
        return True
    return (
        len(name) >= _SHORTEST_REPLACED
        and not {slip.meant, slip.written} & _CONTRASTS
        and not _makes_a_word(written, slip.at)
    )


def is_meant_by_sound(name: str, written: str) -> bool:
    """Whether something that sounds like a name is it: at least half of it must be written alike, of three two."""
    if len(name) != len(written) or len(name) < SHORTEST_SOUNDED or name == written:
        return False
    slips = [other for one, other in zip(name, written, strict=True) if one != other]
    return len(slips) * 2 <= len(name) and not _FUNCTION_WORDS & {*slips}


def is_shortened(name: str, written: str) -> bool:
    """Whether what was written is the name with something left out."""
    rest = iter(name)
    return len(written) < len(name) and all(character in rest for character in written)


def _is_chinese(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


def _makes_a_word(written: str, at: int) -> bool:
    """Whether a character is part of an ordinary word there: then somebody chose it."""
    words = _ordinary_words()
    return written[at - 1 : at + 1] in words or written[at : at + 2] in words if at else written[:2] in words


@lru_cache(maxsize=1)
def _ordinary_words() -> frozenset[str]:
    """Words of two characters from jieba's dictionary."""
    lines = (Path(jieba.__file__).parent / "dict.txt").read_text(encoding="utf-8").splitlines()
    found = (line.split(" ", 2) for line in lines)
    return frozenset(word for word, count, _ in found if len(word) == 2 and int(count) >= _COMMON)


def warm_up() -> None:
    """Loads now what would otherwise be loaded for the first message with a slip in it."""
    sound_alike("库", "裤")
    _ordinary_words()
