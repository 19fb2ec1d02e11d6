"""What has to happen at the desk by itself: who waits is given to who is free, is told how long, and never for ever.

Each desk process ticks; several at once are harmless, because each step locks what it changes and passes over what
another one has locked. A tick first looks without a lock whether there is anything to do: most of the time there is
nothing.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any, Protocol

import structlog
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from sixty.desk.agents import Agent, agents_of, loads
from sixty.desk.beside.asking_in_time import ask_in_time, is_due
from sixty.desk.board.alarms import is_news, measured_now, watch
from sixty.desk.board.changing_routing import end_what_ran_out, run_out
from sixty.desk.board.overrides import in_force
from sixty.desk.board.supervision_rules import SupervisionRules, read_supervision, supervision_rules
from sixty.desk.claims import assign_waiting
from sixty.desk.desk_rules import RoutingRules, read_routing, routing_rules
from sixty.desk.desk_words import LEAVE_QUEUE, left, place_told, waited_too_long
from sixty.desk.ending import end_idle, end_wrap_up, leave_message
from sixty.desk.feed import tidy_feed
from sixty.desk.handoff_rows import HandOff
from sixty.desk.handoffs import received_for
from sixty.desk.long_waits import long_waits, tell_long_waits
from sixty.desk.people_figures.counting import count_talks, uncounted
from sixty.desk.presence import gone_agents, send_home
from sixty.desk.queue import in_order, outlook_of
from sixty.desk.reception import Received, receive
from sixty.desk.speaking import tell
from sixty.desk.tickets import watching as tickets
from sixty.desk.tickets.rules import TicketRules, read_tickets, ticket_rules
from sixty.desk.tickets.searching import warm_up
from sixty.desk.typing_marks import forget_typing
from sixty.ledger.models import Message
from sixty.ledger.unsaid import SILENT
from sixty.settings import Settings
from sixty.shop.database import shop_session
from sixty.tables import column

EVERY_SECONDS = 1.0
_TIDY_EVERY = timedelta(minutes=10)
# Looked for more rarely than the rest: it reads what was said last in every conversation.
_IDLE_EVERY = timedelta(seconds=30)
_RATINGS_EVERY = timedelta(seconds=10)
_LONG_WAITS_EVERY = timedelta(seconds=5)
_WATCH_EVERY = timedelta(seconds=2)
_COUNT_EVERY = timedelta(seconds=5)
_LISTEN_EVERY = timedelta(seconds=5)
# What customers wrote to a ticket is looked for so far back: more than a line ever takes into the database, and at
# first as long as a desk is away at most. What was written before is found when the ticket is looked at for itself.
_LISTENED_BACK = timedelta(minutes=2)
_FIRST_LISTENED_BACK = timedelta(days=1)
_COUNTED_BACK = timedelta(days=3)
_AT_A_TIME = 50
_TALKS_AT_A_TIME = 200

OpenSession = Callable[..., AbstractContextManager[Session]]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Ticked:
    """What one tick has done: how many of each."""

    gone: int = 0
    assigned: int = 0
    told: int = 0
    left: int = 0
    ended: int = 0
    alerted: int = 0


@dataclass
class Ticker:
    """Ticks.

    Attributes:
        open_session: Opens database sessions; `read_only=True` promises not to write.
        clock: The present moment.
        rules: The merchant's; those of the playbook when left out.
        supervision: When alarms are given; those of the playbook when left out.
        tickets: How tickets and promises are watched; as the playbook says when left out.
    """

    open_session: OpenSession
    clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    rules: RoutingRules | None = None
    _tidied: datetime | None = None
    _looked_for_idle: datetime | None = None
    _looked_for_ratings: datetime | None = None
    _looked_for_long_waits: datetime | None = None
    supervision: SupervisionRules | None = None
    _watched: datetime | None = None
    _counted: datetime | None = None
    tickets: TicketRules | None = None
    _listened: datetime | None = None

    def tick(self) -> Ticked:
        """Does what is due, each step in transactions of its own."""
        now = self.clock()
        self._tidy(now)
        with self.open_session(read_only=True) as session:
            changes_end = run_out(session, now)
        if changes_end:
            self._writing(end_what_ran_out, now)
        with self.open_session(read_only=True) as session:
            rules = in_force(session, self.rules or routing_rules(), now)
            gone = [each.id for each in gone_agents(session, now, rules)]
            somebody_waits = _any(session, column(HandOff.state) == "queued")
            too_long = _any(session, _waited_too_long(rules, now))
            deserted = _nobody_will_come(session, rules, now) if somebody_waits and not gone else {}
            wrapped_up = _any(session, _wrap_up_is_over(rules, now))
            silent = self._idle_ones(session, rules, now)
        sent = sum(self._writing(send_home, agent_id, now, rules) for agent_id in gone)
        assigned = 0
        if somebody_waits or sent:
            with self.open_session() as session:
                assigned = len(assign_waiting(session, now, rules=rules))
        left_alone = self._writing(_leave_messages, rules, now) if too_long else 0
        if deserted:
            left_alone += self._writing(_leave_deserted, deserted, now)
        told = (
            self._writing(tell_places, rules, now) if somebody_waits and self._somebody_is_to_be_told(rules, now) else 0
        )
        ended = self._writing(_end_wrap_ups, rules, now) if wrapped_up else 0
        ended += sum(self._writing(_end_if_idle, hand_off_id, rules, now) for hand_off_id in silent)
        self._ask_for_ratings(now)
        alerted = self._tell_long_waits(rules, now)
        self._watch(now)
        self._count_talks(rules, now)
        self._watch_tickets(rules, now)
        return Ticked(sent, assigned, told, left_alone, ended, alerted)

    def _writing(self, step: Callable[..., int], *about: Any) -> int:
        with self.open_session() as session:
            return int(step(session, *about))

    def _somebody_is_to_be_told(self, rules: RoutingRules, now: datetime) -> bool:
        with self.open_session(read_only=True) as session:
            return bool(_places_to_tell(session, rules, now))

    def _idle_ones(self, session: Session, rules: RoutingRules, now: datetime) -> list[int]:
        if self._looked_for_idle is not None and now - self._looked_for_idle < _IDLE_EVERY:
            return []
        self._looked_for_idle = now
        return _idle_ones(session, rules, now)

    def _ask_for_ratings(self, now: datetime) -> None:
        if self._looked_for_ratings is not None and now - self._looked_for_ratings < _RATINGS_EVERY:
            return
        self._looked_for_ratings = now
        with self.open_session(read_only=True) as session:
            due = is_due(session, now)
        if due:
            self._writing(ask_in_time, now)

    def _tell_long_waits(self, rules: RoutingRules, now: datetime) -> int:
        if self._looked_for_long_waits is not None and now - self._looked_for_long_waits < _LONG_WAITS_EVERY:
            return 0
        self._looked_for_long_waits = now
        with self.open_session(read_only=True) as session:
            waits = long_waits(session, rules, now)
        return self._writing(tell_long_waits, waits, rules, now) if waits else 0

    def _watch(self, now: datetime) -> None:
        rules = self.supervision or supervision_rules()
        if not rules.alarms or (self._watched is not None and now - self._watched < _WATCH_EVERY):
            return
        self._watched = now
        with self.open_session(read_only=True) as session:
            found = measured_now(session, now, rules)
            news = is_news(session, found, rules)
        if news:
            self._writing(watch, found, now, rules)

    def _count_talks(self, rules: RoutingRules, now: datetime) -> None:
        if self._counted is not None and now - self._counted < _COUNT_EVERY:
            return
        # The first time all that has ever been, then what is new.
        since = None if self._counted is None else now - _COUNTED_BACK
        self._counted = now
        with self.open_session(read_only=True) as session:
            new = bool(uncounted(session, since, 1))
        while new:
            new = self._writing(count_talks, rules, since, _TALKS_AT_A_TIME) == _TALKS_AT_A_TIME

    def _watch_tickets(self, routing: RoutingRules, now: datetime) -> None:
        rules = self.tickets or ticket_rules()
        with self.open_session(read_only=True) as session:
            due = tickets.is_due(session, now, rules)
        if due:
            with self.open_session() as session:
                tickets.watch(session, now, rules, routing)
        if self._listened is not None and now - self._listened < _LISTEN_EVERY:
            return
        since = now - (_FIRST_LISTENED_BACK if self._listened is None else _LISTENED_BACK)
        self._listened = now
        with self.open_session(read_only=True) as session:
            heard = tickets.written_about(session, since, now, rules, routing)
        if heard:
            with self.open_session() as session:
                tickets.listen(session, heard, now, rules, routing)

    def _tidy(self, now: datetime) -> None:
        if self._tidied is not None and now - self._tidied < _TIDY_EVERY:
            return
        self._tidied = now
        with self.open_session() as session:
            tidy_feed(session, now)
            forget_typing(session, now)


class Ticks(Protocol):
    """Something that has to be done again and again."""

    def tick(self) -> object:
        """Does what is due."""


class TickerThread:
    """Ticks in a thread of its own, until it is stopped."""

    def __init__(self, ticker: Ticks, every: float = EVERY_SECONDS, name: str = "desk-ticker") -> None:
        """Makes a thread that has not begun yet."""
        self._ticker = ticker
        self._every = every
        self._name = name
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to tick; a second time does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def stop(self, within: float = 5.0) -> None:
        """Ends after the present tick."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(within)

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            try:
                self._ticker.tick()
                failures = 0
            except Exception as error:
                # A database that is away comes back; the desk goes on.
                failures += 1
                if failures in (1, 10, 100):
                    _log.warning("desk.tick_failed", error=type(error).__name__, times=failures)
            self._stopped.wait(self._every)


