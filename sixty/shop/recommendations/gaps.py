"""What is missing to the thresholds that a basket has begun to reach: of cuts, coupons, gifts, free postage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sixty.shop.pricing.basket import BasketLine
from sixty.shop.pricing.explanation import Quote
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.pricing.promotions import ITEM_KINDS, Promotion, PromotionKind
from sixty.shop.pricing.stacking import Stacking
from sixty.shop.recommendations.advice import Advice
from sixty.shop.recommendations.shelf import Place

NEAREST_GAPS = 4
"""How many thresholds are looked at, the nearest first."""


@dataclass(frozen=True)
class Gap:
    """How much more has to be spent, and on what: of a category, on some products, or on anything.

    Attributes:
        kind: By what kind of promotion; None for postage.
        brings: How much more than now is taken off then …
        again: … and for each further so many yuan once more; None for never.
    """

    missing: Decimal
    kind: PromotionKind | None
    brings: Decimal
    again: Decimal | None = None
    categories: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()

    def most(self, spent: Decimal) -> Decimal:
        """The most that it takes off where so much more is spent."""
        if spent < self.missing:
            return Decimal(0)
        return self.brings * (1 + ((spent - self.missing) // self.again if self.again else 0))

    def is_for(self, place: Place) -> bool:
        """Whether a product counts for it."""
        if self.products:
            return place.product_no in self.products
        return not self.categories or place.category in self.categories


def gaps_of(advice: Advice, lines: Sequence[BasketLine], before: Quote, promotions: Iterable[Promotion]) -> list[Gap]:
    """What is missing to the thresholds that part of the basket counts for already, the nearest first."""
    stacking = shop_rules().stacking
    amounts = {share.sku: share.item_amount for share in before.lines}
    gaps: set[Gap] = set()
    for offer in promotions:
        if not _may_be_reached(advice, offer):
            continue
        covered = [line for line in lines if offer.scope.covers(line)]
        spent = sum((amounts[line.sku] for line in covered), Decimal(0))
        if not covered or not spent:
            continue
        again = offer.threshold if offer.repeats or offer.kind == "allowance" else None
        if spent < offer.threshold:
            missing = offer.threshold - spent
        elif again is not None:
            missing = again - spent % again
        else:
            continue
        brings = offer.amount or Decimal(0)
        if again is None and not stacking.several.intersection({offer.kind}):
            # It takes the place of what excludes it.
            brings = max(Decimal(0), brings - _replaced(before, offer.kind, {line.sku for line in covered}, stacking))
        if offer.kind == "bundle_coupon":
            # Both of a pair are there already; what is added must go with one of them, and be counted with it.
            here = {line.product_no for line in lines}
            partners = {other for pair in offer.pairs if here & set(pair) for other in pair}
            gaps.add(Gap(missing, offer.kind, brings, products=frozenset(partners)))
        else:
            gaps.add(Gap(missing, offer.kind, brings, again, offer.scope.categories, offer.scope.products))
    for payment in before.payments:
        if payment.postage.missing is not None and payment.postage.fee:
            gaps.add(Gap(payment.postage.missing, None, payment.postage.fee))
    ordered = sorted(gaps, key=lambda gap: (gap.missing, -gap.brings, sorted(gap.categories), sorted(gap.products)))
    return ordered[:NEAREST_GAPS]


def _may_be_reached(advice: Advice, offer: Promotion) -> bool:
    """Whether a promotion has a threshold that this customer can reach now."""
    if not offer.threshold or offer.kind in ITEM_KINDS or (offer.kind == "allowance" and not advice.holds_allowance):
        return False
    return offer.runs(advice.situation.now, shop_rules().campaigns)


def _replaced(before: Quote, kind: PromotionKind, skus: set[str], stacking: Stacking) -> Decimal:
    """The least of what counts now and could not count beside a promotion of a kind for some articles."""
    excluded = [
        -step.amount
        for step in before.steps
        if step.kind != "sale_price"
        and step.kind != "deposit_expansion"
        and step.kind not in ITEM_KINDS
        and stacking.exclude(kind, step.kind)
        and skus & set(step.skus)
    ]
    return min(excluded, default=Decimal(0))


def most_of(gaps: Iterable[Gap], spent: Decimal, stacking: Stacking) -> Decimal:
    """The most that all thresholds together could take off where so much more is spent."""
    found = ((gap.most(spent), gap.kind) for gap in gaps)
    left = sorted((each for each in found if each[0]), key=lambda each: -each[0])
    total = Decimal(0)
    counted: list[PromotionKind] = []
    for amount, kind in left:
        # Of kinds that exclude each other only the one that takes the most.
        if kind is None or not any(stacking.exclude(kind, other) for other in counted):
            total += amount
            counted += [kind] if kind is not None else []
    return total
