"""How fast one window may change things: a bucket of tokens a session, in this process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from hashlib import sha256

BURST = 60
PER_SECOND = 10.0
_MOST_SESSIONS = 10_000


class Pace:
    """Counts what sessions do. An agent who writes, looks and taps at their quickest stays far below it."""

    def __init__(self, burst: int = BURST, per_second: float = PER_SECOND) -> None:
        """Begins with full buckets."""
        self._burst = burst
        self._per_second = per_second
        self._lock = threading.Lock()
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def too_fast(self, token: str, now: float) -> int:
        """Takes one token.

        Args:
            token: What the session's cookie holds.
            now: A clock that only goes forward, in seconds.

        Returns:
            0, or in how many seconds there is one again.
        """
        key = sha256(token.encode()).digest()
        with self._lock:
            left, at = self._buckets.pop(key, (float(self._burst), now))
            left = min(float(self._burst), left + (now - at) * self._per_second)
            enough = left >= 1
            self._buckets[key] = (left - 1 if enough else left, now)
            while len(self._buckets) > _MOST_SESSIONS:
                self._buckets.popitem(last=False)
        return 0 if enough else max(1, round((1 - left) / self._per_second))
