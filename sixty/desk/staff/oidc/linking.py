"""Which account is somebody's whom the identity provider knows: linked before, linked now by its login, or made."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import change_agent
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.staff.accounts import (
    Account,
    LastAdminError,
    LoginTakenError,
    add_account_of,
    change_role,
    find_account,
)
from sixty.desk.staff.audit import note
from sixty.desk.staff.oidc.person import Person
from sixty.desk.staff.oidc.troubles import OidcError
from sixty.desk.staff.own_agents import follow_account, own_agent
from sixty.desk.staff.roles import Role
from sixty.tables import column

Accounts = Literal["linked", "by_login", "create"]
"""For whom there is an account: `linked` for who was linked before, `by_login` also for who has the login of an account
that is nobody's yet, `create` for everybody, made at their first sign-in."""

_NEWCOMERS: Role = "agent"


def account_of(session: Session, person: Person, accounts: Accounts, rules: RoutingRules, now: datetime) -> Account:
    """Finds or makes somebody's account, and brings it up to what the provider says of them.

    Args:
        session: A session that may write.
        person: Who.
        accounts: For whom there is one.
        rules: The merchant's, which know the groups.
        now: The present moment.

    Raises:
        OidcError: There is none for them, or it is out of use.
    """
    account = _linked(session, person) or _by_login(session, person, accounts, now)
    if account is None:
        account = _made(session, person, accounts, now)
    if not account.active:
        raise OidcError("left", f"{account.login} is out of use")
    _follow_provider(session, account, person, rules, now)
    return account


def _linked(session: Session, person: Person) -> Account | None:
    query = select(Account).where(column(Account.subject) == person.subject).with_for_update()
    found: Account | None = session.scalars(query.execution_options(populate_existing=True)).first()
    return found


def _by_login(session: Session, person: Person, accounts: Accounts, now: datetime) -> Account | None:
    if accounts == "linked" or not person.login:
        return None
    account = find_account(session, person.login)
    if account is None:
        return None
    if account.subject is not None:
        raise OidcError("login", f"{account.login} is linked to somebody else at the provider")
    if account.role == "admin" and person.role != "admin":
        # A name that somebody may have chosen at the provider opens no more than the provider itself says.
        raise OidcError("login", f"{account.login} manages accounts, and the provider does not say that they may")
    account.subject = person.subject
    if account.must_change_password:
        # The one-time password was to let them in once. They are in, and it lies about somewhere.
        account.password, account.must_change_password = None, False
    session.flush()
    note(session, account.id, "account_linked", now, detail=account.login)
    return account


def _made(session: Session, person: Person, accounts: Accounts, now: datetime) -> Account:
    if accounts != "create":
        raise OidcError("stranger", "nobody has an account for them; SIXTY_OIDC_ACCOUNTS says who gets one")
    try:
        account = add_account_of(session, person.login, person.name, person.role or _NEWCOMERS, person.subject, now)
    except (LoginTakenError, ValueError):
        raise OidcError("login", "their name at the provider can be no login here") from None
    note(session, account.id, "staff_added", now, detail=f"{account.login} {account.role}, at the identity provider")
    return account


def _follow_provider(session: Session, account: Account, person: Person, rules: RoutingRules, now: datetime) -> None:
    if person.role is not None and person.role != account.role:
        try:
            change_role(session, account, person.role, active=True)
        except LastAdminError:
            raise OidcError("role", f"{account.login} is the last admin and would be one no more") from None
        follow_account(session, account, now)
        note(session, account.id, "role_changed", now, detail=f"{account.login} {account.role}, by the provider")
    agent = own_agent(session, account, now)
    if agent is not None and person.groups is not None:
        groups = [each for each in person.groups if rules.knows(each)]
        if groups != list(agent.groups):
            change_agent(session, agent.id, groups=groups)
