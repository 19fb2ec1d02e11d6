"""Asking for what the customer has given already."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sixty.desk.inspection.chat import Chat, Found
from sixty.desk.inspection.rules import AskedAgainRule, Given
from sixty.desk.inspection.words import denied
from sixty.nlu.measures import read_measures

_GIVEN: Mapping[Given, re.Pattern[str]] = {
    "order_no": re.compile(r"(?<![A-Za-z\d])(?:[A-Za-z]{1,4}\d{8,24}|\d{12,24})(?!\d)"),
    "phone": re.compile(r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)"),
    "address": re.compile(
        r"(?:省|市|区|县|镇|乡|村|街道|路|街|巷|弄|小区|花园|大道|大厦|苑)[^,。!?]{0,20}?"
        r"[\d一二三四五六七八九十百]{1,6}\s?(?:号|弄|栋|幢|座|单元|室|楼|层|户|组|队)"
    ),
}
_MEASURED: Mapping[str, Given] = {
    "height": "height",
    "weight": "weight",
    "size": "size",
    "foot": "size",
    "order_no": "order_no",
    "phone": "phone",
}
_NOUNS: Mapping[Given, str] = {
    "order_no": r"(?:订单编?号码?|订单号|单号|订单编号)",
    "phone": r"(?:手机号?码?|电话号?码?|联系电话|联系方式|电话)",
    "address": r"(?:收货地址|收件地址|详细地址|地址)",
    "height": r"(?:身高)",
    "weight": r"(?:体重)",
    "size": r"(?:平时|平常|一般|通常)[^,。!?]{0,4}穿[^,。!?]{0,4}码",
}
_ASKS_FOR = re.compile(
    r"提供|发(?:我|下|一下|给|个|过来|来)|报(?:一下|下|个|给)?|说(?:一下|下)|告诉|告知|留(?:个|下|一下)|给(?:我|一下|个)|填|多少|多高|多重"
    r"|是什么|是啥|什么码|多大|几码|哪个|是(?:\?|$)|是哪|方便(?:的话)?|需要|麻烦|请问|\?|呢"
)
_ANOTHER = re.compile(
    r"另外|其他|其它|别的|另一|第二|新的?(?:收货)?(?:地址|电话|手机|订单)|朋友|对方|家人|妈|爸|妹|弟|哥|姐|老公|老婆|孩子|宝宝|他的|她的|收件人"
)
_CHECKS = re.compile(r"核对|确认|对吗|对吧|是吧|没错吧|对不对|是不是|看到了|收到|查到|登记好|改好|已经")
_CORRECTS = re.compile(r"(?:发|写|填|打|说|报)错|不对|换(?:个|成)|改成")


def asked_again(rule: AskedAgainRule, chat: Chat) -> list[Found]:
    """Lines that ask for something which stands above them."""
    given: dict[Given, int] = {}
    found: list[Found] = []
    author = "agent" if chat.who == "person" else "bot"
    for line in chat.lines:
        if line.place == "behind":
            break
        if line.author == "customer":
            if _CORRECTS.search(line.plain):
                given.clear()
            for each in _given_in(line.plain):
                given.setdefault(each, line.id)
        elif line.place == "here" and line.author == author:
            wanted = _asked_for(line.plain, rule)
            if wanted and wanted <= set(given):
                further = tuple(sorted({given[each] for each in wanted}))
                detail = {"what": sorted(wanted)}
                found.append(Found(line, key=",".join(sorted(wanted)), further=further, detail=detail))
                # Told once: who asks a third time has the same fault.
                for each in wanted:
                    del given[each]
    return found


def _given_in(plain: str) -> set[Given]:
    found: set[Given] = {what for what, pattern in _GIVEN.items() if pattern.search(plain)}
    other = _ANOTHER.search(plain) is not None
    for each in read_measures(plain):
        what = _MEASURED.get(each.entity)
        if what is not None and not other:
            found.add(what)
    return found


def _asked_for(plain: str, rule: AskedAgainRule) -> set[Given]:
    if _CHECKS.search(plain) or _ANOTHER.search(plain):
        return set()
    if any(pattern.search(plain) for pattern in _GIVEN.values()):
        # It names what it is about.
        return set()
    wanted: set[Given] = set()
    for what in rule.what:
        match = re.search(_NOUNS[what], plain)
        if match is not None and _ASKS_FOR.search(plain) and not denied(plain, *match.span()):
            wanted.add(what)
    return wanted
