"""An adapter to a system that speaks the normal form as JSON over HTTP.

| request | answer |
| --- | --- |
| `GET orders?customer_id=…&limit=…` | `{"orders": […]}`, the newest first |
| `GET orders/<no>` | an order, or 404 |
| `GET products/<no>` | a product with its variants, or 404 |
| `GET products?after=…&limit=…` | `{"products": […]}` in the order of their numbers |
| `POST orders/<no>/deeds` | what came of it, or 404 when there is no such order |
| `POST deeds` | what came of it; for what belongs to no order |
| `GET events?start=…&end=…&page=…` | `{"events": […], "next_page": …}` |

A deed is done once for its `Idempotency-Key`; the same key gets the same answer. It is sent as

    {"kind": "cancel_order", "line": null, "customer_id": "C001", "conversation_id": "…", "cause": "no_reason",
     "details": {}, "amount": "259.00", "limit": null, "freight": null, "rule": "cancel_paid", "promised_at": "…"}

and answered with `{"state": "done", "reference": "…", "promised_at": null, "amount": null, "link": null}`, where the
state is `done`, `accepted` or `refused`; a refusal says why in `say`, for the customer.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import ValidationError, parse_obj_as
from sqlalchemy.orm import Session

from sixty.shop.deeds.deed import Deed, DeedRefused, NotTheOwner
from sixty.shop.deeds.details import amount_of
from sixty.shop.deeds.recording import Outcome
from sixty.shop.gateways.errors import NonsenseError
from sixty.shop.gateways.http_client import ShopClient
from sixty.shop.gateways.normal_form import CatalogueProduct, DeedAnswer, Order
from sixty.shop.gateways.ports import EventPage
from sixty.shop.gateways.reading_cache import ReadingCache
from sixty.shop.gateways.remote import RemoteCatalogue, RemoteOrders
from sixty.shop.order_events.incoming import Incoming
from sixty.shop.orders import Viewer
from sixty.shop.policies.facts import Facts
from sixty.shop.policies.reading import Policies
from sixty.shop.policies.verdicts import Source, Verdict

T = TypeVar("T")


class HttpOrders(RemoteOrders):
    """Orders of a system that speaks the normal form."""

    def __init__(
        self,
        client: ShopClient,
        session: Session,
        now: datetime,
        cache: ReadingCache,
        policies: Policies | None = None,
    ) -> None:
        super().__init__(session, now, cache, policies)
        self._client = client

    def fetch_orders(self, customer_id: str, limit: int) -> tuple[Order, ...]:
        """Asks for a customer's newest orders."""
        answer = self._client.get("orders", {"customer_id": customer_id, "limit": str(limit)})
        return _listed(answer, "orders", Order)

    def fetch_order(self, order_no: str) -> Order | None:
        """Asks for one order."""
        answer = self._client.get(f"orders/{quote(order_no, safe='')}")
        return None if answer is None else _as(Order, answer)

    def send_deed(self, viewer: Viewer, deed: Deed, order: Order | None, verdict: Verdict, facts: Facts) -> Outcome:
        """Sends a deed with its key, and the terms on which it is allowed."""
        path = "deeds" if order is None else f"orders/{quote(order.no, safe='')}/deeds"
        answer = self._client.post(path, _deed_body(viewer, deed, order, verdict, facts, self._now), deed.key)
        if answer is None:
            raise NotTheOwner("the shop's system knows no such order any more")
        told = _as(DeedAnswer, answer)
        if told.state == "refused":
            say = told.say or verdict.say
            source = Source("platform", "平台规则")
            raise DeedRefused(replace(verdict, allowed=False, say=say, source=source))
        if verdict.limit is not None and (told.amount or 0) > verdict.limit:
            raise NonsenseError(f"the shop's system paid more for a {deed.kind} than its policy allows")
        promised_at = told.promised_at or _promised_at(verdict, self._now)
        return Outcome(told.state, promised_at, told.reference, told.amount, told.link)


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


def _deed_body(
    viewer: Viewer, deed: Deed, order: Order | None, verdict: Verdict, facts: Facts, now: datetime
) -> dict[str, Any]:
    wanted = amount_of(deed.details) or verdict.limit or facts.amount
    promised_at = _promised_at(verdict, now)
    return {
        "kind": deed.kind,
        "line": deed.line,
        "customer_id": order.customer_id if order is not None else viewer.customer_id,
        "conversation_id": viewer.conversation_id,
        "cause": deed.cause,
        "details": dict(deed.details),
        "amount": str(wanted),
        "limit": None if verdict.limit is None else str(verdict.limit),
        "freight": verdict.freight,
        "rule": verdict.row_id,
        "promised_at": None if promised_at is None else promised_at.isoformat(),
    }


def _promised_at(verdict: Verdict, now: datetime) -> datetime | None:
    return now + verdict.promise if verdict.promise is not None else None


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
