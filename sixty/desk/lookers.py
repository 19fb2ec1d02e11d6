"""Who has a conversation on their screen: told through the feed by every window again and again, gone by itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.agents import names_of
from sixty.desk.feed import DeskEvent, announce
from sixty.desk.typing_marks import CUSTOMER, TypingMark
from sixty.tables import column

LASTS = timedelta(seconds=60)
"""A window says it again with each heartbeat, every 20 seconds."""


@dataclass(frozen=True)
class Looker:
    """Somebody who has a conversation open.

    Attributes:
        doing: `typing` while they write.
        since: When their window said so last.
    """

    agent_id: str
    name: str
    doing: Literal["looking", "typing"]
    since: datetime


def look(session: Session, conversation_id: str, agent_id: str, on: bool, now: datetime) -> None:
    """Says that somebody has a conversation on their screen, or not any more."""
    announce(session, "looking", conversation_id, {"agent": agent_id, "on": on}, now)


def lookers_of(session: Session, conversation_ids: Collection[str], now: datetime) -> dict[str, list[Looker]]:
    """Who has which of these conversations open, by conversation."""
    if not conversation_ids:
        return {}
    wanted = list(conversation_ids)
    query = (
        select(DeskEvent)
        .where(
            column(DeskEvent.at) > now - LASTS,
            column(DeskEvent.kind) == "looking",
            column(DeskEvent.conversation_id).in_(wanted),
        )
        .order_by(DeskEvent.id)
    )
    latest: dict[tuple[str, str], DeskEvent] = {}
    for event in session.scalars(query):
        latest[str(event.conversation_id), str(event.data.get("agent"))] = event
    marks = select(TypingMark).where(
        column(TypingMark.until) > now,
        column(TypingMark.who) != CUSTOMER,
        column(TypingMark.conversation_id).in_(wanted),
    )
    typing = {(each.conversation_id, each.who) for each in session.scalars(marks)}
    names = names_of(session, [agent for _, agent in latest])
    found: dict[str, list[Looker]] = {}
    for (conversation_id, agent_id), event in latest.items():
        if event.data.get("on"):
            doing: Literal["looking", "typing"] = "typing" if (conversation_id, agent_id) in typing else "looking"
            looker = Looker(agent_id, names.get(agent_id, agent_id), doing, event.at)
            found.setdefault(conversation_id, []).append(looker)
    return found
