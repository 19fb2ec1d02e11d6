"""The mood in which a customer left."""

from __future__ import annotations

import re

from sixty.desk.inspection.chat import Chat, Found
from sixty.desk.inspection.courtesy import is_courtesy
from sixty.desk.inspection.rules import NegativeEndRule

# How many of the customer's last lines still tell how they left: the mood, and a short word behind it.
_LAST = 2
_SHORT = 6
_CONTENT = re.compile(r"谢|辛苦|满意|好的|好吧|可以|不错|挺好|解决|没事|喜欢|嗯嗯|到了")


def negative_end(rule: NegativeEndRule, chat: Chat) -> list[Found]:
    """The customer's last words where they were angry or discontent."""
    said = [line for line in chat.customers if line.text.strip()][-_LAST:]
    answered = [line.id for line in chat.own if not is_courtesy(line.plain)]
    for line in reversed(said):
        if line.mood in rule.moods:
            if line.mood == "negative" and answered and max(answered) > line.id:
                # A complaint that was answered, and nothing more was said about it.
                return []
            return [Found(line, key="end", detail={"mood": line.mood})]
        if len(line.plain) > _SHORT or is_courtesy(line.plain) or _CONTENT.search(line.plain):
            return []
    return []
