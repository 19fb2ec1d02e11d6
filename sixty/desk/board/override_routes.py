"""Routing changed on the spot, over the API: what is changed, by whom and until when; change it, take it back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import Field, validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import agents_of
from sixty.desk.board.changing_routing import LONGEST, change_routing, take_back, trail
from sixty.desk.board.overrides import LONGEST_WHY, RoutingOverride, overrides_now
from sixty.desk.desk_rules import GroupRules, RoutingRules
from sixty.desk.desk_words import RAISED
from sixty.desk.office_hours import say_hours
from sixty.desk.staff.accounts import Account
from sixty.desk.workbench.answers import answer, at, doing
from sixty.desk.workbench.bench import Bench, Signed
from sixty.desk.workbench.bodies import BenchForm, given
from sixty.tables import column

router = APIRouter()


class ChangeForm(BenchForm):
    """What is changed, to what, why and until when."""

    kind: str = Field(max_length=16)
    target: str = Field(max_length=32)
    value: dict[str, Any]
    why: str = Field(min_length=1, max_length=LONGEST_WHY)
    until: datetime

    @validator("until")
    def _has_a_zone(cls, until: datetime) -> datetime:
        if until.tzinfo is None:
            raise ValueError("a time needs its zone")
        return until


@router.get("/routing")
def routing(
    staff: Signed, bench: Bench, before: int | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> JSONResponse:
    """How routing stands, what is changed just now, and all changes that ever were."""
    staff.needs("chat.assign")
    now, rules = bench.now(), bench.rules()
    with bench.reading() as session:
        changes = trail(session, before, limit)
        return answer(
            {
                "groups": [_group(each, rules, now) for each in rules.groups],
                "ahead": [
                    {"id": name, "title": RAISED.get(name, name), "seconds": int(ahead.total_seconds())}
                    for name, ahead in rules.ahead.items()
                ],
                "conditions": [{"id": name, "title": title} for name, title in RAISED.items()],
                "agents": [
                    {"id": each.id, "name": each.name, "groups": list(each.groups), "capacity": each.capacity}
                    for each in agents_of(session)
                ],
                "in_force": change_forms(session, overrides_now(session, now), rules),
                "trail": change_forms(session, changes, rules),
                "more": len(changes) == limit,
                "longest": int(LONGEST.total_seconds()),
                "server_time": at(now),
            }
        )


@router.post("/routing")
def change(staff: Signed, form: Annotated[ChangeForm, Depends(given(ChangeForm))], bench: Bench) -> JSONResponse:
    """Changes it."""
    staff.needs("chat.assign")
    with bench.writing() as session, doing(session):
        made = change_routing(
            session,
            form.kind,
            form.target,
            form.value,
            form.why,
            form.until,
            staff.account_id,
            bench.rules(),
            bench.now(),
        )
        return answer({"change": change_forms(session, [made], bench.rules())[0]}, 201)


@router.delete("/routing/{change_id}")
def restore(change_id: int, staff: Signed, bench: Bench) -> JSONResponse:
    """Takes a change back."""
    staff.needs("chat.assign")
    with bench.writing() as session, doing(session):
        ended = take_back(session, change_id, staff.account_id, bench.now())
        return answer({"change": change_forms(session, [ended], bench.rules())[0]})


def change_forms(session: Session, changes: Iterable[RoutingOverride], rules: RoutingRules) -> list[dict[str, Any]]:
    """Changes as the API has them."""
    listed = list(changes)
    people = {each for change in listed for each in (change.account_id, change.ended_by) if each is not None}
    names = (
        {each.id: each.name for each in session.scalars(select(Account).where(column(Account.id).in_(list(people))))}
        if people
        else {}
    )
    agents = {each.id: each.name for each in agents_of(session)}
    return [
        {
            "id": each.id,
            "kind": each.kind,
            "target": each.target,
            "title": _title(each, rules, agents),
            "value": each.value,
            "why": each.why,
            "by": names.get(each.account_id or 0),
            "created_at": at(each.created_at),
            "until": at(each.until),
            "ended_at": at(each.ended_at),
            "ended_by": names.get(each.ended_by or 0),
            "end": each.end,
        }
        for each in listed
    ]


def _title(change: RoutingOverride, rules: RoutingRules, agents: dict[str, str]) -> str:
    if change.kind in ("capacity", "help"):
        return agents.get(change.target, change.target)
    if change.kind == "ahead":
        return RAISED.get(change.target, change.target)
    return rules.group(change.target).title if rules.knows(change.target) else change.target


def _group(group: GroupRules, rules: RoutingRules, now: datetime) -> dict[str, Any]:
    return {
        "id": group.id,
        "title": group.title,
        "open": group.hours.is_open(now),
        "hours_today": say_hours(group.hours, now),
        "overflow_to": group.overflow_to,
        "overflow_after": int(group.overflow_after.total_seconds()),
        "longest": rules.longest_queue_of.get(group.id, rules.longest_queue),
    }
