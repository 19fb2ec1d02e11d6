"""What the page may say, read from what it sends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sixty.channels.arrival import Arrival
from sixty.identity.visitor_tokens import VisitorToken

_CLIENT_ID = re.compile(r"[\x21-\x7e]{1,64}")
_WAYS = ("text", "tap", "attachment", "opened")
_LOCATION = frozenset({"kind", "latitude", "longitude", "label"})


class UnreadableError(Exception):
    """The message is none; says what is wrong with it, to the developer of a client."""


def read_say(
    data: Mapping[str, Any], visitor: VisitorToken, address: str | None, attachment: Mapping[str, Any] | None
) -> Arrival:
    """Reads a `say`.

    Args:
        data: What came with the event.
        visitor: Whose socket it is.
        address: Where it comes from.
        attachment: The upload that it names, once it is found.

    Raises:
        UnreadableError: It has no proper id, or says nothing, or several things at once.
    """
    client_id = data.get("id")
    if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
        raise UnreadableError("id: 1 to 64 printable ASCII characters, chosen anew for each message")
    ways = [way for way in _WAYS if data.get(way) not in (None, False)]
    if len(ways) != 1:
        raise UnreadableError("a message has one of text, tap, attachment, opened")
    said: dict[str, Any] = {}
    for way in ("text", "tap"):
        if way in ways:
            if not isinstance(data[way], str):
                raise UnreadableError(f"{way} is a text")
            said[way] = data[way]
    if "opened" in ways:
        if data["opened"] is not True:
            raise UnreadableError("opened is true")
        said["opened"] = True
    if "attachment" in ways:
        said["attachment"] = dict(attachment) if attachment else _location(data["attachment"])
    return Arrival(visitor.conversation_id, client_id=client_id, visitor=visitor.visitor_id, address=address, **said)


def _location(value: object) -> dict[str, Any]:
    if isinstance(value, Mapping) and value.get("kind") == "location" and value.keys() <= _LOCATION:
        return dict(value)
    raise UnreadableError("attachment: the id of an upload of this conversation, or a location")
