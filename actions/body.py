"""What the conversation has told of a body: the slots of the size form, checked, and of one person only."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from rasa_sdk import Tracker

from actions.action import latest
from sixty.shop.models import BODY_PARTS, BodyPart
from sixty.shop.size_charts import GIRTHS, PLAUSIBLE, Body, may_be_one_child


def number_of(value: Any) -> Decimal | None:
    """The number that a slot or an entity holds, the last one where there are several."""
    try:
        number = Decimal(str(latest(value)))
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() else None


def plausible(part: BodyPart, number: Decimal | None) -> Decimal | None:
    """The number, if it can be that measure of somebody."""
    low, high = PLAUSIBLE[part]
    return number if number is not None and low <= number <= high else None


def body_of(tracker: Tracker) -> Body:
    """What is known of who will wear it.

    Slots outlive the person they were told of. Who tells height and weight anew and no girth is measured by those; an
    age and a height that no child has together are two people's, and the one told last counts.
    """
    known = {part: plausible(part, number_of(tracker.get_slot(part))) for part in BODY_PARTS}
    told = _told_since_the_last_advice(tracker)
    if {"height", "weight"} <= told:
        known |= {part: None for part in GIRTHS if part not in told}
    age, height = known["age"], known["height"]
    if age is not None and height is not None and not may_be_one_child(age, height):
        if "age" in told and "height" not in told:
            # The height was somebody else's, and so was a weight from the same time.
            known |= {"height": None, "weight": known["weight"] if "weight" in told else None}
        else:
            known["age"] = None
    return Body(**known)


def _told_since_the_last_advice(tracker: Tracker) -> set[str]:
    """Names of the measures in the messages since the size form was last over, this turn's end not counted."""
    told: set[str] = set()
    messages = 0
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            messages += 1
            told |= _names((event.get("parse_data") or {}).get("entities") or [])
        elif messages and event.get("event") == "active_loop" and event.get("name") is None:
            break
    return told | _names(tracker.latest_message.get("entities") or [])


def _names(entities: Iterable[dict[str, Any]]) -> set[str]:
    return {str(entity.get("entity")) for entity in entities}