@contextmanager
def ticking(settings: Settings) -> Iterator[None]:
    """Ticks while a desk is served."""
    ticker = Ticker(
        partial(shop_session, settings.database_url),
        rules=read_routing(settings.playbook),
        supervision=read_supervision(settings.playbook),
        tickets=read_tickets(settings.playbook),
    )
    thread = TickerThread(ticker)
    threading.Thread(target=warm_up, name="ticket-words", daemon=True).start()
    thread.start()
    try:
        yield
    finally:
        thread.stop()


def tell_places(session: Session, rules: RoutingRules, now: datetime) -> int:
    """Tells those who wait where they stand, where that has changed since they were told last; returns how many.

    Nobody is told twice within `tell_every`, and nobody that they have fallen back: others may go before them, and they
    can do nothing about it.
    """
    due = {hand_off_id: (position, place) for hand_off_id, position, place in _places_to_tell(session, rules, now)}
    if not due:
        return 0
    agents, load = agents_of(session), loads(session)
    outlooks: dict[str | None, Any] = {}
    told = 0
    for hand_off in _locked(session, and_(column(HandOff.state) == "queued", column(HandOff.id).in_(list(due)))):
        if hand_off.group_id not in outlooks:
            outlooks[hand_off.group_id] = outlook_of(session, hand_off.group_id, agents, load, rules, now)
        position, place = due[hand_off.id]
        text = place_told(position, outlooks[hand_off.group_id].wait(place))
        key = f"{hand_off.id}:place:{int(hand_off.queued_at.timestamp())}:{position}"
        tell(session, hand_off.conversation_id, "place", text, key, now, capsules=[dict(LEAVE_QUEUE)])
        hand_off.told_place, hand_off.told_at = position, now
        told += 1
    return told


