"""The customer's mood, as the component `Mood` has found it, and what it changes in an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from actions.action import Turn

_Offer = TypeVar("_Offer")


def _moods(parsed: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(
        str(entity.get("value")) for entity in parsed.get("entities") or [] if entity.get("entity") == "mood"
    )


def moods(turn: Turn) -> frozenset[str]:
    """The moods of the customer's latest message: `negative`, `angry`, `abandoning`."""
    return _moods(turn.tracker.latest_message)


def is_angry(turn: Turn) -> bool:
    """Whether the customer's latest message is angry."""
    return "angry" in moods(turn)


def angry_messages(turn: Turn) -> int:
    """How many messages of this conversation, with the latest, are angry."""
    return sum(
        event.get("event") == "user" and "angry" in _moods(event.get("parse_data") or {})
        for event in turn.tracker.events
    )


def calming(human: _Offer, offers: Sequence[_Offer]) -> tuple[_Offer, ...]:
    """What to offer who is angry: a person first, and one thing more at most."""
    return (human, *[offer for offer in offers if offer != human][:1])
