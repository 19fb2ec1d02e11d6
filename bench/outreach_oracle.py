"""Tells from a life alone what should have been said first, when, by which way – or why not.

Written from the playbook and what docs/outreach.md says it means, not from the code that does it. Reminders of one
customer know nothing of those of another, so a life is gone through by itself: rung after rung, in the order in which
they are due, with what has been said before, because caps count it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Literal

from bench.outreach_book import Book, Rung
from bench.outreach_cases import Case, asks_why, audience_of, cases_of
from bench.outreach_month import Life, Said, Shop

Fate = Literal["sent", "held", "skipped", "ended"]
ArmOf = Callable[[str, str, float], str]

UNSAYABLE = "nothing_to_say"

COURIER = timedelta(seconds=20)
"""How long after a tick the courier looks once more and delivers."""

PUT_OFF = timedelta(minutes=10)
"""By how much a wish's message is put off where the moment is wrong."""

_OF_THE_MOMENT = ("quiet", "talking", "with_person", "capped")
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_MOBILE = re.compile(r"1[3-9]\d{9}")
_WITH_A_PERSON = ("queued", "assigned", "wrap_up")


@dataclass(frozen=True)
class Expected:
    """What should have become of one rung.

    Attributes:
        subject: As in `bench.outreach_cases`.
        at: When it was said or held back, else when that was decided against.
        why: Why it was not said.
    """

    scene: str
    subject: str
    way: str
    fate: Fate
    at: datetime
    why: str = ""


@dataclass(frozen=True)
class Oracle:
    """Knows what should have been said.

    Attributes:
        ticks: The moments at which the worker looks for what is due, in order.
        arm_of: The draw of the control group, by scene, customer and share: a hash is nothing to have an opinion on.
    """

    book: Book
    shop: Shop
    ticks: Sequence[datetime]
    arm_of: ArmOf

    def fates(self, life: Life, unsayable: Collection[tuple[str, str]] = ()) -> list[Expected]:
        """What should have become of every rung of a life that comes to be decided on before the last tick.

        Args:
            life: The life.
            unsayable: Scenes and subjects of which nothing could be said, because the shop has nothing else to offer:
                that is for the recommendations to know, and it leaves room for others under the caps.
        """
        return _Telling(self, life, unsayable).tell()

    def tick_at(self, moment: datetime) -> datetime | None:
        """The first tick that sees a moment; None after the last one."""
        place = bisect_left(self.ticks, moment)
        return self.ticks[place] if place < len(self.ticks) else None


@dataclass(order=True)
class _Planned:
    """A rung that waits for its tick; in the order in which rungs go."""

    tick: datetime
    due: datetime
    place: int
    seen: datetime
    moment: datetime
    presale: str
    subject: str
    rung: int
    case: Case = field(compare=False)
    ladder: tuple[Rung, ...] = field(compare=False)
    said_at: datetime | None = field(compare=False, default=None)
    latest: datetime | None = field(compare=False, default=None)


