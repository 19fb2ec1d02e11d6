"""Listens to Rasa's events for the apology after a failed action, and hands the conversation to a person."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.utils.endpoints import EndpointConfig

from sixty.desk.trouble import report_trouble
from sixty.dialogue.apology_policy import APOLOGY

_REMEMBERED_CONVERSATIONS = 10_000


class TroubleBroker(EventBroker):
    """An event broker of Rasa's that writes hand-offs; it never breaks a turn."""

    def __init__(self) -> None:
        """Creates the one thread that writes, so that a locked database does not hold up a turn."""
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="handoffs")
        self._latest_message: dict[str, dict[str, Any]] = {}

    @classmethod
    async def from_endpoint_config(
        cls, broker_config: EndpointConfig, event_loop: asyncio.AbstractEventLoop | None = None
    ) -> TroubleBroker:
        """Creates the broker from endpoints.yml; it has no options."""
        return cls()

    def publish(self, event: dict[str, Any]) -> None:
        """Takes one event of a tracker that has just been saved."""
        conversation = event.get("sender_id")
        if not isinstance(conversation, str):
            return
        if event.get("event") == "user":
            self._latest_message[conversation] = event
            if len(self._latest_message) > _REMEMBERED_CONVERSATIONS:
                self._latest_message.pop(next(iter(self._latest_message)))
        elif event.get("event") == "action" and event.get("name") == APOLOGY:
            message = self._latest_message.get(conversation, {})
            details = (message.get("text"), message.get("input_channel"), message.get("metadata"))
            try:
                self._writer.submit(report_trouble, conversation, "action_failed", *details)
            except RuntimeError:
                # Closed already: a last tracker that is saved while Rasa shuts down is written here and now.
                report_trouble(conversation, "action_failed", *details)

    async def close(self) -> None:
        """Writes what is still to be written."""
        self._writer.shutdown(wait=True)