def _places_to_tell(session: Session, rules: RoutingRules, now: datetime) -> list[tuple[int, int, int]]:
    """Whose place has become a better one: the hand-off, the place in their group, and the place among all."""
    if session.scalar(select(Agent.id).where(column(Agent.active)).limit(1)) is None:
        # Nobody works here at all: what was said when it was handed over still holds.
        return []
    query = in_order(
        select(HandOff.id, HandOff.group_id, HandOff.told_place, HandOff.told_at, HandOff.queued_at).where(
            column(HandOff.state) == "queued"
        )
    )
    positions: dict[str | None, int] = defaultdict(int)
    found = []
    for place, row in enumerate(session.execute(query), start=1):
        positions[row.group_id] += 1
        position = positions[row.group_id]
        better = row.told_place is None or position < row.told_place
        if better and now - (row.told_at or row.queued_at) >= rules.tell_every:
            found.append((row.id, position, place))
    return found[:_AT_A_TIME]


def _leave_messages(session: Session, rules: RoutingRules, now: datetime) -> int:
    """Ends waits that have taken too long."""
    waited = _locked(session, _waited_too_long(rules, now))
    for hand_off in waited:
        received = received_for(session, hand_off, now, rules)
        words = left(received, now) if received.reception == "unstaffed" else waited_too_long()
        leave_message(session, hand_off, now, "waited_too_long", words)
    return len(waited)


