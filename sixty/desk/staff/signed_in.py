"""Who sends a request to the workbench: the cookie's owner, with what they may do; everybody else is refused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timezone

from fastapi import Request, Response
from sqlalchemy.orm import Session

from sixty.desk.refusals import RefusedError
from sixty.desk.staff.accounts import Account, Language, permissions
from sixty.desk.staff.roles import Permission, Role
from sixty.desk.staff.staff_sessions import COOKIE, LONGEST, is_csrf, is_due, note_seen, session_of

CSRF_HEADER = "X-Sixty-CSRF"
PATH = "/api/desk"

_READS = frozenset({"GET", "HEAD"})
OpenSession = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Staff:
    """Somebody who is signed in.

    Attributes:
        token: What their cookie holds.
        may: Their permissions.
    """

    account_id: int
    login: str
    name: str
    role: Role
    language: Language
    agent_id: str | None
    token: str
    may: frozenset[Permission]

    def needs(self, permission: Permission) -> None:
        """Refuses who may not.

        Raises:
            RefusedError: They have not that permission.
        """
        if permission not in self.may:
            raise RefusedError(403, "not_allowed", "您的账号没有这项权限，需要的话请找管理员开通", permission)


class Entrance:
    """Tells who is signed in, for every route of the workbench."""

    def __init__(self, secret: str, open_reading: OpenSession, open_writing: OpenSession) -> None:
        """Opens the entrance.

        Args:
            secret: Signs what pages send against forged requests.
            open_reading: Opens a session that reads.
            open_writing: Opens a session that may write.
        """
        self._secret = secret
        self._open_reading = open_reading
        self._open_writing = open_writing

    def staff(self, request: Request) -> Staff:
        """Who sends a request. For `fastapi.Depends`; runs in a thread.

        Raises:
            RefusedError: Nobody is signed in, the request may be forged, or a one-time password is to be replaced.
        """
        staff, must_change = self._whose(request)
        if must_change:
            raise RefusedError(403, "must_change_password", "请先设置一个新密码")
        return staff

    def newcomer(self, request: Request) -> Staff:
        """The same, also for who has still to replace a one-time password.

        Raises:
            RefusedError: Nobody is signed in, or the request may be forged.
        """
        return self._whose(request)[0]

    def still(self, staff: Staff) -> Staff | None:
        """Who somebody is now whose request goes on for long; None once they have been signed out."""
        with self._open_reading() as session:
            found = session_of(session, staff.token, datetime.now(timezone.utc))
            if found is None or found[0].must_change_password:
                return None
            return as_staff(found[0], staff.token)

    def _whose(self, request: Request) -> tuple[Staff, bool]:
        token = request.cookies.get(COOKIE, "")
        now = datetime.now(timezone.utc)
        with self._open_reading() as session:
            found = session_of(session, token, now) if token else None
            if found is None:
                raise RefusedError(401, "signed_out", "登录已过期，请重新登录")
            account, there = found
            staff, must_change, due = as_staff(account, token), account.must_change_password, is_due(there, now)
        if request.method not in _READS and not is_csrf(request.headers.get(CSRF_HEADER, ""), token, self._secret):
            raise RefusedError(403, "csrf", "页面太久没刷新了，请刷新一下再试", f"send {CSRF_HEADER}, see /me")
        if due:
            with self._open_writing() as session:
                note_seen(session, token, now)
        return staff, must_change


def as_staff(account: Account, token: str) -> Staff:
    """An account and its cookie, as routes read them."""
    return Staff(
        account_id=account.id,
        login=account.login,
        name=account.name,
        role=account.role,
        language=account.language,
        agent_id=account.agent_id,
        token=token,
        may=permissions(account),
    )


def set_cookie(response: Response, token: str, secure: bool) -> None:
    """Gives a browser its cookie: for scripts not to read, for other sites not to send."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LONGEST.total_seconds()),
        path=PATH,
        secure=secure,
        httponly=True,
        samesite="strict",
    )


def drop_cookie(response: Response, secure: bool) -> None:
    """Takes it away."""
    response.delete_cookie(COOKIE, path=PATH, secure=secure, httponly=True, samesite="strict")
