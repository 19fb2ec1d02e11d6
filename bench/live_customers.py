"""Customers at their pages: they connect with their token, ask for a person, and write lines at their own pace."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from socketio import AsyncClient

from bench.errors import BenchError
from sixty.identity.visitor_tokens import VisitorToken, issue_visitor_token

_CALL_SECONDS = 30
_A_VISIT = timedelta(hours=1)


@dataclass(frozen=True)
class Line:
    """One line of a customer.

    Attributes:
        sent_at: When it left the page.
        taken_at: When the page learnt that it stands in the ledger.
    """

    text: str
    sent_at: float
    taken_at: float


@dataclass
class SimulatedCustomer:
    """One customer with one page.

    Attributes:
        number: Stands in all that they write.
        heard: What a person has said to them, in the order in which it came.
    """

    number: int
    conversation_id: str
    door_url: str
    secret: str
    lot: random.Random
    lines: list[Line] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    with_a_person: asyncio.Event = field(default_factory=asyncio.Event)
    _client: Any = None

    async def connect(self) -> None:
        """Opens the page, which asks for a person."""
        client = self._client = AsyncClient(reconnection=False)
        client.on("message", self._take)
        client.on("state", self._state)
        visitor = VisitorToken(f"visitor-{self.number}", self.conversation_id, datetime.now(timezone.utc) + _A_VISIT)
        # As behind a proxy of the shop's: each customer comes from an address of their own.
        address = f"10.{self.number // 65536}.{self.number // 256 % 256}.{self.number % 256}"
        await client.connect(
            self.door_url,
            auth={"token": issue_visitor_token(visitor, self.secret)},
            transports=["websocket"],
            wait_timeout=_CALL_SECONDS,
            headers={"X-Forwarded-For": address},
        )
        await self._call("open", {"after": 0})
        await self._call("say", {"id": str(uuid.uuid4()), "text": f"转人工 {self.number}"})

    async def talk(self, lines: int, pause: float) -> None:
        """Writes so many lines, `pause` seconds from one to the next on average."""
        for place in range(1, lines + 1):
            await asyncio.sleep(self.lot.uniform(0 if place == 1 else 0.5, 1.5) * pause)
            text = f"{self.number}号顾客第{place}句"
            sent_at = time.perf_counter()
            await self._call("say", {"id": str(uuid.uuid4()), "text": text})
            self.lines.append(Line(text, sent_at, time.perf_counter()))

    async def disconnect(self) -> None:
        """Closes the page."""
        if self._client is not None:
            await self._client.disconnect()

    async def _call(self, event: str, data: dict[str, Any]) -> Any:
        answer = await self._client.call(event, data, timeout=_CALL_SECONDS)
        if not answer.get("ok"):
            raise BenchError(f"customer {self.number}: {event} was refused: {answer.get('code')}")
        return answer

    async def _take(self, message: dict[str, Any]) -> None:
        if message.get("author") == "agent":
            self.heard.append(str(message.get("text")))

    async def _state(self, told: dict[str, Any]) -> None:
        if told.get("state") == "assigned":
            self.with_a_person.set()
