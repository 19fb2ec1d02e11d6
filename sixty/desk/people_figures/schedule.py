"""How many agents are needed in which half hour of which weekday, from what was observed in the last weeks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.board.supervision_rules import ScheduleRules
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.handoff_rows import HandOff
from sixty.desk.people_figures.concurrency import concurrency_of
from sixty.desk.people_figures.staffing import Wanted, agents_for, alone
from sixty.desk.people_figures.talk_rows import TalkFigure
from sixty.tables import column

HALF_HOURS = 48
_HALF_HOUR = 1800.0


@dataclass(frozen=True)
class Observed:
    """What was observed of a group.

    Attributes:
        days: How many days, by weekday.
        arrivals: How many customers came, by weekday and half hour, in all.
        seconds: How long a talk took on average, with its wrap-up; the playbook's guess where there was none.
        talks: From how many talks that is known.
        at_once: How many talks an agent had at once, on average.
    """

    days: tuple[int, ...]
    arrivals: dict[tuple[int, int], int]
    seconds: float
    talks: int
    at_once: float

    def rate(self, weekday: int, half_hour: int) -> float:
        """Customers a second."""
        days = self.days[weekday]
        return self.arrivals.get((weekday, half_hour), 0) / days / _HALF_HOUR if days else 0.0


def observe(
    session: Session, group_id: str | None, weeks: int, zone: ZoneInfo, routing: RoutingRules, now: datetime
) -> Observed:
    """Reads what happened in the last whole weeks, up to yesterday.

    Args:
        session: Any session.
        group_id: Of which group; None for all together.
        weeks: How many weeks.
        zone: Where the shop's clock hangs.
        routing: The merchant's; says how long a talk takes before any has been observed.
        now: The present moment.
    """
    today = now.astimezone(zone).date()
    oldest = today - timedelta(weeks=weeks)
    start, end = (datetime.combine(each, time(), zone) for each in (oldest, today))
    came = select(HandOff.created_at).where(column(HandOff.created_at) >= start, column(HandOff.created_at) < end)
    talked = (
        select(
            TalkFigure.agent_id,
            TalkFigure.began_at,
            TalkFigure.ended_at,
            TalkFigure.left_for,
            HandOff.wrap_up_at,
            column(HandOff.ended_at).label("over_at"),
        )
        .join(HandOff, column(HandOff.id) == column(TalkFigure.hand_off_id))
        .where(column(TalkFigure.began_at) >= start, column(TalkFigure.began_at) < end)
    )
    if group_id is not None:
        came = came.where(column(HandOff.group_id) == group_id)
        talked = talked.where(column(TalkFigure.group_id) == group_id)
    arrivals: dict[tuple[int, int], int] = defaultdict(int)
    first: date | None = None
    for at in session.scalars(came):
        local = at.astimezone(zone)
        first = min(first or local.date(), local.date())
        arrivals[local.weekday(), local.hour * 2 + local.minute // 30] += 1
    days = [0] * 7
    # A shop that has begun two weeks ago has two weeks, not four of which two were silent.
    for ahead in range((today - (first or today)).days):
        days[((first or today) + timedelta(days=ahead)).weekday()] += 1
    seconds: list[float] = []
    spans: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in session.execute(talked):
        wrap_up = 0.0
        if row.left_for == "ended" and row.wrap_up_at and row.over_at:
            wrap_up = max(0.0, (row.over_at - row.wrap_up_at).total_seconds())
        seconds.append((row.ended_at - row.began_at).total_seconds() + wrap_up)
        spans[row.agent_id].append((row.began_at, row.ended_at))
    found = [concurrency_of(own) for own in spans.values()]
    busy = sum(each.busy_seconds for each in found)
    at_once = sum(each.mean * each.busy_seconds for each in found) / busy if busy else 1.0
    mean = fmean(seconds) if seconds else routing.service_time.total_seconds()
    return Observed(tuple(days), dict(arrivals), mean, len(seconds), at_once)


def schedule_advice(
    observed: Observed, group_id: str | None, rules: ScheduleRules, routing: RoutingRules, now: datetime
) -> dict[str, Any]:
    """How many agents are needed, half hour by half hour.

    Args:
        observed: What happened.
        group_id: Of which group; None for all, which are at work when any is.
        rules: The service that is wanted.
        routing: Says when groups are at work.
        now: The present moment, from which the week that is planned begins.

    Returns:
        `days` of seven lists of half hours: `arrivals` (in that half hour, on average), `agents`, `on_duty`, `in_time`,
        `mean_wait`, `open`; with `assumptions`, all that it was worked out from.
    """
    wanted = Wanted(rules.share, rules.within.total_seconds(), rules.at_once, rules.slower, rules.absent)
    by_itself = alone(observed.seconds, observed.at_once, rules.slower)
    groups = [each for each in routing.groups if group_id is None or each.id == group_id]
    zone = groups[0].hours.zone
    monday = now.astimezone(zone).date() + timedelta(days=7 - now.astimezone(zone).weekday())
    days: list[list[dict[str, Any]]] = []
    for weekday in range(7):
        midnight = datetime.combine(monday + timedelta(days=weekday), time(), zone)
        halves = []
        for half_hour in range(HALF_HOURS):
            at = midnight + timedelta(minutes=30 * half_hour)
            is_open = any(each.hours.is_open(at) or each.hours.is_open(at + timedelta(minutes=29)) for each in groups)
            rate = observed.rate(weekday, half_hour)
            advice = agents_for(rate if is_open else 0.0, by_itself, wanted)
            halves.append(
                {
                    "arrivals": round(rate * _HALF_HOUR, 2),
                    "open": is_open,
                    "agents": advice.agents,
                    "on_duty": advice.on_duty,
                    "in_time": round(advice.in_time, 4),
                    "mean_wait": round(advice.mean_wait, 1),
                    "used": round(advice.used, 3),
                }
            )
        days.append(halves)
    return {
        "days": days,
        "week_of": monday.isoformat(),
        "assumptions": {
            "share": rules.share,
            "within": rules.within.total_seconds(),
            "weeks": rules.weeks,
            "at_once": rules.at_once,
            "slower": rules.slower,
            "absent": rules.absent,
            "observed_days": sum(observed.days),
            "observed_arrivals": sum(observed.arrivals.values()),
            "observed_talks": observed.talks,
            "observed_seconds": round(observed.seconds, 1),
            "observed_at_once": round(observed.at_once, 2),
            "seconds_alone": round(by_itself, 1),
            "seconds_full": round(by_itself * (1 + rules.slower * (rules.at_once - 1)), 1),
        },
    }


def wished(rules: ScheduleRules, **wishes: Any) -> ScheduleRules:
    """The rules with what somebody tries out; what they leave out stays.

    Raises:
        ValueError: A wish can't be.
    """
    found = replace(rules, **{name: value for name, value in wishes.items() if value is not None})
    if not 0 < found.share < 1:
        raise ValueError("share: between 0 and 1")
    if found.within <= timedelta(0):
        raise ValueError("within: longer than nothing")
    if not 1 <= found.at_once <= 20:
        raise ValueError("at_once: 1 to 20")
    return found
