"""Adds to Rasa's tracker what people, reminders and deeds have said, so that it has the whole conversation.

It is bookkeeping: the ledger is the record, the customer has read the message by then, and no decision of the bot rests
on what it has not said itself. What cannot be added is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from rasa.shared.core.events import BotUttered

from sixty.ledger.models import Message

MESSAGE = "ledger_message"
"""In the metadata of a `bot` event: the id of the ledger's message that it stands for."""

_WAITS_FOR_A_TURN = 60.0

_log = structlog.get_logger(__name__)


class TrackerNotes:
    """Takes notes in the trackers of one Rasa server."""

    def __init__(self, app: Callable[[], Any]) -> None:
        """Makes one.

        Args:
            app: Rasa's Sanic application, once there is one.
        """
        self._app = app
        self._latest: dict[str, asyncio.Task[None]] = {}

    def note(self, message: Message) -> None:
        """Notes a message that was delivered; soon, after those before it, and without ever failing."""
        if message.answers_id is not None or message.author == "customer":
            # What answers a customer Rasa has said itself.
            return
        name = message.conversation_id
        task = asyncio.get_running_loop().create_task(self._note(message, self._latest.get(name)))
        self._latest[name] = task
        task.add_done_callback(lambda done: self._latest.pop(name) if self._latest.get(name) is done else None)

    async def all_noted(self) -> None:
        """Waits until nothing is left to be noted."""
        while self._latest:
            await asyncio.wait(list(self._latest.values()))

    async def _note(self, message: Message, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        try:
            agent = getattr(getattr(self._app(), "ctx", None), "agent", None)
            if agent is not None and agent.is_ready():
                await asyncio.wait_for(_add(agent, message), _WAITS_FOR_A_TURN)
        except Exception as error:
            _log.warning("tracker.not_noted", message=message.id, error=type(error).__name__)


async def _add(agent: Any, message: Message) -> None:
    # A turn that is under way has read the tracker already and would save over the note.
    async with agent.lock_store.lock(message.conversation_id):
        tracker = await agent.tracker_store.retrieve(message.conversation_id)
        if tracker is None or any(_stands_for(event, message) for event in tracker.events):
            # Where nothing has been said to the bot, an event before the session's start would be lost.
            return
        tracker.update(_as_event(message))
        await agent.tracker_store.save(tracker)


def _stands_for(event: Any, message: Message) -> bool:
    return isinstance(event, BotUttered) and event.metadata.get(MESSAGE) == message.id


def _as_event(message: Message) -> BotUttered:
    """The event as Rasa writes its own, dated now: what is older than its session is not read any more."""
    payload = message.payload or {}
    data = {
        "elements": None,
        "quick_replies": None,
        "buttons": payload.get("capsules"),
        "attachment": None,
        "image": payload.get("image"),
        "custom": {"card": payload["card"]} if payload.get("card") else None,
    }
    metadata = {MESSAGE: message.id, "author": message.author, "said_at": message.at.isoformat()}
    return BotUttered(message.text or None, data, metadata)