def _nobody_will_come(session: Session, rules: RoutingRules, now: datetime) -> dict[str, Received]:
    """The groups in whose queues somebody waits while they have gone home, or nobody of them is there any more."""
    groups = session.scalars(select(HandOff.group_id).where(column(HandOff.state) == "queued").distinct())
    received = {group: receive(session, rules.group(group), rules, now) for group in groups if group is not None}
    return {group: each for group, each in received.items() if each.reception in ("closed", "nobody")}


def _leave_deserted(session: Session, groups: dict[str, Received], now: datetime) -> int:
    """Lets those who wait for such a group leave a message, and tells them why."""
    waiting = _locked(session, and_(column(HandOff.state) == "queued", column(HandOff.group_id).in_(list(groups))))
    for hand_off in waiting:
        received = groups[str(hand_off.group_id)]
        leave_message(session, hand_off, now, received.reception, left(received, now))
    return len(waiting)


def _end_wrap_ups(session: Session, rules: RoutingRules, now: datetime) -> int:
    over = _locked(session, _wrap_up_is_over(rules, now))
    for hand_off in over:
        end_wrap_up(session, hand_off, now)
    return len(over)


def _waited_too_long(rules: RoutingRules, now: datetime) -> Any:
    return and_(column(HandOff.state) == "queued", column(HandOff.queued_at) <= now - rules.longest_wait)


def _wrap_up_is_over(rules: RoutingRules, now: datetime) -> Any:
    return and_(column(HandOff.state) == "taken", column(HandOff.wrap_up_at) <= now - rules.wrap_up)


def _any(session: Session, condition: Any) -> bool:
    return session.scalar(select(HandOff.id).where(condition).limit(1)) is not None


def _locked(session: Session, condition: Any) -> list[HandOff]:
    query = (
        select(HandOff)
        .where(condition)
        .order_by(HandOff.id)
        .limit(_AT_A_TIME)
        .with_for_update(skip_locked=True, of=HandOff)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def _idle_ones(session: Session, rules: RoutingRules, now: datetime) -> list[int]:
    """Conversations with a person in which nobody has written for long, and it was not the customer's turn to wait."""
    if rules.idle is None:
        return []
    since = now - rules.idle
    latest = (
        select(Message.conversation_id, func.max(Message.id).label("last"))
        .join(HandOff, column(HandOff.conversation_id) == column(Message.conversation_id))
        .where(
            column(HandOff.state) == "taken",
            column(HandOff.wrap_up_at).is_(None),
            column(HandOff.assigned_at) <= since,
            column(Message.author).in_(("customer", "agent")),
            column(Message.kind).notin_(SILENT),
        )
        .group_by(Message.conversation_id)
        .subquery()
    )
    query = (
        select(HandOff.id)
        .join(latest, latest.c.conversation_id == column(HandOff.conversation_id))
        .join(Message, column(Message.id) == latest.c.last)
        .where(
            column(HandOff.state) == "taken",
            column(HandOff.wrap_up_at).is_(None),
            column(Message.author) == "agent",
            column(Message.at) <= since,
        )
        .limit(_AT_A_TIME)
    )
    return list(session.scalars(query))


def _end_if_idle(session: Session, hand_off_id: int, rules: RoutingRules, now: datetime) -> int:
    locked = _locked(session, and_(column(HandOff.id) == hand_off_id, column(HandOff.state) == "taken"))
    if not locked or hand_off_id not in _idle_ones(session, rules, now):
        return 0
    end_idle(session, locked[0], now)
    return 1
