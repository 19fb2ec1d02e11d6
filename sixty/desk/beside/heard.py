"""What is kept of a line that was said to a person: what it means, and what else it may mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sixty.ledger.happenings import understood_in

OTHERS = "others"
"""In `understood`: what else the line may mean, as `intent` and `confidence`, the likeliest first."""

FALLBACK = "nlu_fallback"
"""The intent of a line of which the model is not sure enough to answer at once."""

_MOST_OTHERS = 4
_LEAST_CONFIDENCE = 0.03


def meaning_of(parsed: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is kept of a parsed message: intent, confidence, entities, and what else it may mean.

    Args:
        parsed: As Rasa parses a message.
    """
    meaning = understood_in({"parse_data": parsed})
    if meaning is None:
        return None
    others = [
        (str(each["name"]), round(float(each.get("confidence") or 0.0), 4))
        for each in parsed.get("intent_ranking") or ()
        if each.get("name") not in (FALLBACK, meaning["intent"])
    ]
    likely = [{"intent": name, "confidence": sure} for name, sure in others if sure >= _LEAST_CONFIDENCE][:_MOST_OTHERS]
    return {**meaning, OTHERS: likely} if likely else meaning
