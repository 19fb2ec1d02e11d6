"""Gaps in texts, such as `{product}`."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter


def words_in(text: str) -> list[str]:
    """The names in braces of a text.

    Raises:
        ValueError: A brace is left open, holds more than a name, or would be read by customers.
    """
    found = []
    for plain, name, form, conversion in Formatter().parse(text):
        if form or conversion or "{" in plain or "}" in plain:
            raise ValueError(f"braces hold a name and nothing else: {text!r}")
        if name is not None:
            found.append(name)
    return found


def fill_words(text: str, values: Mapping[str, str]) -> str:
    """A text with its gaps filled; formats, which `sixty validate` refuses, count for nothing."""
    parts = Formatter().parse(text)
    return "".join(literal + (values[name] if name is not None else "") for literal, name, _, _ in parts)
