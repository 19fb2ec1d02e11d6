"""Routing changed on the spot: a row for each change, with who made it, why and until when; routing reads them at once.

What belongs to groups and to the order of the queue is laid over the playbook's rules whenever routing asks for them
(`in_force`). What belongs to an agent, how many chats they hold and for which groups they help out, is written into
their row and taken back when the change ends (`sixty.desk.board.changing_routing`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Integer, String, select, text
from sqlalchemy.orm import Session

from sixty.desk.desk_rules import GroupRules, RoutingRules
from sixty.desk.office_hours import Period, read_period
from sixty.tables import Base, UtcDateTime, column

Kind = Literal["overflow", "hours", "ahead", "longest", "capacity", "help"]
End = Literal["expired", "taken_back", "replaced"]

KINDS: tuple[Kind, ...] = get_args(Kind)
ON_AGENTS: frozenset[str] = frozenset({"capacity", "help"})
LONGEST_WHY = 200

_IN_FORCE = text("ended_at IS NULL")


class RoutingOverride(Base):
    """One change; never deleted, so that it is its own trail.

    Attributes:
        kind: `overflow` (which group helps a group, after how long), `hours` (of a group, on one day), `ahead` (by how
            much something puts customers in front), `longest` (how many may wait for a group), `capacity` (of an
            agent), `help` (for which further groups an agent answers).
        target: The group, the agent, or what is ahead (`vip`, `angry`, `amount`, a reason).
        value: What it is now; see `sixty.desk.board.changing_routing`.
        before: What an agent's row said before.
        account_id: Who changed it.
        until: When it ends by itself.
        ended_by: Who took it back.
        end: How it ended: `expired`, `taken_back`, `replaced`.
    """

    __tablename__ = "routing_override"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(each) for each in KINDS)})", name="kind"),
        Index(
            "uq_routing_override_in_force",
            "kind",
            "target",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )

    id: int = Column(Integer, primary_key=True)
    kind: Kind = Column(String(16), nullable=False)
    target: str = Column(String(32), nullable=False)
    value: dict[str, Any] = Column(JSON, nullable=False)
    before: dict[str, Any] | None = Column(JSON(none_as_null=True))
    why: str = Column(String(LONGEST_WHY), nullable=False)
    account_id: int | None = Column(Integer, ForeignKey("account.id"))
    created_at: datetime = Column(UtcDateTime, nullable=False)
    until: datetime = Column(UtcDateTime, nullable=False)
    ended_at: datetime | None = Column(UtcDateTime)
    ended_by: int | None = Column(Integer, ForeignKey("account.id"))
    end: End | None = Column(String(16))


def overrides_now(session: Session, now: datetime) -> list[RoutingOverride]:
    """What is changed at a moment, the oldest change first."""
    query = select(RoutingOverride).where(
        column(RoutingOverride.ended_at).is_(None), column(RoutingOverride.until) > now
    )
    return list(session.scalars(query.order_by(RoutingOverride.id).execution_options(populate_existing=True)))


def in_force(session: Session, rules: RoutingRules, now: datetime) -> RoutingRules:
    """The merchant's rules with what is changed just now. Laying it over twice changes nothing further."""
    for change in overrides_now(session, now):
        rules = laid_over(rules, change.kind, change.target, change.value)
    return rules


def reading_in_force(
    reading: Callable[[], AbstractContextManager[Session]],
    rules: Callable[[], RoutingRules],
    clock: Callable[[], datetime],
) -> Callable[[], RoutingRules]:
    """The rules for who has no session at hand: read with what is changed just now, each time they are asked for."""

    def read() -> RoutingRules:
        with reading() as session:
            return in_force(session, rules(), clock())

    return read


def laid_over(rules: RoutingRules, kind: str, target: str, value: Mapping[str, Any]) -> RoutingRules:
    """The rules with one change; a change of something that is no longer there changes nothing."""
    if kind == "ahead":
        return replace(rules, ahead={**rules.ahead, target: timedelta(seconds=int(value["seconds"]))})
    if kind == "longest":
        return replace(rules, longest_queue_of={**rules.longest_queue_of, target: int(value["most"])})
    if kind not in ("overflow", "hours"):
        return rules
    groups = tuple(_changed(each, kind, value) if each.id == target else each for each in rules.groups)
    return replace(rules, groups=groups)


def _changed(group: GroupRules, kind: str, value: Mapping[str, Any]) -> GroupRules:
    if kind == "overflow":
        to, after = value.get("to"), timedelta(seconds=int(value.get("after") or 0))
        return replace(group, overflow_to=to, overflow_after=after)
    periods: tuple[Period, ...] = tuple(read_period(str(each)) for each in value["open"])
    special = {**group.hours.special, date.fromisoformat(str(value["day"])): periods}
    return replace(group, hours=replace(group.hours, special=special))
