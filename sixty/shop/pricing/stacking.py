"""Which promotions go together, in which order, and from which amount each is counted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from sixty.shop.pricing.promotions import ITEM_KINDS, PromotionKind

Mode = Literal["sequential", "parallel"]


@dataclass(frozen=True)
class Stacking:
    """The shop's rules of stacking.

    What makes the price of an article (`ITEM_KINDS`) always comes first, each from what the
    one before has left. For what counts for the order there are two ways:

    * `sequential`, as on Tmall until 2017: each is counted from what the ones before have left.
      The coupon first; if what remains still reaches the threshold, the allowance too.
    * `parallel`, as since 2018: each is counted from the articles' own prices, whatever the
      others take off, and takes off at most what is left of a line; what a line cannot bear any
      more is not moved to another one.

    Attributes:
        order: Every kind once.
        exclusive: Groups of kinds of which a line takes part in one only.
        several: Kinds of which a line may take part in several at once; of every other kind in one.
    """

    mode: Mode
    order: tuple[PromotionKind, ...]
    exclusive: tuple[frozenset[PromotionKind], ...] = ()
    several: frozenset[PromotionKind] = frozenset()

    @cached_property
    def _places(self) -> dict[PromotionKind, int]:
        return {kind: place for place, kind in enumerate(self.order)}

    def place(self, kind: PromotionKind) -> int:
        """Where a kind stands in the order."""
        return self._places[kind]

    @cached_property
    def _excluded(self) -> dict[PromotionKind, frozenset[PromotionKind]]:
        return {
            kind: frozenset(
                other
                for other in self.order
                if (kind == other and kind not in self.several)
                or (kind != other and any(kind in group and other in group for group in self.exclusive))
            )
            for kind in self.order
        }

    def excluded_by(self, kind: PromotionKind) -> frozenset[PromotionKind]:
        """The kinds in which a line cannot take part that takes part in this one."""
        return self._excluded[kind]

    def exclude(self, one: PromotionKind, other: PromotionKind) -> bool:
        """Tells whether a line that takes part in the one cannot take part in the other."""
        return other in self._excluded[one]

    def excludes_any(self, kind: PromotionKind, used: Collection[PromotionKind]) -> bool:
        """Tells whether a line that takes part in these kinds cannot take part in the one.

        A line that takes part in the same kind already is no matter of this.
        """
        if not used:
            return False
        excluded = self._excluded[kind]
        return any(each in excluded and each != kind for each in used)


def _groups(*groups: Iterable[PromotionKind]) -> tuple[frozenset[PromotionKind], ...]:
    return tuple(frozenset(group) for group in groups)


USUAL = Stacking(
    mode="parallel",
    order=(
        *ITEM_KINDS,
        "store_cut",
        "store_coupon",
        "category_coupon",
        "bundle_coupon",
        "cross_shop_cut",
        "allowance",
        "red_packet",
        "gift",
    ),
    exclusive=_groups(
        ("store_coupon", "category_coupon", "bundle_coupon"),
        ("member_price", "timed_discount"),
        ("bundle_price", "pieces"),
        ("bundle_price", "bundle_coupon"),
        ("presale", "member_price"),
        ("presale", "timed_discount"),
        ("presale", "bundle_price"),
        ("presale", "pieces"),
        ("presale", "store_coupon"),
        ("presale", "bundle_coupon"),
    ),
    several=frozenset({"red_packet"}),
)
"""What holds where a shop says nothing else."""
