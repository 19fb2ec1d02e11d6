"""A conversation with the running bot over the api channel: signed as a merchant's server signs, sent once."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import requests

from sixty.context import Entry
from sixty.errors import OperatorError
from sixty.identity.api_keys import LOCAL, all_api_keys
from sixty.identity.signatures import signed_headers
from sixty.processes.services import rasa_server
from sixty.settings import Settings

TURN_SECONDS = 30.0
"""How long the bot may take for a turn."""

MESSAGES = "/webhooks/api/messages"
HEALTH = "/webhooks/api/openapi.json"
KEY_HEADER = "X-Sixty-Key"

_CONNECT_SECONDS = 5.0
_NAME_BYTES = 24
# A connection may be closed by the server at the very moment of a message; sent again under its id, it counts once.
_TRIES = 2
_COME_BACK = (requests.codes.too_many_requests, requests.codes.service_unavailable)

Card = Mapping[str, Any]


class NotRunningError(OperatorError):
    """Nothing answers where the bot should be."""


class TurnFailedError(OperatorError):
    """The bot runs, and this turn brought no answer that can be read."""


class NoKeyError(OperatorError):
    """There is no key to sign with."""


@dataclass(frozen=True)
class Capsule:
    """A question that can be tapped: what it shows, and the token that taps it."""

    title: str
    tap: str


@dataclass(frozen=True)
class Said:
    """What a customer does: types a line, taps a capsule or, with neither, opens the chat."""

    text: str = ""
    capsule: Capsule | None = None

    @property
    def shown(self) -> str:
        """The customer's line as both sides see it; empty for opening the chat."""
        return self.capsule.title if self.capsule else self.text

    @property
    def body(self) -> dict[str, Any]:
        """Its part of a message."""
        if self.capsule:
            return {"tap": self.capsule.tap}
        return {"text": self.text} if self.text else {"opened": True}


OPENED = Said()
"""The chat is opened, and the bot speaks first."""


@dataclass(frozen=True)
class Reply:
    """One message of the bot; at least one of its parts besides `outcome` is there."""

    text: str | None = None
    capsules: tuple[Capsule, ...] = ()
    card: Card | None = None
    image: str | None = None
    outcome: str | None = None
    id: int | None = field(default=None, compare=False)

    @classmethod
    def read(cls, data: object) -> Reply | None:
        """Reads what the channel delivered; None when there is nothing in it that a customer would see."""
        if not isinstance(data, dict):
            return None
        capsules, card, number = data.get("capsules"), data.get("card"), data.get("id")
        reply = cls(
            text=_text(data.get("text")),
            capsules=tuple(_capsules(capsules)) if isinstance(capsules, list) else (),
            card=card if isinstance(card, dict) and card else None,
            image=_text(data.get("image")),
            outcome=_text(data.get("outcome")),
            id=number if isinstance(number, int) else None,
        )
        return reply if reply.text or reply.capsules or reply.card or reply.image else None

    def as_json(self) -> dict[str, Any]:
        """The reply as one JSON object, without the parts that it does not have."""
        parts = {
            "text": self.text,
            "capsules": [{"title": each.title, "tap": each.tap} for each in self.capsules],
            "card": self.card,
            "image": self.image,
            "outcome": self.outcome,
        }
        return {name: part for name, part in parts.items() if part}

    @property
    def choices(self) -> tuple[Capsule, ...]:
        """All that can be tapped: the rows of a card that lets one choose, and capsules."""
        return (*_choices_in(self.card), *self.capsules)


@dataclass(frozen=True)
class Servers:
    """Where the bot runs, and the key under which it is spoken to."""

    rasa_url: str
    key: str
    secret: str = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Servers:
        """Where `make run` starts them under these settings.

        Raises:
            NoKeyError: This is production, and no server may speak for customers.
        """
        keys = all_api_keys(settings.api_keys, settings.secret, settings.environment == "development")
        if not keys:
            raise NoKeyError("Nobody may speak over the api channel: name a key in SIXTY_API_KEYS")
        key = LOCAL if LOCAL in keys else min(keys)
        rasa = rasa_server(settings, settings.endpoints)
        return cls(_url(rasa.reachable_host, rasa.port), key, keys[key])


@dataclass(frozen=True)
class Visit:
    """Where a conversation is opened, and by whom."""

    entry: Entry = "shop"
    product_no: str | None = None
    order_no: str | None = None
    customer_id: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        """Its part of a message."""
        place = {"entry": self.entry, "product": self.product_no, "order": self.order_no}
        who = {"customer": {"id": self.customer_id}} if self.customer_id else {}
        return {name: value for name, value in place.items() if value} | who


