"""Remembers what a shop's system said, for the moments in which it says nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar

from sixty.shop.gateways.errors import OutOfReachError
from sixty.shop.gateways.ports import Reading

T = TypeVar("T")


class ReadingCache:
    """Keeps readings of this process, the least used going first.

    What is kept holds customers' data, so it stays in memory, and whose it is must be checked after it was taken
    from here.

    Args:
        fresh_for: How long a reading is as good as a new one; long enough that one turn asks once.
        keep_for: How old a reading may be told when the system cannot be asked.
        most: How many readings are kept.
    """

    def __init__(
        self,
        fresh_for: timedelta = timedelta(seconds=5),
        keep_for: timedelta = timedelta(hours=6),
        most: int = 2_000,
    ) -> None:
        self._fresh_for = fresh_for
        self._keep_for = keep_for
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, Reading[Any]] = OrderedDict()

    def read(self, key: Hashable, load: Callable[[], T], now: datetime) -> Reading[T]:
        """Gives the reading under a key, from the system where possible.

        Nothing (`None`) is never kept: what did not exist before may exist now.

        Raises:
            GatewayError: The system gave no answer, and none is kept that may still be told.
        """
        kept = self._get(key)
        if kept is not None and timedelta(0) <= now - kept.read_at < self._fresh_for:
            return kept
        try:
            value = load()
        except OutOfReachError:
            if kept is None or now - kept.read_at > self._keep_for:
                raise
            return Reading(kept.value, kept.read_at, stale=True)
        made = Reading(value, now)
        if value is not None:
            self._put(key, made)
        else:
            self.forget(key)
        return made

    def outdate(self, key: Hashable) -> None:
        """Makes the next reading ask the system; what is kept is told only if that gives no answer."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept[key] = Reading(kept.value, kept.read_at - self._fresh_for, kept.stale)

    def outdate_orders_of(self, customer_id: str | None) -> None:
        """Does so for all lists of a customer's orders."""
        with self._lock:
            keys = [key for key in self._kept if isinstance(key, tuple) and key[:2] == ("orders", customer_id)]
        for key in keys:
            self.outdate(key)

    def forget(self, key: Hashable) -> None:
        """Drops a reading that is known to be wrong."""
        with self._lock:
            self._kept.pop(key, None)

    def _get(self, key: Hashable) -> Reading[Any] | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def _put(self, key: Hashable, reading: Reading[Any]) -> None:
        with self._lock:
            self._kept[key] = reading
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
