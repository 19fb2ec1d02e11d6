"""Follows the ledger: what was said, understood, ordered and joined is worked out again as soon as it is there.

It runs in the desk's process, in a thread of its own; several of them at once do the work once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

import structlog
from sqlalchemy import and_, func, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from sixty.insight.following import (
    OutpacedError,
    Reading,
    Setting,
    begin_of,
    cursor_of,
    read_visits,
    write_visits,
)
from sixty.insight.models import ChatTurn, Visit
from sixty.insight.rules import read_willingness
from sixty.insight.silence import follow_up_on
from sixty.ledger.models import OPEN_STATES, Message
from sixty.ledger.reading import since
from sixty.playbook import read_capsule_plan
from sixty.settings import Settings
from sixty.shop.database import shop_session
from sixty.shop.models import Order
from sixty.shop.order_events.models import OrderEvent
from sixty.shop.own_channels.models import OwnChannelMark, OwnChannelVisit

FOLLOWED = "visits"
"""The cursor: the last message that is worked out."""

OpenSession = Callable[[], AbstractContextManager[Session]]

_AT_ONCE = 200
_CONVERSATIONS_AT_ONCE = 20
_PAUSE = 1.0
# It shares a process with people who wait for answers: of each second it takes a quarter at most.
_PAUSE_BY_WORK = 3.0
_PAUSE_AFTER_TROUBLE = 5.0
_PAUSE_AFTER_A_MISTAKE = 60.0
_END_WITHIN = 5.0
_LOOK_BACK_EVERY = timedelta(seconds=20)
_LOOK_FAR_BACK_EVERY = timedelta(minutes=10)
_NEAR = timedelta(hours=2)
_FAR = timedelta(days=30)
_LONGEST_VISIT = timedelta(days=2)
# A row may carry a moment a little before the one at which others can see it: what is young is always looked at.
_YOUNG = timedelta(seconds=60)

_MESSAGES: Any = Message.__table__
_VISITS: Any = Visit.__table__
_TURNS: Any = ChatTurn.__table__
_ORDERS: Any = Order.__table__
_EVENTS: Any = OrderEvent.__table__
_MARKS: Any = OwnChannelMark.__table__
_JOINED: Any = OwnChannelVisit.__table__

_log = structlog.get_logger(__name__)


def _now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class VisitFollower:
    """Keeps visits up to date.

    Attributes:
        reading: Opens a session that only reads.
        writing: Opens a session that may write and commits at its end.
        setting: What visits are worked out by.
        clock: The present moment.
        follows_up: Whether silence after an answer is followed up.
    """

    reading: OpenSession
    writing: OpenSession
    setting: Setting
    clock: Callable[[], datetime] = _now
    follows_up: bool = True
    _looked_back: datetime | None = field(default=None, init=False)
    _looked_far_back: datetime | None = field(default=None, init=False)

    def round(self) -> bool:
        """Works out what is new, some of it.

        Returns:
            Whether there is more to be done at once.
        """
        more = self.follow_new()
        now = self.clock()
        if self._looked_back is None or now - self._looked_back >= _LOOK_BACK_EVERY:
            far = self._looked_far_back is None or now - self._looked_far_back >= _LOOK_FAR_BACK_EVERY
            self.catch_up(_FAR if far else _NEAR)
            self._looked_back = now
            self._looked_far_back = now if far else self._looked_far_back
        return more

    def follow_new(self) -> bool:
        """Works out the conversations of messages that have come since; tells whether there may be more."""
        now = self.clock()
        with self.reading() as session:
            cursor = cursor_of(session, FOLLOWED)
            messages = since(session, cursor, _AT_ONCE)
            if not messages:
                return False
            earliest: dict[str, int] = {}
            for message in messages:
                known = message.conversation_id in earliest
                if not known and len(earliest) == _CONVERSATIONS_AT_ONCE:
                    break
                earliest.setdefault(message.conversation_id, message.id)
                cursor = message.id
            wanted = {name: begin_of(session, name, first) for name, first in earliest.items()}
            reading = read_visits(session, wanted, self.setting, now)
        try:
            with self.writing() as session:
                self._write(session, reading, {FOLLOWED: cursor}, self.follows_up)
        except OutpacedError:
            return True
        return cursor < messages[-1].id or len(messages) == _AT_ONCE

    def catch_up(self, back: timedelta = _FAR) -> int:
        """Works out again what has changed since: answers, meanings that came late, orders, channels joined.

        Args:
            back: How far back visits are looked at.

        Returns:
            How many conversations were worked out.
        """
        with self.reading() as session:
            wanted = outdated(session, self.clock(), back, self.setting)
        done = 0
        names = sorted(wanted)
        for place in range(0, len(names), _CONVERSATIONS_AT_ONCE):
            some = {name: wanted[name] for name in names[place : place + _CONVERSATIONS_AT_ONCE]}
            done += len(some) if self.work_out(some, self.follows_up) else 0
        return done

    def work_out(self, wanted: Mapping[str, int], follows_up: bool = False) -> bool:
        """Works out conversations from a message on; False when another process was at it, too.

        Args:
            wanted: Conversations, and from which message on: the first of a visit, or 0 for all.
            follows_up: Whether silence in them is followed up.
        """
        with self.reading() as session:
            reading = read_visits(session, wanted, self.setting, self.clock())
        try:
            with self.writing() as session:
                self._write(session, reading, {}, follows_up)
        except OutpacedError:
            return False
        return True

    @staticmethod
    def _write(session: Session, reading: Reading, cursors: Mapping[str, int], follows_up: bool) -> None:
        write_visits(session, reading, cursors)
        if follows_up:
            # With the cursor or not at all: a follower that dies in between leaves neither half.
            follow_up_on(session, sorted(reading.from_ids), reading.at)


def outdated(session: Session, now: datetime, back: timedelta, setting: Setting) -> dict[str, int]:
    """The visits that no longer say what the rows say, by conversation: the first message of the earliest of them.

    Args:
        session: An open session.
        now: The present moment.
        back: Visits that ended longer ago are left as they are, but for orders, which have a window of their own.
        setting: What visits are worked out by.
    """
    settled = _MESSAGES.c.state.not_in(OPEN_STATES)
    turns = (
        select(_VISITS.c.conversation_id, func.min(_VISITS.c.first_message_id).label("first"))
        .join(_TURNS, _TURNS.c.visit_id == _VISITS.c.id)
        .join(_MESSAGES, _MESSAGES.c.id == _TURNS.c.message_id)
        .where(
            _TURNS.c.at >= now - back,
            or_(
                and_(_TURNS.c.outcome.is_(None), settled),
                and_(_TURNS.c.intent == "", _MESSAGES.c.understood.isnot(None)),
            ),
        )
    )
    window = setting.rules.orders.longest
    recent = (
        # For the index: no visit is longer than that.
        _VISITS.c.started_at >= now - back - window - _LONGEST_VISIT,
        _VISITS.c.ended_at >= now - back - window,
        _VISITS.c.turns > 0,
    )

    def unseen(moment: Any) -> Any:
        return and_(moment >= now - back, or_(moment > _VISITS.c.updated_at, moment >= now - _YOUNG))

    changed_at = (_ORDERS.c.placed_at, _ORDERS.c.paid_at, _ORDERS.c.closed_at)
    orders = (
        select(_VISITS.c.conversation_id, func.min(_VISITS.c.first_message_id).label("first"))
        .join(_ORDERS, _ORDERS.c.customer_id == _VISITS.c.customer_id)
        .where(
            *recent,
            _ORDERS.c.placed_at >= _VISITS.c.started_at,
            or_(*map(unseen, changed_at)),
        )
    )
    events = (
        select(_VISITS.c.conversation_id, func.min(_VISITS.c.first_message_id).label("first"))
        .join(_EVENTS, _EVENTS.c.customer_id == _VISITS.c.customer_id)
        .where(
            *recent,
            _EVENTS.c.occurred_at >= _VISITS.c.started_at,
            _EVENTS.c.kind.in_(("order", "payment", "cart", "favourite")),
            or_(unseen(_EVENTS.c.received_at), unseen(_EVENTS.c.applied_at)),
        )
    )
    joined = (
        select(_VISITS.c.conversation_id, func.min(_VISITS.c.first_message_id).label("first"))
        .join(_MARKS, _MARKS.c.conversation_id == _VISITS.c.conversation_id)
        .join(_JOINED, and_(_JOINED.c.mark == _MARKS.c.mark, _JOINED.c.kind == "joined"))
        .where(*recent, _JOINED.c.at >= _VISITS.c.started_at, unseen(_JOINED.c.at))
    )
    found: dict[str, int] = {}
    for query in (turns, orders, events, joined):
        for row in session.execute(query.group_by(_VISITS.c.conversation_id)):
            found[row.conversation_id] = min(row.first, found.get(row.conversation_id, row.first))
    return found


def follower_of(settings: Settings) -> VisitFollower:
    """The follower of a deployment.

    Raises:
        OperatorError: The playbook can't be used.
    """
    url = settings.database_url
    return VisitFollower(
        reading=partial(shop_session, url, read_only=True),
        writing=partial(shop_session, url),
        setting=Setting(
            rules=read_willingness(settings.playbook),
            share=settings.control_share,
            plan=read_capsule_plan(settings.playbook / "capsules.yml"),
        ),
    )


@contextmanager
def following(settings: Settings) -> Iterator[None]:
    """Follows the ledger beside what runs in its block, in a thread of its own.

    Raises:
        OperatorError: The playbook can't be used.
    """
    stop = threading.Event()
    thread = threading.Thread(target=follow, args=(follower_of(settings), stop), name="insight", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_END_WITHIN)


def follow(follower: VisitFollower, stop: threading.Event) -> None:
    """Follows until it is told to stop; trouble with the database is waited out."""
    while not stop.is_set():
        begun = time.monotonic()
        try:
            more = follower.round()
            pause = max(0.0 if more else _PAUSE, _PAUSE_BY_WORK * (time.monotonic() - begun))
        except (SQLAlchemyError, OSError) as error:
            _log.warning("insight.not_followed", error=type(error).__name__)
            pause = _PAUSE_AFTER_TROUBLE
        except Exception:
            # A mistake in one conversation must not end the desk's eyes on all others for good; it is told each time.
            _log.exception("insight.follower_failed")
            pause = _PAUSE_AFTER_A_MISTAKE
        stop.wait(pause)
