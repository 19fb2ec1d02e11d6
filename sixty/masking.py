"""Hides what is personal before it is shown, logged or kept for long."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

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

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}")
# GB 11643: seventeen digits and a check character.
_IDENTITY_CARD = re.compile(r"(?<!\d)\d{17}[\dXxＸｘ](?!\d)")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[-\s]?)?1[3-9]\d(?:[-\s]?\d{4}){2}(?!\d)")
_MASKED_PHONE = re.compile(r"\d{3}\*{4}\d{4}|\d{2}\*{4}\d{2}")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[-\s]\d{7,8}(?!\d)")
_LONG_NUMBER = re.compile(r"(?<!\d)\d{7,}(?!\d)")
# A street, an estate or a village, and a number behind it: what stands in front of the street up to a mark, too.
_STREET = re.compile(
    r"[一-鿿]{1,24}?(?:大道|胡同|小区|花园|公寓|大厦|新村|街道|路|街|巷|弄|村|镇|乡|苑)"
    r"[一-鿿A-Za-z]{0,20}?[\d一二三四五六七八九十百]{1,6}\s?(?:号|弄|栋|幢|座|单元|室|楼|层|户|组|队|-)"
    r"[\dA-Za-z一-鿿-]{0,24}"
)


def mask_phone(phone: str) -> str:
    """Masks a phone number: `13800001234` becomes `138****1234`, which stays as it is.

    Whatever is not plainly a long number is masked wholly.
    """
    if _MASKED_PHONE.fullmatch(phone):
        return phone
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


def mask_email(email: str) -> str:
    """Keeps the first letter and the host: `c***@example.com`."""
    name, at, host = email.strip().partition("@")
    return f"{name[:1]}***@{host}" if at else "***"


def mask_text(text: str) -> str:
    """Hides phones, numbers of identity cards and other long numbers, mail addresses and streets within a text.

    What is no number, such as a name, is not recognised: this makes a text fit to be looked at, not anonymous.
    """
    masked = _EMAIL.sub(lambda found: mask_email(found.group()), text)
    masked = _IDENTITY_CARD.sub(lambda found: f"{_digits_of(found.group())[:3]}****{found.group()[-2:]}", masked)
    for pattern in (_MOBILE, _LANDLINE, _LONG_NUMBER):
        masked = pattern.sub(lambda found: mask_phone(found.group()), masked)
    return _STREET.sub(lambda found: mask_address(found.group()), masked)


def mask_within(value: Any) -> Any:
    """Masks all text within lists and dictionaries; their keys, numbers and everything else stay."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, dict):
        return {name: mask_within(each) for name, each in value.items()}
    if isinstance(value, list):
        return [mask_within(each) for each in value]
    return value


def _digits_of(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.digit(char)) for char in normal if char.isdigit())
