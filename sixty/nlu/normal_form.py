"""One written form for what customers type, character for character.

Every step maps one character to exactly one, so that positions of entities in the normal form are positions in
what the customer wrote.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import opencc

# Looks like a slash, but Rasa does not read it as the mark of a command (`/restart`, `/intent{...}`).
HARMLESS_SLASH = "∕"

_FORM_FEED_AND_KIN = {ord(space): " " for space in "\t\r\n\v\f\u00a0\u2028\u2029\u3000"}


@lru_cache(maxsize=1)
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=65536)
def _normal_character(character: str) -> str:
    if "\ud800" <= character <= "\udfff":
        # Half of an emoji, cut somewhere on the way: no library behind us can encode it.
        return "\ufffd"
    folded = unicodedata.normalize("NFKC", character)
    if len(folded) != 1:
        # ㎏ or ½ would grow; the original keeps positions true.
        folded = character
    simplified: str = _to_simplified().convert(folded)
    return simplified if len(simplified) == 1 else folded


def normal_form(text: str) -> str:
    """Full width to half width, traditional to simplified, every blank a space; length unchanged.

    Args:
        text: What the customer wrote.

    Returns:
        The same number of characters, in the form that all understanding works on.
    """
    spaced = text.translate(_FORM_FEED_AND_KIN)
    return "".join(map(_normal_character, spaced))


def without_command(text: str) -> str:
    """Takes the power from a leading slash: what a customer types is never a command.

    Must come after `normal_form`, which turns a full-width slash into a plain one.
    """
    stripped = text.lstrip()
    if not stripped.startswith("/"):
        return text
    position = len(text) - len(stripped)
    return text[:position] + HARMLESS_SLASH + text[position + 1 :]
