"""What leaves the bot, in one form for every channel."""

from __future__ import annotations

from typing import Any

from rasa.core.channels.channel import OutputChannel

Message = dict[str, Any]

_OUTCOMES = {
    "utter_faq_": "answered",
    "utter_ask_": "asked_back",
    "utter_social_": "social",
    "utter_miss_": "missed",
    "utter_technical_trouble": "handed_over",
}


def outcome_of(response_name: str) -> str | None:
    """What a response of the domain does, by the first part of its name."""
    return next((outcome for prefix, outcome in _OUTCOMES.items() if response_name.startswith(prefix)), None)


def delivered_form(response: Message) -> Message:
    """The one JSON object that a channel delivers for a bot's utterance.

    Args:
        response: What Rasa hands to `OutputChannel.send_response`.

    Returns:
        Some of `text`, `buttons` (title and payload), `card`, `image` and `outcome`.
    """
    message: Message = {}
    if response.get("text"):
        message["text"] = response["text"]
    if response.get("buttons"):
        message["buttons"] = [
            {"title": button["title"], "payload": button["payload"]} for button in response["buttons"]
        ]
    custom = response.get("custom") or {}
    if custom.get("card"):
        message["card"] = custom["card"]
    if response.get("image"):
        message["image"] = response["image"]
    outcome = response.get("outcome") or outcome_of(response.get("utter_action") or "")
    if outcome:
        message["outcome"] = outcome
    return message


class Outlet(OutputChannel):
    """Stands before a channel's own output: gives every reply its form and knows whether there was one."""

    def __init__(self, inner: OutputChannel) -> None:
        """Wraps an output channel that has `deliver(recipient_id, message)`."""
        self._inner = inner
        self.sent = 0
        self.open = True

    def name(self) -> str:
        """The name of the channel behind, which conditional responses ask for."""
        return str(self._inner.name())

    async def send_response(self, recipient_id: str, message: Message) -> None:
        """Delivers a bot's utterance; an empty one, or one that comes after the apology, goes nowhere."""
        form = delivered_form(message)
        if not (form.keys() & {"text", "buttons", "card", "image"}) or not self.open:
            return
        self.sent += 1
        await self._inner.deliver(recipient_id, form)
