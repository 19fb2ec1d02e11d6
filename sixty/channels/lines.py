"""What a customer types, cleaned for the ledger and made harmless for Rasa."""

from __future__ import annotations

import unicodedata

from sixty.channels.refusal import Refused
from sixty.nlu.normal_form import normal_form, without_command

_KEPT = frozenset("\n\t")
# They turn the direction of what follows, and make a text look like another one.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def cleaned(text: str) -> str:
    """Takes out what no customer types and no database takes: control characters and halves of emoji."""
    return "".join(map(_clean, text)).strip() if not text.isascii() or not text.isprintable() else text.strip()


def admitted(text: object, longest: int) -> str:
    """The customer's line as it goes into the ledger.

    Args:
        text: What came in, which can be anything.
        longest: Characters at most.

    Raises:
        Refused: It is no text, empty, or too long.
    """
    if not isinstance(text, str):
        raise Refused("empty")
    # What is far too long is not even looked at.
    if len(text) > 4 * longest:
        raise Refused("too_long")
    line = cleaned(text)
    if not line:
        raise Refused("empty")
    if len(line) > longest:
        raise Refused("too_long")
    return line


def for_rasa(line: str) -> str:
    """The line as Rasa may read it: whatever it looks like, it is text and no command."""
    return without_command(normal_form(line)).strip()


def _clean(character: str) -> str:
    if character in _KEPT:
        return character
    if character in _TURNING:
        return ""
    category = unicodedata.category(character)
    if category == "Cc":
        return " " if character in "\r\v\f\x85" else ""
    return "\ufffd" if category == "Cs" else character
