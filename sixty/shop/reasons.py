"""Why here, why now: what the shop can truthfully say for a product when a customer hesitates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from sixty.shop.catalogue import attribute_answer
from sixty.shop.models import Product
from sixty.shop.pricing.offers import presales_at
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.pricing.promotions import Promotion
from sixty.shop.pricing.rules import Rules
from sixty.shop.promotions import running_coupons, running_promotions
from sixty.shop.wording import say_moment

ReasonKind = Literal["offer_ends", "stock_low", "guarantee", "reviews", "in_stock"]

# So few pieces of a variant are worth a word; more are no reason to hurry.
FEW_PIECES = 5

# An end that is farther away than that presses nobody.
SOON = timedelta(days=7)

_GUARANTEES = ("保修", "正品", "安全认证")
_ENDINGS = "。！～!~，,；; "


@dataclass(frozen=True)
class Reviews:
    """What is known of a product's reviews.

    Attributes:
        count: How many there are.
        good: How many of them are good; None when nobody counted.
    """

    count: int
    good: int | None = None

    def __post_init__(self) -> None:
        if self.count < 0 or (self.good is not None and not 0 <= self.good <= self.count):
            raise ValueError(f"{self.good} good ones of {self.count} reviews")


@dataclass(frozen=True)
class Reason:
    """One true thing that speaks for a product.

    Attributes:
        kind: What it is about.
        text: How it is said.
        until: When it ceases to be true, if that is known.
    """

    kind: ReasonKind
    text: str
    until: datetime | None = None


def reasons_for(
    session: Session,
    product: Product,
    now: datetime,
    level: str | None = None,
    reviews: Reviews | None = None,
    rules: Rules | None = None,
) -> list[Reason]:
    """Lists what speaks for buying a product here and now; nothing that isn't so.

    Args:
        session: The shop's database.
        product: The product.
        now: The moment.
        level: The customer's level, for offers that are for some only.
        reviews: What is known of its reviews; without them nothing is said of any.
        rules: The shop's rules, for its campaigns; as the playbook says when left out.

    Returns:
        Reasons, the most pressing first: an offer that ends, little stock, then what always holds. Empty for a
        product that can't be bought.
    """
    in_stock = [sku for sku in product.skus if sku.stock > 0]
    if product.status != "on_sale" or not in_stock:
        return []
    reasons = _offers(session, product, now, level, rules or shop_rules())
    few = sorted((sku for sku in in_stock if sku.stock <= FEW_PIECES), key=lambda sku: (sku.stock, sku.code))
    if few:
        variant = few[0].text or "这款"
        reasons.append(Reason("stock_low", f"{variant}只剩{few[0].stock}件了"))
    for key in _GUARANTEES:
        found = attribute_answer(session, product.no, key)
        if found is not None:
            reasons.append(Reason("guarantee", f"{found.key}：{'，'.join(found.value.strip(_ENDINGS).split())}"))
    if reviews is not None and reviews.count:
        good = f"，其中{reviews.good}条好评" if reviews.good else ""
        reasons.append(Reason("reviews", f"已经有{reviews.count}条评价{good}"))
    if not few and not presales_at(session, [product.no], now):
        # What is on presale is sent later, whatever lies in the warehouse.
        reasons.append(Reason("in_stock", "现在有现货"))
    return reasons


def _offers(session: Session, product: Product, now: datetime, level: str | None, rules: Rules) -> list[Reason]:
    ends: list[tuple[datetime, str]] = []
    for promotion in running_promotions(session, now, product, rules):
        end = _end_of(promotion, now, rules)
        if end is not None and (not promotion.scope.levels or level in promotion.scope.levels):
            ends.append((end, promotion.title))
    ends += [(coupon.ends_at, coupon.title) for coupon in running_coupons(session, now, product.category)]
    presale = presales_at(session, [product.no], now).get(product.no)
    if presale is not None:
        ends.append((presale.ends_at, "预售价"))
    ends.sort()
    return [
        Reason("offer_ends", f"{title}到{say_moment(end, now)}结束", end) for end, title in ends if end - now <= SOON
    ]


def _end_of(promotion: Promotion, now: datetime, rules: Rules) -> datetime | None:
    if promotion.ends_at is not None:
        return promotion.ends_at
    campaign = rules.campaigns.get(promotion.campaign or "")
    windows = campaign.running(now) if campaign is not None else ()
    # Phases overlap: the promotion goes on until the last of them ends.
    return max((each.ends_at for each in windows if each.phase in promotion.phases), default=None)
