"""The live stream: one thread a desk process follows what happens and tells every open window what it may see.

A window that has lost its line comes back with the cursor of the last frame that it has read, and is told what it has
missed before it is told anything new: nothing is lost, some things may come twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from sixty.desk.chat_rows import Viewing
from sixty.desk.desk_rules import RoutingRules, routing_rules
from sixty.desk.feed import DeskEvent, events_since, newest_event, oldest_event
from sixty.desk.handoff_rows import HandOff, latest_handoff
from sixty.desk.staff.signed_in import Staff, as_staff
from sixty.desk.staff.staff_sessions import session_of
from sixty.desk.workbench.access import learns_only, viewing_of
from sixty.desk.workbench.cursors import Cursor
from sixty.desk.workbench.happenings import Happened, gather, tell
from sixty.desk.workbench.standing import Standing, Typist, marks_now, standing, typists
from sixty.desk.workbench.windows import Frame, Window
from sixty.ledger.models import Message
from sixty.ledger.reading import newest_id, since
from sixty.tables import column

OpenSession = Callable[[], AbstractContextManager[Session]]

EVERY_SECONDS = 0.05
MOST_WINDOWS = 8
"""Of one account; the oldest one is closed for another."""

MOST_BEHIND = 2000
"""Messages or events that a window may have missed; behind more of them it begins anew."""

_AT_ONCE = 500
_STANDING_EVERY = 1.0
_STANDING_ANYWAY_EVERY = 15.0
_TYPING_EVERY = 0.4
_MARKS_EVERY = 0.5
_PEOPLE_EVERY = 5.0
_TROUBLE_SECONDS = 2.0
_END_WITHIN = 5.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Attached:
    """A window that has been opened.

    Attributes:
        cursor: Where it stood when it was opened.
        resumed: Whether it goes on where it was; otherwise the page reads its lists anew.
    """

    window: Window
    cursor: Cursor
    resumed: bool


class Live:
    """Follows what happens, and tells the open windows."""

    def __init__(
        self,
        reading: OpenSession,
        secret: str,
        *,
        rules: Callable[[], RoutingRules] = routing_rules,
        clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begins to follow with the first window.

        Args:
            reading: Opens a session that reads.
            secret: Signs links to files.
            rules: The merchant's.
            clock: The present moment.
            monotonic: A clock that only goes forward, in seconds.
        """
        self._reading = reading
        self._secret = secret
        self._rules = rules
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.RLock()
        self._windows: list[Window] = []
        self._cursor: Cursor | None = None
        self._due: dict[str, float] = {}
        self._stirred = False
        self._standing = Standing()
        self._typing: frozenset[Typist] = frozenset()
        self._marks: dict[str, tuple[int, int]] = {}
        self._stopped = threading.Event()
        self._hurry = threading.Event()
        self._thread: threading.Thread | None = None

    # -- windows ------------------------------------------------------------------------------------------------------

    def attach(self, staff: Staff, after: Cursor | None = None, *, follow: bool = True) -> Attached:
        """Opens a window.

        Args:
            staff: Who sits before it.
            after: The cursor of the last frame that they have read; None for a new page.
            follow: Whether a thread follows what happens from now on; a test calls `round` itself.
        """
        with self._lock:
            if self._cursor is None:
                self._cursor = self._newest()
            here = self._cursor
            with self._reading() as session:
                viewing = viewing_of(session, staff)
            window = Window(staff, viewing, here)
            # From here on it is told what is new; what it has missed is put in front of that, below.
            resumed = after is not None and self._catch_up(window, after, here)
            self._let_oldest_go(staff)
            self._windows.append(window)
            # Whoever comes back hears at once how things stand.
            self._due.pop("standing", None)
            self._stirred = True
        if follow:
            self._begin()
        return Attached(window, here, resumed)

    def detach(self, window: Window) -> None:
        """Forgets a window whose line has ended."""
        window.close()
        with self._lock:
            if window in self._windows:
                self._windows.remove(window)

    def check_soon(self) -> None:
        """Looks at once whether everybody who has a window open is still signed in."""
        self._due.pop("people", None)

    def _let_oldest_go(self, staff: Staff) -> None:
        own = [each for each in self._windows if each.staff.account_id == staff.account_id and not each.closed]
        for each in own[: max(0, len(own) - MOST_WINDOWS + 1)]:
            each.close(Frame("closed", {"why": "too_many_windows"}))
            self._windows.remove(each)

    def _catch_up(self, window: Window, after: Cursor, here: Cursor) -> bool:
        with self._reading() as session:
            if not self._can_go_on(session, after):
                return False
            messages = [each for each in since(session, after.message, MOST_BEHIND + 1) if each.id <= here.message]
            events = [each for each in events_since(session, after.event, MOST_BEHIND + 1) if each.id <= here.event]
            if len(messages) > MOST_BEHIND or len(events) > MOST_BEHIND:
                return False
            happened = self._gathered(session, after, messages, events, [window])
        window.put(tell(window, happened), here)
        return True

    def _can_go_on(self, session: Session, after: Cursor) -> bool:
        """Whether nothing behind the cursor has been tidied away, and the cursor is of this database."""
        if after.message > newest_id(session) or after.event > newest_event(session):
            return False
        behind = session.scalar(select(func.count()).where(column(Message.id) > after.message)) or 0
        return behind <= MOST_BEHIND and after.event + 1 >= oldest_event(session)

    def _newest(self) -> Cursor:
        with self._reading() as session:
            return Cursor(newest_id(session), newest_event(session))

    # -- following ----------------------------------------------------------------------------------------------------

    def round(self) -> bool:
        """Reads what is new and tells it; returns whether there was anything."""
        with self._lock:
            windows = [each for each in self._windows if not each.closed]
            self._windows = list(windows)
            if not windows:
                self._cursor = None
                return False
            here = self._cursor or self._newest()
            self._cursor = here
            with self._reading() as session:
                messages = since(session, here.message, _AT_ONCE)
            with self._reading() as session:
                events = events_since(session, here.event, _AT_ONCE)
            if messages or events:
                self._tell(windows, here, messages, events)
            self._tell_standing(windows)
            self._tell_typing(windows)
            self._tell_marks(windows)
            self._check_people(windows)
            return bool(messages or events)

    def _tell(self, windows: list[Window], here: Cursor, messages: list[Message], events: list[DeskEvent]) -> None:
        with self._reading() as session:
            happened = self._gathered(session, here, messages, events, windows)
        for window in windows:
            window.put(tell(window, happened), happened.end)
        self._cursor = happened.end
        self._stirred = self._stirred or happened.stirs

    def _gathered(
        self,
        session: Session,
        start: Cursor,
        messages: list[Message],
        events: list[DeskEvent],
        windows: list[Window],
    ) -> Happened:
        clear = {each.viewing.clear for each in windows}
        return gather(session, start, messages, events, self._secret, self._rules(), self._clock(), clear)

    def _tell_standing(self, windows: list[Window]) -> None:
        anyway = self._is_due("standing_anyway", _STANDING_ANYWAY_EVERY)
        if not (anyway or self._stirred) or not self._is_due("standing", _STANDING_EVERY):
            return
        self._stirred = False
        with self._reading() as session:
            self._standing = standing(session, self._rules(), self._clock())
        for window in windows:
            if learns_only(window.staff):
                continue
            counts = self._standing.counts(window.viewing)
            frames = [
                Frame("queue", {"counts": counts, "groups": self._standing.groups}),
                Frame("place", {"chats": self._standing.places_for(window.viewing)}),
            ]
            told = frames[0].text() + frames[1].text()
            if told != window.told_queue:
                window.told_queue = told
                window.put(frames)

    def _tell_typing(self, windows: list[Window]) -> None:
        if not self._is_due("typing", _TYPING_EVERY):
            return
        with self._reading() as session:
            now = typists(session, self._clock())
            before, self._typing = self._typing, now
            changed = [(each, True) for each in now - before] + [(each, False) for each in before - now]
            hand_offs = {each.chat: latest_handoff(session, each.chat) for each, _ in changed}
        for typist, on in changed:
            hand_off = hand_offs[typist.chat]
            data = {"chat": typist.chat, "who": typist.who, "name": typist.name, "on": on, "text": None}
            for window in windows:
                if hand_off is not None and _may_watch(window, hand_off) and typist.who != window.viewing.agent_id:
                    window.put([Frame("typing", data)])

    def _tell_marks(self, windows: list[Window]) -> None:
        if not self._is_due("marks", _MARKS_EVERY):
            return
        with self._reading() as session:
            taken = [chat for chat, each in self._standing.open.items() if each.state == "taken"]
            marks = marks_now(session, taken, self._clock())
        before, self._marks = self._marks, marks
        for chat, mark in marks.items():
            if before.get(chat) == mark:
                continue
            data = {"chat": chat, "delivered_to": mark[0], "read_to": mark[1]}
            for window in windows:
                if _may_watch(window, self._standing.open[chat]):
                    window.put([Frame("marks", data)])

    def _check_people(self, windows: list[Window]) -> None:
        """Lets go who has signed out or left, and looks anew at what the others may see."""
        if not self._is_due("people", _PEOPLE_EVERY):
            return
        now = self._clock()
        with self._reading() as session:
            for window in windows:
                found = session_of(session, window.staff.token, now)
                if found is None or found[0].must_change_password:
                    window.close(Frame("signed_out", {"why": "signed_out"}))
                    continue
                window.staff = as_staff(found[0], window.staff.token)
                viewing: Viewing = viewing_of(session, window.staff)
                if viewing != window.viewing:
                    window.viewing = viewing
                    window.put([Frame("reset", {"why": "rights_changed"})])

    def _is_due(self, what: str, every: float) -> bool:
        now = self._monotonic()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + every
        return True

    # -- the thread ---------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        with self._lock:
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._run, name="desk-live", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            try:
                self.round()
                failures = 0
                pause = EVERY_SECONDS
            except SQLAlchemyError as error:
                failures += 1
                if failures in (1, 10, 100):
                    _log.warning("desk.live_waits", error=type(error).__name__, times=failures)
                pause = _TROUBLE_SECONDS
            except Exception:
                # A mistake in one event must not end the eyes of everybody: they begin anew behind it.
                _log.exception("desk.live_failed")
                self._begin_anew()
                pause = _TROUBLE_SECONDS
            self._stopped.wait(pause)

    def _begin_anew(self) -> None:
        with self._lock:
            self._cursor = None
            for window in self._windows:
                window.close(Frame("reset", {"why": "trouble"}))
            self._windows.clear()

    def stop(self) -> None:
        """Ends, and lets all windows go; their pages come back to the next desk."""
        self._stopped.set()
        with self._lock:
            for window in self._windows:
                window.close()
            self._windows.clear()
        if self._thread is not None:
            self._thread.join(_END_WITHIN)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Ends with its block."""
        try:
            yield
        finally:
            self.stop()


def _may_watch(window: Window, hand_off: HandOff) -> bool:
    return not learns_only(window.staff) and window.viewing.sees(hand_off)
