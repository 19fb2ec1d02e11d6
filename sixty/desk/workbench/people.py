"""Accounts, agents and groups as the workbench's API has them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from sixty.desk.agents import Agent, loads
from sixty.desk.chat_rows import CHANNELS
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.desk_words import RAISED
from sixty.desk.file_kinds import LIMITS
from sixty.desk.queue import GroupNow, groups_now
from sixty.desk.reception import is_reachable
from sixty.desk.speaking import LONGEST_TEXT
from sixty.desk.staff.accounts import Account, permissions
from sixty.desk.staff.staff_sessions import csrf_of
from sixty.desk.workbench.answers import at
from sixty.settings import Settings


def agent_form(agent: Agent, load: int, rules: RoutingRules, now: datetime) -> dict[str, Any]:
    """An agent."""
    return {
        "id": agent.id,
        "name": agent.name,
        "groups": list(agent.groups),
        "skills": list(agent.skills),
        "languages": list(agent.languages),
        "capacity": agent.capacity,
        "load": load,
        "presence": agent.presence,
        "presence_since": at(agent.presence_since),
        "reachable": is_reachable(agent, rules, now),
    }


def agent_forms(session: Session, agents: Iterable[Agent], rules: RoutingRules, now: datetime) -> list[dict[str, Any]]:
    """Agents, with how much each has."""
    load = loads(session)
    return [agent_form(each, load.get(each.id, 0), rules, now) for each in agents]


def group_form(group: GroupNow) -> dict[str, Any]:
    """A group."""
    return {
        "id": group.group.id,
        "title": group.group.title,
        "open": group.open,
        "opens_at": at(group.opens_at),
        "queued": group.queued,
        "left": group.left,
        "agents": {"online": group.online, "busy": group.busy, "away": group.away},
    }


def group_forms(session: Session, rules: RoutingRules, now: datetime) -> list[dict[str, Any]]:
    """All groups."""
    return [group_form(each) for each in groups_now(session, now, rules)]


def account_form(account: Account) -> dict[str, Any]:
    """What somebody's account says of themselves."""
    return {
        "id": account.id,
        "login": account.login,
        "name": account.name,
        "role": account.role,
        "language": account.language,
        "sound": account.sound,
        "notify": account.notify,
        "has_password": account.password is not None,
    }


def me_form(
    session: Session, account: Account, token: str, settings: Settings, rules: RoutingRules, now: datetime
) -> dict[str, Any]:
    """All that the page of somebody who has signed in begins with."""
    agent: Agent | None = session.get(Agent, account.agent_id) if account.agent_id else None
    return {
        "account": account_form(account),
        "agent": agent_forms(session, [agent], rules, now)[0] if agent is not None and agent.active else None,
        "permissions": sorted(permissions(account)),
        "csrf": csrf_of(token, settings.secret),
        "must_change_password": account.must_change_password,
        "shop": {"name": settings.shop_title},
        "groups": group_forms(session, rules, now),
        "reasons": dict(RAISED),
        "channels": dict(CHANNELS),
        "tags": list(rules.tags),
        "limits": {
            "longest_text": LONGEST_TEXT,
            "picture_bytes": LIMITS["picture"],
            "gone_after": int(rules.gone_after.total_seconds()),
        },
        "demo": settings.demo,
        "server_time": at(now),
    }


def staff_form(session: Session, account: Account, rules: RoutingRules, now: datetime) -> dict[str, Any]:
    """Somebody's account and agent, for who manages them."""
    agent: Agent | None = session.get(Agent, account.agent_id) if account.agent_id else None
    return {
        **account_form(account),
        "active": account.active,
        "must_change_password": account.must_change_password,
        "created_at": at(account.created_at),
        "signed_in_at": at(account.signed_in_at),
        "agent": agent_forms(session, [agent], rules, now)[0] if agent is not None else None,
    }
