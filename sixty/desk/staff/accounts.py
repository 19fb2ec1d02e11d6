"""Accounts of the people who work at the desk."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, String, UniqueConstraint, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import sixty.desk.agents  # noqa: F401  (declares the table that an account refers to)
from sixty.desk.staff.passwords import check_strength, hashed, matches, one_time_password
from sixty.desk.staff.roles import MAY, ROLES, Permission, Role
from sixty.tables import Base, UtcDateTime, column

Language = Literal["zh", "en"]

FIRST_ADMIN = "admin"

_LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?")


class LoginTakenError(ValueError):
    """Somebody else has that login."""


class LastAdminError(ValueError):
    """Without this account nobody could manage the others."""


class Account(Base):
    """Somebody who may sign in.

    Attributes:
        login: In lower case.
        password: An argon2 hash; None for who signs in elsewhere (OIDC).
        must_change_password: The password was given by somebody else and is good for one sign-in.
        subject: Who the identity provider says that they are, as `issuer subject`.
        agent_id: As whom they talk to customers.
        active: False for who has left; they can't sign in, what they did stays theirs.
    """

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("login"),
        UniqueConstraint("subject"),
        UniqueConstraint("agent_id"),
        CheckConstraint(f"role IN ({', '.join(repr(each) for each in ROLES)})", name="role"),
        CheckConstraint("language IN ('zh', 'en')", name="language"),
    )

    id: int = Column(Integer, primary_key=True)
    login: str = Column(String(32), nullable=False)
    name: str = Column(String(32), nullable=False)
    role: Role = Column(String(16), nullable=False)
    password: str | None = Column(String(256))
    must_change_password: bool = Column(Boolean, nullable=False, default=False)
    subject: str | None = Column(String(320))
    agent_id: str | None = Column(String(32), ForeignKey("agent.id"))
    language: Language = Column(String(2), nullable=False, default="zh")
    sound: bool = Column(Boolean, nullable=False, default=True)
    notify: bool = Column(Boolean, nullable=False, default=True)
    active: bool = Column(Boolean, nullable=False, default=True)
    created_at: datetime = Column(UtcDateTime, nullable=False)
    signed_in_at: datetime | None = Column(UtcDateTime)


def add_account(session: Session, login: str, name: str, role: Role, now: datetime) -> tuple[Account, str]:
    """Adds an account with a one-time password.

    Args:
        session: A session that may write.
        login: 1 to 32 of a–z, 0–9, dot, hyphen, underline; a letter or number at both ends.
        name: What colleagues and, for agents, customers read.
        role: What they may do.
        now: The present moment.

    Returns:
        The account, and the password, which is kept nowhere else.

    Raises:
        LoginTakenError: Somebody has that login.
        ValueError: The login or the name can't be used.
    """
    password = one_time_password()
    made = _new(session, login, name, role, now, password=hashed(password), must_change_password=True)
    return made, password


def add_account_of(session: Session, login: str, name: str, role: Role, subject: str, now: datetime) -> Account:
    """Adds the account of somebody who signs in at the identity provider, without a password.

    Args:
        session: A session that may write.
        login: As for `add_account`.
        name: As for `add_account`.
        role: What they may do.
        subject: Who the provider says that they are.
        now: The present moment.

    Raises:
        LoginTakenError: Somebody has that login, or that subject.
        ValueError: The login or the name can't be used.
    """
    return _new(session, login, name, role, now, subject=subject)


def first_admin(session: Session, now: datetime) -> str | None:
    """Makes the first account of a new desk.

    Returns:
        Its one-time password, to be shown once; None when there are accounts already.
    """
    if session.scalar(select(func.count()).select_from(Account)):
        return None
    try:
        return add_account(session, FIRST_ADMIN, "管理员", "admin", now)[1]
    except LoginTakenError:
        # Another desk has started at the same moment and shows it.
        return None


def find_account(session: Session, login: str) -> Account | None:
    """The account of that login, in any case of letters."""
    query = select(Account).where(column(Account.login) == login.strip().lower())
    found: Account | None = session.scalars(query).first()
    return found


def accounts(session: Session) -> list[Account]:
    """All accounts, those in use first, by login."""
    return list(session.scalars(select(Account).order_by(column(Account.active).desc(), column(Account.login))))


def change_password(account: Account, old: str, new: str) -> bool:
    """Gives an account a password of its owner's choice.

    Returns:
        Whether the old one was right; otherwise nothing has changed.

    Raises:
        WeakPasswordError: The new one is too easily guessed.
    """
    if account.password is None or not matches(old, account.password):
        return False
    give_password(account, own_password(account.login, new))
    return True


def own_password(login: str, password: str) -> str:
    """A password of its owner's choice, as it is kept; takes its time, so let no transaction be open.

    Raises:
        WeakPasswordError: It is too easily guessed.
    """
    check_strength(password, login)
    return hashed(password)


def give_password(account: Account, kept: str) -> None:
    """Gives an account the password that its owner has chosen, see `own_password`."""
    account.password = kept
    account.must_change_password = False


def new_one_time_password(account: Account) -> str:
    """Replaces a forgotten password by one for a single sign-in."""
    password = one_time_password()
    account.password = hashed(password)
    account.must_change_password = True
    return password


def change_role(session: Session, account: Account, role: Role, active: bool) -> None:
    """Changes what somebody may do, and whether they may sign in at all.

    Raises:
        LastAdminError: Nobody would be left to manage accounts.
    """
    was_admin = account.role == "admin" and account.active
    if was_admin and not (role == "admin" and active):
        others = select(func.count()).where(
            column(Account.role) == "admin", column(Account.active).is_(True), column(Account.id) != account.id
        )
        if not session.scalar(others):
            raise LastAdminError(account.login)
    account.role = role
    account.active = active
    session.flush()


def _new(session: Session, login: str, name: str, role: Role, now: datetime, **known: Any) -> Account:
    if not _LOGIN.fullmatch(login):
        raise ValueError("登录名用 1 到 32 位小写字母、数字、点、横线或下划线，头尾是字母或数字")
    if not 1 <= len(name.strip()) <= 32:
        raise ValueError("名字用 1 到 32 个字")
    made = Account(
        login=login,
        name=name.strip(),
        role=role,
        language="zh",
        sound=True,
        notify=True,
        active=True,
        created_at=now,
        **{"must_change_password": False, **known},
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        raise LoginTakenError(login) from None
    return made


def permissions(account: Account) -> frozenset[Permission]:
    """What somebody may do now: nothing before a one-time password has been replaced, or once they have left."""
    return MAY[account.role] if account.active and not account.must_change_password else frozenset()
