"""What a channel hands to the front door, and what it gets back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sixty.channels.door_options import DoorOptions
from sixty.channels.lines import admitted
from sixty.channels.refusal import Refused
from sixty.channels.tapped import OPENED
from sixty.channels.typed_messages import attachment as checked_attachment
from sixty.identity.capsule_tokens import read_tap
from sixty.ledger.models import Message

_LONGEST_CLIENT_ID = 64


@dataclass(frozen=True)
class Arrival:
    """A message as it came in. Everything but the conversation may be anything.

    Attributes:
        conversation_id: Our name of the conversation, which the channel has proved to be the sender's.
        text: What was typed.
        tap: The token of a tapped capsule.
        attachment: A picture, voice, video, file or place; see `typed_messages.attachment`. A text may go with it.
        opened: The chat was opened and the bot shall speak first.
        client_id: What the sender calls the message; sent again under the same id, it is the same message.
        visitor: Who sends, for the limits; the conversation when left out.
        address: The network address it comes from, for the limits.
    """

    conversation_id: str
    text: str | None = None
    tap: str | None = None
    attachment: Mapping[str, Any] | None = None
    opened: bool = False
    client_id: str | None = None
    visitor: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Receipt:
    """That a message stands in the ledger.

    Attributes:
        message: Its row.
        new: False when it stood there already.
    """

    message: Message
    new: bool


@dataclass(frozen=True)
class Said:
    """A message as far as it can be read without the database.

    Attributes:
        kind: As in the ledger.
        text: What the customer has typed.
        payload: For the ledger.
        tapped: The message that showed the capsule, and its place there.
        client_id: As given, if it can be one.
    """

    kind: str
    text: str
    payload: dict[str, Any]
    tapped: tuple[int, int] | None
    client_id: str | None


def read_arrival(arrival: Arrival, options: DoorOptions, secret: str) -> Said:
    """Reads what came in.

    Raises:
        Refused: It cannot be taken, whatever the ledger holds.
    """
    client_id = arrival.client_id
    if client_id is not None and not _is_id(client_id):
        client_id = None
    if arrival.tap is not None:
        tapped = read_tap(secret, arrival.conversation_id, arrival.tap)
        if tapped is None:
            raise Refused("unknown_capsule")
        return Said("tap", "", {}, tapped, client_id)
    if arrival.attachment is not None:
        checked = checked_attachment(arrival.attachment, options.limits.largest_file)
        text = admitted(arrival.text, options.limits.longest_text) if (arrival.text or "").strip() else ""
        return Said(checked["kind"], text, {"attachment": checked}, None, client_id)
    if arrival.opened:
        return Said("opened", "", {"tap": {"title": "", "payload": OPENED}}, None, client_id)
    return Said("text", admitted(arrival.text, options.limits.longest_text), {}, None, client_id)


def _is_id(client_id: object) -> bool:
    return (
        isinstance(client_id, str)
        and 0 < len(client_id) <= _LONGEST_CLIENT_ID
        and client_id.isascii()
        and client_id.isprintable()
    )


def age(message: Message, now: datetime) -> float:
    """Seconds since a message was received."""
    return (now - message.at).total_seconds()
