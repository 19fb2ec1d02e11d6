"""One turn of a conversation at a time, whichever server has it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa.core.lock_store import LockStore
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

from sixty.dialogue.shared_locks import SharedLockStore
from tests.redis_server import running_redis

TYPE = "sixty.dialogue.shared_locks.SharedLockStore"


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    with running_redis(tmp_path) as url:
        yield url


def _store(url: str | None, **more: str) -> LockStore:
    return LockStore.create(EndpointConfig(url, type=TYPE, **more))


async def test_two_servers_take_turns_in_order(redis_url: str) -> None:
    stores = [_store(redis_url), _store(redis_url)]
    assert all(isinstance(store, SharedLockStore) for store in stores)
    inside, order = 0, []

    async def turn(number: int) -> None:
        nonlocal inside
        async with stores[number % 2].lock("c1"):
            inside += 1
            assert inside == 1
            order.append(number)
            await asyncio.sleep(0.02)
            inside -= 1

    turns = []
    for number in range(6):
        turns.append(asyncio.ensure_future(turn(number)))
        await asyncio.sleep(0)
    await asyncio.gather(*turns)
    assert order == list(range(6))


async def test_another_conversation_waits_for_nobody(redis_url: str) -> None:
    store = _store(redis_url, key_prefix="ours")
    async with store.lock("c1"), store.lock("c2"):
        assert len(store.red.keys("ours:*")) == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("url", [None, "", "localhost", "http://localhost"])
def test_an_address_that_is_none_is_told(url: str | None) -> None:
    with pytest.raises(RasaException, match="redis://"):
        _store(url)
