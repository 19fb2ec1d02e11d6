"""A front door with everything real but Rasa and the customers' browsers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from functools import partial
from typing import Any

from rasa.core.channels.channel import UserMessage
from sqlalchemy import select

from sixty.channels.arrival import Arrival, Receipt
from sixty.channels.delivery import EVERYTHING, Delivery
from sixty.channels.door_options import DoorOptions
from sixty.channels.front_door import FrontDoor
from sixty.desk.conversations import begin, move, state_of
from sixty.desk.handoffs import HandOff
from sixty.ledger.models import Message, OutboxRow
from sixty.shop.database import shop_session

SECRET = "s" * 40
CHANNEL = "web"
ACKNOWLEDGEMENTS = {kind: f"{kind}收到，给人工留着" for kind in ("picture", "voice", "video", "file", "location")}

Handler = Callable[[UserMessage], Awaitable[Any]]


def options(**changed: Any) -> DoorOptions:
    """A deadline and limits that are out of the way, on however busy a machine."""
    given: dict[str, Any] = {
        "acknowledgements": ACKNOWLEDGEMENTS,
        "deadline": 60,
        "tick": 0.02,
        "lease": 60,
        "limits": {"visitor": {"at_once": 1000, "per_minute": 1000}, "address": {"at_once": 1000, "per_minute": 1000}},
    }
    return DoorOptions.parse_obj(given | changed)


class Recorder(Delivery):
    """A channel; it may break, lie asleep, or have nobody there."""

    def __init__(self, shows: frozenset[Any] = EVERYTHING, known_by_id: bool = True) -> None:
        self.shows = shows
        self.known_by_id = known_by_id
        self.delivered: list[tuple[str, dict[str, Any]]] = []
        self.told: list[tuple[Any, ...]] = []
        self.broken = 0
        self.there = True
        self.hangs = 0.0

    async def deliver(self, conversation_id: str, message: dict[str, Any]) -> bool:
        if self.hangs:
            await asyncio.sleep(self.hangs)
        if self.broken > 0:
            self.broken -= 1
            raise ConnectionError("the platform is away")
        if self.there:
            self.delivered.append((conversation_id, message))
        return self.there

    async def turn_began(self, conversation_id: str, message_id: int) -> None:
        self.told.append(("began", message_id))

    async def turn_ended(self, conversation_id: str, message_id: int) -> None:
        self.told.append(("ended", message_id))

    async def state_changed(self, conversation_id: str, state: str) -> None:
        self.told.append(("state", state))

    def texts(self, conversation_id: str | None = None) -> list[str]:
        return [
            str(message.get("text"))
            for to, message in self.delivered
            if conversation_id is None or to == conversation_id
        ]


class Rig:
    """One server's door on a database."""

    def __init__(self, url: str, handler: Handler, delivery: Recorder | None = None, **changed: Any) -> None:
        self.url = url
        self.heard: list[UserMessage] = []
        self.saved: set[int] = set()
        self.delivery = delivery or Recorder()

        async def on_new_message(message: UserMessage) -> None:
            self.heard.append(message)
            await handler(message)
            # Rasa saves the tracker at the end of a turn that came to one.
            self.saved.add(int(message.message_id))

        async def saved(conversation_id: str, message_id: int) -> bool:
            return message_id in self.saved

        self.door = FrontDoor(on_new_message, partial(shop_session, url), options(**changed), SECRET, saved=saved)
        self.door.serve(CHANNEL, self.delivery)

    def conversation(self, channel: str = CHANNEL, **known: Any) -> str:
        with shop_session(self.url) as session:
            return begin(session, channel, now(), **known)[0].id

    async def say(self, conversation_id: str, text: str | None = None, **more: Any) -> Receipt:
        return await self.door.take(Arrival(conversation_id, text, **more))

    async def ask(self, conversation_id: str, text: str | None = None, **more: Any) -> list[Message]:
        """Says something, and waits for what comes of it."""
        receipt = await self.say(conversation_id, text, **more)
        replies = await self.door.replies_to(receipt.message.id, 60)
        await self.quiet()
        return replies

    def crash(self) -> None:
        """Ends as a killed process does: in the middle, and without another word to anybody."""
        for task in (*self.door._lanes._tasks, *self.door._chores):
            task.cancel()
        self.door._mine.clear()

    async def quiet(self) -> None:
        assert await self.door._lanes.empty(60)

    def rows(self, conversation_id: str | None = None, author: str | None = None) -> list[Message]:
        query = select(Message).order_by(Message.id)
        if conversation_id is not None:
            query = query.where(Message.conversation_id == conversation_id)
        if author is not None:
            query = query.where(Message.author == author)
        with shop_session(self.url, read_only=True) as session:
            return list(session.scalars(query))

    def states(self, conversation_id: str | None = None) -> list[str]:
        return [row.state for row in self.rows(conversation_id, "customer")]

    def handoffs(self) -> list[HandOff]:
        with shop_session(self.url, read_only=True) as session:
            return list(session.scalars(select(HandOff)))

    def outbox(self) -> list[OutboxRow]:
        with shop_session(self.url, read_only=True) as session:
            return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))

    def move(self, conversation_id: str, *to: Any) -> None:
        with shop_session(self.url) as session:
            for state in to:
                move(session, conversation_id, state, "agent-7", "test", now())

    def state(self, conversation_id: str) -> str | None:
        with shop_session(self.url, read_only=True) as session:
            return state_of(session, conversation_id)


async def echo(message: UserMessage) -> None:
    """Answers with what it has heard."""
    await reply(message, f"收到{message.text}")


async def reply(message: UserMessage, text: str, **more: Any) -> None:
    assert message.output_channel is not None
    await message.output_channel.send_response(message.sender_id, {"text": text, **more})


def now() -> datetime:
    return datetime.now(timezone.utc)


async def until(condition: Callable[[], bool], within: float = 60.0) -> None:
    """Waits for something that happens by itself."""
    end = asyncio.get_running_loop().time() + within
    while not condition():
        assert asyncio.get_running_loop().time() < end, "it has not come about"
        await asyncio.sleep(0.01)
