"""A desk at a moment that the test decides: agents at work, customers who want them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from sixty.desk.agents import Agent, Presence, add_agent
from sixty.desk.conversations import Conversation, ConversationState, Who, begin, state_of
from sixty.desk.desk_rules import Condition, GroupRules, RoutingRules
from sixty.desk.handoffs import HandOff, current_handoff, open_handoff
from sixty.desk.office_hours import OfficeHours, Period
from sixty.desk.presence import heartbeat, set_presence
from sixty.ledger.models import Message
from sixty.ledger.reading import history

# A Monday at eleven in China.
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=timezone.utc)

_DAY = OfficeHours(ZoneInfo("Asia/Shanghai"), ((Period(9 * 60, 21 * 60),),) * 7, (Period(12 * 60, 13 * 60),))

RULES = RoutingRules(
    groups=(
        GroupRules(
            "aftersale",
            "售后客服",
            _DAY,
            Condition(intents=frozenset({"request_after_sales"})),
            ("售后",),
            "general",
            timedelta(minutes=3),
        ),
        GroupRules("presale", "售前顾问", _DAY, Condition(intents=frozenset({"ask_size"})), ("售前",)),
        GroupRules("general", "在线客服", _DAY),
    ),
    vip_levels=frozenset({"PLUS"}),
    ahead={"vip": timedelta(minutes=8), "complaint": timedelta(minutes=6), "angry": timedelta(minutes=5)},
)


@dataclass
class Desk:
    """Agents and customers, by short words."""

    session: Session
    now: datetime = NOW
    rules: RoutingRules = RULES
    customers: int = field(default=0)

    def agent(
        self,
        agent_id: str,
        groups: Sequence[str] = (),
        presence: Presence = "online",
        skills: Sequence[str] = (),
        capacity: int = 5,
        languages: Sequence[str] = ("zh",),
    ) -> Agent:
        """Somebody who is at work."""
        made = add_agent(self.session, agent_id, f"小{agent_id}", self.now, groups, skills, languages, capacity)
        if presence != "offline":
            set_presence(self.session, agent_id, presence, self.now, agent_id)
        return made

    def customer(self, level: str | None = None, customer_id: str | None = None) -> str:
        """Somebody who chats; their conversation."""
        self.customers += 1
        number = customer_id or f"K{self.customers:03d}"
        who = Who(number, level or "普通", "浙江省", self.now + timedelta(days=30))
        return begin(self.session, "web", self.now, visitor_id=f"browser-{number}", who=who)[0].id

    def visitor(self) -> str:
        """Somebody unknown who chats; their conversation."""
        self.customers += 1
        return begin(self.session, "web", self.now, visitor_id=f"visitor-{self.customers}")[0].id

    def wants(
        self, conversation: str | None = None, intent: str = "", reason: str = "asked_for", **context: Any
    ) -> HandOff:
        """Somebody wants a person."""
        conversation = conversation or self.customer()
        known = {"intents": [intent] if intent else [], **context}
        return self.open(conversation, reason, known)

    def open(self, conversation: str, reason: str, context: dict[str, Any], told: bool = True) -> HandOff:
        """Hands over."""
        row = self.session.get(Conversation, conversation)
        return open_handoff(
            self.session,
            conversation,
            reason,
            "有没有货",
            context,
            "web",
            row.customer_id if row else None,
            self.now,
            told=told,
            rules=self.rules,
        )[0]

    def later(self, awake: Sequence[str] = (), **span: float) -> None:
        """Time passes; of some agents there are signs of life."""
        self.now += timedelta(**span)
        for agent_id in awake:
            heartbeat(self.session, agent_id, self.now)

    def state(self, conversation: str) -> ConversationState | None:
        """Who answers."""
        return state_of(self.session, conversation)

    def waits(self, conversation: str) -> HandOff | None:
        """The open hand-off."""
        return current_handoff(self.session, conversation)

    def said(self, conversation: str) -> list[Message]:
        """All messages."""
        return history(self.session, conversation)

    def notices(self, conversation: str) -> list[str]:
        """What has happened, as the customer was told."""
        return [each.payload["notice"] for each in self.said(conversation) if (each.payload or {}).get("notice")]
