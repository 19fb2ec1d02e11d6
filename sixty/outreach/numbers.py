"""Phone numbers that something can be sent to."""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

_HOME = "CN"
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


def mobile_number(written: str) -> str | None:
    """A mobile number in the international form, `+8613800138000`; None for anything else.

    Args:
        written: As the shop's system has it: with or without country code, blanks, dashes.
    """
    found = _parsed(written)
    if found is None or phonenumbers.number_type(found) not in _MOBILE:
        return None
    return str(phonenumbers.format_number(found, PhoneNumberFormat.E164))


def dialable_number(written: str) -> str | None:
    """Any number that can be called, in the international form; None for anything else."""
    found = _parsed(written)
    return None if found is None else str(phonenumbers.format_number(found, PhoneNumberFormat.E164))


def _parsed(written: str) -> phonenumbers.PhoneNumber | None:
    if not written or "*" in written:
        return None
    try:
        found = phonenumbers.parse(written, _HOME)
    except NumberParseException:
        return None
    return found if phonenumbers.is_valid_number(found) else None
