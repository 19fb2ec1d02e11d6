"""Takes in what a customer says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.ledger.models import Author, Message
from sixty.ledger.rows import add_new
from sixty.ledger.storable import storable
from sixty.tables import column


@dataclass(frozen=True)
class Incoming:
    """A message as the door lets it in.

    Attributes:
        kind: text, tap, opened, picture, voice, video, file, location …
        payload: What isn't text: the tapped capsule, the attachment.
        client_id: What the sender calls it; without one it cannot be known again.
        author: `customer`; a person who writes from the workbench is `agent`, a notice is `system`.
    """

    conversation_id: str
    channel: str
    kind: str = "text"
    text: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    client_id: str | None = None
    author: Author = "customer"


@dataclass(frozen=True)
class Received:
    """A message that stands in the ledger, and whether this call has put it there."""

    message: Message
    new: bool


def receive(
    session: Session,
    incoming: Incoming,
    now: datetime,
    by: str | None = None,
    until: datetime | None = None,
    *,
    at_once: bool = False,
) -> Received:
    """Writes a message, once per `client_id` of its conversation.

    Args:
        session: A session that may write.
        incoming: What came in.
        now: The present moment.
        by: Who is going to answer it, so that nobody else takes it for left behind; see `sixty.ledger.claiming`.
        until: Until when.
        at_once: Whether they begin at once: the message is claimed with its writing, which saves `claim`.

    Returns:
        The row; when the client id is known, the row there is, whatever else this message says.
    """
    values = blank_message(
        conversation_id=incoming.conversation_id,
        author=incoming.author,
        channel=incoming.channel,
        kind=incoming.kind,
        client_id=incoming.client_id,
        text=incoming.text,
        payload=incoming.payload,
        state=("handling" if at_once else "received") if incoming.author == "customer" else "written",
        attempts=1 if at_once else 0,
        claimed_by=by,
        claimed_until=until,
        at=now,
    )
    made = add_new(session, Message, values, ("conversation_id", "client_id"))
    if made is not None:
        return Received(made, True)
    known = select(Message).where(
        column(Message.conversation_id) == incoming.conversation_id, column(Message.client_id) == incoming.client_id
    )
    return Received(session.scalars(known.execution_options(populate_existing=True)).one(), False)


def blank_message(**values: Any) -> dict[str, Any]:
    """All columns of a message but its id: those given, and the rest as they are in the beginning."""
    return {
        "kind": "text",
        "client_id": None,
        "answers_id": None,
        "ordinal": None,
        "text": "",
        "payload": {},
        "understood": None,
        "actions": [],
        "attempts": 0,
        "claimed_by": None,
        "claimed_until": None,
        "handled_at": None,
        "delivered_at": None,
        "read_at": None,
        "timings": {},
        "masked_at": None,
        **{name: storable(value) for name, value in values.items()},
    }
