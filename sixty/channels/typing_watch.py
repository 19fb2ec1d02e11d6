"""Shows customers that a person is writing to them, as far as their channel can show it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.channels.ledger_output import Postman
from sixty.channels.politeness import politely
from sixty.desk.conversations import Conversation
from sixty.desk.typing_marks import CUSTOMER, TypingMark, typing_now
from sixty.tables import column


class TypingWatch:
    """Looks who is writing, and tells what has changed since the last look."""

    def __init__(
        self,
        read: Callable[[Callable[[Session], dict[str, str]]], Awaitable[dict[str, str]]],
        postmen: Mapping[str, Postman],
        clock: Callable[[], datetime],
    ) -> None:
        """Makes a watch.

        Args:
            read: Runs a job that only reads, off the event loop.
            postmen: By channel.
            clock: The present moment.
        """
        self._read = read
        self._postmen = postmen
        self._clock = clock
        self._shown: dict[str, str] = {}

    async def round(self) -> None:
        """Tells who has begun, and who has stopped."""
        now = await self._read(self._writing)
        before, self._shown = self._shown, now
        for conversation_id, channel in {**before, **now}.items():
            # What goes on is told again: a window that was opened meanwhile has not heard of it.
            if channel in self._postmen:
                await politely(self._postmen[channel].delivery.person_types(conversation_id, conversation_id in now))

    def _writing(self, session: Session) -> dict[str, str]:
        """The conversations in which a person is writing, with their channels."""
        marks: list[TypingMark] = [each for each in typing_now(session, self._clock()) if each.who != CUSTOMER]
        if not marks:
            return {}
        query = select(Conversation.id, Conversation.channel).where(
            column(Conversation.id).in_({each.conversation_id for each in marks}),
            column(Conversation.state) == "assigned",
        )
        return dict(session.execute(query).all())
