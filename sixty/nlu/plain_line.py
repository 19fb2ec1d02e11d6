"""A message as the classifier reads it: without what was pasted, in one spelling."""

from __future__ import annotations

import re
import unicodedata

_SHORTEST_SPOKEN = 4
_EDGE = " ,，.。;；:：、~～"
_CARD_VALUE = r"[:：]?\s*\[?[\w.:\-]{1,40}\]?"
_PASTED = re.compile(
    rf"\[?(?:咨询)?订单(?:编号|号){_CARD_VALUE}"
    rf"(?:[,， ]*订单金额{_CARD_VALUE})?(?:[,， ]*下单时间{_CARD_VALUE}(?:\s*\[?[\w:\-]{{1,20}}\])?)?\]?"
    r"|https?://[^\s\u4e00-\u9fff]{1,2000}|\[ORDERID_\w{1,40}\]|(?<!\d)\d{12,20}(?!\d)",
    re.IGNORECASE,
)


def spoken_part(text: str) -> str:
    """What the customer said around a pasted order card, link or long number; everything when that is next to nothing.

    An order card in front of a question outweighs the question's few n-grams by far.
    """
    rest = _PASTED.sub(" ", text).strip(_EDGE)
    return rest if len(rest) >= _SHORTEST_SPOKEN else text.strip(_EDGE) or text


def plain_line(text: str) -> str:
    """Lower case without blanks, with every run of digits as one sign: what n-grams are taken from."""
    line: list[str] = []
    for character in unicodedata.normalize("NFKC", spoken_part(text)).lower():
        if character.isspace():
            continue
        if character.isdigit():
            if line and line[-1] == "0":
                continue
            character = "0"
        line.append(character)
    return "".join(line)


def bounded(line: str) -> str:
    """The line with its beginning and end marked: where a word stands says much in lines of a few characters."""
    return f"^{line}$"