class Conversation:
    """One conversation. Not to be shared between threads."""

    def __init__(
        self,
        servers: Servers,
        visit: Visit | None = None,
        patience: float = TURN_SECONDS,
        clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        """Begins a conversation.

        Args:
            servers: Where the bot runs.
            visit: Where the conversation is opened, and by whom; an unknown visitor at the shop front if left out.
            patience: Seconds that a turn may take.
            clock: Tells the time, with its zone.
        """
        self._servers = servers
        self._visit = visit or Visit()
        self._patience = patience
        self._clock = clock
        self._http = requests.Session()
        # The bot is on this machine or near it: never by way of a proxy that the environment names.
        self._http.trust_env = False
        self._name = secrets.token_urlsafe(_NAME_BYTES)
        self._id: str | None = None

    @property
    def id(self) -> str:
        """The bot's name of the conversation; our own before the first answer."""
        return self._id or self._name

    def check_running(self) -> None:
        """Makes sure that there is somebody to talk to, without saying anything.

        Raises:
            NotRunningError: There is not.
        """
        try:
            response = self._http.get(f"{self._servers.rasa_url}{HEALTH}", timeout=_CONNECT_SECONDS)
        except requests.RequestException:
            raise self._not_running() from None
        if response.status_code != requests.codes.ok:
            raise NotRunningError(f"What answers at {self._servers.rasa_url} is not the bot: {response.status_code}")

    def say(self, said: Said | str) -> tuple[Reply, ...]:
        """Sends a message and waits for the replies to it.

        Args:
            said: What the customer types, taps or does.

        Returns:
            The replies in order; none when a person has the conversation, or the bot kept silent.

        Raises:
            NotRunningError: Rasa does not answer.
            TurnFailedError: It answered too late, refused the message, or with something else than replies.
        """
        said = Said(said) if isinstance(said, str) else said
        body = {"conversation": self._name, "id": secrets.token_urlsafe(12), **said.body, **self._visit.body}
        response = self._delivered(json.dumps({**body, "wait": True}, ensure_ascii=False).encode())
        try:
            answer = response.json()
        except ValueError:
            answer = None
        # It may be taken and not answered: by a person who has the conversation now, or not in time.
        if response.status_code not in (requests.codes.ok, requests.codes.accepted):
            reason = answer.get("message") if isinstance(answer, dict) else None
            raise TurnFailedError(f"Rasa answered with HTTP {response.status_code}{f': {reason}' if reason else ''}")
        delivered = answer.get("replies") if isinstance(answer, dict) else None
        if not isinstance(answer, dict) or not isinstance(delivered, list):
            raise TurnFailedError("Rasa answered with something else than replies")
        self._id = _text(answer.get("conversation_id")) or self._id
        return tuple(reply for reply in map(Reply.read, delivered) if reply is not None)

    def close(self) -> None:
        """Lets go of what the conversation holds on to."""
        self._http.close()

    def _delivered(self, body: bytes) -> requests.Response:
        """Sends a message; where it is told that it speaks too fast, speaks on when it may."""
        begun = time.monotonic()
        while True:
            response = self._post(body)
            pause = response.headers.get("Retry-After", "")
            left = self._patience - (time.monotonic() - begun)
            if response.status_code not in _COME_BACK or not pause.isdigit() or int(pause) > left:
                return response
            time.sleep(int(pause))

    def _post(self, body: bytes) -> requests.Response:
        for left in range(_TRIES - 1, -1, -1):
            headers = {
                "Content-Type": "application/json",
                KEY_HEADER: self._servers.key,
                **signed_headers(self._servers.secret, body, self._clock()),
            }
            try:
                return self._http.post(
                    f"{self._servers.rasa_url}{MESSAGES}",
                    data=body,
                    headers=headers,
                    timeout=(_CONNECT_SECONDS, self._patience),
                )
            except requests.ReadTimeout:
                raise TurnFailedError(f"No reply within {self._patience:g} s") from None
            except requests.ConnectionError:
                if not left:
                    raise self._not_running() from None
            except requests.RequestException as error:
                raise TurnFailedError(f"Rasa's answer broke off: {type(error).__name__}") from None
        raise AssertionError("unreachable")

    def _not_running(self) -> NotRunningError:
        return NotRunningError(f"Rasa does not answer at {self._servers.rasa_url}; start the bot with `make run`")


def _capsules(rows: list[Any]) -> list[Capsule]:
    return [capsule for row in rows if (capsule := _capsule(row)) is not None]


def _capsule(row: object) -> Capsule | None:
    if not isinstance(row, Mapping) or not isinstance(row.get("title"), str) or not isinstance(row.get("tap"), str):
        return None
    return Capsule(row["title"], row["tap"])


def _choices_in(part: object) -> Iterator[Capsule]:
    """What can be tapped anywhere in a card, from its beginning to its end."""
    if isinstance(part, Mapping):
        capsule = _capsule(part)
        if capsule is not None:
            yield capsule
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _choices_in(each)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
