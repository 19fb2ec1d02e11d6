"""The clauses of a chat line: what stands between punctuation marks, blanks and "by the way"."""

from __future__ import annotations

import re
from typing import NamedTuple

_BOUNDARY = re.compile(
    r"[,。!?;…~、\n]+"
    r"|(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])"  # customers write blanks for commas
    r"|(?:还有就是|另外|顺便|再问一下|还有)(?=.{3})"
)
_SHORTEST = 3


class Clause(NamedTuple):
    """A clause and where it stands in its line."""

    text: str
    start: int
    end: int


def clauses(text: str) -> list[Clause]:
    """Splits a line in normal form into clauses that may each hold a question.

    Args:
        text: A message in normal form.

    Returns:
        Clauses of at least three characters, from left to right; shorter ones (亲, 你好) are left out.
    """
    found = []
    begin = 0
    for start, end in [*(boundary.span() for boundary in _BOUNDARY.finditer(text)), (len(text), len(text))]:
        part = text[begin:start].strip()
        if len(part) >= _SHORTEST:
            position = text.index(part, begin)
            found.append(Clause(part, position, position + len(part)))
        begin = end
    return found
