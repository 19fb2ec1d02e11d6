"""A conversation with the running bot over HTTP, begun the way the page begins one: with a context of the desk."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import requests

from sixty.context import Entry
from sixty.errors import OperatorError
from sixty.processes.services import desk, rasa_server
from sixty.settings import Settings

TURN_SECONDS = 30.0
"""How long the bot may take for a turn."""

_CONNECT_SECONDS = 5.0
_CONVERSATION_ID_BYTES = 24
# A token that ends within this time is renewed before the next message.
_RENEW_BEFORE = timedelta(minutes=5)

Card = Mapping[str, Any]
Tell = Callable[[str], None]


class NotRunningError(OperatorError):
    """Nothing answers where the bot should be."""


class TurnFailedError(OperatorError):
    """The bot runs, and this turn brought no answer that can be read."""


class UnknownCustomerError(OperatorError):
    """The demo shop has no such customer."""


@dataclass(frozen=True)
class Capsule:
    """A question that can be tapped: what it shows, and what is sent for it."""

    title: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """One message of the bot; at least one of its parts besides `outcome` is there."""

    text: str | None = None
    buttons: tuple[Capsule, ...] = ()
    card: Card | None = None
    image: str | None = None
    outcome: str | None = None

    @classmethod
    def read(cls, data: object) -> Reply | None:
        """Reads what the channel delivered; None when there is nothing in it that a customer would see."""
        if not isinstance(data, dict):
            return None
        buttons = data.get("buttons")
        card = data.get("card")
        reply = cls(
            text=_text(data.get("text")),
            buttons=tuple(_capsules(buttons)) if isinstance(buttons, list) else (),
            card=card if isinstance(card, dict) and card else None,
            image=_text(data.get("image")),
            outcome=_text(data.get("outcome")),
        )
        return reply if reply.text or reply.buttons or reply.card or reply.image else None

    def as_json(self) -> dict[str, Any]:
        """The reply as one JSON object, without the parts that it does not have."""
        parts = {
            "text": self.text,
            "buttons": [{"title": each.title, "payload": each.payload} for each in self.buttons],
            "card": self.card,
            "image": self.image,
            "outcome": self.outcome,
        }
        return {name: part for name, part in parts.items() if part}

    @property
    def choices(self) -> tuple[Capsule, ...]:
        """All that can be tapped: capsules, and the rows of a card that lets one choose an order."""
        orders = self.card.get("orders") if self.card else None
        return (*_capsules(orders if isinstance(orders, list) else []), *self.buttons)


@dataclass(frozen=True)
class Servers:
    """Where the bot runs."""

    desk_url: str
    rasa_url: str

    @classmethod
    def of(cls, settings: Settings) -> Servers:
        """Where `make run` starts them under these settings."""
        rasa = rasa_server(settings, settings.endpoints)
        own_desk = desk(settings)
        return cls(desk_url=_url(own_desk.reachable_host, own_desk.port), rasa_url=_url(rasa.reachable_host, rasa.port))


@dataclass(frozen=True)
class Visit:
    """Where a conversation is opened, and by whom."""

    entry: Entry = "shop"
    product_no: str | None = None
    order_no: str | None = None
    customer_id: str | None = None


@dataclass(frozen=True)
class _Grant:
    """What the desk gave: a conversation and the token that speaks for it."""

    conversation_id: str
    token: str
    rasa_url: str
    expires_at: datetime


class Conversation:
    """One conversation. Not to be shared between threads."""

    def __init__(
        self,
        servers: Servers,
        visit: Visit | None = None,
        tell: Tell = lambda _: None,
        patience: float = TURN_SECONDS,
        clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        """Begins a conversation.

        Args:
            servers: Where the bot runs.
            visit: Where the conversation is opened, and by whom; an unknown visitor at the shop front if left out.
            tell: Is told, in a line, what the person at the terminal should know and nothing fails for.
            patience: Seconds that a turn may take.
            clock: Tells the time, with its zone.

        Raises:
            UnknownCustomerError: The demo shop has no such customer.
        """
        self._servers = servers
        self._visit = visit or Visit()
        self._tell = tell
        self._patience = patience
        self._clock = clock
        self._http = requests.Session()
        # The bot is on this machine or near it: never by way of a proxy that the environment names.
        self._http.trust_env = False
        # A connection that lay idle while somebody typed may be closed by the server at the very moment of the next
        # message, which must not be sent twice. A new one costs nothing here.
        self._http.headers["Connection"] = "close"
        self._grant = self._ask_desk(None)
        self._own_id = secrets.token_urlsafe(_CONVERSATION_ID_BYTES)
        self._unsaid: str | None = None
        if self._grant is None:
            lost = f" (not as {self._visit.customer_id})" if self._visit.customer_id else ""
            self._unsaid = f"The desk does not answer at {servers.desk_url}; talking as an unknown visitor{lost}."

    @property
    def id(self) -> str:
        """The conversation's unguessable name."""
        return self._grant.conversation_id if self._grant else self._own_id

    @property
    def has_context(self) -> bool:
        """Whether the desk has signed who is talking."""
        return self._grant is not None

    @property
    def rasa_url(self) -> str:
        """Where the bot is talked to: the desk knows best."""
        return self._grant.rasa_url if self._grant else self._servers.rasa_url

    def check_running(self) -> None:
        """Makes sure that there is somebody to talk to, without saying anything.

        Raises:
            NotRunningError: There is not.
        """
        try:
            response = self._http.get(f"{self.rasa_url}/webhooks/rest/", timeout=_CONNECT_SECONDS)
        except requests.RequestException:
            raise self._not_running() from None
        if response.status_code != requests.codes.ok:
            raise NotRunningError(f"What answers at {self.rasa_url} is not the bot: {response.status_code}")

    def say(self, message: str) -> tuple[Reply, ...]:
        """Sends a message and waits for the replies to it.

        Args:
            message: What the customer types, or the payload of a capsule.

        Returns:
            The replies in order; none when the bot kept silent.

        Raises:
            NotRunningError: Rasa does not answer.
            TurnFailedError: It answered too late, or with something else than replies.
        """
        self._tell_of_desk()
        self._renew()
        body: dict[str, Any] = {"sender": self.id, "message": message}
        if self._grant:
            body["metadata"] = {"context": self._grant.token}
        try:
            response = self._http.post(
                f"{self.rasa_url}/webhooks/rest/webhook", json=body, timeout=(_CONNECT_SECONDS, self._patience)
            )
        except requests.ReadTimeout:
            raise TurnFailedError(f"No reply within {self._patience:g} s") from None
        except requests.ConnectionError:
            raise self._not_running() from None
        except requests.RequestException as error:
            raise TurnFailedError(f"Rasa's answer broke off: {type(error).__name__}") from None
        if response.status_code != requests.codes.ok:
            raise TurnFailedError(f"Rasa answered with HTTP {response.status_code}")
        try:
            delivered = response.json()
        except ValueError:
            delivered = None
        if not isinstance(delivered, list):
            raise TurnFailedError("Rasa answered with something else than replies")
        return tuple(reply for reply in map(Reply.read, delivered) if reply is not None)

    def close(self) -> None:
        """Lets go of what the conversation holds on to."""
        self._http.close()

    def _not_running(self) -> NotRunningError:
        return NotRunningError(f"Rasa does not answer at {self.rasa_url}; start the bot with `make run`")

    def _tell_of_desk(self) -> None:
        """Says that there is no context, not before there is a conversation: without Rasa that is of no interest."""
        if self._unsaid:
            self._tell(self._unsaid)
            self._unsaid = None

    def _renew(self) -> None:
        """Renews a token that ends soon. A desk that is down is no reason to fall silent: the old one goes on."""
        before = self._grant
        if before is None or self._clock() < before.expires_at - _RENEW_BEFORE:
            return
        renewed = self._ask_desk(before)
        if renewed is None:
            self._tell("The desk does not renew the context; the bot will soon see an unknown visitor.")
            return
        if renewed.conversation_id != before.conversation_id:
            self._tell("The context was too old to be renewed; a new conversation begins.")
        self._grant = renewed

    def _ask_desk(self, before: _Grant | None) -> _Grant | None:
        wish = {
            "entry": self._visit.entry,
            "product": self._visit.product_no,
            "order": self._visit.order_no,
            "customer": self._visit.customer_id,
            "conversation": before.conversation_id if before else None,
        }
        try:
            response = self._http.get(
                f"{self._servers.desk_url}/api/context",
                params={name: value for name, value in wish.items() if value},
                # As a header, which no access log keeps.
                headers={"Authorization": f"Bearer {before.token}"} if before else {},
                timeout=_CONNECT_SECONDS,
            )
            if response.status_code == requests.codes.not_found and self._visit.customer_id:
                raise UnknownCustomerError(
                    f"The demo shop has no customer {self._visit.customer_id}; `sixty seed` brings C001 and others"
                )
            if response.status_code != requests.codes.ok:
                return None
            return _granted(response.json())
        except (requests.RequestException, ValueError, KeyError, TypeError):
            return None


def _granted(body: Any) -> _Grant:
    expires_at = datetime.fromisoformat(body["expires_at"])
    if expires_at.tzinfo is None:
        raise ValueError("a time without a zone")
    return _Grant(
        conversation_id=str(body["conversation_id"]),
        token=str(body["token"]),
        rasa_url=str(body["rasa_url"]).rstrip("/"),
        expires_at=expires_at,
    )


def _capsules(rows: list[Any]) -> list[Capsule]:
    return [
        Capsule(row["title"], row["payload"])
        for row in rows
        if isinstance(row, dict) and isinstance(row.get("title"), str) and isinstance(row.get("payload"), str)
    ]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
