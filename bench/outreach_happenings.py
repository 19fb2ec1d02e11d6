"""What the shop, the chats and the shelves tell of the lives of `bench.outreach_month`, one thing after the other."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.outreach_month import BEGINS, DAYS, ENDS, ZONE, Kept, Life, OrderLife, ParcelLife, RefundLife, Said, Shop
from sixty.shop.models import ParcelState
from sixty.shop.order_events.models import EventKind

TRACES: dict[ParcelState, str] = {
    "collected": "快递员已揽收",
    "in_transit": "快件已到达转运中心",
    "stuck": "快件滞留，正在处理",
    "out_for_delivery": "快递员正在派送",
    "signed": "已签收",
    "rejected": "收件人拒收，退回中",
}


@dataclass(frozen=True)
class Told:
    """Something that the shop's system tells: an event of its webhook.

    Attributes:
        after: What the row of its order says when that has been taken in.
    """

    at: datetime
    external_id: str
    kind: EventKind
    object_id: str
    payload: dict[str, Any]
    order_no: str | None
    customer_id: str | None
    after: dict[str, Any] | None = None


@dataclass(frozen=True)
class Opened:
    """A chat begins."""

    at: datetime
    life: Life


@dataclass(frozen=True)
class Spoken:
    """A line in a chat, which the bot answers a second later.

    Attributes:
        visit: The lines of its visit so far, this one included.
    """

    at: datetime
    conversation_id: str
    who: str
    ordinal: int
    said: Said
    visit: tuple[Said, ...]


@dataclass(frozen=True)
class Passed:
    """A chat passes to a person, or back."""

    at: datetime
    conversation_id: str
    to: str


@dataclass(frozen=True)
class Wished:
    """A wish to hear when a variant is back."""

    at: datetime
    who: str
    conversation_id: str
    sku_code: str


@dataclass(frozen=True)
class Shelved:
    """A variant sells out, is back, or its product is taken off sale."""

    at: datetime
    sku_code: str
    product_no: str
    stock: int
    on_sale: bool = True


@dataclass(frozen=True)
class Unsubscribed:
    """An answer to an SMS: no more of them."""

    at: datetime
    customer_id: str
    phone: str


Happening = Told | Opened | Spoken | Passed | Wished | Shelved | Unsubscribed


def of_shelves(shop: Shop) -> Iterator[Happening]:
    """What happens on the shelves, in no order."""
    for goods in shop.goods:
        for article in goods.articles:
            for gone, back in article.outages:
                yield Shelved(gone, article.code, goods.no, 0)
                if goods.on_sale(back):
                    yield Shelved(back, article.code, goods.no, 500)
        if goods.off_sale_at is not None:
            yield Shelved(goods.off_sale_at, goods.articles[0].code, goods.no, 0, on_sale=False)


def of_life(life: Life) -> Iterator[Happening]:
    """All that is heard of a customer until the month is over, in no order."""
    return (each for each in _of_life(life) if BEGINS <= each.at < ENDS)


def _of_life(life: Life) -> Iterator[Happening]:
    for order in life.orders:
        assert life.customer_id is not None
        yield from _of_order(life.customer_id, order)
    yield from _of_cart(life)
    for ordinal, kept in enumerate(life.kept):
        if kept.kind == "favourite":
            yield from _of_favourite(str(life.customer_id), ordinal, kept)
    conversation = life.conversation_id
    if conversation is not None and life.chat_from is not None and life.who is not None:
        yield Opened(life.chat_from, life)
        so_far = [visit[: place + 1] for visit in life.visits for place in range(len(visit))]
        for ordinal, visit in enumerate(so_far):
            said = visit[-1]
            yield Spoken(said.at, conversation, life.who, ordinal, said, visit)
        for at, to in life.people:
            yield Passed(at, conversation, to)
        for wish in life.wishes:
            yield Wished(wish.at, life.who, conversation, wish.sku_code)
    if life.unsubscribes_at is not None and life.customer_id is not None:
        yield Unsubscribed(life.unsubscribes_at, life.customer_id, life.phone)


def _of_order(customer: str, order: OrderLife) -> Iterator[Told]:
    def told(at: datetime, name: str, kind: EventKind, number: str, payload: dict[str, Any]) -> Told:
        return Told(at, f"{kind}:{number}:{name}", kind, number, payload, order.no, customer, order_row(order, at))

    moments = {order.placed_at, *(at for at in (order.confirmed_at, order.closed_at) if at is not None)}
    for at in sorted(moments):
        yield told(at, str(order.state(at)), "order", order.no, order_form(customer, order, at))
    for paid_at, amount, deposit in (
        (order.deposit_at, order.deposit, True),
        (order.paid_at, order.amount - (order.deposit or Decimal(0)), False),
    ):
        if paid_at is not None:
            payload = {"amount": amount, "paid_at": paid_at, "deposit": deposit}
            yield told(paid_at, "", "payment", f"Z{order.no}{'D' if deposit else ''}", payload)
    for parcel in order.parcels:
        for at, state in parcel.steps:
            yield told(at, f"{state}:{int(at.timestamp())}", "parcel", parcel.no, _parcel_form(parcel, at))
    for refund in order.refunds:
        for at, step in refund.steps:
            yield told(at, step, "refund", refund.no, _refund_form(refund, at))


def order_row(order: OrderLife, at: datetime) -> dict[str, Any]:
    """Where an order stands at a moment."""

    def so_far(moment: datetime | None) -> datetime | None:
        return moment if moment is not None and moment <= at else None

    paid, deposited = so_far(order.paid_at), so_far(order.deposit_at)
    return {
        "state": order.state(at),
        "paid_at": paid or deposited,
        "shipped_at": so_far(order.shipped_at),
        "delivered_at": so_far(order.delivered_at),
        "confirmed_at": so_far(order.confirmed_at),
        "closed_at": so_far(order.closed_at),
        "close_reason": order.close_reason if so_far(order.closed_at) else None,
        "paid_amount": order.amount if paid else (order.deposit or Decimal(0)) if deposited else Decimal(0),
        "deposit_paid": order.deposit if deposited else None,
    }


def order_form(customer: str, order: OrderLife, at: datetime) -> dict[str, Any]:
    """An order as the shop's system would tell it at a moment, in the normal form."""
    lines = [
        {
            "product_no": line.product_no,
            "sku_code": line.sku_code,
            "name": line.product_no,
            "quantity": line.quantity,
            "unit_price": line.price,
            "share": share,
        }
        for share, line in zip(order.shares, order.lines, strict=True)
    ]
    return {
        "no": order.no,
        "customer_id": customer,
        "placed_at": order.placed_at,
        **order_row(order, at),
        "receiver": "顾客",
        "phone": order.phone,
        "address": "某路1号",
        "region": order.region,
        "goods_amount": order.goods_amount,
        "discount": order.discount,
        "postage": Decimal(0),
        "lines": lines,
    }


