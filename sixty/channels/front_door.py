"""The one way in for every channel, and the way out.

What came in is checked, limited and written into the ledger before Rasa sees it; messages of one conversation are
answered in order, others in parallel; a reply is written before it is delivered; and what a dying process leaves
behind is answered by the next one, once, or handed to a person. `docs/channels.md` tells how a channel goes behind it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, TypeVar

import structlog
from sanic import Blueprint
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from sixty.channels.action_replies import check_answers_quickly
from sixty.channels.arrival import Arrival, Receipt, age, read_arrival
from sixty.channels.bursts import fits, waits
from sixty.channels.claimant import give_back, not_tried, release_dead, this_process
from sixty.channels.courier import Courier
from sixty.channels.delivery import Delivery
from sixty.channels.door_options import DoorOptions, door_options
from sixty.channels.lanes import Lane, Lanes
from sixty.channels.last_looks import LAST_LOOKS
from sixty.channels.lasting_connections import keep_connections, let_connections_go
from sixty.channels.ledger_output import LedgerOutput, Postman
from sixty.channels.limits import Limits
from sixty.channels.listening import Listener
from sixty.channels.patient_actions import wait_for_actions
from sixty.channels.refusal import Refused
from sixty.channels.saved_turns import NotReadyError, is_saved, tracker_store_of
from sixty.channels.scribe import OpenSession, Scribe
from sixty.channels.settling import READ_WITH, Begun, Claimant, Elsewhere, LeftBehind, begin_turn, take_in
from sixty.channels.tracker_notes import TrackerNotes
from sixty.channels.turns import OnNewMessage, Turns
from sixty.channels.typing_watch import TypingWatch
from sixty.ledger.claiming import extend, unanswered
from sixty.ledger.models import OPEN_STATES, Message
from sixty.ledger.reading import replies_to
from sixty.settings import get_settings
from sixty.shop.database import shop_session

Result = TypeVar("Result")
Saved = Callable[[str, int], Awaitable[bool]]

_LOOK_EVERY = 5.0
_AT_A_TIME = 200
_ELSEWHERE_PAUSE = 0.2
_TYPING_EVERY = 1.5
_LISTEN_EVERY = 30.0
_DRAIN_SECONDS = 8.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Waiting:
    """A message in its lane.

    Attributes:
        message: Its row, as it was when it came in.
        state: The conversation's state, then.
        claimed: Whether it may be answered at once.
        left_behind: Whether somebody else may have begun to answer it.
        arrived: Seconds, on the loop's clock.
    """

    message: Message
    state: Any
    claimed: bool
    left_behind: bool
    arrived: float


class FrontDoor:
    """The door of one Rasa server; all its channels share it. See `front_door`."""

    def __init__(
        self,
        on_new_message: OnNewMessage,
        open_session: OpenSession = shop_session,
        options: DoorOptions | None = None,
        secret: str | None = None,
        saved: Saved | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        """Makes a door that lets messages in at once; `open` adds recovery and courier.

        Args:
            on_new_message: Rasa's own handler of a message.
            open_session: Opens database sessions.
            options: What the merchant has decided; the playbook's when left out.
            secret: Signs capsules; the deployment's when left out.
            saved: Whether Rasa has finished a turn, by conversation and message; asked of its tracker store when
                left out.
            clock: The present moment.
        """
        check_answers_quickly()
        wait_for_actions()
        keep_connections()
        self.options = options or door_options()
        self._secret = secret or get_settings().secret
        self._clock = clock
        self._saved = saved or self._saved_by_rasa
        self._scribe = Scribe(open_session)
        self._claimant: tuple[int, Claimant] | None = None
        limits = self.options.limits
        self._limits = Limits(limits.visitor.allowance, limits.address.allowance)
        self._postmen: dict[str, Postman] = {}
        self._numbered: set[str] = set()
        self._turns = Turns(on_new_message, self._scribe, self.options, clock)
        self._notes = TrackerNotes(lambda: self._app)
        self._listener = Listener(lambda: self._app, self.write, self.read, clock)
        self._courier = Courier(self._scribe, self._postmen, lambda: self._me, clock, LAST_LOOKS, self._notes.note)
        self._typing = TypingWatch(self._scribe.read, self._postmen, clock)
        self._lanes: Lanes[_Waiting] = Lanes(self._handle)
        self._coming: set[str] = set()
        self._mine: dict[int, float] = {}
        self._ending: set[str] = set()
        self._replies: dict[int, asyncio.Future[list[Message]]] = {}
        self._room = asyncio.Semaphore(self.options.parallel)
        self._chores: list[asyncio.Task[None]] = []
        self._app: Any = None
        self._opened = False

    def serve(self, channel: str, delivery: Delivery) -> None:
        """Says how messages reach the customers of a channel."""
        if "capsules" not in delivery.shows:
            self._numbered.add(channel)
        self._postmen[channel] = Postman(self._scribe, delivery, self._secret, self.options.delivered_within)

    def attach(self, routes: Blueprint) -> None:
        """Opens the door when the server of these routes has started, and closes it before that ends."""

        async def open_door(app: Any, _: Any) -> None:
            await self.open(app)

        async def close_door(_: Any, __: Any) -> None:
            await self.close()

        routes.listener("after_server_start")(open_door)
        routes.listener("before_server_stop")(close_door)

    async def open(self, app: Any = None) -> None:
        """Begins to look for what was left behind and what is to be delivered; a second time does nothing.

        Args:
            app: Rasa's Sanic application, by which its trackers are reached.
        """
        self._app = app or self._app
        if self._opened:
            return
        self._opened = True
        await self._quietly(self.write(lambda session: release_dead(session, self._me)))
        chores = (
            (self._look_for_the_left_behind, _LOOK_EVERY),
            (self._courier.round, self.options.tick),
            (self._keep_claims, self.options.lease / 3),
            (self._typing.round, _TYPING_EVERY),
            (self._listener.catch_up, _LISTEN_EVERY),
        )
        self._chores = [asyncio.ensure_future(_every(seconds, chore)) for chore, seconds in chores]

    async def close(self) -> None:
        """Lets what is going on come to its end, and gives back what has not."""
        chores, self._chores, self._opened = self._chores, [], False
        for chore in chores:
            chore.cancel()
        await self._lanes.empty(_DRAIN_SECONDS)
        left = list(self._mine)
        if left:
            await self._quietly(self.write(lambda session: give_back(session, self._me, left)))
        await self._quietly(asyncio.wait_for(self._notes.all_noted(), _DRAIN_SECONDS))
        await let_connections_go()

    @property
    def _me(self) -> Claimant:
        """This process; a server that has forked into several is several."""
        pid = os.getpid()
        if self._claimant is None or self._claimant[0] != pid:
            self._claimant = pid, this_process(timedelta(seconds=self.options.lease))
        return self._claimant[1]

    def now(self) -> datetime:
        """The present moment."""
        return self._clock()

    async def write(self, job: Callable[[Session], Result]) -> Result:
        """Runs a short job that writes, off the event loop, together with what others write; see `Scribe.write`."""
        return await self._scribe.write(job)

    async def read(self, job: Callable[[Session], Result]) -> Result:
        """Runs a job that only reads, off the event loop."""
        return await self._scribe.read(job)

    async def take(self, arrival: Arrival) -> Receipt:
        """Takes a message in. Once this returns, it stands in the ledger and will be answered.

        Args:
            arrival: What came in; the channel has proved that it comes from that conversation's customer.

        Returns:
            The message, and whether it is new.

        Raises:
            Refused: It is not taken; says why, in words for the customer.
        """
        conversation_id = arrival.conversation_id
        wait = self._limits.admit(arrival.visitor or conversation_id, arrival.address)
        if wait > 0 or self._lanes.waiting(conversation_id) >= self.options.limits.waiting:
            raise Refused("too_fast", retry_after=max(wait, 1.0))
        said = read_arrival(arrival, self.options, self._secret)
        patient = said.kind == "text" and waits(said.text, self.options.bursts)
        busy = self._lanes.busy(conversation_id) and conversation_id not in self._ending
        at_once = not (patient or busy or conversation_id in self._coming)
        if at_once:
            self._coming.add(conversation_id)
        now = self._clock()
        try:
            taken = await self.write(
                lambda session: take_in(
                    session, conversation_id, said, self._me, now, at_once=at_once, numbered=self._numbered
                )
            )
        except (SQLAlchemyError, OSError):
            raise Refused("busy", retry_after=2.0) from None
        finally:
            if at_once:
                self._coming.discard(conversation_id)
                self._ending.discard(conversation_id)
        message = taken.message
        if taken.new:
            self._listener.hear(message)
        if taken.new or message.claimed_until is None or message.claimed_until <= now:
            # Before anything is waited for: what has come in first is answered first.
            self._put(_Waiting(message, taken.state, taken.claimed, not taken.new, asyncio.get_running_loop().time()))
        return Receipt(message, taken.new)

    async def replies_to(self, message_id: int, within: float) -> list[Message]:
        """Waits until a message has been answered, for channels that answer a request.

        Args:
            message_id: The customer's message.
            within: Seconds to wait at most.

        Returns:
            The replies, in order; those there are when the time is up. A line that was read with later ones has theirs.
        """
        if message_id in self._mine:
            answered = self._replies.get(message_id)
            if answered is None:
                answered = self._replies[message_id] = asyncio.get_running_loop().create_future()
            done, _ = await asyncio.wait({answered}, timeout=within)
            if done and answered.result():
                return answered.result()
        return await self.read(lambda session: _replies(session, message_id))

    def _put(self, waiting: _Waiting) -> None:
        message = waiting.message
        if message.state in OPEN_STATES and message.id not in self._mine and message.channel in self._postmen:
            self._mine[message.id] = waiting.arrived
            self._lanes.put(message.conversation_id, waiting)

    async def _handle(self, first: _Waiting, lane: Lane[_Waiting]) -> None:
        """Answers the message at the head of a lane, with those behind it that are read as one with it."""
        together = [first]
        try:
            if not (first.claimed or first.left_behind):
                together += await self._following(first, lane)
            begun = await self._begin(together)
            if begun is not None:
                async with self._room:
                    await self._answer(begun, first.left_behind, [each.message.id for each in together])
        finally:
            for each in together:
                self._mine.pop(each.message.id, None)
                self._ending.discard(each.message.conversation_id)
            self._answered([each.message.id for each in together], [])

    async def _following(self, first: _Waiting, lane: Lane[_Waiting]) -> list[_Waiting]:
        """The lines behind a line that are read as one with it, waiting a moment for them where that is wanted."""
        bursts, longest = self.options.bursts, self.options.limits.longest_text
        together = [first]
        clock = asyncio.get_running_loop().time
        until = first.arrived + bursts.at_most
        while together[-1].message.kind == "text":
            last = together[-1]
            patient = waits(last.message.text, bursts)
            left = min(last.arrived + bursts.wait, until) - clock() if patient else 0.0
            following = await lane.head_within(left)
            if following is None or following.message.kind != "text" or not (patient or bursts.while_busy):
                break
            if not fits([each.message.text for each in together], following.message.text, bursts, longest):
                break
            together.append(lane.pop())
        return together[1:]

    async def _begin(self, together: list[_Waiting]) -> Begun | None:
        if together[0].claimed:
            return Begun([together[0].message], together[0].state)
        ids = [each.message.id for each in together]
        # Longer than any turn takes; by then the other process has answered, or has lost its claim.
        until = asyncio.get_running_loop().time() + self.options.lease + self.options.deadline
        while asyncio.get_running_loop().time() < until:
            try:
                return await self.write(lambda session: begin_turn(session, ids, self._me, self._clock()))
            except Elsewhere:
                await asyncio.sleep(_ELSEWHERE_PAUSE)
            except LeftBehind as found:
                for message_id in found.ids:
                    await self._catch_up(message_id)
        return None

    async def _catch_up(self, message_id: int) -> None:
        """Answers an earlier message that was left behind, before the one that is in turn."""
        try:
            begun = await self.write(lambda session: begin_turn(session, [message_id], self._me, self._clock()))
        except (Elsewhere, LeftBehind):
            begun = None
        if begun is None:
            await asyncio.sleep(_ELSEWHERE_PAUSE)
            return
        self._mine.update(dict.fromkeys(begun.ids, asyncio.get_running_loop().time()))
        try:
            await self._answer(begun, True, begun.ids)
        finally:
            for each in begun.ids:
                self._mine.pop(each, None)

    async def _answer(self, begun: Begun, left_behind: bool, ids: list[int]) -> None:
        message = begun.message
        postman = self._postmen[message.channel]
        if left_behind and message.attempts > 1:
            try:
                saved = await self._saved(message.conversation_id, message.id)
            except Exception as error:
                _log.warning("door.not_known_whether_answered", message=message.id, error=type(error).__name__)
                await self.write(lambda session: not_tried(session, self._me, begun.ids))
                await asyncio.sleep(_ELSEWHERE_PAUSE)
                return
            if saved:
                await self._turns.finish_saved(begun, postman)
                return
            if message.attempts > self.options.attempts or age(message, self._clock()) > self.options.too_old:
                output = LedgerOutput(message, self._scribe, postman, self._clock)
                await self._turns.give_up(begun, postman, output, "not_answered", "handed_over")
                return

        def told(replies: list[Message]) -> None:
            if not self._lanes.waiting(message.conversation_id):
                # What comes now may be claimed with its writing: only the end of this turn is still to be written.
                self._ending.add(message.conversation_id)
            self._answered(ids, replies)

        await self._turns.answer(begun, postman, told)

    def _answered(self, ids: list[int], replies: list[Message]) -> None:
        for message_id in ids:
            answered = self._replies.pop(message_id, None)
            if answered is not None and not answered.done():
                answered.set_result(replies)

    async def _look_for_the_left_behind(self) -> None:
        """Puts what nobody deals with into its lanes; whether it is still to be answered is seen there."""
        now = self._clock()
        found = await self.read(lambda session: unanswered(session, now, _AT_A_TIME))
        for message in found:
            self._put(_Waiting(message, None, False, True, asyncio.get_running_loop().time()))

    async def _keep_claims(self) -> None:
        """Says that this process is still at what has been with it for a while."""
        old = asyncio.get_running_loop().time() - self.options.lease / 3
        kept = [message_id for message_id, since in self._mine.items() if since < old]
        if kept:
            until = self._clock() + self._me.lease
            await self.write(lambda session: [extend(session, each, self._me.name, until) for each in kept])

    async def _saved_by_rasa(self, conversation_id: str, message_id: int) -> bool:
        if self._app is None:
            raise NotReadyError("the door has not been opened by a server")
        return await is_saved(tracker_store_of(self._app), conversation_id, message_id)

    @staticmethod
    async def _quietly(doing: Awaitable[Any]) -> None:
        try:
            await doing
        except Exception as error:
            _log.warning("door.chore_failed", error=type(error).__name__)


@lru_cache(maxsize=4)
def front_door(on_new_message: OnNewMessage) -> FrontDoor:
    """The door of the Rasa server whose handler that is; all its channels get the same one."""
    return FrontDoor(on_new_message)


async def _every(seconds: float, chore: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    """Does a chore again and again, whatever comes of it."""
    failures = 0
    while True:
        try:
            await chore()
            failures = 0
        except Exception as error:
            failures += 1
            if failures in (1, 10, 100):
                _log.warning("door.chore_failed", chore=chore.__name__, error=type(error).__name__, times=failures)
        await asyncio.sleep(seconds)


def _replies(session: Session, message_id: int) -> list[Message]:
    message: Message | None = session.get(Message, message_id)
    if message is None:
        return []
    return replies_to(session, message.payload.get(READ_WITH) or message.id)
