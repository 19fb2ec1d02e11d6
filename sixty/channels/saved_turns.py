"""Asks Rasa whether it has finished a turn: the tracker is saved at a turn's end, with our id of the message in it."""

from __future__ import annotations

from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.events import UserUttered


class NotReadyError(Exception):
    """Rasa has no model yet, and so cannot be asked."""


def tracker_store_of(app: Any) -> TrackerStore:
    """The tracker store of a running Rasa server.

    Args:
        app: Its Sanic application.

    Raises:
        NotReadyError: It has not loaded its model yet.
    """
    agent = getattr(app.ctx, "agent", None)
    if agent is None or not agent.is_ready() or agent.tracker_store is None:
        raise NotReadyError("Rasa has not loaded its model yet")
    # Rasa's own wrapper takes a store that cannot be reached for an empty one, and a message would be answered twice.
    return getattr(agent.tracker_store, "_tracker_store", agent.tracker_store)


async def is_saved(store: TrackerStore, conversation_id: str, message_id: int) -> bool:
    """Whether a turn that answers a message stands in the tracker.

    Raises:
        Exception: The store cannot be read.
    """
    tracker = await store.retrieve_full_tracker(conversation_id)
    return tracker is not None and any(
        isinstance(event, UserUttered) and event.message_id == str(message_id) for event in tracker.events
    )
