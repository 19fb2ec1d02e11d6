"""Customers at the web channel's sockets."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Callable, Coroutine
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

import socketio

from sixty.desk.sessions import Doorkeeper, Wish
from sixty.shop.database import shop_session

WITHIN_SECONDS = 20.0


def tokens(database_url: str, secret: str, number: int = 1, **wish: str) -> list[str]:
    """Sessions as the desk gives them, each with a conversation of its own."""
    keeper = Doorkeeper(secret, {}, demo=True)
    with shop_session(database_url) as session:
        return [keeper.open_session(session, Wish(**wish), datetime.now(timezone.utc))[1] for _ in range(number)]  # type: ignore[arg-type]


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    """Where the sockets of all windows live."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="windows", daemon=True).start()
    return loop


def _done(doing: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run_coroutine_threadsafe(doing, _loop()).result(3 * WITHIN_SECONDS)


class Window:
    """A browser window with the chat open."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self.token = token
        self.heard: list[dict[str, Any]] = []
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._client = socketio.AsyncClient(reconnection=False)
        self._client.on("message", self._hear)
        for event in ("typing", "marks", "state"):
            self._client.on(event, self._noting(event))
        self.connect()

    def connect(self) -> None:
        _done(connect(self._client, self._url, self.token))

    def disconnect(self) -> None:
        if self._client.connected:
            _done(self._client.disconnect())

    def call(self, event: str, data: dict[str, Any]) -> dict[str, Any]:
        """Sends an event and returns its acknowledgement."""
        answer: dict[str, Any] = _done(self._client.call(event, data, timeout=WITHIN_SECONDS))
        return answer

    def emit(self, event: str, data: dict[str, Any]) -> None:
        """Sends an event and waits for nothing."""
        _done(self._client.emit(event, data))

    def open(self, after: int = 0) -> dict[str, Any]:
        return self.call("open", {"after": after})

    def say(self, text: str, client_id: str | None = None) -> dict[str, Any]:
        """Says a line; returns the acknowledged message."""
        answer = self.call("say", {"id": client_id or uuid.uuid4().hex, "text": text})
        assert answer["ok"], answer
        message: dict[str, Any] = answer["message"]
        return message

    async def _hear(self, message: dict[str, Any]) -> None:
        self.heard.append(message)

    def _noting(self, event: str) -> Callable[[dict[str, Any]], Coroutine[Any, Any, None]]:
        async def note(data: dict[str, Any]) -> None:
            self.events.append((event, data))

        return note

    @property
    def texts(self) -> list[str]:
        """What was heard from the bot, each message once."""
        seen = {message["id"]: message for message in self.heard if message["author"] == "bot"}
        return [seen[number].get("text", "") for number in sorted(seen)]


async def connect(client: socketio.AsyncClient, url: str, token: str) -> None:
    """Connects as the page does."""
    await client.connect(
        url,
        auth={"token": token},
        transports=["websocket"],
        socketio_path="/socket.io",
        wait_timeout=int(3 * WITHIN_SECONDS),
    )


def until(condition: Callable[[], Any], within: float = WITHIN_SECONDS) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def stays(condition: Callable[[], Any]) -> None:
    """Nothing comes that should not come."""
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        assert condition()
        time.sleep(0.05)
