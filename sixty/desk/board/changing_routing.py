"""Changes routing on the spot, takes it back, and ends what has run out; every change is checked and written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import find_agent, locked_agent
from sixty.desk.board.overrides import (
    KINDS,
    LONGEST_WHY,
    ON_AGENTS,
    End,
    Kind,
    RoutingOverride,
    overrides_now,
)
from sixty.desk.desk_errors import UnknownGroupError
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.desk_words import RAISED
from sixty.desk.feed import announce
from sixty.desk.office_hours import read_period
from sixty.desk.staff.audit import note
from sixty.tables import column

LONGEST = timedelta(days=7)
"""What shall last for longer belongs into the playbook."""

_LONGEST_AHEAD = 120 * 60
_MOST_WAITING = 10_000
_MOST_AT_ONCE = 99


def change_routing(
    session: Session,
    kind: str,
    target: str,
    value: Mapping[str, Any],
    why: str,
    until: datetime,
    account_id: int | None,
    rules: RoutingRules,
    now: datetime,
) -> RoutingOverride:
    """Changes routing from now on; a change of the same thing that is in force ends with it.

    Args:
        session: A session that may write.
        kind: What is changed: `overflow`, `hours`, `ahead`, `longest`, `capacity`, `help`.
        target: Of which group, which agent, or what is ahead.
        value: What it is from now on: `{to, after}` (group or None; seconds), `{day, open}` (date; periods such as
            `09:00-23:00`, none for a day off), `{seconds}`, `{most}`, `{capacity}`, `{groups}`.
        why: For colleagues and the trail.
        until: When it ends by itself.
        account_id: Who changes it.
        rules: The playbook's.
        now: The present moment.

    Raises:
        UnknownGroupError: There is no such group.
        UnknownAgentError: There is no such agent.
        ValueError: The value, the reason or the end can't be.
    """
    said = " ".join(why.split())
    if not 1 <= len(said) <= LONGEST_WHY:
        raise ValueError(f"why: say in 1 to {LONGEST_WHY} characters why")
    if not now < until <= now + LONGEST:
        raise ValueError(f"until: an end in the future, at most {LONGEST.days} days ahead")
    if kind not in KINDS:
        raise ValueError(f"kind: one of {', '.join(KINDS)}")
    checked = _checked(session, kind, target, value, rules, now)
    for each in overrides_now(session, now):
        if (each.kind, each.target) == (kind, target):
            _end(session, each, "replaced", account_id, now)
    _end_if_out(session, kind, target, now)
    made = RoutingOverride(
        kind=kind,
        target=target,
        value=checked,
        before=_put_on(session, target, kind, checked) if kind in ON_AGENTS else None,
        why=said,
        account_id=account_id,
        created_at=now,
        until=until,
    )
    session.add(made)
    session.flush()
    note(session, account_id, "routing_changed", now, detail=f"{made.id} {kind} {target}: {said}")
    _announce(session, made, now)
    return made


def take_back(session: Session, override_id: int, account_id: int | None, now: datetime) -> RoutingOverride:
    """Ends a change before its time; one that has ended stays as it is.

    Raises:
        LookupError: There is no such change.
    """
    found: RoutingOverride | None = session.get(RoutingOverride, override_id)
    if found is None:
        raise LookupError(f"there is no change {override_id}")
    if found.ended_at is None:
        _end(session, found, "taken_back", account_id, now)
        note(session, account_id, "routing_restored", now, detail=f"{found.id} {found.kind} {found.target}")
        _announce(session, found, now)
    return found


def run_out(session: Session, now: datetime) -> bool:
    """Whether a change has run out and is still to be ended."""
    query = select(RoutingOverride.id).where(
        column(RoutingOverride.ended_at).is_(None), column(RoutingOverride.until) <= now
    )
    return session.scalar(query.limit(1)) is not None


def end_what_ran_out(session: Session, now: datetime) -> int:
    """Ends the changes whose time is over; returns how many."""
    query = (
        select(RoutingOverride)
        .where(column(RoutingOverride.ended_at).is_(None), column(RoutingOverride.until) <= now)
        .order_by(RoutingOverride.id)
        .with_for_update(skip_locked=True, of=RoutingOverride)
        .execution_options(populate_existing=True)
    )
    ended = list(session.scalars(query))
    for each in ended:
        _end(session, each, "expired", None, now)
        _announce(session, each, now)
    return len(ended)


def trail(session: Session, before: int | None = None, limit: int = 100) -> list[RoutingOverride]:
    """All changes, the newest first."""
    query = select(RoutingOverride).order_by(column(RoutingOverride.id).desc()).limit(limit)
    if before is not None:
        query = query.where(column(RoutingOverride.id) < before)
    return list(session.scalars(query))


def _end_if_out(session: Session, kind: str, target: str, now: datetime) -> None:
    """Ends a change of the same thing that has run out and that no tick has ended yet."""
    query = select(RoutingOverride).where(
        column(RoutingOverride.ended_at).is_(None),
        column(RoutingOverride.kind) == kind,
        column(RoutingOverride.target) == target,
    )
    for each in session.scalars(query):
        _end(session, each, "expired", None, now)


def _end(session: Session, change: RoutingOverride, end: End, account_id: int | None, now: datetime) -> None:
    change.end, change.ended_by, change.ended_at = end, account_id, now
    if change.kind in ON_AGENTS and change.before is not None:
        agent = find_agent(session, change.target)
        # What somebody has set by hand meanwhile stays.
        if change.kind == "capacity" and agent.capacity == change.value["capacity"]:
            agent.capacity = int(change.before["capacity"])
        elif change.kind == "help" and set(agent.groups) == {*change.before["groups"], *change.value["groups"]}:
            agent.groups = list(change.before["groups"])
    session.flush()


def _put_on(session: Session, agent_id: str, kind: str, value: Mapping[str, Any]) -> dict[str, Any]:
    agent = locked_agent(session, agent_id)
    if kind == "capacity":
        before: dict[str, Any] = {"capacity": agent.capacity}
        agent.capacity = int(value["capacity"])
    else:
        before = {"groups": list(agent.groups)}
        agent.groups = list(dict.fromkeys([*agent.groups, *value["groups"]]))
    session.flush()
    return before


def _checked(
    session: Session, kind: Kind | str, target: str, value: Mapping[str, Any], rules: RoutingRules, now: datetime
) -> dict[str, Any]:
    if kind in ("overflow", "hours", "longest") and not rules.knows(target):
        raise UnknownGroupError(target)
    if kind == "overflow":
        return _overflow(target, value, rules)
    if kind == "hours":
        return _hours(target, value, rules, now)
    if kind == "ahead":
        if target not in RAISED:
            raise ValueError(f"target: one of {', '.join(RAISED)}")
        return {"seconds": _number(value, "seconds", 0, _LONGEST_AHEAD)}
    if kind == "longest":
        return {"most": _number(value, "most", 1, _MOST_WAITING)}
    return _of_agent(session, kind, target, value, rules)


def _of_agent(
    session: Session, kind: str, target: str, value: Mapping[str, Any], rules: RoutingRules
) -> dict[str, Any]:
    agent = locked_agent(session, target)
    if kind == "capacity":
        return {"capacity": _number(value, "capacity", 0, _MOST_AT_ONCE)}
    groups = value.get("groups")
    if not isinstance(groups, list) or not groups or not all(isinstance(each, str) for each in groups):
        raise ValueError("groups: the groups that they help, one at least")
    for each in groups:
        if not rules.knows(each):
            raise UnknownGroupError(each)
    if not agent.groups:
        raise ValueError("target: they answer for all groups already")
    return {"groups": list(dict.fromkeys(groups))}


def _overflow(target: str, value: Mapping[str, Any], rules: RoutingRules) -> dict[str, Any]:
    to = value.get("to")
    if to is None:
        return {"to": None, "after": 0}
    if not isinstance(to, str) or not rules.knows(to):
        raise UnknownGroupError(str(to))
    if to == target:
        raise ValueError("to: another group than itself")
    return {"to": to, "after": _number(value, "after", 0, 3600)}


def _hours(target: str, value: Mapping[str, Any], rules: RoutingRules, now: datetime) -> dict[str, Any]:
    zone = rules.group(target).hours.zone
    today = now.astimezone(zone).date()
    try:
        day = date.fromisoformat(str(value.get("day") or today.isoformat()))
    except ValueError:
        raise ValueError("day: a date such as 2026-11-23") from None
    if not today <= day <= today + LONGEST:
        raise ValueError(f"day: today or one of the next {LONGEST.days} days")
    periods = value.get("open")
    if not isinstance(periods, list):
        raise ValueError("open: a list of periods such as 09:00-22:00; an empty one for a day off")
    read = sorted(read_period(str(each)) for each in periods)
    if any(later.start < earlier.end for earlier, later in pairwise(read)):
        raise ValueError("open: the periods lie over each other")
    return {"day": day.isoformat(), "open": [str(each).strip() for each in periods]}


def _number(value: Mapping[str, Any], name: str, least: int, most: int) -> int:
    found = value.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
        raise ValueError(f"{name}: a whole number from {least} to {most}")
    return found


def _announce(session: Session, change: RoutingOverride, now: datetime) -> None:
    """Whoever shows the queue or an agent looks again."""
    agent_id = change.target if change.kind in ON_AGENTS else None
    data = {"agent": agent_id, "by": "supervisor"} if agent_id else {"routing": change.id}
    announce(session, "presence" if agent_id else "routing", None, data, now)
