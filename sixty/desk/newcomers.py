"""How many conversations one network address may begin: each is a row, and asking for one costs nothing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

MOST_A_MINUTE = 600
"""An office or a mobile network has one address for all; a flood has more than this."""


class Newcomers:
    """Counts those who come without a token, by address and minute. Each server counts for itself."""

    def __init__(self, most: int = MOST_A_MINUTE, clock: Callable[[], float] = time.monotonic) -> None:
        """Lets so many in a minute.

        Args:
            most: By one address.
            clock: Seconds, growing.
        """
        self._most = most
        self._clock = clock
        self._minute = 0
        self._seen: Counter[str] = Counter()

    def admit(self, address: str) -> bool:
        """Counts one more; False when there have been too many in this minute."""
        minute = int(self._clock() // 60)
        if minute != self._minute:
            # What is forgotten every minute needs no other bound.
            self._minute = minute
            self._seen.clear()
        self._seen[address] += 1
        return self._seen[address] <= self._most
