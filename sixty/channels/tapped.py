"""What a tapped capsule means, read from the payload that the ledger holds."""

from __future__ import annotations

import json
import re
from typing import Any

_PAYLOAD = re.compile(r"/(?P<intent>[a-z0-9_]+(?:/[a-z0-9_]+)?)\s*(?P<entities>\{.*\})?", re.DOTALL)
# Rasa's own commands belong to nobody's capsule.
_COMMANDS = frozenset({"restart", "session_start", "back"})

OPENED = "/greet"
"""What is said on behalf of a customer who opens the chat: the bot speaks first."""


def parse_data(payload: str) -> dict[str, Any] | None:
    """What Rasa's own understanding would make of `/intent{"entity": "value"}`, without asking it.

    Args:
        payload: A capsule's payload, written by us.

    Returns:
        Text, intent, its ranking and entities; None for what is no such payload, which is read as text then.
    """
    match = _PAYLOAD.fullmatch(payload.strip())
    if match is None or match["intent"] in _COMMANDS:
        return None
    try:
        values = json.loads(match["entities"] or "{}")
    except (ValueError, RecursionError):
        return None
    where = {"start": match.start("entities"), "end": match.end("entities")} if match["entities"] else {}
    entities = [
        {"entity": name, **where, "value": each}
        for name, value in values.items()
        for each in (value if isinstance(value, list) else [value])
    ]
    intent = {"name": match["intent"], "confidence": 1.0}
    return {"text": payload.strip(), "intent": intent, "intent_ranking": [dict(intent)], "entities": entities}
