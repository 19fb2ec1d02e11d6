"""One conversation in a list of the workbench, and how many there are; see the workbench's API."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from sixty.desk.customer_names import CustomerShown


class Named(BaseModel):
    """Somebody or something with an id and what it is called."""

    id: str
    name: str


class Titled(BaseModel):
    """A group."""

    id: str
    title: str


class Source(BaseModel):
    """The page on which the chat was opened."""

    product_no: str | None
    product_name: str | None
    order_no: str | None
    url: str | None


class LastSaid(BaseModel):
    """What was said last, in one line."""

    id: int
    author: str
    text: str
    kind: str
    at: datetime


class WillingnessNow(BaseModel):
    """How willing to buy the customer is."""

    score: float | None
    line: str | None
    segment: str | None


class ChatRow(BaseModel):
    """One conversation in a list; see the workbench's API."""

    id: str
    hand_off: int
    cursor: str
    state: str
    hand_off_state: str
    channel: str
    channel_title: str
    entry: str
    source: Source | None
    customer: CustomerShown
    reason: str
    reason_title: str
    question: str
    mood: str | None
    priority: int
    why_first: list[str]
    group: Titled | None
    skill: str | None
    language: str
    wants: Named | None
    agent: Named | None
    position: int | None
    expected_wait: int | None
    queued_at: datetime
    assigned_at: datetime | None
    wrap_up_at: datetime | None
    ended_at: datetime | None
    waiting_since: datetime | None
    first_reply_due: datetime | None
    last: LastSaid | None
    unread: int
    willingness: WillingnessNow | None
    note_count: int
    summary: str
    tags: list[str]
    draft: bool = False


class Counts(BaseModel):
    """How many there are in each box; `unread` are customers' messages in mine."""

    queue: int
    left: int
    mine: int
    unread: int
    all: int | None
