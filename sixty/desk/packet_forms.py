"""The packet that a person is handed with a conversation; see the workbench's API."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from sixty.desk.customer_names import CustomerShown


class Understood(BaseModel):
    """Something that the customer has asked."""

    intent: str
    title: str
    at: datetime | None
    message_id: int | None


class Given(BaseModel):
    """Something that the customer has given."""

    name: str
    title: str
    value: str


class ProductGlance(BaseModel):
    """The product that is talked about."""

    no: str
    name: str
    price: str | None
    picture: str
    url: str


class LineGlance(BaseModel):
    """One article of an order."""

    name: str
    spec: str
    quantity: int
    picture: str


class ParcelGlance(BaseModel):
    """The parcel that matters."""

    company: str
    no_masked: str
    last: str | None


class RefundGlance(BaseModel):
    """The refund that matters."""

    kind: str
    state: str
    amount: str


class OrderGlance(BaseModel):
    """An order in a few lines."""

    no: str
    state: str
    state_title: str
    placed_at: datetime
    amount: str
    items: list[LineGlance]
    parcel: ParcelGlance | None
    refund: RefundGlance | None


class Willingness(BaseModel):
    """How willing to buy the customer is, and what has moved that."""

    score: float
    line: str | None
    reasons: list[str]


class AttachmentGlance(BaseModel):
    """A picture, voice, video or file that the customer has sent."""

    message_id: int
    kind: str
    name: str
    url: str | None


class SessionGlance(BaseModel):
    """A conversation of the same customer."""

    chat: str
    channel: str
    began: datetime
    ended: datetime
    messages: int
    with_person: bool
    summary: str


class EarlierHandOff(BaseModel):
    """That a person has been called before."""

    at: datetime
    agent: str | None
    reason: str
    reason_title: str
    summary: str
    tags: list[str]


class Packet(BaseModel):
    """All of it; see the workbench's API."""

    hand_off: int
    reason: str
    reason_title: str
    question: str
    at: datetime
    understood: list[Understood]
    slots: list[Given]
    product: ProductGlance | None
    orders: list[OrderGlance]
    orders_stale: bool
    customer: CustomerShown
    segment: str | None
    willingness: Willingness | None
    attachments: list[AttachmentGlance]
    sessions: list[SessionGlance]
    earlier: list[EarlierHandOff]
    notes: list[str]
    missing: list[str]
