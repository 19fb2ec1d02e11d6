"""Posts what is said to the merchants' servers that have asked for it: signed, once, again when it fails."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import aiohttp
from sqlalchemy.orm import Session

from sixty.channels.api_requests import KEY_HEADER
from sixty.channels.delivery import Delivery
from sixty.channels.front_door import FrontDoor
from sixty.desk.conversations import Conversation
from sixty.identity.signatures import signed_headers

POSTED_WITHIN = 3.0
"""Seconds that the merchant's server has; slower, and it is tried again later, so that no turn waits for it."""


class NotPostedError(Exception):
    """The merchant's server has not taken a message; it is tried again."""


@dataclass(frozen=True)
class ReplyAddress:
    """Where a caller wants to hear what is said.

    Attributes:
        url: The address.
        secret: Signs what is posted there.
    """

    url: str
    secret: str


class ApiReplies(Delivery):
    """The api channel's way out."""

    def __init__(self, door: FrontDoor, addresses: Mapping[str, ReplyAddress], desk_url: str) -> None:
        """Posts to those addresses.

        Args:
            door: Reads whose conversation it is.
            addresses: By the name of the caller's key.
            desk_url: Where the desk is reached, for links to uploaded files.
        """
        self._door = door
        self._addresses = addresses
        self._desk_url = desk_url
        self._session: aiohttp.ClientSession | None = None
        self._awaited: Counter[str] = Counter()

    @contextmanager
    def awaited(self, conversation_id: str) -> Iterator[None]:
        """While a request waits for the replies of a conversation, they reach the caller in its answer."""
        self._awaited[conversation_id] += 1
        try:
            yield
        finally:
            self._awaited[conversation_id] -= 1
            if not self._awaited[conversation_id]:
                del self._awaited[conversation_id]

    def in_an_answer(self, conversation_id: str) -> bool:
        """So it is while a request waits, unless its caller wants everything posted as well."""
        return not self._addresses and conversation_id in self._awaited

    async def deliver(self, conversation_id: str, message: dict[str, Any]) -> bool:
        """Posts a message; False when the caller did not ask for that, and will fetch it.

        Raises:
            NotPostedError: The caller's server has not answered with 2xx.
        """
        awaited = conversation_id in self._awaited
        if not self._addresses:
            return awaited
        name = await self._door.read(lambda session: _external_id(session, conversation_id))
        key, _, conversation = (name or "").partition(":")
        address = self._addresses.get(key)
        if address is None:
            return awaited
        said = {
            "conversation": conversation,
            "conversation_id": conversation_id,
            "message": with_whole_links(message, self._desk_url),
        }
        body = json.dumps(said, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            KEY_HEADER: key,
            **signed_headers(address.secret, body, datetime.now(timezone.utc)),
        }
        try:
            posting = self._client().post(address.url, data=body, headers=headers, allow_redirects=False)
            async with posting as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NotPostedError(f"{key}: {type(error).__name__}") from None
        if not 200 <= status < 300:
            raise NotPostedError(f"{key}: HTTP {status}")
        return True

    async def close(self) -> None:
        """Lets go of the connections."""
        if self._session is not None:
            await self._session.close()

    def _client(self) -> aiohttp.ClientSession:
        # Made here, for it belongs to the loop that runs now.
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=POSTED_WITHIN))
        return self._session


def with_whole_links(message: dict[str, Any], desk_url: str) -> dict[str, Any]:
    """The same message, with links that lead to the desk from anywhere."""
    attachment = message.get("attachment")
    if not isinstance(attachment, dict) or not str(attachment.get("url", "")).startswith("/"):
        return message
    return {**message, "attachment": {**attachment, "url": f"{desk_url}{attachment['url']}"}}


def _external_id(session: Session, conversation_id: str) -> str | None:
    conversation: Conversation | None = session.get(Conversation, conversation_id)
    return conversation.external_id if conversation else None
