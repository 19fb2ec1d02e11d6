"""What an answer may depend on: the slots that the conditions of responses ask for, worked out for every message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sixty.context import Context
from sixty.shop.cities import destination_in
from sixty.shop.pricing.campaign_answers import most_pressing
from sixty.shop.pricing.phases import Campaign, PhaseName, phases_at
from sixty.shop.regions import province
from sixty.shop.shelves import Shelf

ENTRY, LEVEL, REGION, PHASE, CATEGORY, KIND = "entry", "customer_level", "region", "phase", "category", "kind"
CIRCUMSTANCES = (ENTRY, LEVEL, REGION, PHASE, CATEGORY, KIND)


def phase_at(campaigns: Iterable[Campaign], moment: datetime) -> PhaseName | None:
    """The phase that answers are for, whatever the product; None in everyday trade."""
    return most_pressing({window.phase for window in phases_at(campaigns, moment)})


def circumstances(
    context: Context | None, phase: PhaseName | None, shelf: Shelf | None, text: str = ""
) -> dict[str, str | None]:
    """The slots for a message.

    Args:
        context: What is known of the conversation; None for whoever did not come through the front door.
        phase: The phase of a campaign.
        shelf: What the message or the conversation is about.
        text: The message: a place that it names itself outweighs where the customer lives.
    """
    return {
        ENTRY: context.entry if context else None,
        LEVEL: context.level if context else None,
        REGION: destination_in(text) or (province(context.region) if context else None),
        PHASE: phase,
        CATEGORY: shelf.category if shelf else None,
        KIND: shelf.kind if shelf else None,
    }


def named_in(entities: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What a message names itself: the last product, kind and category of its entities."""
    return {
        str(each["entity"]): str(each["value"])
        for each in entities
        if each.get("entity") in ("product", "kind", "category") and each.get("value")
    }
