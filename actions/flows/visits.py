"""A day on which somebody comes to the customer's door: asked for, understood, said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from actions.flows.case import Case
from actions.flows.factors import Factor, Heard, UnfitError, own_words
from sixty.nlu.days import day_of
from sixty.nlu.visits import PARTS, VisitWish, read_visit
from sixty.shop.deeds.details import FARTHEST_DAY
from sixty.shop.wording import SHOP_ZONE

_WEEKDAYS = "一二三四五六日"
# A day by itself is often not understood as anything.
_GIVEN = frozenset({"inform", "affirm", "deny", "nlu_fallback"})
_OUT = "out_for_delivery"


@dataclass(frozen=True)
class Manner(Heard):
    """The time of day and what whoever comes should heed; heard where it is told, never asked for."""

    slot: str = "detail"

    def preset(self, case: Case) -> Any | None:
        """Nothing is asked."""
        return {}

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """Part of the day, hour and note; what was told before stays, but for the hour of another part."""
        if not _may_tell(case):
            return None
        wish = visit_wish(case)
        told = {name: value for name, value in (("part", wish.part), ("hour", wish.hour), ("note", wish.note)) if value}
        if not told:
            return None
        before: Mapping[str, str] = case.values["detail"] or {}
        return {**{name: value for name, value in before.items() if name != "hour" or "part" not in told}, **told}


@dataclass(frozen=True)
class WhichDay(Factor):
    """The day.

    Attributes:
        question: What is asked.
        or_note: Whether a note to whoever comes will do without a day.
    """

    slot: str = "day"
    question: str = ""
    or_note: bool = False

    def preset(self, case: Case) -> Any | None:
        """Today, for a time of day while the parcel is on its way to the door; none where a note is all."""
        manner: Mapping[str, str] = case.values["detail"] or {}
        on_the_way = case.order is not None and any(parcel.state == _OUT for parcel in case.order.parcels)
        if self.or_note and manner.get("part") and on_the_way:
            return today_of(case).isoformat()
        return "" if self.or_note and manner.get("note") else None

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """A day from today on.

        Raises:
            UnfitError: The day is over, or too far.
        """
        if not _may_tell(case):
            return None
        wish, today = visit_wish(case), today_of(case)
        if wish.day is None:
            if asked and wish.ruled_out:
                raise UnfitError("好的，那天不约。您看哪天方便？")
            return None
        day = wish.day
        if day < today:
            raise UnfitError("这天已经过去啦，您看后面哪天方便？")
        if day > today + FARTHEST_DAY:
            raise UnfitError(f"最远只能约{FARTHEST_DAY.days}天内的，您看哪天方便？")
        return day.isoformat()

    def ask(self, case: Case) -> None:
        """The question, with the next days."""
        buttons = [
            {"title": title, "payload": f'/inform{{"date":"{value}"}}'}
            for title, value in (("明天", "P1D"), ("后天", "P2D"), ("周六", "W6"))
        ]
        case.turn.say(self.question, outcome="asked_back", buttons=buttons)


def today_of(case: Case) -> date:
    """The day where the customer is."""
    return case.turn.now.astimezone(SHOP_ZONE).date()


def visit_wish(case: Case) -> VisitWish:
    """What the latest message wishes for."""
    turn, today = case.turn, today_of(case)
    if not turn.text.startswith("/"):
        return read_visit(turn.text, today)
    tapped = turn.entity("date")
    return VisitWish(day_of(tapped, today)) if tapped else VisitWish()


def visit_details(case: Case) -> dict[str, str]:
    """Day, part and note as a deed has them; the hour stands in the note."""
    manner: Mapping[str, str] = case.values["detail"] or {}
    notes = [part for part in (manner.get("hour"), manner.get("note")) if part]
    given = {"day": str(case.values["day"] or ""), "part": manner.get("part", ""), "note": "；".join(notes)}
    return {name: value for name, value in given.items() if value}


def said_visit(case: Case) -> str:
    """The day and the time of day in words: 5月23日（周六）下午三点以后."""
    manner: Mapping[str, str] = case.values["detail"] or {}
    day = f"{said_day(date.fromisoformat(case.values['day']))}" if case.values["day"] else ""
    part = next((said for part, said in PARTS.items() if part == manner.get("part")), "")
    hour = manner.get("hour", "")
    # 中午12点 says the part of the day itself.
    return f"{day}{'' if hour.startswith(('中午', '上午', '下午', '晚上')) else part}{hour}"


def said_day(day: date) -> str:
    """A day as people say it: 5月23日（周六）."""
    return f"{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


def _may_tell(case: Case) -> bool:
    if case.turn.intent in {*case.flow.intents, *_GIVEN}:
        return True
    return case.turn.slot("requested_slot") == "day" and own_words(case) is not None
