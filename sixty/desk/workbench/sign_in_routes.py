"""Section "Sign-in" of the workbench's API: in and out, who am I, my password, my settings."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.orm import Session

from sixty.desk.agents import change_agent
from sixty.desk.presence import set_presence
from sixty.desk.refusals import RefusedError
from sixty.desk.staff.accounts import Account, give_password, own_password
from sixty.desk.staff.attempts import Locked
from sixty.desk.staff.audit import note
from sixty.desk.staff.own_agents import own_agent
from sixty.desk.staff.passwords import LONGEST, WeakPasswordError
from sixty.desk.staff.sign_in import Tried, begin_try, compare, let_in, still_theirs
from sixty.desk.staff.signed_in import drop_cookie, set_cookie
from sixty.desk.staff.staff_sessions import end_session, end_sessions_of, has_sessions
from sixty.desk.workbench.answers import answer, doing, done
from sixty.desk.workbench.bench import Bench, Newcomer, Signed, Workbench
from sixty.desk.workbench.bodies import BenchForm, given
from sixty.desk.workbench.client_addresses import client_address
from sixty.desk.workbench.people import me_form

router = APIRouter()

_WRONG = RefusedError(401, "wrong", "登录名或密码不对，请再试一次")
_OLD_ONE_WRONG = RefusedError(401, "wrong", "原来的密码不对，请再试一次")


class SignInForm(BenchForm):
    """Login and password, as typed."""

    login: str = Field(max_length=64)
    password: str = Field(max_length=LONGEST)


class PasswordForm(BenchForm):
    """The old password and the new one."""

    old: str = Field(max_length=LONGEST)
    new: str = Field(max_length=1024)


class MyForm(BenchForm):
    """What somebody may decide for themselves."""

    language: Literal["zh", "en"] | None = None
    sound: bool | None = None
    notify: bool | None = None
    name: str | None = Field(default=None, min_length=1, max_length=32)


def _from_here(request: Request, bench: Bench) -> None:
    """Refuses a sign-in that another site's page sends: it would sign its visitor in as somebody else."""
    origin = request.headers.get("origin")
    if origin is None or origin == bench.settings.public_desk_url:
        return
    if urlsplit(origin).netloc != request.headers.get("host"):
        raise RefusedError(403, "csrf", "请从客服工作台的页面登录", "Origin is another site's")


@router.post("/sign-in", dependencies=[Depends(_from_here)])
def enter(request: Request, form: Annotated[SignInForm, Depends(given(SignInForm))], bench: Bench) -> Response:
    """Lets somebody in."""
    if not bench.settings.password_sign_in:
        raise RefusedError(403, "password_off", "这里不用密码登录，请用下面的公司账号登录")
    now = bench.now()
    fitting = compare(_counted(request, form.login, bench, now), form.password)
    if fitting is None:
        raise _WRONG
    with bench.writing() as session:
        entered = let_in(session, fitting, now)
        if entered is None:
            raise _WRONG
        if not entered.account.must_change_password:
            own_agent(session, entered.account, now)
        me = me_form(session, entered.account, entered.token, bench.settings, bench.rules(), now)
    response = answer(me)
    set_cookie(response, entered.token, bench.secure)
    return response


@router.post("/sign-out")
def leave(staff: Newcomer, bench: Bench) -> Response:
    """Signs this browser out; who is signed in nowhere else is not at work any more."""
    now = bench.now()
    with bench.writing() as session, doing(session):
        end_session(session, staff.token)
        note(session, staff.account_id, "signed_out", now)
        if staff.agent_id is not None and not has_sessions(session, staff.account_id, now):
            set_presence(session, staff.agent_id, "offline", now, staff.agent_id, anyway=True)
    bench.live.check_soon()
    response = done()
    drop_cookie(response, bench.secure)
    return response


@router.get("/me")
def me(staff: Newcomer, bench: Bench) -> JSONResponse:
    """Who is signed in, and what their page begins with."""
    with bench.reading() as session:
        return _me(session, staff.account_id, staff.token, bench)


@router.patch("/me")
def change_me(staff: Signed, form: Annotated[MyForm, Depends(given(MyForm))], bench: Bench) -> JSONResponse:
    """Changes what somebody decides for themselves."""
    with bench.writing() as session, doing(session):
        account = _account(session, staff.account_id)
        if form.language is not None:
            account.language = form.language
        if form.sound is not None:
            account.sound = form.sound
        if form.notify is not None:
            account.notify = form.notify
        if form.name is not None:
            name = " ".join(form.name.split())
            if not name:
                raise ValueError("name has 1 to 32 characters")
            account.name = name
            if account.agent_id is not None:
                change_agent(session, account.agent_id, name=name)
        session.flush()
        return _me(session, staff.account_id, staff.token, bench)


@router.post("/password")
def new_password(
    request: Request, staff: Newcomer, form: Annotated[PasswordForm, Depends(given(PasswordForm))], bench: Bench
) -> Response:
    """Gives an account a password of its owner's choice; all its other browsers are signed out."""
    now = bench.now()
    # Whoever sits down at an open desk must not guess on: their tries count as well.
    fitting = compare(_counted(request, staff.login, bench, now), form.old)
    if fitting is None:
        raise _OLD_ONE_WRONG
    weak: WeakPasswordError | None = None
    kept = ""
    try:
        kept = own_password(staff.login, form.new)
    except WeakPasswordError as error:
        weak = error
    with bench.writing() as session:
        account = still_theirs(session, fitting)
        if account is None:
            raise _OLD_ONE_WRONG
        if weak is None:
            give_password(account, kept)
            end_sessions_of(session, account.id, but=staff.token)
            own_agent(session, account, now)
            note(session, account.id, "password_changed", now)
    if weak is not None:
        raise RefusedError(422, "weak", str(weak))
    bench.live.check_soon()
    return done()


def _me(session: Session, account_id: int, token: str, bench: Workbench) -> JSONResponse:
    account = _account(session, account_id)
    return answer(me_form(session, account, token, bench.settings, bench.rules(), bench.now()))


def _account(session: Session, account_id: int) -> Account:
    account: Account | None = session.get(Account, account_id)
    if account is None:
        raise RefusedError(401, "signed_out", "登录已过期，请重新登录")
    return account


def _counted(request: Request, login: str, bench: Workbench, now: datetime) -> Tried:
    """A try at a password, counted before it is compared.

    Raises:
        RefusedError: There were too many.
    """
    address = client_address(request, bench.settings.proxies)
    with bench.writing() as session:
        tried = begin_try(session, login, address, now)
    if isinstance(tried, Locked):
        raise _locked(tried, now)
    return tried


def _locked(lock: Locked, now: datetime) -> RefusedError:
    wait = max(1, math.ceil((lock.until - now).total_seconds()))
    minutes = math.ceil(wait / 60)
    if lock.login:
        return RefusedError(403, "locked", f"密码错误次数太多，请{minutes}分钟后再试", extra={"retry_after": wait})
    return RefusedError(429, "too_fast", f"尝试次数太多，请{minutes}分钟后再试", extra={"retry_after": wait})
