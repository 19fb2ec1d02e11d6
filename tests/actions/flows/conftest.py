"""Talks through a flow as the rules of data/rules/deed_form.yml lead it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.actions.conftest import Chat, Said

FORM = "deed_form"


@dataclass
class FlowTalk:
    """A conversation that begins a flow, fills its form and does the deed.

    Attributes:
        chat: The conversation.
        first: The action that answers what begins the flow.
    """

    chat: Chat
    first: str = "action_begin_deed"

    async def say(self, intent: str, text: str = "", **entities: Any) -> Said:
        """One message, and everything that is done until the customer speaks again."""
        message = self.chat.user(intent, text, **entities)
        # Rasa fills these slots from entities before any action runs.
        for slot, entity in (("order_no", "order_no"), ("phone_tail", "phone"), ("product_no", "product")):
            if entity in entities:
                self.chat.slots[slot] = entities[entity]
        parts = []
        if self.chat.loop is None:
            parts.append(await self.chat.act(self.first, message))
            if parts[-1].slot("awaiting") != "deed":
                return _together(parts)
            self.chat.loop = FORM
        parts.append(await self.chat.act(f"validate_{FORM}", message))
        if self.chat.slots.get("requested_slot") is None:
            self.chat.loop = None
            parts.append(await self.chat.act("action_perform_deed", message))
        return _together(parts)

    @property
    def requested(self) -> str | None:
        """What the form asks for; None when no form is at work."""
        return self.chat.slots.get("requested_slot") if self.chat.loop else None

    @property
    def flow(self) -> str | None:
        """The flow at work."""
        kept = self.chat.slots.get("flow")
        return str(kept["name"]) if self.chat.loop and kept else None


def _together(parts: list[Said]) -> Said:
    return Said(
        [event for part in parts for event in part.events], [message for part in parts for message in part.messages]
    )


@pytest.fixture
def flow_talk(chat: Callable[..., Chat]) -> Callable[..., FlowTalk]:
    """Begins a conversation in which a flow is talked through."""
    return lambda first="action_begin_deed", **known: FlowTalk(chat(**known), first)
