"""The workbench of its own tests, with the demo shop behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from fastapi.testclient import TestClient

from sixty.desk.beside.knowledge import Knowledge
from sixty.desk.conversations import Who, begin
from sixty.ledger.models import Message
from sixty.ledger.receiving import blank_message
from sixty.settings import get_settings, project_root
from sixty.shop.database import shop_session
from sixty.shop.demo import seed
from tests.desk.workbench.conftest import World, now, world

__all__ = ["world"]

KNOWN = "C001"


@dataclass
class Shop:
    """A workbench over the demo shop, by short words."""

    world: World

    @property
    def url(self) -> str:
        return self.world.url

    def chat(self, customer_id: str | None = KNOWN, product_no: str | None = None) -> str:
        """A customer of the demo shop who chats."""
        with shop_session(self.url) as session:
            who = Who(customer_id, "PLUS", "浙江省", now() + timedelta(days=1)) if customer_id else Who()
            row = begin(session, "web", now(), visitor_id=f"b-{customer_id}", who=who)[0]
            if product_no:
                row.entry, row.product_no = "product", product_no
            return row.id

    def held(self, login: str = "li", **chat: Any) -> tuple[TestClient, str]:
        """Somebody signed in, and a customer whom they have taken."""
        client = self.world.person(login)
        name = self.chat(**chat)
        from sixty.desk.handoffs import open_handoff
        from tests.desk.workbench.conftest import RULES

        with shop_session(self.url) as session:
            made = open_handoff(
                session, name, "asked_for", "转人工", {}, "web", chat.get("customer_id", KNOWN), now(), rules=RULES
            )[0]
            made.group_id = "general"
        assert client.post(f"/api/desk/chats/{name}/claim", json={}).status_code == 200
        return client, name

    def writes(
        self, chat: str, text: str, intent: str | None = None, at: datetime | None = None, **understood: Any
    ) -> int:
        """The customer writes to a person; what it means is known where an intent is given."""
        with shop_session(self.url) as session:
            values = blank_message(
                conversation_id=chat, author="customer", channel="web", text=text, state="to_person", at=at or now()
            )
            message = Message(**values)
            if intent is not None:
                message.understood = {"intent": intent, "confidence": 0.9, "entities": [], **understood}
            session.add(message)
            session.flush()
            return message.id


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("SIXTY_DATABASE_URL", world.url)
    get_settings.cache_clear()
    with shop_session(world.url) as session:
        seed(session, now())
    yield Shop(world)
    get_settings.cache_clear()


@pytest.fixture
def knowledge(shop: Shop) -> Knowledge:
    reading = partial(shop_session, shop.url, read_only=True)
    return Knowledge(reading, get_settings().playbook, project_root())
