"""Whether a customer has no order number at hand, by their words."""

from __future__ import annotations

import re

_LACKS = (
    r"(?:没有?|不知道|不晓得|不清楚|不记得|记不(?:得|住)|忘(?:了|记)?"
    r"|找不(?:到|着)|查不(?:到|着)|看不(?:到|见)|丢了|没存|没记|删了?)"
)
_WHERE = r"(?:哪里?(?:能|可以)?(?:看|找|查|有)?|哪儿|怎么(?:看|找|查|弄))"
_NUMBER = r"(?:订单编?号|订单号码|订?单号|编号)"
_HAS_NONE = re.compile(rf"{_LACKS}.{{0,4}}{_NUMBER}|{_NUMBER}.{{0,6}}(?:{_LACKS}|{_WHERE})|{_WHERE}.{{0,4}}{_NUMBER}")


_PHONE = r"(?:手机|电话|号码|尾号|后四位|末四位)号?"
_HAS_NO_PHONE = re.compile(rf"{_LACKS}.{{0,6}}{_PHONE}|{_PHONE}.{{0,6}}(?:{_LACKS}|换了|不用了|停了|是多少|多少来着)")


def lacks_phone(text: str) -> bool:
    """Tells whether somebody does not know the phone that an order was placed with, or has it no more."""
    return bool(_HAS_NO_PHONE.search(text))


def lacks_number(text: str) -> bool:
    """Tells whether somebody has no order number, or asks where to find it."""
    return bool(_HAS_NONE.search(text))
