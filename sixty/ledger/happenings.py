"""Reads the events of a conversation as Rasa's event brokers publish them and its tracker keeps them.

Only the form is known here, not Rasa itself: an object with `sender_id`, `event`, `timestamp` and what its kind brings
along.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from sixty.ledger.storable import storable

_LONGEST_ID = 64

# What the ledger knows already, or what says nothing of the conversation.
_LEFT_OUT = frozenset({"bot", "user_featurization"})
_SILENT_ACTIONS = frozenset({"action_listen", "action_session_start"})
# Holds the signed proof of who the customer is.
_SECRET_SLOTS = frozenset({"session_started_metadata"})
_FRAME = frozenset({"sender_id", "event", "timestamp", "metadata", "parse_data", "text"})


@dataclass(frozen=True)
class Happening:
    """One event of a conversation.

    Attributes:
        key: The same for the same event, whichever way it comes.
        kind: `user`, `action`, `slot`, `active_loop` …
        data: What is worth keeping of it.
        at: When it happened.
        message_id: Of a customer's message, what the front door calls it; None for what came in another way.
    """

    conversation_id: str
    key: str
    kind: str
    data: dict[str, Any]
    at: datetime
    message_id: int | None = None


def read_happening(event: Mapping[str, Any]) -> Happening | None:
    """Reads one event.

    Args:
        event: As published; times are seconds since 1970.

    Returns:
        None for what is not kept, and for what is no such event.
    """
    conversation_id, kind = event.get("sender_id"), event.get("event")
    micros = _micros(event.get("timestamp"))
    if not (isinstance(conversation_id, str) and 0 < len(conversation_id) <= _LONGEST_ID and isinstance(kind, str)):
        return None
    name = event.get("name")
    if micros is None or kind in _LEFT_OUT or name in _SILENT_ACTIONS or (kind == "slot" and name in _SECRET_SLOTS):
        return None
    message_id = event.get("message_id") if kind == "user" else None
    return Happening(
        conversation_id=storable(conversation_id),
        key=_key(conversation_id, kind, micros, name, event.get("value")),
        kind=storable(kind)[:32],
        data=storable(_data(kind, event)),
        at=datetime.fromtimestamp(micros // 10**6, timezone.utc).replace(microsecond=micros % 10**6),
        message_id=_number(message_id),
    )


def _data(kind: str, event: Mapping[str, Any]) -> dict[str, Any]:
    if kind == "user":
        return {"understood": understood_in(event), "channel": event.get("input_channel")}
    if kind == "action":
        return {name: event[name] for name in ("name", "policy", "confidence") if event.get(name) is not None}
    return {name: value for name, value in event.items() if name not in _FRAME}


def understood_in(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """What was understood of a customer's message: intent, confidence and entities; None where nothing was."""
    parsed = event.get("parse_data")
    intent = parsed.get("intent") if isinstance(parsed, Mapping) else None
    if not isinstance(parsed, Mapping) or not isinstance(intent, Mapping) or not intent.get("name"):
        return None
    entities = parsed.get("entities")
    return {
        "intent": intent["name"],
        "confidence": intent.get("confidence"),
        "entities": [
            {name: each[name] for name in ("entity", "value", "start", "end", "role", "group") if name in each}
            for each in (entities if isinstance(entities, list) else [])
            if isinstance(each, Mapping)
        ],
    }


def _key(conversation_id: str, kind: str, micros: int, name: Any, value: Any) -> str:
    # Metadata stays out: it is not the same on every way.
    said = json.dumps([conversation_id, kind, micros, name, value], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def _micros(seconds: Any) -> int | None:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not math.isfinite(seconds):
        return None
    # To the year 9999; beyond it is no time of ours.
    return round(seconds * 10**6) if 0 <= seconds < 253_402_300_800 else None


def _number(message_id: Any) -> int | None:
    digits = isinstance(message_id, str) and message_id.isascii() and message_id.isdigit() and len(message_id) < 19
    return int(message_id) if digits else None
