"""The form in which an event comes in, by webhook and by polling alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import Extra, ValidationError, conint, constr, parse_obj_as, validator
from pydantic.dataclasses import dataclass

from sixty.ledger.storable import storable
from sixty.shop.gateways.normal_form import Order, Parcel, Refund, check_all
from sixty.shop.order_events.models import EventKind

_OF_AN_ORDER = frozenset({"order", "payment", "parcel", "refund"})


class _Form:
    extra = Extra.ignore


class WrongEventError(ValueError):
    """An event says something that cannot be. The message names the field and not its value."""


@dataclass(frozen=True, config=_Form)
class Payment:
    """Money that came in for an order; of a presale first the deposit."""

    amount: Decimal
    paid_at: datetime
    deposit: bool = False

    _checked = check_all()


@dataclass(frozen=True, config=_Form)
class CartLine:
    """An article in a cart."""

    product_no: str
    quantity: conint(ge=0) = 1  # type: ignore[valid-type]
    sku_code: str = ""


@dataclass(frozen=True, config=_Form)
class Cart:
    """What is in a customer's cart now; nothing when it was emptied."""

    lines: tuple[CartLine, ...]


@dataclass(frozen=True, config=_Form)
class Favourite:
    """A product that a customer marked, or no longer marks."""

    product_no: str
    added: bool = True


Facts = Order | Payment | Parcel | Refund | Cart | Favourite

_FORMS: dict[EventKind, type[Any]] = {
    "order": Order,
    "payment": Payment,
    "parcel": Parcel,
    "refund": Refund,
    "cart": Cart,
    "favourite": Favourite,
}


@dataclass(frozen=True, config=_Form)
class Incoming:
    """One event of a shop's system.

    Attributes:
        external_id: What the system calls the event; the same event has the same one whichever way it comes.
        kind: What it is about.
        object_id: The number of the order, payment, parcel, refund or cart, or of the product marked.
        occurred_at: When it happened there.
        payload: How the object is now, in the normal form.
        order_no: The order that it belongs to; for carts and favourites there is none.
        customer_id: Whose it is.
    """

    external_id: constr(min_length=1, max_length=128)  # type: ignore[valid-type]
    kind: EventKind
    object_id: constr(min_length=1, max_length=64)  # type: ignore[valid-type]
    occurred_at: datetime
    payload: dict[str, Any]
    order_no: constr(min_length=1, max_length=64) | None = None  # type: ignore[valid-type]
    customer_id: constr(min_length=1, max_length=64) | None = None  # type: ignore[valid-type]

    _checked = check_all()

    @validator("external_id", "object_id", "order_no", "customer_id", "payload", pre=True)
    def _storable(cls, value: Any) -> Any:
        return storable(value)

    @validator("order_no", always=True)
    def _of_an_order(cls, value: str | None, values: dict[str, Any]) -> str | None:
        kind = values.get("kind")
        if kind == "order":
            number = values.get("object_id")
            if value not in (None, number):
                raise ValueError("differs from object_id; for an order leave it out")
            return number
        if kind in _OF_AN_ORDER and value is None:
            raise ValueError(f"is missing; a {kind} belongs to an order")
        return value


def facts_of(kind: EventKind, payload: Mapping[str, Any]) -> Facts:
    """Reads what an event says.

    Raises:
        WrongEventError: The payload is not in the normal form of its kind.
    """
    try:
        facts: Facts = parse_obj_as(_FORMS[kind], payload)
    except ValidationError as error:
        raise WrongEventError(f"payload.{_first_of(error)}") from None
    return facts


def read_incoming(given: Any) -> Incoming:
    """Reads an event with its payload, all of it checked.

    Raises:
        WrongEventError: It is not in the normal form.
    """
    try:
        event = parse_obj_as(Incoming, given)
    except ValidationError as error:
        raise WrongEventError(_first_of(error)) from None
    facts = facts_of(event.kind, event.payload)
    number = getattr(facts, "no", None)
    if number not in (None, event.object_id):
        raise WrongEventError("payload.no differs from object_id")
    return event


def _first_of(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "__root__")
    return f"{place} {first['msg']}".strip()
