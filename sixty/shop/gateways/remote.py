"""What every adapter to a system elsewhere has in common: owners, proofs and what to do when it is silent.

An adapter to a real engine derives from these two and says how to fetch; see `docs/gateways.md`.
"""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from datetime import datetime

from sqlalchemy.orm import Session

from sixty.shop.deeds import recording
from sixty.shop.deeds.deed import Deed, DeedRecord, Done
from sixty.shop.deeds.performing import perform
from sixty.shop.deeds.recording import Outcome
from sixty.shop.gateways.errors import OutOfReachError
from sixty.shop.gateways.normal_form import CatalogueProduct, Order
from sixty.shop.gateways.ports import Reading
from sixty.shop.gateways.reading_cache import ReadingCache
from sixty.shop.orders import Viewer
from sixty.shop.policies.facts import Facts
from sixty.shop.policies.reading import Policies
from sixty.shop.policies.verdicts import Verdict
from sixty.shop.proofs import Proof, check_proof, plain_order_no, proved_orders


class RemoteOrders(ABC):
    """Orders of a system elsewhere.

    Args:
        session: A session on our own database, where proofs are kept. It is first used after the system answered, so
            that no lock is held while waiting.
        now: The present moment.
        cache: What the system said before; shared by all of a process.
        policies: What decides about deeds; the policies of this deployment when left out.
    """

    def __init__(self, session: Session, now: datetime, cache: ReadingCache, policies: Policies | None = None) -> None:
        self._session = session
        self._now = now
        self._cache = cache
        self._policies = policies

    @abstractmethod
    def fetch_orders(self, customer_id: str, limit: int) -> tuple[Order, ...]:
        """Asks the system for a customer's newest orders, the newest first."""

    @abstractmethod
    def fetch_order(self, order_no: str) -> Order | None:
        """Asks the system for one order, whoever's it is."""

    @abstractmethod
    def send_deed(self, viewer: Viewer, deed: Deed, order: Order | None, verdict: Verdict, facts: Facts) -> Outcome:
        """Has the system do a deed that our policy allows, once for its key.

        Raises:
            DeedRefused: The system doesn't do it; the verdict says why.
            GatewayError: There is no usable answer. The same key is sent again when it is asked for again.
        """

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

    def perform(self, viewer: Viewer, deed: Deed) -> Done:
        """Does a deed once under its key: both our record and the system know it by that."""
        return perform(
            self._session,
            viewer,
            deed,
            self._now,
            lambda: self._order_to_change(deed.order_no or "", viewer),
            lambda *deed_and_terms: self._send(viewer, *deed_and_terms),
            self._policies,
        )

    def deeds_of(self, viewer: Viewer, order_no: str | None = None) -> tuple[DeedRecord, ...]:
        """Lists deeds of an order of the viewer's, or all they asked for, as far as they were done through us."""
        if order_no is None:
            return recording.deeds_of(self._session, viewer, None)
        order = self.order_for(order_no, viewer).value
        return recording.deeds_of(self._session, viewer, order.no) if order is not None else ()

    def _order_to_change(self, order_no: str, viewer: Viewer) -> Order | None:
        # What was read a moment ago may be from before a change, and what is stale certainly may.
        self._cache.outdate(("order", plain_order_no(order_no)))
        read = self.order_for(order_no, viewer)
        if read.stale:
            raise OutOfReachError("the shop's system does not answer, and nothing is changed on what it said before")
        return read.value

    def _send(self, viewer: Viewer, deed: Deed, order: Order | None, verdict: Verdict, facts: Facts) -> Outcome:
        try:
            return self.send_deed(viewer, deed, order, verdict, facts)
        finally:
            # Whatever came of it, the order may be another one now.
            if order is not None:
                self._cache.outdate(("order", order.no))
            self._cache.outdate_orders_of(order.customer_id if order is not None else viewer.customer_id)

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
