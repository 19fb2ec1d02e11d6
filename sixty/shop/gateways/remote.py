"""What every adapter to a system elsewhere has in common: owners, proofs and what to do when it is silent.

An adapter to a real engine derives from these two and says how to fetch; see `docs/gateways.md`.
"""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from datetime import datetime

from sqlalchemy.orm import Session

from sixty.shop.gateways.normal_form import CatalogueProduct, Order
from sixty.shop.gateways.ports import Reading
from sixty.shop.gateways.reading_cache import ReadingCache
from sixty.shop.orders import Viewer
from sixty.shop.proofs import Proof, check_proof, plain_order_no, proved_orders


class RemoteOrders(ABC):
    """Orders of a system elsewhere.

    Args:
        session: A session on our own database, where proofs are kept. It is first used after the system answered, so
            that no lock is held while waiting.
        now: The present moment.
        cache: What the system said before; shared by all of a process.
    """

    def __init__(self, session: Session, now: datetime, cache: ReadingCache) -> None:
        self._session = session
        self._now = now
        self._cache = cache

    @abstractmethod
    def fetch_orders(self, customer_id: str, limit: int) -> tuple[Order, ...]:
        """Asks the system for a customer's newest orders, the newest first."""

    @abstractmethod
    def fetch_order(self, order_no: str) -> Order | None:
        """Asks the system for one order, whoever's it is."""

    def orders_of(self, viewer: Viewer, limit: int = 5) -> Reading[tuple[Order, ...]]:
        """Lists the viewer's orders, the newest first."""
        customer = viewer.customer_id
        if customer is None:
            return self._proved(viewer, limit)
        if not customer:
            return Reading((), self._now)
        read = self._cache.read(("orders", customer, limit), lambda: self.fetch_orders(customer, limit), self._now)
        # A system that ignores the filter must not show one customer another's orders.
        own = sorted((each for each in read.value if each.customer_id == customer), key=lambda each: each.no)
        own.sort(key=lambda each: each.placed_at, reverse=True)
        return Reading(tuple(own[:limit]), read.read_at, read.stale)

    def order_for(self, order_no: str, viewer: Viewer) -> Reading[Order | None]:
        """Reads one order, if it is the viewer's or was proved in this conversation."""
        number = plain_order_no(order_no)
        nothing: Reading[Order | None] = Reading(None, self._now)
        proved = number in proved_orders(self._session, viewer.conversation_id, self._now)
        if not number or (viewer.customer_id is None and not proved):
            return nothing
        read = self._order(number)
        order = read.value
        if order is None or not (proved or order.customer_id == viewer.customer_id):
            return nothing
        return read

    def prove(self, conversation_id: str, order_no: str, phone_tail: str) -> Proof:
        """Checks a visitor's claim to an order."""
        number = plain_order_no(order_no)
        order = self._order(number).value if number else None
        phone = order.phone if order is not None else None
        return check_proof(self._session, conversation_id, number, phone_tail, phone, self._now)

    def _proved(self, viewer: Viewer, limit: int) -> Reading[tuple[Order, ...]]:
        numbers = proved_orders(self._session, viewer.conversation_id, self._now)
        readings = [self._order(number) for number in numbers]
        orders = [read.value for read in readings if read.value is not None]
        orders.sort(key=lambda each: each.placed_at, reverse=True)
        return Reading(
            tuple(orders[:limit]),
            min((read.read_at for read in readings), default=self._now),
            any(read.stale for read in readings),
        )

    def _order(self, number: str) -> Reading[Order | None]:
        read = self._cache.read(("order", number), lambda: self.fetch_order(number), self._now)
        if read.value is not None and read.value.no != number:
            return Reading(None, read.read_at)
        return read


class RemoteCatalogue(ABC):
    """Products of a system elsewhere.

    Args:
        now: The present moment.
        cache: What the system said before; shared by all of a process.
    """

    def __init__(self, now: datetime, cache: ReadingCache) -> None:
        self._now = now
        self._cache = cache

    @abstractmethod
    def fetch_product(self, no: str) -> CatalogueProduct | None:
        """Asks the system for one product."""

    @abstractmethod
    def products(self, after: str | None = None, limit: int = 100) -> tuple[CatalogueProduct, ...]:
        """Reads the products whose numbers follow `after`, in the order of their numbers."""

    def product(self, no: str) -> Reading[CatalogueProduct | None]:
        """Reads one product with its variants."""
        number = unicodedata.normalize("NFKC", no).strip().upper()
        if not number.strip("."):
            # Dots alone would lead to another address.
            return Reading(None, self._now)
        return self._cache.read(("product", number), lambda: self.fetch_product(number), self._now)
