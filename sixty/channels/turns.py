"""One turn: Rasa answers within a deadline, or the customer gets an apology and a person the question."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from rasa.core.channels.channel import UserMessage

from sixty.channels.bursts import joined
from sixty.channels.door_options import DoorOptions
from sixty.channels.ledger_output import LedgerOutput, Postman
from sixty.channels.lines import for_rasa
from sixty.channels.politeness import politely
from sixty.channels.scribe import Scribe
from sixty.channels.settling import TROUBLE, Begun, apologise, said_already, settle
from sixty.channels.tapped import parse_data
from sixty.channels.typed_messages import KINDS
from sixty.desk.conversations import ConversationState
from sixty.dialogue.before_saving import while_saying
from sixty.ledger.models import CustomerState, Message
from sixty.ledger.unsaid import UNSAID

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Turns:
    """Answers messages.

    Attributes:
        on_new_message: Rasa's own handler.
        scribe: Writes.
        options: How long a turn may take, and what is said to what the bot cannot look at.
        clock: The present moment.
    """

    on_new_message: OnNewMessage
    scribe: Scribe
    options: DoorOptions
    clock: Callable[[], datetime]

    async def answer(self, begun: Begun, postman: Postman, told: Callable[[list[Message]], None]) -> None:
        """Answers a message and settles it.

        Args:
            begun: What is to be answered; it is claimed.
            postman: The conversation's channel.
            told: Called with the replies as soon as all has been said, before the end is written down.

        Raises:
            Exception: The end could not be written. The message stays claimed until that runs out.
        """
        message = begun.message
        began = time.monotonic()
        output = LedgerOutput(message, self.scribe, postman, self.clock)
        if postman.delivery.wants_to_hear("turn_began"):
            await politely(postman.delivery.turn_began(message.conversation_id, message.id))
        trouble = await self._say(begun, output)
        if trouble is not None and message.kind in UNSAID:
            # Nobody has said anything, so there is nothing to be sorry for: forms end by themselves.
            _log.warning("turn.not_returned", conversation=message.conversation_id, reason=trouble)
            trouble = None
        if trouble is None:
            told(output.rows)
            state: CustomerState = "apologised" if output.apologised else "answered"
            taken = {"turn_ms": _ms(time.monotonic() - began), "waited_ms": _waited(message, self.clock(), began)}
            # All has been said: whoever writes next takes this along. A process that dies before has left a message
            # whose turn Rasa has saved, which is settled by the next one.
            after = await self.scribe.write_with_others(
                lambda session: settle(session, begun, state, output.delivered, self.clock(), **taken)
            )
        else:
            _log.error("turn.apologised", conversation=message.conversation_id, message=message.id, reason=trouble)
            after = await self.give_up(begun, postman, output, trouble, "apologised")
            told(output.rows)
        await self._tell(begun, postman, after)

    async def finish_saved(self, begun: Begun, postman: Postman) -> None:
        """Ends a turn that Rasa had finished before its process died: what was said is delivered and settled."""
        message = begun.message
        output = LedgerOutput(message, self.scribe, postman, self.clock)
        said = await self.scribe.write(
            lambda session: [(row, postman.first_number(session, row)) for row in said_already(session, message.id)]
        )
        for row, first in said:
            await output.hand_over(row, False, first)
        if not said and message.kind not in UNSAID:
            after = await self.give_up(begun, postman, output, "turn_silent", "apologised")
        else:
            failed = any(TROUBLE in row.payload for row, _ in said)
            state: CustomerState = "apologised" if failed else "answered"
            after = await self.scribe.write(
                lambda session: settle(session, begun, state, output.delivered, self.clock())
            )
        await self._tell(begun, postman, after)

    async def give_up(
        self, begun: Begun, postman: Postman, output: LedgerOutput, reason: str, state: CustomerState
    ) -> ConversationState | None:
        """Says sorry and hands over; returns what the conversation is then."""
        await output.close()
        ordinal, delivered = output.places, list(output.delivered)
        output.delivered.clear()
        known_by_id = postman.delivery.known_by_id

        def write(session: Any) -> tuple[Message, bool, int]:
            row, new = apologise(
                session, begun, ordinal, reason, state, delivered, self.clock(), known_by_id=known_by_id
            )
            return row, new, postman.first_number(session, row)

        row, new, first = await self.scribe.write(write)
        output.rows.append(row)
        await output.hand_over(row, new, first)
        return await self.scribe.write(lambda session: settle(session, begun, state, output.delivered, self.clock()))

    async def _say(self, begun: Begun, output: LedgerOutput) -> str | None:
        """Lets the bot answer; a word for what went wrong, or None."""
        message = begun.message
        if message.kind in KINDS:
            try:
                acknowledgement = getattr(self.options.acknowledgements, message.kind)
                await output.say({"text": acknowledgement, "outcome": "asked_back"})
            except Exception:
                _log.exception("turn.not_acknowledged", conversation=message.conversation_id)
                return "reply_lost"
            if not message.text:
                return None
        task = asyncio.ensure_future(self._heard(begun, output))
        done, _ = await asyncio.wait({task}, timeout=self.options.deadline)
        if not done:
            # It is not waited for: what swallows its cancellation would keep the conversation for ever.
            task.cancel()
            task.add_done_callback(_forget)
            return "turn_too_slow"
        if task.cancelled():
            return "turn_failed"
        error = task.exception()
        if error is not None:
            # The text stays out of the log: it may hold personal data.
            _log.error("turn.failed", conversation=message.conversation_id, exc_info=error)
            return "turn_failed"
        await output.all_said()
        if output.lost:
            return "reply_lost"
        return None if output.rows or message.kind in UNSAID else "turn_silent"

    async def _heard(self, begun: Begun, output: LedgerOutput) -> None:
        """Hands a message to Rasa, whose tracker store waits for what is said in the turn."""
        while_saying(output.all_written)
        await self.on_new_message(_as_rasa_reads_it(begun, output))

    async def _tell(self, begun: Begun, postman: Postman, after: ConversationState | None) -> None:
        message = begun.message
        if postman.delivery.wants_to_hear("turn_ended"):
            await politely(postman.delivery.turn_ended(message.conversation_id, message.id))
        if after is not None and after != begun.state:
            await politely(postman.delivery.state_changed(message.conversation_id, after))


def _as_rasa_reads_it(begun: Begun, output: LedgerOutput) -> UserMessage:
    message = begun.message
    tap = message.payload.get("tap") or {}
    payload = str(tap.get("payload") or "")
    parsed = parse_data(payload) if payload else None
    said = payload if parsed is not None else for_rasa(joined(line.text for line in begun.lines))
    return UserMessage(
        said,
        output,
        message.conversation_id,
        parse_data=parsed,
        input_channel=message.channel,
        message_id=str(message.id),
        # Who it is stands on the server; see `sixty/desk/conversations.py`.
        metadata={},
    )


def _forget(task: asyncio.Future[Any]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.warning("turn.ended_after_its_deadline", error=type(task.exception()).__name__)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _waited(message: Message, now: datetime, began: float) -> float:
    """Milliseconds between the message's arrival and the beginning of its turn."""
    return max(0.0, _ms((now - message.at).total_seconds() - (time.monotonic() - began)))
