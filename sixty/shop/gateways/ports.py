"""What this project asks of a merchant's system: three small protocols.

Adapters never trust the asker and never trust the system: whose an order is, is checked where it is read, against
the :class:`~sixty.shop.orders.Viewer` that the server made. A deed – cancelling, changing an address, asking for
after-sales – carries a key by which it is done once however often it is asked for, and is allowed by the shop's
policies again where it is done, whatever was said before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from sixty.shop.deeds.deed import Deed, DeedRecord, Done
from sixty.shop.gateways.normal_form import CatalogueProduct, Order
from sixty.shop.order_events.incoming import Incoming
from sixty.shop.orders import Viewer
from sixty.shop.proofs import Proof

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Reading(Generic[T_co]):
    """What a system said, and when.

    Attributes:
        value: The answer.
        read_at: When the system gave it.
        stale: Whether it is from before because the system cannot be asked now; the customer is told its age.
    """

    value: T_co
    read_at: datetime
    stale: bool = False


class OrderGateway(Protocol):
    """Orders, for those they belong to only. Every method may raise `GatewayError`."""

    def orders_of(self, viewer: Viewer, limit: int = 5) -> Reading[tuple[Order, ...]]:
        """Lists the viewer's orders, the newest first; an unknown visitor gets those proved in the conversation."""
        ...

    def order_for(self, order_no: str, viewer: Viewer) -> Reading[Order | None]:
        """Reads one order; somebody else's and one that doesn't exist are both `None`."""
        ...

    def prove(self, conversation_id: str, order_no: str, phone_tail: str) -> Proof:
        """Checks a visitor's claim to an order and remembers it for the conversation. A failure costs no try."""
        ...

    def perform(self, viewer: Viewer, deed: Deed) -> Done:
        """Does a deed once under its key, after reading its order anew as its owner and asking the policy again.

        Refusals and failures are recorded in the gateway's session: catch what is raised before its block ends.
        The session stays locked while a system elsewhere is asked, so give deeds a short one of their own.

        Raises:
            DeedRefused: The policy forbids it; the verdict says why and what is possible instead.
            NotTheOwner: There is no such order, or it is somebody else's.
            IncompleteDeed: Details are missing or make no sense.
            KeyTakenError: The key names another deed.
        """
        ...

    def deeds_of(self, viewer: Viewer, order_no: str | None = None) -> tuple[DeedRecord, ...]:
        """Lists deeds, the newest first: of an order of the viewer's (none of anybody else's), or all they asked."""
        ...


class CatalogueGateway(Protocol):
    """What is sold, with stock and prices. Every method may raise `GatewayError`."""

    def product(self, no: str) -> Reading[CatalogueProduct | None]:
        """Reads one product with its variants as they are now."""
        ...

    def products(self, after: str | None = None, limit: int = 100) -> tuple[CatalogueProduct, ...]:
        """Reads the products whose numbers follow `after`, in the order of their numbers; empty at the end."""
        ...


@dataclass(frozen=True)
class EventPage:
    """A part of the changes in a window of time; `next_page` is what to ask for next, `None` at the end."""

    events: tuple[Incoming, ...]
    next_page: str | None


class EventFeed(Protocol):
    """What changed in the shop's system, for polling. May raise `GatewayError`."""

    def changes(self, start: datetime, end: datetime, page: str | None = None) -> EventPage:
        """Reads what changed from `start` (inclusive) to `end` (exclusive), a page at a time."""
        ...
