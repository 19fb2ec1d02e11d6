"""How much one sender may send: token buckets by visitor and by network address, in bounded memory.

A bucket holds up to `at_once` tokens and gains `per_minute` of them a minute; each message takes one (Turner, "New
directions in communications", 1986).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_MOST_SENDERS = 50_000


@dataclass(frozen=True)
class Allowance:
    """What one sender may send.

    Attributes:
        at_once: Messages in one moment.
        per_minute: Messages a minute in the long run.
    """

    at_once: float
    per_minute: float

    def __post_init__(self) -> None:
        """Refuses what would let nothing through.

        Raises:
            ValueError: A number is not positive, or not one message may be sent at once.
        """
        if self.at_once < 1 or self.per_minute <= 0:
            raise ValueError("at least one message at once, and more than none a minute")


class TokenBuckets:
    """A bucket for each sender; those who have not written for longest are forgotten first."""

    def __init__(
        self, allowance: Allowance, most: int = _MOST_SENDERS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Makes full buckets for everybody.

        Args:
            allowance: What each may send.
            most: How many senders are remembered.
            clock: Seconds, growing.
        """
        self._allowance = allowance
        self._per_second = allowance.per_minute / 60
        self._most = most
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        """How many senders are remembered."""
        return len(self._buckets)

    def wait(self, sender: str) -> float:
        """Seconds until this sender may send a message; 0 for now. Takes nothing."""
        tokens, _ = self._level(sender)
        # So near to a whole token is a whole token: sums of floats are.
        return 0.0 if tokens >= 1 - 1e-9 else (1 - tokens) / self._per_second

    def take(self, sender: str) -> None:
        """Counts a message of this sender."""
        tokens, now = self._level(sender)
        self._buckets[sender] = (max(0.0, tokens - 1), now)
        self._buckets.move_to_end(sender)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)

    def _level(self, sender: str) -> tuple[float, float]:
        now = self._clock()
        tokens, since = self._buckets.get(sender, (self._allowance.at_once, now))
        return min(self._allowance.at_once, tokens + (now - since) * self._per_second), now


class Limits:
    """Both limits of a door."""

    def __init__(self, visitor: Allowance, address: Allowance, clock: Callable[[], float] = time.monotonic) -> None:
        """Makes full buckets for everybody.

        Args:
            visitor: What one visitor may send.
            address: What may come from one network address, behind which a whole office may sit.
            clock: Seconds, growing.
        """
        self._visitors = TokenBuckets(visitor, clock=clock)
        self._addresses = TokenBuckets(address, clock=clock)

    def admit(self, visitor: str, address: str | None) -> float:
        """Lets a message in, or says how many seconds too early it is; what is not let in costs nothing."""
        wait = self._visitors.wait(visitor)
        if address is not None:
            wait = max(wait, self._addresses.wait(address))
        if wait > 0:
            return wait
        self._visitors.take(visitor)
        if address is not None:
            self._addresses.take(address)
        return 0.0
