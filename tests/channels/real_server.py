"""Channels behind a real server: Sanic with web sockets, as Rasa runs it, and a bot of our own in Rasa's place."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
import sanic
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Sanic
from socketio import AsyncClient
from socketio.exceptions import ConnectionError as NotConnectedError

from sixty.channels.front_door import front_door

_NUMBERS = count(1)
Handler = Callable[[UserMessage], Awaitable[Any]]


@dataclass
class Bot:
    """Answers what it is told to, and remembers what reached it."""

    heard: list[UserMessage] = field(default_factory=list)
    seconds: float = 0.0
    gate: asyncio.Event | None = None

    @property
    def texts(self) -> list[str]:
        return [str(message.text) for message in self.heard]

    async def __call__(self, message: UserMessage) -> None:
        self.heard.append(message)
        if self.gate is not None:
            await self.gate.wait()
        await asyncio.sleep(self.seconds)
        say = message.output_channel.send_response
        text = str(message.text)
        if text == "/greet":
            capsules = [{"title": "查订单", "payload": "/ask_order"}, {"title": "看尺码", "payload": "/ask_size"}]
            await say(message.sender_id, {"text": "欢迎光临", "buttons": capsules, "outcome": "social"})
        elif text == "订单":
            orders = [{"no": "1", "title": "第一单", "payload": '/inform{"order_no": "1"}'}]
            await say(message.sender_id, {"text": "哪一单？", "custom": {"card": {"type": "orders", "orders": orders}}})
        else:
            await say(message.sender_id, {"text": f"收到{text}", "outcome": "answered"})


@asynccontextmanager
async def serving(channels: Sequence[InputChannel], handler: Handler) -> AsyncIterator[str]:
    """Runs the channels as Rasa does, and gives the server's address."""
    sanic.app.Sanic.test_mode = True

    async def on_new_message(message: UserMessage) -> None:
        await handler(message)

    app = Sanic(f"channels-{next(_NUMBERS)}", configure_logging=False)
    app.config.KEEP_ALIVE = False
    app.config.FALLBACK_ERROR_FORMAT = "json"
    for channel in channels:
        app.blueprint(channel.blueprint(on_new_message), url_prefix=f"/webhooks/{channel.url_prefix()}")
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    await server.startup()
    await server.after_start()
    port = listening.getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await server.before_stop()
        for connection in list(server.connections):
            connection.close()
        await server.close()
        await server.after_stop()
        front_door.cache_clear()


class Page:
    """A browser window: what it sends and all that it hears."""

    def __init__(self) -> None:
        self.client = AsyncClient(reconnection=False)
        self.heard: list[tuple[str, Any]] = []
        self._news = asyncio.Event()
        for event in ("message", "typing", "marks", "state", "refused"):
            self.client.on(event, self._keeps(event))

    def _keeps(self, event: str) -> Callable[[Any], Awaitable[None]]:
        async def keep(data: Any) -> None:
            self.heard.append((event, data))
            self._news.set()

        return keep

    async def come(self, url: str, token: object, transports: Sequence[str] = ("websocket",)) -> Page:
        await self.client.connect(url, auth={"token": token}, transports=list(transports), wait_timeout=10)
        return self

    async def turned_away(self, url: str, token: object) -> Any:
        """Why the server does not let this window in."""
        reasons: list[Any] = []
        self.client.on("connect_error", reasons.append)
        with pytest.raises(NotConnectedError):
            await self.come(url, token)
        await self.leave()
        return reasons[0]

    async def call(self, event: str, **data: Any) -> Any:
        return await self.client.call(event, data, timeout=20)

    async def say(self, client_id: str, **what: Any) -> Any:
        return await self.call("say", id=client_id, **what)

    def of(self, event: str) -> list[Any]:
        return [data for kind, data in self.heard if kind == event]

    @property
    def texts(self) -> list[str]:
        return [message.get("text", "") for message in self.of("message")]

    async def until(self, fulfilled: Callable[[], Any], seconds: float = 20.0) -> Any:
        """Waits until something has been heard."""

        async def wait() -> Any:
            while not (found := fulfilled()):
                self._news.clear()
                await self._news.wait()
            return found

        return await asyncio.wait_for(wait(), seconds)

    async def replies(self, number: int) -> list[str]:
        """The first so many texts of the bot."""
        bots = lambda: [each for each in self.of("message") if each["author"] == "bot"]  # noqa: E731
        await self.until(lambda: len(bots()) >= number)
        return [each.get("text", "") for each in bots()][:number]

    async def leave(self) -> None:
        await self.client.disconnect()
