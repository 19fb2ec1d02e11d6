"""An adapter to a system that speaks the normal form as JSON over HTTP.

| request | answer |
| --- | --- |
| `GET orders?customer_id=…&limit=…` | `{"orders": […]}`, the newest first |
| `GET orders/<no>` | an order, or 404 |
| `GET products/<no>` | a product with its variants, or 404 |
| `GET products?after=…&limit=…` | `{"products": […]}` in the order of their numbers |
| `GET events?start=…&end=…&page=…` | `{"events": […], "next_page": …}` |
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import ValidationError, parse_obj_as
from sqlalchemy.orm import Session

from sixty.shop.gateways.errors import NonsenseError
from sixty.shop.gateways.http_client import ShopClient
from sixty.shop.gateways.normal_form import CatalogueProduct, Order
from sixty.shop.gateways.ports import EventPage
from sixty.shop.gateways.reading_cache import ReadingCache
from sixty.shop.gateways.remote import RemoteCatalogue, RemoteOrders
from sixty.shop.order_events.incoming import Incoming

T = TypeVar("T")


class HttpOrders(RemoteOrders):
    """Orders of a system that speaks the normal form."""

    def __init__(self, client: ShopClient, session: Session, now: datetime, cache: ReadingCache) -> None:
        super().__init__(session, now, cache)
        self._client = client

    def fetch_orders(self, customer_id: str, limit: int) -> tuple[Order, ...]:
        """Asks for a customer's newest orders."""
        answer = self._client.get("orders", {"customer_id": customer_id, "limit": str(limit)})
        return _listed(answer, "orders", Order)

    def fetch_order(self, order_no: str) -> Order | None:
        """Asks for one order."""
        answer = self._client.get(f"orders/{quote(order_no, safe='')}")
        return None if answer is None else _as(Order, answer)


class HttpCatalogue(RemoteCatalogue):
    """Products of a system that speaks the normal form."""

    def __init__(self, client: ShopClient, now: datetime, cache: ReadingCache) -> None:
        super().__init__(now, cache)
        self._client = client

    def fetch_product(self, no: str) -> CatalogueProduct | None:
        """Asks for one product."""
        answer = self._client.get(f"products/{quote(no, safe='')}")
        return None if answer is None else _as(CatalogueProduct, answer)

    def products(self, after: str | None = None, limit: int = 100) -> tuple[CatalogueProduct, ...]:
        """Reads the products that follow a number."""
        asked = {"limit": str(limit)} | ({"after": after} if after is not None else {})
        return _listed(self._client.get("products", asked), "products", CatalogueProduct)


class HttpEvents:
    """The changes of a system that speaks the normal form."""

    def __init__(self, client: ShopClient) -> None:
        self._client = client

    def changes(self, start: datetime, end: datetime, page: str | None = None) -> EventPage:
        """Reads a page of what changed in a window of time."""
        asked = {"start": start.isoformat(), "end": end.isoformat()} | ({"page": page} if page else {})
        answer = self._client.get("events", asked)
        following = answer.get("next_page") if isinstance(answer, dict) else None
        if following is not None and not isinstance(following, str):
            raise NonsenseError("the shop's system names its next page with something else than text")
        return EventPage(_listed(answer, "events", Incoming), following)


def _listed(answer: Any, name: str, form: type[T]) -> tuple[T, ...]:
    if not isinstance(answer, dict) or not isinstance(answer.get(name), list):
        raise NonsenseError(f"the shop's system answered without a list of {name}")
    return tuple(_as(form, each) for each in answer[name])


def _as(form: type[T], answer: Any) -> T:
    try:
        return parse_obj_as(form, answer)
    except ValidationError as error:
        # Where and why, but not the value: it may be somebody's address.
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part != "__root__")
        raise NonsenseError(f"the shop's system sent a wrong {form.__name__}: {place} {first['msg']}") from None
