"""Conversations over HTTP: Rasa's REST channel, answering in Sixty's one form."""

from __future__ import annotations

from typing import Any

from rasa.core.channels.rest import CollectingOutputChannel, QueueOutputChannel, RestInput
from sanic import Blueprint

from sixty.channels.never_silent import OnNewMessage, never_silent


async def _deliver(channel: CollectingOutputChannel, recipient_id: str, message: dict[str, Any]) -> None:
    await channel._persist_message({"recipient_id": recipient_id, **message})


# Rasa's REST input creates its output channels itself, so they learn here how to deliver.
CollectingOutputChannel.deliver = _deliver
QueueOutputChannel.deliver = _deliver


class RestChannel(RestInput):
    """`POST /webhooks/rest/webhook` with `sender`, `message` and `metadata.context`."""

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Rasa's routes around a handler that always replies."""
        routes: Blueprint = super().blueprint(never_silent(on_new_message))
        return routes
