"""Postage, and from where on it is free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class PostageRule:
    """What a parcel costs, in yuan; free from what is paid for its goods on, never when None."""

    fee: Decimal
    free_from: Decimal | None = None


@dataclass(frozen=True)
class Postage:
    """The shop's postage, and what differs in some regions."""

    usual: PostageRule
    regions: Mapping[str, PostageRule] = field(default_factory=dict)

    def rule_for(self, region: str) -> PostageRule:
        """The rule of a region, whose name may go on (`新疆`, `新疆维吾尔自治区`)."""
        return next((rule for name, rule in self.regions.items() if name and region.startswith(name)), self.usual)


NO_POSTAGE = Postage(PostageRule(Decimal(0)))


@dataclass(frozen=True)
class ParcelPostage:
    """The postage of one parcel, and how much is missing until it is free.

    Attributes:
        missing: What has to be paid more for goods; None when it is free, or never will be.
    """

    fee: Decimal
    free_from: Decimal | None
    missing: Decimal | None


def postage_for(paid: Decimal, region: str, postage: Postage) -> ParcelPostage:
    """Works out the postage of a parcel.

    Args:
        paid: What is paid for its goods, everything taken off: what a customer would have
            to reach, so a promised free parcel stays free.
        region: Where it goes.
        postage: The shop's rules.
    """
    rule = postage.rule_for(region)
    if rule.free_from is not None and paid >= rule.free_from:
        return ParcelPostage(Decimal("0.00"), rule.free_from, None)
    missing = None if rule.free_from is None or not rule.fee else rule.free_from - paid
    return ParcelPostage(rule.fee, rule.free_from, missing)
