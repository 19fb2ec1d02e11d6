"""By what letters Chinese words are found: the initials of their readings, as an input method takes them."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin

from sixty.nlu.normal_form import normal_form

LONGEST = 128


def initials(text: str) -> str:
    """The first letter of each character's reading; letters and figures stay: `查一下XL物流` is `cyxxlwl`.

    Args:
        text: Any text. Marks and blanks are left out.
    """
    plain = "".join(each for each in normal_form(text).casefold() if each.isalnum())
    return "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER))[:LONGEST]


def are_letters(typed: str) -> bool:
    """Whether something typed may be initials: small letters and figures, a letter among them."""
    return typed.isascii() and typed.isalnum() and any(each.isalpha() for each in typed)