class _Telling:
    """Goes through one life."""

    def __init__(self, oracle: Oracle, life: Life, unsayable: Collection[tuple[str, str]]) -> None:
        self._oracle, self._book, self._life, self._unsayable = oracle, oracle.book, life, unsayable
        self._agenda: list[_Planned] = []
        self._counted: list[datetime] = []
        self._expected: list[Expected] = []

    def tell(self) -> list[Expected]:
        if self._life.who is None:
            return []
        for case in cases_of(self._life, self._oracle.shop, self._book):
            if case.wish is None:
                self._begin(case, self._oracle.tick_at(case.moment))
            else:
                self._wait_for(case, case.moment)
        while self._agenda:
            tick = self._agenda[0].tick
            going = []
            while self._agenda and self._agenda[0].tick == tick:
                planned = heappop(self._agenda)
                if self._decide(planned, tick):
                    going.append(planned)
            # The rows that wait are looked at once more before they go out.
            for planned in going:
                self._last_look(planned, tick)
        return self._expected

    def _begin(self, case: Case, seen: datetime | None) -> None:
        # Who comes to decide while a visit is not over doesn't know that it will go on.
        for before, until in case.before:
            tick = self._oracle.tick_at(self._first_due(before))
            if tick is not None and tick < until:
                self._begin(before, self._oracle.tick_at(before.moment))
                return
        scene, amount = case.scene, case.amount
        ladder = tuple(rung for rung in scene.ladder if not rung.at_least or (amount or 0) >= rung.at_least)
        if seen is None or not ladder or not case.arises(seen):
            return
        if not asks_why(scene) and audience_of(case, self._life, seen) is None:
            return
        self._plan(case, ladder, 0, self._first_due(case), seen, None)

    def _first_due(self, case: Case) -> datetime:
        scene = case.scene
        hurried = scene.in_campaigns is not None and self._book.in_hurry(case.moment)
        wait = scene.wait(case.category)
        if hurried and scene.in_campaigns is not None:
            wait = min(wait, scene.in_campaigns)
        return self._book.due(case.moment + wait, () if hurried else scene.at)

    def _wait_for(self, case: Case, since: datetime) -> None:
        """Begins a case at the first tick that sees the thing on the shelf."""
        seen = self._oracle.tick_at(since)
        while seen is not None and case.standing(seen):
            seen = self._oracle.tick_at(seen + timedelta(seconds=1))
        if seen is not None:
            self._begin(replace(case, moment=seen), seen)

    def _plan(
        self,
        case: Case,
        ladder: tuple[Rung, ...],
        rung: int,
        due: datetime,
        seen: datetime,
        said_at: datetime | None,
        latest: datetime | None = None,
    ) -> None:
        tick = self._oracle.tick_at(max(due, seen))
        if tick is not None:
            presale = self._presale(case) if "balance_due" in case.scene.on else ""
            key = (tick, due, case.scene.place, seen, case.moment, presale, case.subject, rung)
            heappush(self._agenda, _Planned(*key, case=case, ladder=ladder, said_at=said_at, latest=latest))

    def _presale(self, case: Case) -> str:
        """What is planned first goes first: balances presale by presale, and in each by when the order was placed."""
        placed_at = next(order.placed_at for order in self._life.orders if order.no == case.subject)
        return f"{case.product_no} {placed_at.timestamp():.0f}"

    def _decide(self, planned: _Planned, now: datetime) -> bool:
        """Looks at a rung that is due; returns whether it waits for the courier."""
        case = planned.case
        ended = self._ended(case, planned.said_at, now)
        if ended:
            self._end(planned, now, ended)
            return False
        skipped = self._skipped(planned, now)
        if not skipped and case.scene.capped and self._too_often(now):
            skipped = "capped"
        if skipped:
            if not self._put_off(planned, now, skipped):
                self._skip(planned, now, skipped)
            return False
        if asks_why(case.scene) and audience_of(case, self._life, now) is None:
            self._end(planned, now, "for_nobody")
            return False
        if (case.scene.name, case.subject) in self._unsayable:
            self._end(planned, now, UNSAYABLE)
            return False
        if self._oracle.arm_of(case.scene.name, str(self._life.who), case.scene.control) == "control":
            self._note(planned, "held", now)
            return False
        if case.scene.capped and planned.ladder[planned.rung].way != "phone":
            # A call counts when it is made.
            self._counted.append(now)
        return True

    def _last_look(self, planned: _Planned, tick: datetime) -> None:
        case = planned.case
        # SMS are handed over in the same round, chats and calls a little later.
        now = tick if planned.ladder[planned.rung].way == "sms" else tick + COURIER
        ended = self._ended(case, planned.said_at, now)
        called = planned.ladder[planned.rung].way == "phone"
        skipped = "" if ended else self._skipped(planned, now, listed=called)
        if case.scene.capped and not called:
            # What is said counts from when the customer hears it, and what is left unsaid does not.
            self._counted.remove(tick)
        if called and not ended and not skipped and case.scene.capped and self._too_often(now):
            skipped = "capped"
        if not ended and not skipped:
            if case.scene.capped:
                self._counted.append(now)
            self._say(planned, now)
            return
        if ended:
            self._end(planned, now, ended)
        elif not self._put_off(planned, now, skipped):
            self._skip(planned, now, skipped)

    def _put_off(self, planned: _Planned, now: datetime, why: str) -> bool:
        """What somebody has asked to hear waits for a better moment, and begins anew when it has waited too long."""
        if planned.case.wish is None:
            return False
        if why == "missed":
            self._wait_for(planned.case, now + timedelta(seconds=1))
        elif why in _OF_THE_MOMENT:
            due = self._book.due(now + PUT_OFF, ())
            latest = planned.latest or planned.due + planned.case.scene.late
            self._plan(planned.case, planned.ladder, planned.rung, due, now, planned.said_at, latest)
        return why == "missed" or why in _OF_THE_MOMENT

    def _end(self, planned: _Planned, now: datetime, why: str) -> None:
        if planned.case.wish is not None and why == "gone":
            self._wait_for(planned.case, now)
        self._note(planned, "ended", now, why)

    def _say(self, planned: _Planned, now: datetime) -> None:
        self._note(planned, "sent", now)
        # Who is told that something is back has been told.
        if planned.case.wish is None:
            self._next(planned, now, now, now)

    def _skip(self, planned: _Planned, now: datetime, why: str) -> None:
        self._note(planned, "skipped", now, why)
        self._next(planned, planned.due, now, planned.said_at)

    def _next(self, planned: _Planned, base: datetime, now: datetime, said_at: datetime | None) -> None:
        rung = planned.rung + 1
        if rung < len(planned.ladder):
            due = self._book.due(base + planned.ladder[rung].wait, ())
            self._plan(planned.case, planned.ladder, rung, due, now, said_at)

    def _note(self, planned: _Planned, fate: Fate, at: datetime, why: str = "") -> None:
        way = planned.ladder[planned.rung].way
        self._expected.append(Expected(planned.case.scene.name, planned.subject, way, fate, at, why))

    # -------------------------------------------------------------------------------------------------- what ends it

    def _ended(self, case: Case, said_at: datetime | None, now: datetime) -> str:
        standing = case.standing(now)
        if standing:
            return standing
        for said in self._life.said:
            if said.at > now:
                break
            if said.intent == "stop_reminders" and (case.wish is None or case.began <= said.at):
                # Who asks to be told of something after that is told.
                return "asked"
            why = "angry" if said.mood == "angry" else "abandoned" if _abandons(said) else ""
            rests = case.scene.selling and why and now < said.at + self._book.rest[why]
            if why and (case.began <= said.at or rests):
                return why
            if said_at is not None and said.at > said_at:
                return "answered"
        return ""

    # ------------------------------------------------------------------------------------------------- what skips it

    def _skipped(self, planned: _Planned, now: datetime, listed: bool = False) -> str:
        life, book, case = self._life, self._book, planned.case
        way = planned.ladder[planned.rung].way
        # A call that is on the list may be made for a day.
        if now > (planned.latest or planned.due + case.scene.late) and not listed:
            return "missed"
        if book.is_quiet(now):
            return "quiet"
        if way == "chat" and not self._has_chat(now):
            return "no_chat"
        if way == "sms" and life.unsubscribes_at is not None and life.unsubscribes_at <= now:
            return "unsubscribed"
        if way == "sms" and not _MOBILE.fullmatch(case.phone):
            return "no_number"
        if way == "phone" and "*" in case.phone:
            return "no_number"
        if life.answered_by(now) in _WITH_A_PERSON:
            return "with_person"
        if way == "chat" and any(now - book.talking < said.at <= now for said in life.said):
            return "talking"
        return ""

    def _has_chat(self, now: datetime) -> bool:
        """Whether the customer has been in the chat, and not too long ago."""
        came_by = [self._life.chat_from, *(said.at for said in self._life.said)]
        return any(at is not None and now - self._book.chat_within <= at <= now for at in came_by)

    def _too_often(self, now: datetime) -> bool:
        return (
            sum(now - _DAY < at for at in self._counted) >= self._book.per_day
            or sum(now - _WEEK < at for at in self._counted) >= self._book.per_week
            or any(now - self._book.apart < at for at in self._counted)
        )


def _abandons(said: Said) -> bool:
    return said.mood == "abandoning" or said.intent == "abandon_purchase"
