"""Brings customers what people, reminders and deeds have to say: once, in order, through the conversation's channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from sixty.channels.ledger_output import Postman
from sixty.channels.politeness import politely
from sixty.channels.scribe import Scribe
from sixty.channels.settling import Claimant
from sixty.desk.conversations import Conversation
from sixty.desk.speaking import STATE
from sixty.ledger.models import Message, OutboxRow
from sixty.ledger.outbox import REDELIVERY, claim_due, failed, sent, withdraw, write_message
from sixty.ledger.reading import something_is_due
from sixty.ledger.replying import mark_delivered

MOST_ATTEMPTS = 14
"""With the waits between them, an hour and a half."""

_AT_A_TIME = 20
_MOST_A_ROUND = 200
_LONGEST_WAIT = timedelta(minutes=15)
_NOT_OURS = timedelta(seconds=5)

LastLook = Callable[[Session, OutboxRow, datetime], Mapping[str, Any] | None]
"""What is said when a row is due, in the form of a reply; None takes it back, as the moment for it has passed."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Errand:
    """A row of the outbox, and the message that is to be delivered; None when there is nothing left to do."""

    row: OutboxRow
    message: Message | None
    first: int = 1


class Courier:
    """Looks into the outbox and delivers what is due."""

    def __init__(
        self,
        scribe: Scribe,
        postmen: Mapping[str, Postman],
        by: Callable[[], Claimant],
        clock: Callable[[], datetime],
        last_looks: Mapping[str, LastLook] | None = None,
        note: Callable[[Message], None] = lambda message: None,
    ) -> None:
        """Makes a courier.

        Args:
            scribe: Writes.
            postmen: By channel.
            by: This process.
            clock: The present moment.
            last_looks: By who wants something said: what is looked at before it goes out. It is said once at most,
                even where a channel cannot tell whether it has arrived.
            note: Called with each message that was delivered.
        """
        self._note = note
        self._last_looks = last_looks or {}
        self._scribe = scribe
        self._postmen = postmen
        self._by = by
        self._clock = clock

    async def round(self) -> int:
        """Delivers what is due now; returns how many rows it has delivered or put off.

        Of each conversation one row is taken at a time, so it looks again while there is something: a person who sends
        three lines is not read with half a second between them.
        """
        done = 0
        # Most rounds find nothing, and must not keep a writer waiting for that.
        if not await self._scribe.read(lambda session: something_is_due(session, self._clock())):
            return done
        while errands := await self._scribe.write(self._take):
            await asyncio.gather(*(self._run(errand) for errand in errands))
            done += len(errands)
            if done >= _MOST_A_ROUND:
                break
        return done

    def _take(self, session: Session) -> list[_Errand]:
        now = self._clock()
        me = self._by()
        rows = claim_due(session, me.name, now + me.lease, now, _AT_A_TIME)
        return [errand for row in rows if (errand := self._errand(session, row, now)) is not None]

    def _errand(self, session: Session, row: OutboxRow, now: datetime) -> _Errand | None:
        conversation: Conversation | None = session.get(Conversation, row.conversation_id)
        if conversation is None:
            failed(session, row.id, "there is no such conversation", None)
            return None
        postman = self._postmen.get(conversation.channel)
        if postman is None:
            # Another server may have that channel.
            failed(session, row.id, f"no server with the channel {conversation.channel} has come by", now + _NOT_OURS)
            return None
        if REDELIVERY in row.payload:
            message = session.get(Message, row.payload[REDELIVERY])
        else:
            if not self._may_go(session, row, postman, now):
                return None
            message, new = write_message(session, row, conversation.channel, now)
            if new:
                conversation.last_at = now
        if message is None or message.state != "written":
            sent(session, row.id, message.id if message else None, now)
            return None
        return _Errand(row, message, postman.first_number(session, message))

    def _may_go(self, session: Session, row: OutboxRow, postman: Postman, now: datetime) -> bool:
        """Takes a last look at a row that wants one; what goes out is what that look says."""
        look = self._last_looks.get(row.by)
        if look is None:
            return True
        if row.message_id is not None:
            if postman.delivery.known_by_id:
                return True
            failed(session, row.id, "said once at most: an earlier delivery may have arrived", None)
            return False
        try:
            # What fails here must not keep back what others have to say.
            with session.begin_nested():
                said = look(session, row, now)
        except (OperationalError, InterfaceError):
            # The database's trouble, such as a deadlock, is no reason to leave something unsaid for ever.
            failed(session, row.id, "the last look could not be taken: the database was busy", now + _NOT_OURS)
            return False
        except Exception as error:
            _log.exception("outbox.last_look_failed", row=row.id, by=row.by, error=type(error).__name__)
            said = None
        if said is None:
            withdraw(session, row)
            return False
        row.payload = dict(said)
        return True

    async def _run(self, errand: _Errand) -> None:
        message = errand.message
        if message is None:
            return
        try:
            arrived = await self._postmen[message.channel].deliver(message, errand.first)
        except Exception as error:
            await self._try_again(errand.row, error)
            return

        def delivered(session: Session) -> None:
            now = self._clock()
            sent(session, errand.row.id, message.id, now)
            if arrived:
                mark_delivered(session, [message.id], now)

        await self._scribe.write(delivered)
        self._note(message)
        state = message.payload.get(STATE)
        if isinstance(state, str):
            await politely(self._postmen[message.channel].delivery.state_changed(message.conversation_id, state))

    async def _try_again(self, row: OutboxRow, error: Exception) -> None:
        wait = min(timedelta(seconds=2.0 ** min(row.attempts, 12)), _LONGEST_WAIT)
        given_up = row.attempts >= MOST_ATTEMPTS
        # The error's own words may hold a token or what was said.
        problem = type(error).__name__
        _log.warning("outbox.not_delivered", row=row.id, attempts=row.attempts, error=problem, given_up=given_up)
        await self._scribe.write(
            lambda session: failed(session, row.id, problem, None if given_up else self._clock() + wait)
        )
