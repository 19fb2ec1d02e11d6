"""How a shop counts: what a merchant's playbook says about prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sixty.shop.pricing.phases import Campaign
from sixty.shop.pricing.postage import NO_POSTAGE, Postage
from sixty.shop.pricing.stacking import USUAL, Stacking


@dataclass(frozen=True)
class Rules:
    """Stacking, postage and campaigns, the campaigns by their names."""

    stacking: Stacking = USUAL
    postage: Postage = NO_POSTAGE
    campaigns: Mapping[str, Campaign] = field(default_factory=dict)


USUAL_RULES = Rules()
"""What holds where a shop says nothing else."""
