"""Reads what answers depend on for Rasa's process, whose event loop must never wait for a database."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog
from sqlalchemy.orm import Session

from sixty.context import Context
from sixty.desk.conversations import context_of
from sixty.shop.catalogue import find_product
from sixty.shop.database import shop_session
from sixty.shop.pricing.campaign_answers import phase_for
from sixty.shop.pricing.phases import PhaseName
from sixty.shop.shelves import Shelf, shelf_of_kind

_log = structlog.get_logger(__name__)

_WAIT_SECONDS = 0.3
_KEPT_SECONDS = 60.0
# A shop that does not answer is left alone for a while.
_LEFT_ALONE_SECONDS = 30.0
_REMEMBERED = 10_000
_Read = TypeVar("_Read")


@dataclass(frozen=True)
class ProductNow:
    """What answers about a product depend on: its shelf, and the phase that counts for it."""

    shelf: Shelf
    phase: PhaseName | None


class ShopReader:
    """Remembers the shop for a minute; what can't be read in time is unknown, and the general answer is given."""

    def __init__(self, wait: float = _WAIT_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        """Creates the reader.

        Args:
            wait: Seconds to wait for the database at most.
            clock: Seconds that only grow.
        """
        self._wait = wait
        self._clock = clock
        self._threads: ThreadPoolExecutor | None = None
        self._kept: OrderedDict[tuple[str, str], tuple[Any, float]] = OrderedDict()
        self._ask_again_at = float("-inf")

    def context_of(self, conversation_id: str, now: datetime) -> Context | None:
        """What is known of a conversation now; None when nobody has come through the front door.

        It is read anew each time: who has just logged in is known at once. While the database does not answer, what was
        known last holds, which is good enough for words; nothing else may rest on it.
        """
        return self._remembered(("conversation", conversation_id), lambda it: context_of(it, conversation_id, now), 0)

    def of_product(self, no: str, now: datetime) -> ProductNow | None:
        """What is so of a product at a moment; None when it is unknown."""
        return self._remembered(("product", no), lambda session: _product_now(session, no, now))

    def of_kind(self, kind: str) -> Shelf | None:
        """The shelf that a kind stands on; None when there is none, or several."""
        return self._remembered(("kind", kind), lambda session: shelf_of_kind(session, kind))

    def _remembered(
        self, key: tuple[str, str], read: Callable[[Session], _Read | None], seconds: float = _KEPT_SECONDS
    ) -> _Read | None:
        now = self._clock()
        value, fresh_until = self._kept.get(key, (None, float("-inf")))
        # What was read once is better than nothing while the shop does not answer.
        before: _Read | None = value
        if now < fresh_until or now < self._ask_again_at:
            return before
        if self._threads is None:
            self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="shop-reader")
        try:
            found = self._threads.submit(lambda: _in_session(read)).result(timeout=self._wait)
        except futures.TimeoutError:
            _log.warning("shop.too_slow", seconds=self._wait)
        except Exception:
            _log.exception("shop.not_read")
        else:
            self._kept[key] = (found, now + seconds)
            self._kept.move_to_end(key)
            if len(self._kept) > _REMEMBERED:
                self._kept.popitem(last=False)
            return found
        self._ask_again_at = now + _LEFT_ALONE_SECONDS
        return before


def _in_session(read: Callable[[Session], _Read | None]) -> _Read | None:
    with shop_session(read_only=True) as session:
        return read(session)


def _product_now(session: Session, no: str, now: datetime) -> ProductNow | None:
    product = find_product(session, no)
    if product is None:
        return None
    return ProductNow(Shelf(product.category, product.kind), phase_for(session, now, product))