def _parcel_form(parcel: ParcelLife, at: datetime) -> dict[str, Any]:
    return {
        "no": parcel.no,
        "carrier": parcel.carrier,
        "state": parcel.state(at),
        "traces": [{"at": moment, "text": TRACES[state]} for moment, state in parcel.steps if moment <= at],
    }


def _refund_form(refund: RefundLife, at: datetime) -> dict[str, Any]:
    return {
        "no": refund.no,
        "kind": refund.kind,
        "state": refund.state(at),
        "amount": refund.amount,
        "reason": refund.reason,
        "asked_at": refund.steps[0][0],
        "updated_at": at,
    }


def _of_cart(life: Life) -> Iterator[Told]:
    """The one cart of a customer, as it is after each change."""
    for at in life.cart_changes:
        lines = [
            {"product_no": line.product_no, "quantity": line.quantity, "sku_code": line.sku_code}
            for line in life.cart_at(at)
        ]
        name = f"cart:{life.customer_id}:{int(at.timestamp())}"
        yield Told(at, name, "cart", f"cart-{life.customer_id}", {"lines": lines}, None, life.customer_id)


def _of_favourite(customer: str, ordinal: int, kept: Kept) -> Iterator[Told]:
    product = kept.line.product_no
    for at, added in ((kept.at, True), (kept.gone_at, False)):
        if at is not None:
            name = f"favourite:{customer}:{ordinal}:{added}"
            yield Told(at, name, "favourite", product, {"product_no": product, "added": added}, None, customer)


# ---------------------------------------------------------------------------------------------------------- in order


def in_order(happenings: Iterable[Happening]) -> list[Happening]:
    """In the order in which they happened; of the same second, what was given first comes first."""
    return sorted(happenings, key=lambda each: each.at)


class Days:
    """Keeps happenings in a file for each day, so that a month of any size is never in memory at once."""

    def __init__(self, folder: Path) -> None:
        """Takes an empty folder."""
        self._folder = folder

    def write(self, happenings: Iterable[Happening]) -> int:
        """Writes them down; returns how many."""
        files = [(self._folder / f"{day:02d}").open("ab", buffering=1 << 20) for day in range(DAYS)]
        count = 0
        try:
            for each in happenings:
                pickle.dump(each, files[_day(each.at)], pickle.HIGHEST_PROTOCOL)
                count += 1
        finally:
            for file in files:
                file.close()
        return count

    def read(self) -> Iterator[Happening]:
        """All of them in order."""
        for day in range(DAYS):
            yield from in_order(self._read(day))

    def _read(self, day: int) -> Iterator[Happening]:
        with (self._folder / f"{day:02d}").open("rb") as file:
            while True:
                try:
                    yield pickle.load(file)  # noqa: S301 (written by ourselves a moment ago)
                except EOFError:
                    return


def _day(at: datetime) -> int:
    return min(DAYS - 1, max(0, (at.astimezone(ZONE) - BEGINS) // timedelta(days=1)))
