"""Section "Staff" of the workbench's API: who works here, what they may do, and what was looked at by whom."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import change_agent
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.refusals import RefusedError
from sixty.desk.staff.accounts import (
    Account,
    LastAdminError,
    LoginTakenError,
    accounts,
    add_account,
    change_role,
    new_one_time_password,
)
from sixty.desk.staff.audit import entries, note
from sixty.desk.staff.own_agents import follow_account, own_agent
from sixty.desk.staff.roles import Role
from sixty.desk.staff.signed_in import Staff
from sixty.desk.staff.staff_sessions import end_sessions_of
from sixty.desk.workbench.answers import answer, at, doing
from sixty.desk.workbench.bench import Bench, Signed
from sixty.desk.workbench.bodies import BenchForm, given
from sixty.desk.workbench.people import staff_form
from sixty.tables import column

router = APIRouter()

_TO_THE_AGENT = ("groups", "skills", "languages", "capacity")


class NewStaffForm(BenchForm):
    """Somebody who begins to work here."""

    login: str = Field(max_length=32)
    name: str = Field(min_length=1, max_length=32)
    role: Role
    groups: list[str] = Field(default=[], max_items=50)
    skills: list[str] = Field(default=[], max_items=50)
    languages: list[str] = Field(default=["zh"], max_items=20)
    capacity: int | None = Field(default=None, ge=0, le=99)


class StaffForm(BenchForm):
    """What changes of somebody; the rest stays."""

    name: str | None = Field(default=None, min_length=1, max_length=32)
    role: Role | None = None
    groups: list[str] | None = Field(default=None, max_items=50)
    skills: list[str] | None = Field(default=None, max_items=50)
    languages: list[str] | None = Field(default=None, max_items=20)
    capacity: int | None = Field(default=None, ge=0, le=99)
    active: bool | None = None


@router.get("/staff")
def everybody(staff: Signed, bench: Bench) -> JSONResponse:
    """All accounts with their agents."""
    staff.needs("staff.read")
    with bench.reading() as session:
        rules, now = bench.rules(), bench.now()
        return answer({"staff": [staff_form(session, each, rules, now) for each in accounts(session)]})


@router.post("/staff")
def hire(staff: Signed, form: Annotated[NewStaffForm, Depends(given(NewStaffForm))], bench: Bench) -> JSONResponse:
    """Adds an account with a one-time password, which is shown this once."""
    staff.needs("staff.write")
    now, rules = bench.now(), bench.rules()
    with bench.writing() as session, doing(session):
        _check_groups(rules, form.groups)
        try:
            account, password = add_account(session, form.login, form.name, form.role, now)
        except LoginTakenError:
            raise RefusedError(409, "login_taken", "这个登录名已经有人用了，换一个") from None
        except ValueError as error:
            raise RefusedError(422, "malformed", str(error), extra={"field": "login"}) from None
        own_agent(session, account, now, form.groups, form.skills, form.languages, form.capacity)
        note(session, staff.account_id, "staff_added", now, detail=f"{account.login} {account.role}")
        made = staff_form(session, account, rules, now)
    agent = made.pop("agent")
    return answer({"account": made, "agent": agent, "one_time_password": password}, 201)


@router.patch("/staff/{account_id}")
def change(
    account_id: int, staff: Signed, form: Annotated[StaffForm, Depends(given(StaffForm))], bench: Bench
) -> JSONResponse:
    """Changes an account; groups, skills and capacity also by who may not change accounts."""
    changes = form.dict(exclude_unset=True)
    if set(changes) <= set(_TO_THE_AGENT):
        staff.needs("staff.read")
    else:
        staff.needs("staff.write")
    now, rules = bench.now(), bench.rules()
    with bench.writing() as session, doing(session):
        account = _account(session, account_id)
        _check_groups(rules, form.groups or ())
        _change_account(session, account, form, staff, bench)
        to_agent = {name: changes[name] for name in _TO_THE_AGENT if changes.get(name) is not None}
        if form.name is not None:
            to_agent["name"] = form.name
        agent = own_agent(session, account, now)
        if agent is not None and agent.active and to_agent:
            change_agent(session, agent.id, **to_agent)
        note(session, staff.account_id, "staff_changed", now, detail=f"{account.login} {', '.join(sorted(changes))}")
        made = staff_form(session, account, rules, now)
    bench.live.check_soon()
    agent_form = made.pop("agent")
    return answer({"account": made, "agent": agent_form})


@router.post("/staff/{account_id}/one-time-password")
def forgotten(account_id: int, staff: Signed, bench: Bench) -> JSONResponse:
    """Replaces a forgotten password, and signs the account out everywhere."""
    staff.needs("staff.write")
    with bench.writing() as session, doing(session):
        account = _account(session, account_id)
        password = new_one_time_password(account)
        end_sessions_of(session, account.id)
        note(session, staff.account_id, "password_replaced", bench.now(), detail=account.login)
    bench.live.check_soon()
    return answer({"one_time_password": password})


@router.get("/audit")
def audit(
    staff: Signed,
    bench: Bench,
    before: int | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    account: int | None = None,
    what: Annotated[str | None, Query(max_length=32)] = None,
) -> JSONResponse:
    """What was done and read, the newest first."""
    staff.needs("audit.read")
    with bench.reading() as session:
        found = entries(session, before=before, limit=limit + 1, account_id=account, what=what)
        names = {each.id: {"id": each.id, "login": each.login, "name": each.name} for each in accounts(session)}
        shown = [
            {
                "id": each.id,
                "at": at(each.at),
                "account": names.get(each.account_id) if each.account_id is not None else None,
                "what": each.what,
                "chat": each.conversation_id,
                "customer": each.customer_id,
                "detail": each.detail,
            }
            for each in found[:limit]
        ]
    return answer({"entries": shown, "more": len(found) > limit})


def _change_account(session: Session, account: Account, form: StaffForm, staff: Staff, bench: Bench) -> None:
    if form.name is not None:
        account.name = " ".join(form.name.split()) or account.name
    role = form.role or account.role
    active = account.active if form.active is None else form.active
    if (role, active) == (account.role, account.active):
        session.flush()
        return
    try:
        change_role(session, account, role, active)
    except LastAdminError:
        raise RefusedError(409, "last_admin", "至少要留一个管理员账号") from None
    if not active:
        end_sessions_of(session, account.id)
    follow_account(session, account, bench.now())
    note(session, staff.account_id, "role_changed", bench.now(), detail=f"{account.login} {role} active={active}")


def _account(session: Session, account_id: int) -> Account:
    found: Account | None = session.scalars(
        select(Account).where(column(Account.id) == account_id).with_for_update()
    ).first()
    if found is None:
        raise RefusedError(404, "unknown", "没有这个账号")
    return found


def _check_groups(rules: RoutingRules, groups: Any) -> None:
    for each in groups:
        if not rules.knows(each):
            raise RefusedError(422, "malformed", "没有这个组", f"groups: {each}", {"field": "groups"})
