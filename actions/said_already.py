"""Keeps a turn of several actions from saying one thing twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker

from actions.action import Turn


def leave_out_what_was_said(turn: Turn, before: int = 0) -> None:
    """Takes back, of what an action is about to say, what an earlier action of this turn has said already.

    Args:
        turn: The turn.
        before: How many of the action's lines stay in any case.
    """
    messages = turn.dispatcher.messages
    said = _said_in_this_turn(turn.tracker)
    messages[before:] = [message for message in messages[before:] if _line(message) not in said]


def _said_in_this_turn(tracker: Tracker) -> list[tuple[Any, ...]]:
    said = []
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            break
        if event.get("event") == "bot":
            data, metadata = event.get("data") or {}, event.get("metadata") or {}
            response = metadata.get("utter_action")
            text = None if response else event.get("text")
            said.append(_line({"text": text, "response": response, "custom": data.get("custom")}))
    return said


def _line(message: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells one line from another, as an action says it and as Rasa has kept it."""
    return (message.get("response") or None, message.get("text") or None, message.get("custom") or None)
