"""Whether a customer wants to be told when something is back."""

from __future__ import annotations

import re

_BACK = r"(?:到货|有货|来货|补货|上货|上架|回货|进货|到了?新?货|有了|补上|补到|来了|有.{1,6}了)"
_TELL = (
    r"(?:通知|告诉|告知|提醒|叫|喊|跟我说|和我说|同我说|说一声|说一下|跟我讲|讲一声|打个?电话|联系|知会|吱一?声|发(?:我|个)?(?:消息|信息|短信)|"
    r"私我|踢我|戳我|@)"
)
_WISH = re.compile(
    rf"{_BACK}.{{0,8}}{_TELL}|{_TELL}.{{0,6}}{_BACK}|{_BACK}(?:提醒|通知)|^(?:我|那我?)?等{_BACK}(?:吧|了|哦|哈)?$"
)
_NO_WISH = re.compile(r"怎么|怎样|咋|如何|没(?:有)?(?:通知|告诉|提醒)|为什么|为啥|会不会|订阅了|快递|包裹|物流|没反应")


def wants_notice(text: str) -> bool:
    """Whether a message wishes to hear when a thing is back: `有货告诉我`, `到货了通知我一声`."""
    return _WISH.search(text) is not None and _NO_WISH.search(text) is None
