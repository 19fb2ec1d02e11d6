"""What changes all the time beside single conversations: counts of lists, places, who writes, what was delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.desk.agents import names_of
from sixty.desk.chat_rows import Viewing, places_of
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.handoff_rows import HandOff
from sixty.desk.typing_marks import CUSTOMER, typing_now
from sixty.desk.unanswered import unread_of
from sixty.desk.workbench.people import group_forms
from sixty.ledger.models import Message
from sixty.tables import column

_MARKED_WITHIN = timedelta(days=1)


@dataclass(frozen=True)
class Standing:
    """All open conversations at a moment, as far as counts need them.

    Attributes:
        open: The open hand-offs, by conversation.
        unread: How many lines of customers nobody has read, by conversation.
        places: Place in the queue and expected wait in seconds, of those who wait.
    """

    open: Mapping[str, HandOff] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)
    places: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)
    groups: tuple[dict[str, Any], ...] = ()

    def counts(self, viewing: Viewing) -> dict[str, int | None]:
        """How many there are in each list of somebody; the same as `sixty.desk.chat_rows.counts`."""
        seen = [each for each in self.open.values() if viewing.sees(each)]
        own = viewing.agent_id
        mine = [each for each in seen if each.state == "taken" and own is not None and each.agent_id == own]
        return {
            "queue": sum(each.state == "queued" for each in seen),
            "left": sum(each.state == "left" for each in seen),
            "mine": len(mine),
            "unread": sum(self.unread.get(each.conversation_id, 0) for each in mine),
            "all": sum(each.state == "taken" for each in seen) if viewing.everything else None,
        }

    def places_for(self, viewing: Viewing) -> list[dict[str, Any]]:
        """The places of those whom somebody sees waiting."""
        return [
            {"chat": chat, "position": position, "expected_wait": wait}
            for chat, (position, wait) in self.places.items()
            if chat in self.open and viewing.sees(self.open[chat])
        ]


def standing(session: Session, rules: RoutingRules, now: datetime) -> Standing:
    """Reads it."""
    query = select(HandOff).where(column(HandOff.state) != "closed").execution_options(populate_existing=True)
    found: dict[str, HandOff] = {each.conversation_id: each for each in session.scalars(query)}
    taken = [chat for chat, each in found.items() if each.state == "taken"]
    waiting = [each for each in found.values() if each.state == "queued"]
    places = places_of(session, waiting, rules, now)
    return Standing(
        open=found,
        unread=unread_of(session, taken),
        places={
            each.conversation_id: (places[each.id][0], _seconds(places[each.id][1]))
            for each in waiting
            if each.id in places
        },
        groups=tuple(group_forms(session, rules, now)),
    )


def marks_now(session: Session, conversation_ids: list[str], now: datetime) -> dict[str, tuple[int, int]]:
    """How far the shop's lines of conversations have come to their customers: delivered up to, read up to."""
    if not conversation_ids:
        return {}
    state = column(Message.state)
    query = (
        select(
            Message.conversation_id,
            func.max(column(Message.id)).filter(state.in_(("delivered", "read"))),
            func.max(column(Message.id)).filter(state == "read"),
        )
        .where(
            column(Message.conversation_id).in_(conversation_ids),
            column(Message.author) != "customer",
            column(Message.at) > now - _MARKED_WITHIN,
        )
        .group_by(Message.conversation_id)
    )
    return {chat: (delivered or 0, read or 0) for chat, delivered, read in session.execute(query)}


@dataclass(frozen=True)
class Typist:
    """Somebody who writes: the customer, or an agent."""

    chat: str
    who: str
    name: str


def typists(session: Session, now: datetime) -> frozenset[Typist]:
    """Who writes just now."""
    marks = typing_now(session, now)
    names = names_of(session, [each.who for each in marks if each.who != CUSTOMER])
    return frozenset(Typist(each.conversation_id, each.who, names.get(each.who, "顾客")) for each in marks)


def _seconds(wait: timedelta | None) -> int | None:
    return int(wait.total_seconds()) if wait is not None else None
