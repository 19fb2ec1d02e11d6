"""Whether a customer wants a coupon put into their account, and which one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.deeds.models import CustomerCoupon
from sixty.shop.models import Coupon
from sixty.tables import column

_COUPON = r"[券劵卷]"
_WISH = re.compile(
    rf"(?:我[要想]|帮我?|给我|替我|麻烦|请|直接|现在|快|都|全部?|一起|^)[^,，。?？怎哪]{{0,6}}领|领(?:一?下|个|张|取)?(?:优惠)?{_COUPON}"
    rf"|给我?(?:一|两)?[张个][^,，。?？]{{0,6}}{_COUPON}|(?:求|来一?张|发我?一?[张个]?)(?:优惠)?{_COUPON}|{_COUPON}(?:发|给)我|领了吧"
)
_NO_WISH = re.compile(
    r"[?？]|[吗么呢不没]\s*$|怎么|怎样|咋|如何|哪|什么|啥|几(?:点|号|天|个)|领几|多少|对吧|之前|上次|说好|讲过|说下午|现在都|为什么|为啥|不了|不到|不上|没|已经?领|领过|领了(?:怎|没|为|还|就|之|的|券|劵|张|用)"
    r"|领的|领完|领取成功|失败|入口|链接|提示|显示|红包|赠品|礼"
)
_ALL = re.compile(r"都|全部|全都|全领|所有|一起|每张")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def wants_coupon(text: str) -> bool:
    """Whether a message wishes for a coupon, rather than asking about coupons: `领券`, `帮我领一下`."""
    return _WISH.search(text) is not None and _NO_WISH.search(text) is None


def wants_all(text: str) -> bool:
    """Whether all that can be had are meant: `都领了`."""
    return _ALL.search(text) is not None


def coupons_named(coupons: Sequence[Coupon], text: str) -> list[Coupon]:
    """Finds the coupons that a message names, by title or by their amounts: `满300减50`, `减50的`, `工装那张`.

    Args:
        coupons: Those to choose from.
        text: The customer's words.

    Returns:
        Those that fit everything that is said best; empty when nothing names one.
    """
    by_title = [coupon for coupon in coupons if coupon.title in text]
    if by_title:
        return by_title
    numbers = {float(found) for found in _NUMBER.findall(text)}
    rated = [(_fit(coupon, text, numbers), coupon) for coupon in coupons]
    best = max((fit for fit, _ in rated), default=0)
    return [coupon for fit, coupon in rated if fit == best] if best > 0 else []


def unclaimed(session: Session, coupons: Sequence[Coupon], customer_id: str | None) -> list[Coupon]:
    """Those that the customer doesn't have yet; all, for a stranger."""
    if customer_id is None:
        return [*coupons]
    claimed = set(
        session.scalars(select(CustomerCoupon.coupon_code).where(column(CustomerCoupon.customer_id) == customer_id))
    )
    return [coupon for coupon in coupons if coupon.code not in claimed]


def claimable_coupons(session: Session, now: datetime) -> list[Coupon]:
    """Every coupon that customers can claim now, the most worth first; those of bundles come with their bundle."""
    query = select(Coupon).where(
        column(Coupon.kind) != "bundle",
        column(Coupon.personal).is_(False),
        column(Coupon.starts_at) <= now,
        column(Coupon.ends_at) > now,
    )
    return sorted(session.scalars(query), key=lambda coupon: (-coupon.amount, coupon.code))


def _fit(coupon: Coupon, text: str, numbers: set[float]) -> int:
    """How much of what is said belongs to a coupon; an amount that is another's rules it out."""
    own = {float(coupon.amount): 2, float(coupon.threshold): 1}
    if numbers - own.keys():
        return 0
    words = re.split(r"满|减|立减|\d+", coupon.title)
    named = sum(2 for word in (*words, coupon.category or "") if len(word) > 1 and word in text)
    return named + sum(own[number] for number in numbers)
