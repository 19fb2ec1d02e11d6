"""Lets a system that fails rest instead of making every customer wait for its timeout.

`pybreaker` would be the library for it, but up to 1.4 it holds its lock while the guarded call runs, so that calls to
the shop's system would queue behind each other – one slow answer would hold up every conversation.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from sixty.shop.gateways.errors import OutOfReachError


class CircuitBreaker:
    """Refuses calls for a while after several failures in a row, then lets one try at a time.

    Only `OutOfReachError` counts as a failure: a system that refuses or talks nonsense is there.

    Args:
        failures: How many in a row open it.
        rest: Seconds that it then refuses calls.
        clock: Seconds that only ever grow.
    """

    def __init__(self, failures: int = 3, rest: float = 20.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = failures
        self._rest = rest
        self._clock = clock
        self._lock = Lock()
        self._failed = 0
        self._closed_until = 0.0
        self._trying = False

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Runs a block, unless the system rests.

        Raises:
            OutOfReachError: It rests; the block did not run.
        """
        trial = self._admit()
        try:
            yield
        except OutOfReachError:
            self._failure()
            raise
        else:
            self._success()
        finally:
            if trial:
                with self._lock:
                    self._trying = False

    def _admit(self) -> bool:
        with self._lock:
            if self._failed < self._most:
                return False
            if self._clock() < self._closed_until or self._trying:
                raise OutOfReachError("the shop's system failed several times in a row and is left alone for a while")
            self._trying = True
            return True

    def _failure(self) -> None:
        with self._lock:
            self._failed += 1
            if self._failed >= self._most:
                self._closed_until = self._clock() + self._rest

    def _success(self) -> None:
        with self._lock:
            self._failed = 0
