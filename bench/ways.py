"""The ways in which simulated customers speak to a bot: over this bot's front door, or over Rasa's stock channel.

Both open their conversations on a product's page. Behind the door a signed request says so. The stock channel knows
nothing of that, so a row of the table that the door would write is put there beforehand; both bots run the same
actions then.
"""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal

from bench.conversations import Script
from sixty.desk.conversations import Conversation
from sixty.identity.api_keys import LOCAL, local_api_secret
from sixty.identity.signatures import signed_headers
from sixty.shop.database import shop_session
from sixty.talk.client import KEY_HEADER, MESSAGES

Way = Literal["api", "rest"]

APOLOGIES = ("系统刚刚开了个小差", "我这边系统有点忙")
REST = "/webhooks/rest/webhook"
_AT_ONCE = 500


@dataclass(frozen=True)
class Post:
    """A message as an HTTP request."""

    path: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Customer:
    """Speaks for one customer after the other.

    Attributes:
        post: Makes the request for a line of a conversation.
        conversations: Names of conversations that nobody has used.
        problem: Why an answer, read as JSON, is none; None for a good one.
        id_of: The bot's own name of the conversation, given ours and an answer.
    """

    post: Callable[[str, str], Post]
    conversations: Iterator[str]
    problem: Callable[[Any], str | None]
    id_of: Callable[[str, Any], str]


def customer(way: Way, script: Script, secret: str, database_url: str) -> Customer:
    """A customer who speaks in a way.

    Args:
        way: The channel.
        script: Names the page from which conversations are opened.
        secret: The deployment's secret.
        database_url: The bot's database.
    """
    if way == "api":
        return Customer(
            lambda conversation, line: _signed(conversation, line, script, secret),
            iter(_fresh_name, None),
            lambda answer: _problem(answer.get("replies") if isinstance(answer, dict) else None),
            lambda _, answer: str(answer["conversation_id"]),
        )
    return Customer(
        _plain, opened_beforehand(script, database_url, "rest"), _problem, lambda conversation, _: conversation
    )


def _fresh_name() -> str:
    return f"bench-{uuid.uuid4().hex}"


def _signed(conversation: str, line: str, script: Script, secret: str) -> Post:
    said = {
        "conversation": conversation,
        "id": secrets.token_urlsafe(9),
        "text": line,
        "entry": "product",
        "product": script.product,
        "wait": True,
    }
    body = json.dumps(said, ensure_ascii=False).encode()
    signed = signed_headers(local_api_secret(secret), body, datetime.now(timezone.utc))
    return Post(MESSAGES, body, {"Content-Type": "application/json", KEY_HEADER: LOCAL, **signed})


def _plain(conversation: str, line: str) -> Post:
    body = json.dumps({"sender": conversation, "message": line}, ensure_ascii=False).encode()
    return Post(REST, body, {"Content-Type": "application/json"})


def opened_beforehand(script: Script, database_url: str, channel: str) -> Iterator[str]:
    """Conversations over one of Rasa's stock channels.

    Their rows stand in the database, made many at a time so that it costs the turns nothing.
    """
    while True:
        now = datetime.now(timezone.utc)
        names = [_fresh_name() for _ in range(_AT_ONCE)]
        with shop_session(database_url) as session:
            session.add_all(
                Conversation(
                    id=name,
                    channel=channel,
                    entry="product",
                    product_no=script.product,
                    state="bot",
                    created_at=now,
                    last_at=now,
                )
                for name in names
            )
        yield from names


def _problem(replies: Any) -> str | None:
    """Why replies are none; an apology for a failure of the bot is none either."""
    if not replies:
        return "no reply"
    texts = " ".join(str(reply.get("text") or "") for reply in replies)
    return "an apology" if any(apology in texts for apology in APOLOGIES) else None
