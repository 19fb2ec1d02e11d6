"""As whom an account talks to customers: its row among the agents, made when it is first needed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from sixty.desk.agents import Agent, add_agent
from sixty.desk.presence import set_presence
from sixty.desk.staff.accounts import Account
from sixty.desk.staff.roles import MAY

_LONGEST_ID = 32
_NO_ID = re.compile(r"[^a-z0-9]+")


def talks(account: Account) -> bool:
    """Whether somebody of that role talks to customers, once they have a password of their own."""
    return account.active and "chat.take" in MAY[account.role]


def own_agent(
    session: Session,
    account: Account,
    now: datetime,
    groups: Iterable[str] = (),
    skills: Iterable[str] = (),
    languages: Iterable[str] = ("zh",),
    capacity: int | None = None,
) -> Agent | None:
    """The agent of an account, made with these properties when there is none; None for who takes no conversations."""
    if account.agent_id is not None:
        there: Agent | None = session.get(Agent, account.agent_id)
        return there
    if not talks(account):
        return None
    made = add_agent(session, _free_id(session, account.login), account.name, now, groups, skills, languages, capacity)
    account.agent_id = made.id
    session.flush()
    return made


def follow_account(session: Session, account: Account, now: datetime) -> None:
    """Lets the agent go, or come back, as their account may talk to customers or not; their open chats wait again."""
    agent: Agent | None = session.get(Agent, account.agent_id) if account.agent_id else None
    if agent is None:
        own_agent(session, account, now)
        return
    if agent.active and not talks(account):
        set_presence(session, agent.id, "offline", now, "system", anyway=True)
    agent.active = talks(account)
    session.flush()


def _free_id(session: Session, login: str) -> str:
    stem = _NO_ID.sub("-", login).strip("-")[:_LONGEST_ID] or "agent"
    wanted, number = stem, 1
    while session.get(Agent, wanted) is not None:
        number += 1
        wanted = f"{stem[: _LONGEST_ID - len(str(number)) - 1]}-{number}"
    return wanted
