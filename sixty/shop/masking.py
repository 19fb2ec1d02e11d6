"""Hides what a shop knows of a person before it is said to anyone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

PHONE_DIGITS = 11
COUNTRY = "86"
SHORTEST_SHOWN_IN_PART = 7

# Province, city and district, each of which people leave out at times. What follows a
# district (a street, an estate that calls itself 小区) is never part of the match.
_DISTRICT = re.compile(
    r"(?:[^\d省市区]{2,6}(?:省|自治区|特别行政区))?"
    r"(?:[^\d市区县路街号]{1,8}(?:市|自治州|地区|盟))?"
    r"(?:[^\d社小园镇街道路号]{1,6}?(?:区|县|旗|市))?"
)


def mask_phone(phone: str) -> str:
    """Masks a phone number: `13800001234` becomes `138****1234`.

    Whatever is not plainly a long number is masked wholly.
    """
    digits = _digits_of(phone)
    if len(digits) == PHONE_DIGITS + len(COUNTRY) and digits.startswith(COUNTRY):
        digits = digits[len(COUNTRY) :]
    if len(digits) < SHORTEST_SHOWN_IN_PART:
        return "****"
    if len(digits) < PHONE_DIGITS:
        return f"{digits[:2]}****{digits[-2:]}"
    return f"{digits[:3]}****{digits[-4:]}"


def mask_address(address: str) -> str:
    """Keeps province, city and district of an address and hides the rest.

    Args:
        address: An address as written by a customer; it may lack any of its parts.

    Returns:
        `浙江省杭州市西湖区****`, or just the stars where no district is found.
    """
    found = _DISTRICT.match(address.strip())
    return f"{found.group() if found else ''}****"


def mask_name(name: str) -> str:
    """Keeps the surname: `陈小明` becomes `陈**`."""
    stripped = name.strip()
    return f"{stripped[:1]}**" if stripped else "**"


def _digits_of(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.digit(char)) for char in normal if char.isdigit())


def mask_details(details: Mapping[str, str]) -> dict[str, str]:
    """Masks what a deed's details say of a person, for logs and exports.

    What is known to be impersonal stays as it is. All else is hidden wholly, because what customers write in their own
    words may hold anything.

    Args:
        details: As in `sixty.shop.deeds.deed.Deed`.
    """
    return {
        name: value if name in _IMPERSONAL else _PERSONAL.get(name, _mask_words)(value)
        for name, value in details.items()
    }


def _mask_email(email: str) -> str:
    name, at, host = email.strip().partition("@")
    return f"{name[:1]}***@{host}" if at else "***"


def _mask_words(words: str) -> str:
    return "****" if words.strip() else ""


_PERSONAL: dict[str, Callable[[str], str]] = {
    "address": mask_address,
    "phone": mask_phone,
    "receiver": mask_name,
    "title": mask_name,
    "email": _mask_email,
}
_IMPERSONAL = frozenset(
    {"amount", "coupon", "day", "opened", "part", "product", "region", "service", "sku", "title_type"}
)
