"""The same visits by a page: over the door's web channel, and over Rasa's stock socketio.

A socket has no answer that ends, so what is measured is the time from a line to the first word of its answer. The next
line is said when nothing has come for a moment.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from socketio import AsyncClient

from bench.bots import Served
from bench.conversations import Script
from bench.errors import BenchError
from bench.machine import cpu_seconds
from bench.ways import APOLOGIES, opened_beforehand
from sixty.desk.conversations import Where, begin
from sixty.identity.visitor_tokens import VisitorToken, issue_visitor_token
from sixty.shop.database import shop_session

STOCK_PATH = "stock.io"
STOCK: dict[str, Any] = {"session_persistence": True, "socketio_path": f"/{STOCK_PATH}"}
"""Rasa's own channel, out of the way of ours, told whose conversation it is."""

_QUIET_SECONDS = 0.15
_TURN_SECONDS = 60.0
_A_VISIT = timedelta(hours=1)


@dataclass(frozen=True)
class _Line:
    """How a page speaks over a channel.

    Attributes:
        heard: The event by which the bot speaks.
        path: The sockets' path.
        auth: What a page connects with, for a conversation.
        asks_in: Whether it says whose conversation it is after that, and waits until it is let in.
        say: The event and its data, for a conversation and a line.
        words: What the bot says in an event; None for what is none of its words.
    """

    heard: str
    path: str
    auth: Callable[[str], Any]
    asks_in: bool
    say: Callable[[str, str], tuple[str, dict[str, Any]]]
    words: Callable[[Any], str | None]


class Pages:
    """Visits over one of the two channels."""

    def __init__(self, way: str, script: Script, served: Served) -> None:
        """Makes visitors who speak over `web`, or over `socketio`."""
        self._served = served
        self._script = script
        environment = served.environment
        secret, database = environment["SIXTY_SECRET"], environment["SIXTY_DATABASE_URL"]
        if way == "web":
            self._line = _Line(
                "message",
                "socket.io",
                lambda conversation: {"token": _token(conversation, secret)},
                False,
                lambda _, line: ("say", {"id": uuid.uuid4().hex, "text": line}),
                lambda data: str(data.get("text") or "") if data.get("author") == "bot" else None,
            )
            self._conversations = _begun(script, database)
        else:
            self._line = _Line(
                "bot_uttered",
                STOCK_PATH,
                lambda _: None,
                True,
                lambda conversation, line: ("user_uttered", {"message": line, "session_id": conversation}),
                lambda data: str(data.get("text") or ""),
            )
            self._conversations = opened_beforehand(script, database, "socketio")

    async def visit(self) -> tuple[list[float], float]:
        """Goes through the script in a new conversation.

        Returns:
            Milliseconds to the first word of each answer, and seconds of Rasa's processor time.

        Raises:
            BenchError: A line was not answered.
        """
        conversation, line = next(self._conversations), self._line
        client, news, heard = AsyncClient(reconnection=False), asyncio.Event(), list[tuple[float, str]]()

        def keep(data: Any) -> None:
            words = line.words(data)
            if words is not None:
                heard.append((time.perf_counter(), words))
                news.set()

        client.on(line.heard, keep)
        auth = line.auth(conversation)
        await client.connect(self._served.url, auth=auth, transports=["websocket"], socketio_path=line.path)
        if line.asks_in:
            await _asked_in(client, conversation)
        taken = []
        before = cpu_seconds(self._served.rasa_pid)
        try:
            for text in self._script.lines:
                heard.clear()
                news.clear()
                event, data = line.say(conversation, text)
                said = time.perf_counter()
                await client.emit(event, data)
                await asyncio.wait_for(news.wait(), _TURN_SECONDS)
                taken.append((heard[0][0] - said) * 1000)
                await _quiet(heard)
                if any(apology in words for _, words in heard for apology in APOLOGIES):
                    raise BenchError(f"{text} over {line.path}: an apology")
        except asyncio.TimeoutError:
            raise BenchError(f"a line over {line.path} was not answered") from None
        finally:
            await client.disconnect()
        return taken, cpu_seconds(self._served.rasa_pid) - before


async def _asked_in(client: AsyncClient, conversation: str) -> None:
    inside = asyncio.Event()
    client.on("session_confirm", lambda _: inside.set())
    await client.emit("session_request", {"session_id": conversation})
    await asyncio.wait_for(inside.wait(), _TURN_SECONDS)


async def _quiet(heard: list[tuple[float, str]]) -> None:
    while time.perf_counter() < heard[-1][0] + _QUIET_SECONDS:
        await asyncio.sleep(_QUIET_SECONDS / 3)


def _token(conversation: str, secret: str) -> str:
    expires = datetime.now(timezone.utc) + _A_VISIT
    about = VisitorToken(visitor_id=conversation[:32], conversation_id=conversation, expires_at=expires)
    return issue_visitor_token(about, secret)


def _begun(script: Script, database: str) -> Iterator[str]:
    while True:
        with shop_session(database) as session:
            where = Where("product", product_no=script.product)
            # As the desk does it when a page asks for a session.
            conversation, _ = begin(
                session, "web", datetime.now(timezone.utc), visitor_id=uuid.uuid4().hex, where=where
            )
            name = conversation.id
        yield name
