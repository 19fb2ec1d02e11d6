"""What every shop system's orders, products and members are turned into.

The words of the states are those of this shop's tables; `docs/gateways.md` maps the platforms onto them. Everything
is checked when it is made: an unknown state, an amount with fractions of a fen or a time without its zone is refused
at the border and not met later in a reply.
"""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from typing import Any, Literal

from pydantic import Extra, validator
from pydantic.dataclasses import dataclass

from sixty.shop.models import Level, OrderState, ParcelState, ProductStatus, RefundKind, RefundState

_FEN = Decimal("0.01")
_MOST = Decimal(10) ** 12
# Beyond these there are times that are none in another zone.
_EARLIEST = datetime(1, 1, 3, tzinfo=timezone.utc)
_LATEST = datetime(9999, 12, 29, tzinfo=timezone.utc)


class _Form:
    """How pydantic reads the forms: a system may know more of an order than we ask for."""

    extra = Extra.ignore


def sound(value: Any) -> Any:
    """Refuses what must never be: times without zones, amounts in fractions of a fen, or of no shop of this world.

    Raises:
        ValueError: It is one of these.
    """
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError("is a time without its zone; write it as 2026-05-20T15:00:00+08:00")
        if not _EARLIEST <= value <= _LATEST:
            raise ValueError("is no time of this age")
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value) > _MOST:
            raise ValueError("is no amount that anybody pays")
        if value != value.quantize(_FEN):
            raise ValueError("is no amount in yuan with at most two decimals")
    return value


def check_all() -> Any:
    """Lets a form refuse, in each of its fields, what is not `sound`."""
    return validator("*", allow_reuse=True)(lambda cls, value: sound(value))


@dataclass(frozen=True, config=_Form)
class PresaleWindow:
    """When the balance of a presale is paid and its goods leave."""

    starts_at: datetime
    balance_from: datetime
    balance_until: datetime
    ships_by: datetime

    _checked = check_all()


@dataclass(frozen=True, config=_Form)
class OrderLine:
    """One article of an order, as it was bought.

    `share` is what was really paid for the line: its part of the discount taken off.
    """

    product_no: str
    name: str
    quantity: int
    unit_price: Decimal
    share: Decimal
    sku_code: str = ""
    sku_text: str = ""
    presales: tuple[PresaleWindow, ...] = ()

    _checked = check_all()


@dataclass(frozen=True, config=_Form)
class Trace:
    """One line of a carrier's tracking."""

    at: datetime
    text: str
    place: str = ""

    _checked = check_all()


@dataclass(frozen=True, config=_Form)
class Parcel:
    """One parcel of an order and where it has been."""

    no: str
    carrier: str
    state: ParcelState
    traces: tuple[Trace, ...] = ()

    _checked = check_all()


@dataclass(frozen=True, config=_Form)
class Refund:
    """A customer's wish for money or another article, and how far it is."""

    no: str
    kind: RefundKind
    state: RefundState
    amount: Decimal
    asked_at: datetime
    updated_at: datetime
    reason: str = ""
    promised_at: datetime | None = None

    _checked = check_all()


@dataclass(frozen=True, config=_Form)
class Order:
    """One purchase with all that is said of it. Where its parcels and refunds stand is their own state."""

    no: str
    customer_id: str | None
    state: OrderState
    placed_at: datetime
    receiver: str
    phone: str
    address: str
    goods_amount: Decimal
    discount: Decimal
    postage: Decimal
    paid_amount: Decimal
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    confirmed_at: datetime | None = None
    closed_at: datetime | None = None
    close_reason: str | None = None
    deposit_paid: Decimal | None = None
    region: str = ""
    note: str | None = None
    lines: tuple[OrderLine, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    refunds: tuple[Refund, ...] = ()

    _checked = check_all()


@dataclass(frozen=True, config=_Form)
class DeedAnswer:
    """What a system says of a deed that it was asked for.

    Attributes:
        reference: What it is called there.
        say: Why it is refused, for the customer.
    """

    state: Literal["done", "accepted", "refused"]
    reference: str | None = None
    promised_at: datetime | None = None
    amount: Decimal | None = None
    link: str | None = None
    say: str = ""

    _checked = check_all()


@dataclass(frozen=True, config=_Form)
class Member:
    """A customer as the shop's system knows them."""

    id: str
    nickname: str
    phone: str = ""
    level: Level = "普通"
    region: str = ""


@dataclass(frozen=True, config=_Form)
class CatalogueSku:
    """One buyable variant; colour, size and spec are empty where they don't apply."""

    code: str
    stock: int
    list_price: Decimal
    price: Decimal
    member_price: Decimal | None = None
    color: str = ""
    size: str = ""
    spec: str = ""

    _checked = check_all()


@dataclass(frozen=True, config=_Form)
class CatalogueProduct:
    """What is sold under one product number (货号), with its variants."""

    no: str
    name: str
    category: str = ""
    kind: str = ""
    brand: str = ""
    status: ProductStatus = "on_sale"
    skus: tuple[CatalogueSku, ...] = ()
