"""The way out of a turn: each reply is written into the ledger, then delivered; nothing here raises into Rasa."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import structlog
from rasa.core.channels.channel import OutputChannel
from sqlalchemy.orm import Session

from sixty.channels.delivery import Delivery
from sixty.channels.numbered_choices import first_number
from sixty.channels.plain import plain
from sixty.channels.reply_form import Form, reply_form
from sixty.channels.scribe import Scribe
from sixty.channels.wire_form import wire_form
from sixty.dialogue.apology import APOLOGY
from sixty.dialogue.before_saving import is_asked
from sixty.ledger.models import Author, Message
from sixty.ledger.outbox import deliver_written
from sixty.ledger.replying import mark_delivered, write_reply

_FIRST_RETRY = timedelta(seconds=2)

_log = structlog.get_logger(__name__)


class Postman:
    """Delivers rows of the ledger through a channel, as the channel can show them."""

    def __init__(self, scribe: Scribe, delivery: Delivery, secret: str, within: float) -> None:
        """Makes one for a channel.

        Args:
            scribe: Writes.
            delivery: The channel's way out.
            secret: Signs capsules.
            within: Seconds that a delivery may take.
        """
        self._scribe = scribe
        self._within = within
        self._secret = secret
        self.delivery = delivery

    def first_number(self, session: Session, message: Message) -> int:
        """The number of a message's first choice, for channels that draw no capsules."""
        return 1 if "capsules" in self.delivery.shows else first_number(session, message)

    async def deliver(self, message: Message, first: int) -> bool:
        """Delivers a row.

        Returns:
            Whether it has reached the customer; False when nobody was there.

        Raises:
            Exception: It shall be tried again.
        """
        if self.delivery.in_an_answer(message.conversation_id):
            return True
        form = plain(wire_form(message, self._secret), self.delivery.shows, first)
        return await asyncio.wait_for(self.delivery.deliver(message.conversation_id, form), self._within) is not False


class ReplyLostError(Exception):
    """A reply could not be written, and was not said."""


class LedgerOutput(OutputChannel):
    """What Rasa gets as the output channel of one turn."""

    def __init__(
        self,
        message: Message,
        scribe: Scribe,
        postman: Postman,
        clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        """Makes the way out of the turn that answers a message."""
        self._message = message
        self._scribe = scribe
        self._postman = postman
        self._clock = clock
        self._open = True
        self._later = False
        self._writing: asyncio.Future[Any] | None = None
        self._saying: asyncio.Task[None] | None = None
        self.places = 0
        """How many replies of this turn have a place in the ledger, or are about to."""
        self.rows: list[Message] = []
        """Replies of this turn, as they stand in the ledger."""
        self.delivered: list[int] = []
        """Replies that have reached the customer, and are still to be marked so."""
        self.lost = False
        """Whether a reply could not be written: nobody has read it, and nobody ever will."""
        self.apologised = False
        """Whether the bot itself has said that something failed."""

    def name(self) -> str:
        """The channel's name, which conditional responses ask for."""
        return self._message.channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Takes a reply; an empty one, or one that comes after the apology, goes nowhere.

        Rasa goes on to what comes next while the reply is written and delivered.
        """
        form = reply_form(message)
        if form is None or not self._open:
            return
        self.apologised |= message.get("utter_action") == APOLOGY
        self._begin(form, "bot")
        if not is_asked():
            # Nobody else makes sure that it stands in the ledger before Rasa saves the turn.
            await self.all_written()

    async def say(self, form: Form, author: Author = "bot") -> None:
        """Writes a reply and delivers it, behind those before it.

        Raises:
            ReplyLostError: It, or one before it, could not be written. What cannot be delivered now is delivered later.
        """
        self._begin(form, author)
        await self.all_said()
        if self.lost:
            raise ReplyLostError

    async def all_written(self) -> None:
        """Waits until each reply so far stands in the ledger, or never will."""
        if self._writing is not None:
            await asyncio.wait({self._writing})

    async def all_said(self) -> None:
        """Waits until each reply so far is delivered, or is to be delivered later."""
        if self._saying is not None:
            await asyncio.wait({self._saying})

    async def close(self, within: float = 1.0) -> None:
        """Lets nothing more out; what is being said is said, unless that takes long."""
        self._open = False
        if self._saying is not None:
            await asyncio.wait({self._saying}, timeout=within)

    def _begin(self, form: Form, author: Author) -> None:
        ordinal, self.places = self.places, self.places + 1
        # They are written in the order in which they begin, and the last is written last.
        self._writing = self._scribe.begin(lambda session: self._written(session, ordinal, author, form))
        # In a task of its own: a turn that is given up in the middle of a word has said the word.
        self._saying = asyncio.ensure_future(self._say(self._writing, self._saying))

    async def _say(self, writing: asyncio.Future[Any], before: asyncio.Task[None] | None) -> None:
        try:
            row, new, first = await writing
            if before is not None:
                await asyncio.wait({before})
            self.rows.append(row)
            await self.hand_over(row, new, first)
        except Exception:
            self.lost = True
            _log.exception("reply.lost", conversation=self._message.conversation_id)

    async def hand_over(self, row: Message, new: bool, first: int) -> None:
        """Delivers a written reply, unless it was delivered before a restart; later when that fails."""
        if not new and row.state != "written":
            return
        try:
            if self._later:
                raise ConnectionError("an earlier reply of this turn has not been delivered yet")
            if await self._postman.deliver(row, first):
                self.delivered.append(row.id)
                if not self._postman.delivery.known_by_id:
                    await self._mark()
        except Exception as error:
            _log.warning("reply.delivered_later", conversation=row.conversation_id, error=type(error).__name__)
            # Those behind it wait with it: nobody reads the end of an answer first.
            self._later = True
            await self._scribe.write(lambda session: deliver_later(session, row, self._clock()))

    def _written(self, session: Session, ordinal: int, author: Author, form: Form) -> tuple[Message, bool, int]:
        answered = self._message
        row, new = write_reply(
            session,
            answered.id,
            ordinal,
            answered.conversation_id,
            answered.channel,
            author,
            form,
            self._clock(),
        )
        return row, new, self._postman.first_number(session, row)

    async def _mark(self) -> None:
        ids, self.delivered = self.delivered, []
        await self._scribe.write(lambda session: mark_delivered(session, ids, self._clock()))


def deliver_later(session: Session, message: Message, now: datetime, after: timedelta = _FIRST_RETRY) -> None:
    """Has the courier deliver a message that stands in the ledger, unless it is delivered by then."""
    deliver_written(session, message, now + after, now, "door")
