"""The words in which benefits are offered, given and refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sixty.shop.benefits.benefit import Benefit
from sixty.shop.benefits.entries import words_in
from sixty.shop.wording import say_amount, say_day

RefusalReason = Literal[
    "unknown",
    "not_running",
    "out_of_stock",
    "over_budget",
    "had_already",
    "not_offered",
    "above_authority",
    "below_limit",
    "key_taken",
]

REFUSALS: dict[RefusalReason, str] = {
    "unknown": "这个福利我这边没查到，您想要哪一样，我再帮您看看～",
    "not_running": "这个福利现在不在时间里，等开始了我再给您～",
    "out_of_stock": "来晚了一步，这个福利已经送完了，我再帮您看看别的～",
    "over_budget": "这个福利的名额刚好用完了，我再帮您看看别的～",
    "had_already": "这个福利您已经领过了，直接用就好～",
    "not_offered": "这个福利我现在给不了您，有新活动会放在店铺首页～",
    "above_authority": "这个超出我能做主的范围了，我可以帮您请示一下同事～",
    "below_limit": "这个价我这边没法再让了，谢谢您体谅～",
    "key_taken": "刚才没有办成，麻烦您再说一次～",
}

HELD = "{title}给您留着了，{until}之前登录一下就到账～"

_PLAIN = {
    "goods": "给您申请到一份{title}，跟着这单一起送您，要不要留一份？",
    "service": "给您申请到{title}，需要的话我现在就给您安排上，要吗？",
    "coupon": "给您申请到{title}，要不要放进您的账户？",
}
_ENDINGS = "。！～!~，,；; "


def filled(line: str, known: Mapping[str, str]) -> str | None:
    """A line with its braces filled in; None where something for it isn't known."""
    return line.format(**known) if all(name in known for name in words_in(line)) else None


def first_filled(lines: Iterable[str], known: Mapping[str, str]) -> str:
    """The first of some lines that can be filled in; empty where none can."""
    return next((said for line in lines if (said := filled(line, known)) is not None), "")


def offered(
    benefit: Benefit, lead: str, now: datetime, price: Decimal | None = None, price_after: Decimal | None = None
) -> str:
    """The words in which a benefit is offered, with a rule's words in front."""
    known = {"title": benefit.title, "until": say_day(now + benefit.valid, now)}
    if price_after is not None:
        known["price"] = say_amount(price_after)
        if price is not None and price > price_after:
            known["saving"] = say_amount(price - price_after)
    said = first_filled((benefit.say, _PLAIN[benefit.kind]), known)
    return f"{lead.rstrip(_ENDINGS)}，{said}" if lead else said


def told_given(benefit: Benefit, held: bool, expires_at: datetime, now: datetime) -> str:
    """The words when a benefit has been given, or is held for a visitor."""
    line = HELD if held else benefit.given
    return line.format(title=benefit.title, until=say_day(expires_at, now))
