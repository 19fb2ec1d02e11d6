"""Understands what customers say to a person, as the bot would, for whoever is going to answer.

While a person has a conversation, its messages do not go to the bot. What they mean is wanted all the same: the
workbench suggests answers by it, and reports count what was asked. So the model only reads them; no policy decides, no
action runs, the tracker stays as it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sixty.channels.lines import for_rasa
from sixty.channels.tapped import parse_data
from sixty.desk.beside.heard import meaning_of
from sixty.desk.feed import announce
from sixty.ledger.models import Message
from sixty.ledger.storable import storable
from sixty.tables import column

_HEARD_AGAIN_FOR = timedelta(minutes=10)
_AT_A_TIME = 50
_SPOKEN = ("text", "tap")

_log = structlog.get_logger(__name__)

Parse = Callable[[str], Awaitable[Mapping[str, Any]]]
Write = Callable[[Callable[[Session], Any]], Awaitable[Any]]


class Listener:
    """Listens in the conversations that people have; one a Rasa server."""

    def __init__(self, app: Callable[[], Any], write: Write, read: Write, clock: Callable[[], datetime]) -> None:
        """Makes one.

        Args:
            app: Rasa's Sanic application, once there is one.
            write: Runs a short job that writes, off the event loop.
            read: Runs a job that only reads, off the event loop.
            clock: The present moment.
        """
        self._app = app
        self._write = write
        self._read = read
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, message: Message) -> None:
        """Understands a message that came to a person; soon, and without ever failing or keeping anybody waiting."""
        if message.state != "to_person" or message.kind not in _SPOKEN or message.understood is not None:
            return
        task = asyncio.get_running_loop().create_task(self._hear(message.id, message.text, message.payload or {}))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def catch_up(self) -> None:
        """Understands what a process that has died meanwhile has left, as long as it is of use."""
        since = self._clock() - _HEARD_AGAIN_FOR
        until = self._clock() - timedelta(seconds=5)
        for message_id, text, payload in await self._read(lambda session: _unheard(session, since, until)):
            await self._hear(message_id, text, payload or {})

    async def all_heard(self) -> None:
        """Waits until nothing is left to be understood."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def _hear(self, message_id: int, text: str, payload: Mapping[str, Any]) -> None:
        try:
            meaning = await self._meaning(text, payload)
            if meaning is not None:
                now = self._clock()
                await self._write(lambda session: _tell(session, message_id, meaning, now))
        except Exception as error:
            # What was said stays out of the log.
            _log.warning("listener.not_understood", message=message_id, error=type(error).__name__)

    async def _meaning(self, text: str, payload: Mapping[str, Any]) -> dict[str, Any] | None:
        tapped = str((payload.get("tap") or {}).get("payload") or "")
        parsed: Mapping[str, Any] | None = parse_data(tapped) if tapped else None
        if parsed is None:
            line = for_rasa(text)
            agent = getattr(getattr(self._app(), "ctx", None), "agent", None)
            if not line or agent is None or not agent.is_ready():
                return None
            parsed = await agent.parse_message(line)
        return meaning_of(parsed)


def _unheard(session: Session, since: datetime, until: datetime) -> list[tuple[int, str, dict[str, Any]]]:
    query = (
        select(Message.id, Message.text, Message.payload)
        .where(
            column(Message.at) >= since,
            column(Message.at) < until,
            column(Message.author) == "customer",
            column(Message.state) == "to_person",
            column(Message.kind).in_(_SPOKEN),
            column(Message.understood).is_(None),
            column(Message.text) != "",
        )
        .order_by(Message.id)
        .limit(_AT_A_TIME)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def _tell(session: Session, message_id: int, meaning: Mapping[str, Any], now: datetime) -> None:
    """Writes what was understood, once, and tells the workbench."""
    statement = (
        update(Message)
        .where(column(Message.id) == message_id, column(Message.understood).is_(None))
        .values(understood=storable(dict(meaning)))
        .execution_options(synchronize_session=False)
    )
    if session.execute(statement).rowcount:
        conversation_id = session.scalar(select(Message.conversation_id).where(column(Message.id) == message_id))
        announce(session, "suggestions", conversation_id, {"message": message_id}, now)
