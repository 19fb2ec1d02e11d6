"""Locks of conversations that several Rasa servers share.

Rasa's own Redis store wants the parts of an address one by one, and has a turn that must wait look again once a second.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import redis  # type: ignore[import-untyped]
from rasa.core.lock import TicketLock
from rasa.core.lock_store import DEFAULT_REDIS_LOCK_STORE_KEY_PREFIX, LOCK_LIFETIME, RedisLockStore
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

_LOOK_EVERY = 0.1
_ANSWER_WITHIN = 10.0


class SharedLockStore(RedisLockStore):
    """`type: sixty.dialogue.shared_locks.SharedLockStore`, with a `url` and, where Redis is shared, a `key_prefix`."""

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        """Connects when a lock is asked for.

        Raises:
            RasaException: The endpoints don't say where Redis is.
        """
        try:
            self.red = redis.Redis.from_url(endpoint_config.url or "", socket_timeout=_ANSWER_WITHIN)
        except ValueError:
            raise RasaException("lock_store: url: must begin with redis:// or rediss://") from None
        self.key_prefix = DEFAULT_REDIS_LOCK_STORE_KEY_PREFIX
        if endpoint_config.kwargs.get("key_prefix"):
            self._set_key_prefix(str(endpoint_config.kwargs["key_prefix"]))

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = _LOOK_EVERY
    ) -> AsyncIterator[TicketLock]:
        """As Rasa's own, without the long wait."""
        async with super().lock(conversation_id, lock_lifetime, wait_time_in_seconds) as lock:
            yield lock
