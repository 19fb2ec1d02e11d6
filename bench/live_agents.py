"""Agents at their pages: they sign in, follow the live stream, and answer each line that a customer writes.

An agent does what the page of the workbench does, by the same requests: reads a conversation that is opened, says what
has been read and that something is being written, sends under an id of its own, answers pings.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bench.errors import BenchError

CSRF = "X-Sixty-CSRF"
API = "/api/desk"
# What it takes to read a line and to write one, shortened; what is measured is over before.
_READS_AND_WRITES = (0.4, 1.6)
_LONGEST_LINE = 2**20
_PAUSES = (1.0, 2.0, 4.0, 8.0)


@dataclass
class Screen:
    """What an agent has been shown, by conversation.

    Attributes:
        lines: Customers' lines in the order in which they came: id and text.
        shown_at: When each line was first shown, by its text.
        rows: The newest row of each conversation.
    """

    lines: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    shown_at: dict[str, float] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)


class SimulatedAgent:
    """One agent, with one window."""

    def __init__(self, desk_url: str, login: str, password: str, seed: int) -> None:
        """Makes an agent who has not come yet."""
        self.login = login
        self.screen = Screen()
        self.said: dict[str, list[str]] = defaultdict(list)
        """What was said to each customer, in order."""
        self.told_to_wait = 0
        """How often the desk had no time."""
        self._base = f"{desk_url}{API}"
        self._password = password
        self._lot = random.Random(seed)
        self._todo: asyncio.Queue[tuple[str, int, str]] = asyncio.Queue()
        self._open: str | None = None
        self._http: aiohttp.ClientSession | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._following = asyncio.Event()

    async def come(self) -> None:
        """Signs in, opens the stream, goes online."""
        self._http = aiohttp.ClientSession(
            # The desk has a number for an address here.
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            timeout=aiohttp.ClientTimeout(total=None, connect=30),
            read_bufsize=_LONGEST_LINE,
        )
        me = await self._send("POST", "/sign-in", {"login": self.login, "password": self._password})
        self._http.headers[CSRF] = me["csrf"]
        self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._work())]
        await asyncio.wait_for(self._following.wait(), 60)
        await self._send("GET", "/chats?box=mine")
        await self._send("PUT", "/presence", {"state": "online"})

    async def leave(self) -> None:
        """Closes the window."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        if self._http is not None:
            await self._http.close()

    def check(self) -> None:
        """Raises what has ended the agent's work, if anything has."""
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.result()

    @property
    def is_done(self) -> bool:
        """Whether every line that was shown has been answered."""
        return self._todo.empty() and all(
            len(self.said[chat]) >= len({number for number, _ in lines}) for chat, lines in self.screen.lines.items()
        )

    async def _follow(self) -> None:
        assert self._http is not None
        async with self._http.get(f"{self._base}/events") as stream:
            if stream.status != 200:
                raise BenchError(f"{self.login} gets no stream: {stream.status}")
            event, data, last = "", "", ""
            async for raw in stream.content:
                line = raw.decode().rstrip("\n")
                if line.startswith("event: "):
                    event = line[7:]
                elif line.startswith("data: "):
                    data = line[6:]
                elif not line and event:
                    await self._take(event, json.loads(data), time.perf_counter())
                    event, last = "", f"{event} {data[:200]}"
        raise BenchError(f"the stream of {self.login} has ended after {last}")

    async def _take(self, event: str, data: dict[str, Any], at: float) -> None:
        if event == "hello":
            self._following.set()
        elif event == "ping":
            await self._send("POST", "/heartbeat", {"focused": True, "chat": self._open})
        elif event == "chat":
            self.screen.rows[data["id"]] = data
        elif event == "message" and data["author"] == "customer" and data["stretch"] == "person":
            chat, text = data["chat"], data["text"]
            self.screen.lines[chat].append((data["id"], text))
            if text not in self.screen.shown_at:
                self.screen.shown_at[text] = at
                self._todo.put_nowait((chat, data["id"], text))

    async def _work(self) -> None:
        while True:
            chat, number, text = await self._todo.get()
            if chat != self._open:
                self._open = chat
                await self._send("GET", f"/chats/{chat}")
            await self._send("POST", f"/chats/{chat}/read", {"to": number})
            await self._send("POST", f"/chats/{chat}/typing", {"on": True})
            await asyncio.sleep(self._lot.uniform(*_READS_AND_WRITES))
            answer = f"回 {text}"
            await self._send("POST", f"/chats/{chat}/messages", {"client_id": uuid.uuid4().hex, "text": answer})
            self.said[chat].append(answer)

    async def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Sends a request; while the desk says that it is busy, again after a while, as the page does."""
        assert self._http is not None
        for pause in (*_PAUSES, None):
            async with self._http.request(method, f"{self._base}{path}", json=body) as answer:
                if answer.status < 400:
                    return await answer.json() if answer.status != 204 else None
                words = f"{answer.status} {(await answer.text())[:200]}"
                if answer.status != 503 or pause is None:
                    raise BenchError(f"{self.login}: {method} {path.split('/')[1]} was refused: {words}")
            self.told_to_wait += 1
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")
