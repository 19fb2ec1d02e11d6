"""One conversation in order, others in parallel."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog

Item = TypeVar("Item")

_log = structlog.get_logger(__name__)


class Lane(Generic[Item]):
    """What waits in one conversation."""

    def __init__(self) -> None:
        """Makes an empty lane."""
        self._items: deque[Item] = deque()
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        """How many items wait."""
        return len(self._items)

    def put(self, item: Item) -> None:
        """Adds an item at the end."""
        self._items.append(item)
        self._arrived.set()

    def pop(self) -> Item:
        """Takes the item at the head.

        Raises:
            IndexError: Nothing waits.
        """
        item = self._items.popleft()
        if not self._items:
            self._arrived.clear()
        return item

    async def head_within(self, seconds: float) -> Item | None:
        """Looks at the item at the head, once there is one; None when none has come in that time."""
        if not self._items and seconds > 0:
            try:
                await asyncio.wait_for(self._arrived.wait(), seconds)
            except asyncio.TimeoutError:
                return None
        return self._items[0] if self._items else None


class Lanes(Generic[Item]):
    """A lane for each conversation in which something is going on; an empty one is forgotten."""

    def __init__(self, handle: Callable[[Item, Lane[Item]], Awaitable[None]]) -> None:
        """Makes no lane yet.

        Args:
            handle: Deals with the item at the head; it may take further ones out of the lane. The next item waits
                until it is through, however it ends.
        """
        self._handle = handle
        self._lanes: dict[str, Lane[Item]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """How many conversations have something going on."""
        return len(self._lanes)

    def put(self, key: str, item: Item) -> None:
        """Adds an item to a conversation's lane."""
        lane = self._lanes.get(key)
        if lane is not None:
            lane.put(item)
            return
        lane = self._lanes[key] = Lane()
        lane.put(item)
        task = asyncio.get_running_loop().create_task(self._work(key, lane))
        # The loop itself keeps no task from being collected.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def waiting(self, key: str) -> int:
        """How many items wait in a lane, without the one that is being dealt with."""
        lane = self._lanes.get(key)
        return len(lane) if lane is not None else 0

    def busy(self, key: str) -> bool:
        """Whether anything is going on in a lane."""
        return key in self._lanes

    async def empty(self, within: float) -> bool:
        """Waits until nothing is going on any more; False when that takes longer."""
        if not self._tasks:
            return True
        _, unfinished = await asyncio.wait(self._tasks, timeout=within)
        return not unfinished

    async def _work(self, key: str, lane: Lane[Item]) -> None:
        try:
            while len(lane):
                try:
                    await self._handle(lane.pop(), lane)
                except Exception:
                    _log.exception("lane.item_failed", conversation=key)
        finally:
            # Nothing can have been added since the lane was seen to be empty: this thread has not waited.
            del self._lanes[key]
