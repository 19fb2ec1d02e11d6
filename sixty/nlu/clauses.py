"""The clauses of a chat line: what stands between punctuation marks, blanks and "by the way"."""

from __future__ import annotations

import re

_BOUNDARY = re.compile(
    r"[,。!?;…~、\n]+"
    r"|(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])"  # customers write blanks for commas
    r"|(?:还有就是|另外|顺便|再问一下|还有)(?=.{3})"
)
_SHORTEST = 3


def clauses(text: str) -> list[str]:
    """Splits a line in normal form into clauses that may each hold a question.

    Args:
        text: A message in normal form.

    Returns:
        Clauses of at least three characters, from left to right; shorter ones (亲, 你好) are left out.
    """
    parts = (part.strip() for part in _BOUNDARY.split(text))
    return [part for part in parts if len(part) >= _SHORTEST]
