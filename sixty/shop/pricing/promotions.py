"""Promotions: their kinds, what each kind is made of, and what a promotion covers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sixty.shop.pricing.basket import BasketLine, Buyer
from sixty.shop.pricing.phases import Campaign, PhaseName

PromotionKind = Literal[
    "presale",
    "member_price",
    "timed_discount",
    "bundle_price",
    "pieces",
    "store_cut",
    "store_coupon",
    "category_coupon",
    "bundle_coupon",
    "cross_shop_cut",
    "allowance",
    "red_packet",
    "gift",
]
MerchantKind = Literal["timed_discount", "bundle_price", "pieces", "store_cut", "cross_shop_cut", "allowance", "gift"]
"""Kinds that a merchant writes into the promotions; the others have tables and fields of their own."""

Which = Literal["nth", "all"]

KINDS: dict[PromotionKind, str] = {
    "presale": "预售价",
    "member_price": "会员价",
    "timed_discount": "限时折扣",
    "bundle_price": "套餐价",
    "pieces": "多件优惠",
    "store_cut": "店铺满减",
    "store_coupon": "店铺券",
    "category_coupon": "品类券",
    "bundle_coupon": "搭配券",
    "cross_shop_cut": "跨店满减",
    "allowance": "购物津贴",
    "red_packet": "红包",
    "gift": "满赠",
}
"""All kinds, and how a customer calls them."""

ITEM_KINDS: tuple[PromotionKind, ...] = ("presale", "member_price", "timed_discount", "bundle_price", "pieces")
"""What makes the price of an article (单品优惠): always before what counts for the whole order."""

COUPON_KINDS: frozenset[PromotionKind] = frozenset({"store_coupon", "category_coupon", "bundle_coupon"})

CLAIMED_KINDS: frozenset[PromotionKind] = COUPON_KINDS | {"red_packet"}
"""What a customer uses or keeps; everything else is taken off by itself."""


@dataclass(frozen=True)
class _Parts:
    needed: frozenset[str]
    possible: frozenset[str] = frozenset()


def _parts(needed: Iterable[str], *possible: str) -> _Parts:
    return _Parts(frozenset(needed), frozenset(possible))


_THRESHOLD_AND_AMOUNT = _parts({"amount"}, "threshold")
_PARTS: dict[str, _Parts] = {
    "timed_discount": _parts((), "rate", "price", "amount"),
    "bundle_price": _parts({"price"}),
    "pieces": _parts({"pieces", "rate", "which"}),
    "store_cut": _parts({"threshold", "amount"}, "repeats"),
    "store_coupon": _THRESHOLD_AND_AMOUNT,
    "category_coupon": _THRESHOLD_AND_AMOUNT,
    "bundle_coupon": _THRESHOLD_AND_AMOUNT,
    "cross_shop_cut": _parts({"threshold", "amount"}, "repeats"),
    "allowance": _parts({"threshold", "amount"}),
    "red_packet": _THRESHOLD_AND_AMOUNT,
    "gift": _parts({"gift"}, "threshold", "pieces"),
}
PARTS = ("threshold", "amount", "rate", "price", "pieces", "which", "repeats", "gift")
"""Everything that a kind may be made of."""


def wrong_part(kind: str, given: Mapping[str, Any]) -> tuple[str, str] | None:
    """Finds what is wrong with what a promotion of a kind is made of.

    Args:
        kind: One of the kinds.
        given: Some of `PARTS` and their values; None, zero and False count as not given.

    Returns:
        The part and what is wrong with it, or None.
    """
    parts = _PARTS[kind]
    present = {name for name in PARTS if given.get(name)}
    for name in PARTS:
        if name in parts.needed and name not in present:
            return name, f"a {kind} needs {name}"
        if name in present and name not in parts.needed | parts.possible:
            known = ", ".join(each for each in PARTS if each in parts.needed | parts.possible)
            return name, f"a {kind} has no {name}; it is made of {known}"
    if kind == "timed_discount" and len(present) != 1:
        return "rate", "a timed_discount needs one of rate, price and amount"
    if kind == "gift" and len(present & {"threshold", "pieces"}) != 1:
        return "threshold", "a gift needs either threshold or pieces"
    rate, pieces = given.get("rate"), given.get("pieces")
    if rate and not 0 < rate < 1:
        return "rate", f"rate {rate} must be between 0 and 1: 8.5折 is 0.85"
    if kind == "pieces" and (pieces or 0) < 2:
        return "pieces", "must be at least 2"
    if kind in ("store_cut", "cross_shop_cut", "allowance") and given["amount"] > given["threshold"]:
        return "amount", f"takes off more ({given['amount']}) than has to be spent ({given['threshold']})"
    return None


@dataclass(frozen=True)
class Scope:
    """Which articles and whom a promotion is for; what is left empty is no limit.

    Attributes:
        categories: Articles of these categories …
        products: … and these products.
        without: But never these products.
        shops: Only articles of these shops.
        levels: Only customers of these levels.
    """

    categories: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    shops: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()

    def covers(self, line: BasketLine) -> bool:
        """Tells whether an article takes part."""
        if line.product_no in self.without or (self.shops and line.shop not in self.shops):
            return False
        if not self.categories and not self.products:
            return True
        return line.category in self.categories or line.product_no in self.products

    def admits(self, buyer: Buyer) -> bool:
        """Tells whether a customer takes part."""
        return not self.levels or buyer.level in self.levels


EVERYTHING = Scope()


@dataclass(frozen=True)
class Promotion:
    """One promotion of a shop.

    It runs either in a span of its own (`starts_at` up to just before `ends_at`) or in phases
    of a campaign.

    Attributes:
        title: What a customer knows it by, such as 满300减50.
        threshold: What has to be spent, in yuan; zero for none.
        amount: What is taken off, in yuan; for each whole threshold where it `repeats`.
        rate: What is left to pay, 0.85 for 8.5折.
        price: What a piece, or one of each of the products together, costs.
        pieces: How many pieces it takes.
        which: `nth`: with N pieces one is at the rate (第2件半价), with 2N two, always the
            cheapest ones. `all`: from N pieces on, all are (3件8折).
        gift: What is given.
        pairs: For a coupon of bundles: the products that must be bought together.
    """

    code: str
    kind: PromotionKind
    title: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    campaign: str | None = None
    phases: tuple[PhaseName, ...] = ()
    scope: Scope = EVERYTHING
    threshold: Decimal = Decimal(0)
    amount: Decimal | None = None
    rate: Decimal | None = None
    price: Decimal | None = None
    pieces: int | None = None
    which: Which | None = None
    repeats: bool = False
    gift: str | None = None
    pairs: frozenset[tuple[str, str]] = field(default=frozenset())

    def __post_init__(self) -> None:
        if self.kind not in _PARTS:
            raise ValueError(f"{self.code}: {self.kind} is no promotion of its own")
        wrong = wrong_part(self.kind, {name: getattr(self, name) for name in PARTS})
        if wrong is not None:
            raise ValueError(f"{self.code}: {wrong[1]}")
        if (self.campaign is None) == (self.starts_at is None) or (self.starts_at is None) != (self.ends_at is None):
            raise ValueError(f"{self.code}: give either its own times or a campaign")

    @property
    def is_claimed(self) -> bool:
        """Whether the customer decides to use it."""
        return self.kind in CLAIMED_KINDS

    def runs(self, at: datetime, campaigns: Mapping[str, Campaign]) -> bool:
        """Tells whether it holds at a moment; in a campaign that nobody knows it never does."""
        if self.starts_at is not None and self.ends_at is not None:
            return self.starts_at <= at < self.ends_at
        campaign = campaigns.get(self.campaign or "")
        return campaign is not None and any(window.phase in self.phases for window in campaign.running(at))
