"""Where a chat line may be cut into two questions ("发什么快递，能开发票吗")."""

from __future__ import annotations

import re
from typing import NamedTuple

# "By the way": what follows is another question.
_LINK = r"还有就是|还有|另外|顺便|再问|然后|以及|对了"
_CLEAR = re.compile(
    r"[,。!?;…~、\n]+"
    r"|(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])"  # customers write blanks for commas
    rf"|(?={_LINK})"
)
# Many write no mark at all; then a question word's end is the only sign.
_FAINT = re.compile(r"(?:(?<=[吗呢呀吧嘛])|(?<=[^什怎这那多要]么))(?=..)")
_LEAD = re.compile(rf"(?:{_LINK}|问下|问一下|那|和|呢|[\s,、])+")
_EDGE = " ,。!?;…~、\n"
_SHORTEST = 2
# A line of more parts is a story, not two questions; reading it stays cheap.
_MOST_CUTS = 12


class Clause(NamedTuple):
    """A part of a line and where it stands in it."""

    text: str
    start: int
    end: int


class Halves(NamedTuple):
    """A line cut in two.

    Attributes:
        left: What comes first.
        right: What follows, without "还有" and the like.
        clear: Whether a mark, a blank or a word of addition stands between them.
    """

    left: Clause
    right: Clause
    clear: bool


def _clause(text: str, start: int, end: int) -> Clause:
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    return Clause(text[start:end], start, end)


def halves(text: str) -> list[Halves]:
    """All ways to cut a line in two where a question may end.

    Args:
        text: A message in normal form.

    Returns:
        From left to right; none when the line is of one piece, or of so many that it is a story. Both halves have at
        least two characters.
    """
    clear = {found.start(): found.end() for found in _CLEAR.finditer(text)}
    faint = {found.start(): found.end() for found in _FAINT.finditer(text) if found.start() not in clear}
    if len(clear) + len(faint) > _MOST_CUTS:
        return []
    found = []
    for end, begin in sorted({**clear, **faint}.items()):
        left = _clause(text, 0, end)
        lead = _LEAD.match(text, begin)
        right = _clause(text, lead.end() if lead else begin, len(text))
        if len(right.text) < _SHORTEST:
            right = _clause(text, begin, len(text))
        if min(len(left.text), len(right.text)) >= _SHORTEST:
            found.append(Halves(left, right, end in clear))
    return found
