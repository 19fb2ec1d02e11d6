"""What the bot says, in the one form in which the ledger keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sixty.channels.links import is_web_address
from sixty.dialogue.apology import APOLOGY
from sixty.ledger.replying import OFFERED, PUSH

Form = dict[str, Any]

_OUTCOMES = {
    "utter_faq_": "answered",
    "utter_ask_": "asked_back",
    "utter_social_": "social",
    "utter_miss_": "missed",
    APOLOGY: "handed_over",
}
_SAYING = frozenset({"text", "capsules", "card", "image"})


def outcome_of(response_name: str) -> str | None:
    """What a response of the domain does, by the first part of its name."""
    return next((outcome for prefix, outcome in _OUTCOMES.items() if response_name.startswith(prefix)), None)


def reply_form(response: Mapping[str, Any]) -> Form | None:
    """The form of what Rasa hands to an output channel.

    Args:
        response: As in `OutputChannel.send_response`.

    Returns:
        Some of `text`, `capsules` (title and payload), `offered`, `push`, `card`, `image` and `outcome`; None when it
        says nothing.
    """
    form: Form = {}
    if response.get("text"):
        form["text"] = response["text"]
    buttons = [*(response.get("buttons") or ()), *(response.get("quick_replies") or ())]
    if buttons:
        form["capsules"] = [
            {"title": button["title"], "payload": button["payload"]}
            for button in buttons
            if button.get("title") and button.get("payload")
        ]
    custom = response.get("custom") or {}
    if isinstance(custom, Mapping) and custom.get("card"):
        form["card"] = custom["card"]
    if form.get("capsules") and isinstance(response.get(OFFERED), Mapping):
        form[OFFERED] = dict(response[OFFERED])
    if response.get(PUSH):
        form[PUSH] = str(response[PUSH])
    if is_web_address(response.get("image")):
        form["image"] = response["image"]
    if not any(form.get(part) for part in _SAYING):
        return None
    outcome = response.get("outcome") or outcome_of(response.get("utter_action") or "")
    if outcome:
        form["outcome"] = outcome
    return form
