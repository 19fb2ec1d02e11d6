"""What a customer wants to know about presales and campaigns, read from their words.

Which intent such a line has differs ("尾款几号付" asks about an activity, "双11会不会更低" about a price); what it is
answered from does not.
"""

from __future__ import annotations

import re
from typing import Literal

Topic = Literal["dispatch", "deposit", "now_or_later", "balance", "presale", "stacking", "campaign"]

TOPICS: dict[str, Topic] = {
    "预售发货": "dispatch",
    "定金规则": "deposit",
    "现在买还是等": "now_or_later",
    "尾款时间": "balance",
    "预售规则": "presale",
    "叠加优惠": "stacking",
    "活动时间": "campaign",
}
"""The topics, by the words that a capsule names them with."""

_CAMPAIGN = r"(?:双\s?1[12]|双十[一二]|11\.11|618|六一八|年货节|大促|活动|促销)"
_WHEN = r"(?:什么时候|啥时候|几时|何时|多会儿|几点|几号|哪天|哪日|多久|多长时间|时间)"
_CHEAP = r"(?:划算|合算|便宜|更低|优惠|降价|再降|又降|值)"
_BUY = r"(?:买|拍|入手|下单|付款)"

# In this order: "付完尾款多久发货" asks for the dispatch, "定金付了尾款不付会退吗" for the deposit.
_PATTERNS: tuple[tuple[Topic, re.Pattern[str]], ...] = (
    ("dispatch", re.compile(r"(?:预售|预订|[定订]金|尾款).{0,12}(?:发货|出货|发出|寄|到货|(?:时候|几号|哪天|多久)发)")),
    (
        "deposit",
        re.compile(
            r"[定订]金.{0,14}(?:退|还给|还我|要回|没了|反悔|不认|不要)"
            r"|(?:不付|没付|不补|没补|忘.{0,3}付|过了|错过|没赶上|不想付).{0,4}尾款"
            r"|尾款.{0,6}(?:没付|不付|没补|忘(?:记|了?[付补交])|过了|过时间|过期|错过|没赶上|不想付)"
        ),
    ),
    (
        "now_or_later",
        re.compile(
            rf"(?:现在|今天|这会儿|当下|先).{{0,8}}(?:还是|跟|和|比).{{0,4}}(?:等|过|以后|到时|再|下个?月|{_CAMPAIGN})"
            rf"|(?:还是|等到?|要不要|需要).{{0,3}}{_CAMPAIGN}.{{0,6}}(?:{_BUY}|{_CHEAP})"
            rf"|{_CAMPAIGN}.{{0,8}}(?:会|能|可能|是不是).{{0,5}}{_CHEAP}"
            rf"|(?:过几天|过阵子|过段时间|下个?月|到时候?|以后).{{0,6}}(?:会.{{0,4}}{_CHEAP}|[又再还]降)"
            rf"|预售价?.{{0,4}}(?:和|跟|与|比).{{0,6}}{_CHEAP}"
        ),
    ),
    (
        "balance",
        re.compile(
            rf"(?:尾款|余款|剩下的).{{0,8}}(?:{_WHEN}|开始|截止|入口|到期)"
            rf"|(?:{_WHEN}|可以|能|提前|现在|今晚|今天|明天).{{0,8}}[付补交给].{{0,3}}(?:尾款|余款|全款)"
        ),
    ),
    (
        "presale",
        re.compile(
            r"(?:预售|[定订]金|膨胀).{0,6}(?:什么意思|是什么|是啥|怎么[买玩付算]|规则|好处|流程|不一样)"
            r"|定金膨胀|[先要得][付交].{0,3}定金|不付定金"
        ),
    ),
    (
        "stacking",
        re.compile(
            r"叠加|叠着|能叠|[券减贴包惠扣动].{0,8}(?:一起|同时)[用享]|(?:尾款|定金).{0,8}(?:券|满减|津贴|红包)"
        ),
    ),
    (
        "campaign",
        re.compile(
            rf"{_CAMPAIGN}.{{0,6}}(?:{_WHEN}|开始|开抢|截止|结束|到哪|还有几天|从哪)"
            rf"|{_CAMPAIGN}.{{0,6}}(?:什么|啥|哪些|有没有|做不做|有).{{0,4}}(?:活动|优惠|力度)"
            rf"|{_WHEN}.{{0,4}}{_CAMPAIGN}"
        ),
    ),
)


def asked_about(text: str) -> Topic | None:
    """Says what a line asks about presales and campaigns.

    Args:
        text: What the customer has said, or the words of a capsule.

    Returns:
        The topic; None for a line that is about neither.
    """
    named = TOPICS.get(text)
    if named is not None:
        return named
    folded = text.casefold()
    return next((topic for topic, pattern in _PATTERNS if pattern.search(folded)), None)
