"""Why a coupon isn't taken: not begun, run out, for other goods, not enough in the basket, not with another one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.coupon_wishes import coupons_named
from sixty.shop.deeds.models import CustomerCoupon
from sixty.shop.models import Coupon, Product, Sku
from sixty.shop.pricing.explanation import Unused
from sixty.shop.pricing.offers import UnknownCustomerError, cheapest, quote
from sixty.shop.wording import say_amount, say_day
from sixty.tables import column

_MOST = 4
_REFUSED = re.compile(
    r"(?:用|使|抵|减|扣|享受?|叠加)(?:不了|不上|不掉|不到)|(?:不能|不让|不给|没法|无法|没办法|不可以?|没能)(?:使?用|抵|减|扣)"
    r"|不可用|没(?:给我)?(?:抵|减|扣|便宜|优惠)|(?:未|没)生效|失效|不满足|不符合|(?:用|使用)失败"
)
_VOUCHER = re.compile(r"[券劵卷]|满减|满\d+减|优惠码")


@dataclass(frozen=True)
class Verdict:
    """What a coupon does for a product.

    Attributes:
        reason: Why it takes nothing off, as a customer reads it; empty when it does.
    """

    title: str
    reason: str


def asks_why_refused(text: str) -> bool:
    """Tells whether a line wonders why a coupon takes nothing off: `券怎么用不了`, `满减没减`."""
    return bool(_VOUCHER.search(text)) and bool(_REFUSED.search(text))


def coupons_meant(
    session: Session, text: str, customer_id: str | None, now: datetime, *, only_named: bool = False
) -> list[Coupon]:
    """The coupons that a customer wonders about.

    Args:
        session: The shop's database.
        text: Their words, which may name one.
        customer_id: Who; a stranger when left out.
        now: The moment.
        only_named: Whether only those that are named count.

    Returns:
        Those that are named, else those that the customer has, the last claimed first, else those that anybody can use
        now; four at most.
    """
    held = _held(session, customer_id) if customer_id is not None else []
    running = [
        each
        for each in session.scalars(
            select(Coupon).where(column(Coupon.personal).is_(False), column(Coupon.ends_at) > now).order_by(Coupon.code)
        )
        if each.code not in {coupon.code for coupon in held}
    ]
    named = coupons_named([*held, *running], text)
    general = [each for each in running if each.kind == "store" and each.starts_at <= now]
    return (named if only_named else named or held or general)[:_MOST]


def verdicts(
    session: Session, product: Product, coupons: Sequence[Coupon], now: datetime, customer_id: str | None = None
) -> tuple[list[Verdict], Decimal] | None:
    """Tries coupons on one piece of a product.

    Args:
        session: The shop's database.
        product: The product; its cheapest variant in stock counts.
        coupons: The coupons.
        now: The moment.
        customer_id: Who pays; a stranger when left out.

    Returns:
        What each coupon does, and what the piece costs with those that count; None when it has no variant.
    """
    skus = list(session.scalars(select(Sku).where(column(Sku.product_no) == product.no)))
    if not skus:
        return None
    codes = [each.code for each in coupons]
    wanted = {cheapest(skus).code: 1}
    try:
        priced = quote(session, wanted, now, customer_id, codes)
    except UnknownCustomerError:
        # Customers of the merchant's own system hold nothing here.
        priced = quote(session, wanted, now, None, codes)
    unused = {each.code: each for each in priced.unused}
    used = {step.code for payment in priced.payments for step in payment.steps}
    found = [
        Verdict(each.title, "" if each.code in used else _reason(each, unused.get(each.code), now)) for each in coupons
    ]
    return found, priced.goods


def terms_of(coupon: Coupon, now: datetime) -> str:
    """When a coupon counts, as a customer reads it: `满300元可用，限工装，12月1日前有效`."""
    if coupon.ends_at <= now or coupon.starts_at > now:
        return _reason(coupon, None, now)
    threshold = f"满{say_amount(coupon.threshold)}可用" if coupon.threshold else "没有门槛"
    bundle = ["和搭配的商品一起买"] if coupon.kind == "bundle" else []
    goods = [f"限{coupon.category}"] if coupon.category else []
    return "，".join([threshold, *goods, *bundle, f"{say_day(coupon.ends_at, now)}前有效"])


def _held(session: Session, customer_id: str) -> list[Coupon]:
    query = (
        select(Coupon)
        .join(CustomerCoupon, column(CustomerCoupon.coupon_code) == column(Coupon.code))
        .where(column(CustomerCoupon.customer_id) == customer_id)
        .order_by(column(CustomerCoupon.claimed_at).desc(), Coupon.code)
    )
    return _distinct(session.scalars(query))


def _distinct(coupons: Iterable[Coupon]) -> list[Coupon]:
    return list({each.code: each for each in coupons}.values())


def _reason(coupon: Coupon, unused: Unused | None, now: datetime) -> str:
    """The reason in the most telling words: days and goods rather than that it does not count."""
    if coupon.ends_at <= now:
        return f"{say_day(coupon.ends_at, now)}已经过期了"
    if coupon.starts_at > now:
        return f"{say_day(coupon.starts_at, now)}才能开始用"
    if coupon.kind == "bundle" and (unused is None or unused.reason in ("not_covered", "threshold")):
        return "要和搭配的商品一起买才能用"
    if unused is None or unused.reason == "not_covered":
        return f"只能买{coupon.category}类商品时用" if coupon.category else "这件商品用不了"
    if unused.reason == "threshold" and unused.missing is not None:
        return f"要满{say_amount(coupon.threshold)}，还差{say_amount(unused.missing)}"
    return unused.text
