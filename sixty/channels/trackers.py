"""Reads and deletes what Rasa remembers of conversations, in whichever tracker store it has."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from rasa.core.tracker_store import (
    AwaitableTrackerStore,
    FailSafeTrackerStore,
    InMemoryTrackerStore,
    MongoTrackerStore,
    RedisTrackerStore,
    SQLTrackerStore,
    TrackerStore,
)
from rasa.shared.core.domain import Domain
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig, read_endpoint_config

from sixty.errors import OperatorError


class Trackers:
    """Rasa's tracker store, without Rasa."""

    def __init__(self, store: TrackerStore) -> None:
        """Uses a store of Rasa's."""
        self._store = store

    @classmethod
    def of(cls, endpoints: Path) -> Trackers:
        """Opens the tracker store of the endpoints.

        Raises:
            OperatorError: There is none that outlives Rasa's process, or it cannot be opened.
        """
        try:
            config: EndpointConfig | None = read_endpoint_config(str(endpoints), "tracker_store")
            if config is None or config.type is None or config.type.lower() == "in_memory":
                raise OperatorError(f"{endpoints.name} has no tracker_store that can be read from outside")
            domain = Domain.empty()
            # Any slot may be set: what is read is what was, not what the present model knows.
            domain.slots = None
            return cls(TrackerStore.create(config, domain))
        except (RasaException, OSError, ValueError) as error:
            raise OperatorError(f"Rasa's tracker store cannot be opened: {' '.join(str(error).split())}") from None

    def conversation_ids(self) -> list[str]:
        """All conversations that it remembers."""
        prefix = getattr(_innermost(self._store), "key_prefix", "")
        return [_text(each).removeprefix(prefix) for each in asyncio.run(_keys(self._store))]

    def events(self, conversation_id: str) -> list[dict[str, Any]]:
        """All events of a conversation, over all its sessions."""
        tracker = asyncio.run(self._store.retrieve_full_tracker(conversation_id))
        return [] if tracker is None else [event.as_dict() for event in tracker.events]

    def forget(self, conversation_ids: Collection[str]) -> int:
        """Deletes what Rasa remembers of conversations; it knows no way of its own.

        Returns:
            How many of them it had remembered.

        Raises:
            OperatorError: Nothing is known of deleting in this kind of store.
        """
        store = _innermost(self._store)
        forgotten = 0
        for conversation_id in conversation_ids:
            if isinstance(store, SQLTrackerStore):
                with store.session_scope() as session:
                    query = session.query(store.SQLEvent).filter(store.SQLEvent.sender_id == conversation_id)
                    forgotten += bool(query.delete(synchronize_session=False))
                    session.commit()
            elif isinstance(store, RedisTrackerStore):
                forgotten += bool(store.red.delete(store.key_prefix + conversation_id))
            elif isinstance(store, MongoTrackerStore):
                forgotten += bool(store.conversations.delete_one({"sender_id": conversation_id}).deleted_count)
            elif isinstance(store, InMemoryTrackerStore):
                forgotten += store.store.pop(conversation_id, None) is not None
            else:
                raise OperatorError(
                    f"Rasa's tracker store is a {type(store).__name__}, in which Sixty cannot delete: delete there "
                    f"what belongs to {', '.join(conversation_ids)}, then say so with --keep-trackers"
                )
        return forgotten


async def _keys(store: TrackerStore) -> Iterable[Any]:
    keys: Iterable[Any] = await store.keys()
    return keys


def _text(key: Any) -> str:
    # Redis hands out bytes.
    return key.decode() if isinstance(key, bytes) else str(key)


def _innermost(store: Any) -> Any:
    while isinstance(store, (AwaitableTrackerStore, FailSafeTrackerStore)):
        store = store._tracker_store
    return store
