"""`sixty staff`: accounts of the workbench, for who has no way in through its page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from sixty.errors import OperatorError
from sixty.settings import get_settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

commands = typer.Typer(help="The people who work at the desk.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the commands to `sixty`."""
    app.add_typer(commands, name="staff")


@commands.command("list")
def show() -> None:
    """Lists all accounts."""
    from sixty.desk.staff.accounts import accounts

    with _session() as session:
        for each in accounts(session):
            state = "" if each.active else "  out of use"
            state += "  must change the password" if each.must_change_password else ""
            typer.echo(f"{each.login:<24} {each.role:<12} {each.name}{state}")


@commands.command()
def add(
    login: Annotated[str, typer.Argument(help="1 to 32 of a-z, 0-9, dot, hyphen, underline.")],
    name: Annotated[str, typer.Option(help="What colleagues and customers read.")],
    role: Annotated[str, typer.Option(help="agent, supervisor, trainer or admin.")] = "agent",
) -> None:
    """Adds an account and prints its one-time password."""
    from datetime import datetime, timezone

    from sixty.desk.staff.accounts import LoginTakenError, add_account
    from sixty.desk.staff.audit import note
    from sixty.desk.staff.own_agents import own_agent
    from sixty.desk.staff.roles import ROLES

    wanted = next((each for each in ROLES if each == role), None)
    if wanted is None:
        raise OperatorError(f"there is no role {role}: take one of {', '.join(ROLES)}")
    now = datetime.now(timezone.utc)
    with _session() as session:
        try:
            account, password = add_account(session, login, name, wanted, now)
        except LoginTakenError:
            raise OperatorError(f"{login} is taken: choose another login") from None
        except ValueError as error:
            raise OperatorError(str(error)) from None
        # Customers are told of somebody who is not there yet, rather than of a shop without anybody.
        own_agent(session, account, now)
        note(session, None, "staff_added", now, detail=f"{account.login} {account.role}, by command")
    typer.echo(f"login {login}, one-time password {password}")


@commands.command("one-time-password")
def one_time_password(login: Annotated[str, typer.Argument(help="Whose password is lost.")]) -> None:
    """Replaces a lost password, and signs the account out everywhere."""
    from datetime import datetime, timezone

    from sixty.desk.staff.accounts import find_account, new_one_time_password
    from sixty.desk.staff.audit import note
    from sixty.desk.staff.staff_sessions import end_sessions_of

    with _session() as session:
        account = find_account(session, login)
        if account is None:
            raise OperatorError(f"there is no account {login}: sixty staff list shows all")
        password = new_one_time_password(account)
        end_sessions_of(session, account.id)
        note(session, None, "password_replaced", datetime.now(timezone.utc), detail=f"{account.login}, by command")
    typer.echo(f"login {account.login}, one-time password {password}")


@contextmanager
def _session() -> Iterator[Session]:
    from sqlalchemy.exc import SQLAlchemyError

    from sixty.shop.database import shop_session

    try:
        with shop_session(get_settings().database_url) as session:
            yield session
    except SQLAlchemyError as error:
        kind = type(error).__name__
        raise OperatorError(f"the database does not answer ({kind}): is it migrated? sixty migrate") from None
