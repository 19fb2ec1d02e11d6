"""How one cell is read and written.

A cell is read into what its column of the tables stores: amounts in fen, measures in tenths.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

Stored = str | int | None
Read = Callable[[str], Stored]
Write = Callable[[Any], str | Decimal | int]

# What a spreadsheet would take for a formula; the apostrophe says that it is text, as one types it there by hand.
_LIKE_A_FORMULA = ("=", "+", "-", "@", "'")
_LOST_DIGITS = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)
_AS_TEXT = re.compile(r'="([^"]*)"')
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_MOST = 2**31 - 1


class CellError(ValueError):
    """A cell that cannot be read: what is wrong with it, and what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def read_text(longest: int) -> Read:
    """Reads text of at most so many characters."""

    def read(cell: str) -> str | None:
        text = _unguarded(cell)
        if len(text) > longest:
            raise CellError(f"is longer than {longest} characters", "shorten it")
        if _CONTROL.search(text):
            raise CellError("holds a control character", "type it anew")
        return text or None

    return read


def read_code(longest: int) -> Read:
    """Reads a number that is a name: a 货号, an SKU."""
    text = read_text(longest)

    def read(cell: str) -> Stored:
        stripped = cell.strip()
        wrapped = _AS_TEXT.fullmatch(stripped)
        code = wrapped.group(1).strip() if wrapped else stripped
        if _LOST_DIGITS.fullmatch(code):
            raise CellError(
                "is a number that the spreadsheet has shortened", "format the column as text and export the file again"
            )
        if "\n" in code:
            raise CellError("has a line break in it", "take it out")
        return text(code)

    return read


def read_product_no(cell: str) -> Stored:
    """Reads a 货号 the way products are looked up: `ｇｚ2101` is `GZ2101`."""
    code = read_code(32)(cell)
    return unicodedata.normalize("NFKC", code).strip().upper() if isinstance(code, str) else None


def read_amount(cell: str) -> Stored:
    """Reads an amount: `259`, `¥1,259.00`, `259元`."""
    return _fixed(cell, 2, "an amount", "write it as 259 or 259.90")


def read_measure(cell: str) -> Stored:
    """Reads centimetres, kilograms or years."""
    return _fixed(cell, 1, "a measure", "write it as 160 or 52.5")


def read_count(cell: str) -> Stored:
    """Reads a number of pieces."""
    return _fixed(cell, 0, "a whole number", "write it as 20")


def read_choice(words: Mapping[str, str]) -> Read:
    """Reads one of several words, each with what is stored for it."""

    def read(cell: str) -> Stored:
        word = cell.strip()
        if word and word not in words:
            raise CellError(f"is none of {'、'.join(dict.fromkeys(words))}", "use one of these")
        return words.get(word)

    return read


def read_names(cell: str) -> Stored:
    """Reads names that stand in one cell, parted by `、`."""
    text = read_text(2_000)(cell)
    names = [name.strip() for name in str(text).split("、") if name.strip()] if text else []
    return json.dumps(names, ensure_ascii=False)


def write_text(value: Any) -> str:
    """Writes text so that no spreadsheet takes it for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_LIKE_A_FORMULA) else text


def write_number(value: Any) -> Decimal | int | str:
    """Writes a number as one, nothing as an empty cell."""
    if value is None:
        return ""
    return int(value) if value == int(value) else Decimal(value)


def write_choice(words: Mapping[str, str]) -> Write:
    """Writes the first word that stands for what is stored."""
    by_value: dict[str | None, str] = {}
    for word, value in words.items():
        by_value.setdefault(value, word)
    return lambda value: by_value.get(value, "")


def write_names(value: Any) -> str:
    """Writes names into one cell."""
    return write_text("、".join(value or ()))


def _unguarded(cell: str) -> str:
    text = cell.strip()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text[1:] if text[:1] == "'" and text[1:].startswith(_LIKE_A_FORMULA) else text


def _fixed(cell: str, places: int, what: str, remedy: str) -> int | None:
    text = unicodedata.normalize("NFKC", cell).strip().strip("¥元").replace(",", "").strip()
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise CellError(f"is not {what}", remedy) from None
    if not number.is_finite() or number < 0:
        raise CellError(f"is not {what} of zero or more", remedy)
    if number > _MOST:
        raise CellError("is too large", remedy)
    units = number.scaleb(places)
    if units != units.to_integral_value():
        raise CellError(f"has more than {places} decimals" if places else "is not a whole number", remedy)
    return int(units)
