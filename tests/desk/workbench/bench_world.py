"""A workbench over a database of either kind, with people who have signed in and customers who want somebody."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from sixty.desk.conversations import Conversation, Who, begin
from sixty.desk.desk_rules import GroupRules, RoutingRules
from sixty.desk.handoffs import open_handoff
from sixty.desk.office_hours import ALWAYS
from sixty.desk.staff.accounts import Account, add_account, change_password
from sixty.desk.staff.own_agents import own_agent
from sixty.desk.staff.roles import Role
from sixty.desk.staff.signed_in import CSRF_HEADER
from sixty.desk.workbench.bench import Workbench
from sixty.ledger.models import Message
from sixty.ledger.receiving import blank_message
from sixty.settings import Settings
from sixty.shop.database import shop_session

PASSWORD = "四把椅子围着一张圆桌"
RULES = RoutingRules(
    groups=(GroupRules("aftersale", "售后客服", ALWAYS), GroupRules("general", "在线客服", ALWAYS)),
    tags=("物流", "尺码"),
)


@dataclass
class World:
    """The workbench, by short words."""

    app: FastAPI
    url: str
    settings: Settings
    customers: int = field(default=0)

    @property
    def bench(self) -> Workbench:
        bench: Workbench = self.app.state.workbench
        return bench

    def client(self) -> TestClient:
        return TestClient(self.app, raise_server_exceptions=False)

    def person(self, login: str, role: Role = "agent", groups: tuple[str, ...] = (), online: bool = True) -> TestClient:
        """Somebody who has signed in, and is at work."""
        with shop_session(self.url) as session:
            account, password = add_account(session, login, f"小{login}", role, now())
            change_password(account, password, PASSWORD)
            own_agent(session, account, now(), groups)
        client = self.signed_in(login)
        if online and role != "trainer":
            assert client.put("/api/desk/presence", json={"state": "online"}).status_code == 200
        return client

    def signed_in(self, login: str) -> TestClient:
        client = self.client()
        answer = client.post("/api/desk/sign-in", json={"login": login, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers[CSRF_HEADER] = answer.json()["csrf"]
        return client

    def token(self, client: TestClient) -> str:
        token = client.cookies.get("sixty_desk")
        assert token
        return str(token)

    def account(self, login: str) -> Account:
        with shop_session(self.url, read_only=True) as session:
            return next(each for each in session.query(Account) if each.login == login)

    def customer(self, group: str = "general", text: str = "有人吗，帮我看看物流", told: bool = True) -> str:
        """Somebody who wants a person; their conversation."""
        self.customers += 1
        number = f"K{self.customers:03d}"
        with shop_session(self.url) as session:
            who = Who(number, "普通", "浙江省", now() + timedelta(days=30))
            chat = begin(session, "web", now(), visitor_id=f"browser-{number}", who=who)[0].id
        self.writes(chat, text, state="handed_over")
        with shop_session(self.url) as session:
            rules = replace(RULES, groups=tuple(sorted(RULES.groups, key=lambda each: each.id == group)))
            made = open_handoff(session, chat, "asked_for", text, {}, "web", number, now(), told=told, rules=rules)[0]
            made.group_id = group
        return chat

    def writes(self, chat: str, text: str, state: str = "to_person") -> int:
        """The customer writes something."""
        with shop_session(self.url) as session:
            conversation = session.get(Conversation, chat)
            assert conversation is not None
            values: dict[str, Any] = blank_message(
                conversation_id=chat, author="customer", channel="web", text=text, state=state, at=now()
            )
            message = Message(**values)
            session.add(message)
            session.flush()
            return message.id

    def said(self, chat: str, author: str = "agent") -> list[Message]:
        with shop_session(self.url, read_only=True) as session:
            query = session.query(Message).filter(Message.conversation_id == chat, Message.author == author)
            return list(query.order_by(Message.id))


def now() -> datetime:
    return datetime.now(timezone.utc)
