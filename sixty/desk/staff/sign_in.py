"""Signing in by login and password, in three steps: counted, compared, let in.

Comparing takes a tenth of a second on purpose, and nobody may wait for it: it is done while no transaction is open. A
try therefore counts as failed before it is compared, and no more once it was right, so that tries at the same moment
count each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.staff.accounts import Account, find_account
from sixty.desk.staff.attempts import Locked, count_try, forgive
from sixty.desk.staff.audit import note
from sixty.desk.staff.passwords import hashed, is_outdated, matches, matches_nobody
from sixty.desk.staff.staff_sessions import begin_session, forget_old_sessions
from sixty.tables import column


@dataclass(frozen=True)
class Tried:
    """A try that is counted and still to be compared.

    Attributes:
        attempt_id: The row that counts it.
        account_id: Whose login it is; None for nobody's, or that of somebody who may not sign in by password.
        kept: The hash that the password is to fit.
    """

    login: str
    attempt_id: int
    account_id: int | None = None
    kept: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Fitting:
    """The password was the right one.

    Attributes:
        kept: The hash that it fits.
        renewed: The same password, hashed as it is today; None where `kept` is as good.
    """

    tried: Tried
    account_id: int
    kept: str = field(repr=False)
    renewed: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class SignedIn:
    """Somebody has signed in.

    Attributes:
        token: What their cookie is to hold.
    """

    account: Account
    token: str


def begin_try(session: Session, login: str, address: str, now: datetime) -> Tried | Locked:
    """Counts a try, or refuses it where there were too many.

    Args:
        session: A session that may write, to be committed before the password is compared.
        login: As typed.
        address: Where the request comes from.
        now: The present moment.
    """
    counted = count_try(session, login, address, now)
    if isinstance(counted, Locked):
        return counted
    account = find_account(session, login)
    if account is None or account.password is None or not account.active:
        return Tried(login, counted)
    return Tried(login, counted, account.id, account.password)


def compare(tried: Tried, password: str) -> Fitting | None:
    """Compares the password, slowly; no transaction should be open meanwhile.

    An unknown login takes as long as a wrong password, so that nobody learns which logins there are.
    """
    if tried.account_id is None or tried.kept is None:
        matches_nobody(password)
        return None
    if not matches(password, tried.kept):
        return None
    renewed = hashed(password) if is_outdated(tried.kept) else None
    return Fitting(tried, tried.account_id, tried.kept, renewed)


def let_in(session: Session, fitting: Fitting, now: datetime) -> SignedIn | None:
    """Signs in whoever gave the right password.

    Args:
        session: A session that may write.
        fitting: What was compared.
        now: The present moment.

    Returns:
        None where the account has got another password meanwhile, or is out of use.
    """
    account = still_theirs(session, fitting)
    if account is None:
        return None
    if fitting.renewed is not None:
        account.password = fitting.renewed
    return welcome(session, account, now, "password")


def still_theirs(session: Session, fitting: Fitting) -> Account | None:
    """The account of a right password, locked, unless that has been replaced meanwhile; the try counts no more."""
    query = select(Account).where(column(Account.id) == fitting.account_id, column(Account.active))
    locked = query.with_for_update().execution_options(populate_existing=True)
    account: Account | None = session.scalars(locked).first()
    if account is None or account.password != fitting.kept:
        return None
    forgive(session, fitting.tried.login, fitting.tried.attempt_id)
    return account


def welcome(session: Session, account: Account, now: datetime, by: str) -> SignedIn:
    """Begins the session of somebody who has proved who they are.

    Args:
        session: A session that may write.
        account: Who.
        now: The present moment.
        by: How they have proved it, for the log.
    """
    account.signed_in_at = now
    forget_old_sessions(session, now)
    token = begin_session(session, account, now)
    note(session, account.id, "signed_in", now, detail=by)
    return SignedIn(account, token)
