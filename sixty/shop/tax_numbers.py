"""Numbers by which a taxpayer is known on an invoice (纳税人识别号), and which of them can be one.

Since 2015 an organisation's is its 统一社会信用代码 of 18 characters, whose last one checks the others (GB 32100-2015).
An individual's is the number of their identity card (GB 11643-1999). Older ones have 15, 17 or 20 characters and no
check that all of them keep.
"""

from __future__ import annotations

import re

# GB 32100-2015: no I, O, S, V and Z, which look like digits.
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# In front stand the department that gives the number out, and the kind of organisation; no order number begins so.
_BEGINNING = re.compile(r"[1-9ANY][1-59]")
_LENGTH = 18
_OLD_LENGTHS = (15, 17, 20)
_MISREAD = str.maketrans({"O": "0", "I": "1", "Z": "2", "S": "5"})
_IDENTITY_CHECKS = "10X98765432"

_MARK = r"(?:税号|纳税人?识别(?:号码?|码)|统一?社会?信用代码|信用代码|识别号码?)"
_MARKED = re.compile(rf"{_MARK}(?:是|为|填|写|改成|改为|换成|[:： ])*(?P<number>[0-9A-Za-z][0-9A-Za-z \-]{{3,30}})")
_BARE = re.compile(r"(?<![0-9A-Za-z@._%+-])[0-9A-Za-z]{15,20}(?![0-9A-Za-z@._%+-])")
_GROUPED = re.compile(r"(?<![0-9A-Za-z@._%+-])[0-9A-Za-z]{2,8}(?:[ -][0-9A-Za-z]{2,8}){1,7}(?![0-9A-Za-z@._%+-])")


class TaxNumberError(ValueError):
    """It is meant as a taxpayer's number and cannot be one; the text tells the customer what is wrong."""


def find_tax_number(text: str, asked: bool = False) -> str | None:
    """Finds a taxpayer's number in a customer's words.

    Args:
        text: The words.
        asked: Whether it is what they were asked for: then any run of letters and digits is meant as one. Otherwise
            it must be named (`税号…`) or carry the right check character.

    Returns:
        The number in capitals, without blanks; None when there is none.

    Raises:
        TaxNumberError: One is named or asked for, and has the wrong length or check character.
    """
    marked = _MARKED.search(text)
    if marked is not None:
        return checked_tax_number(_first_whole(marked["number"]))
    runs = [found.group() for found in (*_BARE.finditer(text), *_GROUPED.finditer(text))]
    for run in runs:
        if (number := _mended(_plain(run))) is not None and is_credit_code(number):
            return number
    if not asked:
        return None
    meant = next((run for run in runs if any(map(str.isdigit, run))), None) or _only_digits(text)
    return checked_tax_number(meant) if meant is not None else None


def checked_tax_number(written: str) -> str:
    """Checks a number that is meant as a taxpayer's.

    Args:
        written: As the customer wrote it; letters that the numbers don't have are read as the digits they look like.

    Returns:
        It in capitals, without blanks.

    Raises:
        TaxNumberError: It has the wrong length or check character.
    """
    plain = _plain(written)
    if len(plain) in _OLD_LENGTHS:
        return plain
    if len(plain) != _LENGTH:
        raise TaxNumberError(f"税号一般是18位，您发的是{len(plain)}位，麻烦再核对一下～")
    number = _mended(plain)
    if number is None:
        raise TaxNumberError("这个税号校验没通过，可能有一位打错了，麻烦对着营业执照再核对一下～")
    return number


def _plain(written: str) -> str:
    return re.sub(r"[ \-]", "", written).upper()


def _first_whole(written: str) -> str:
    """As many of a run's groups as make a number; all of them where none do."""
    groups = written.split()
    joined = ["".join(groups[: count + 1]) for count in range(len(groups))]
    return next((each for each in joined if len(_plain(each)) == _LENGTH), written)


def _mended(plain: str) -> str | None:
    """The number, with letters that it cannot have read as digits; None when its check character is wrong."""
    if len(plain) != _LENGTH:
        return None
    for number in (plain, plain.translate(_MISREAD)):
        if is_credit_code(number) or _is_identity_number(number):
            return number
    return None


def is_credit_code(number: str) -> bool:
    """Whether a number is a right 统一社会信用代码."""
    if len(number) != _LENGTH or _BEGINNING.match(number) is None:
        return False
    if any(character not in _ALPHABET for character in number):
        return False
    total = sum(_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(number[:-1]))
    return _ALPHABET[-total % 31] == number[-1]


def _is_identity_number(number: str) -> bool:
    if not number[:-1].isdigit():
        return False
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(number[:-1]))
    return _IDENTITY_CHECKS[total % 11] == number[-1]


def _only_digits(text: str) -> str | None:
    """A shorter or longer number that stands for itself: the customer left something out."""
    found = re.fullmatch(r"\s*([0-9A-Za-z]*\d[0-9A-Za-z]{3,})\s*", text)
    return found[1] if found is not None else None
