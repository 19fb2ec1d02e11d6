"""Runs one action at a time, with a hand-made tracker and the demo shop behind it."""

from __future__ import annotations

import importlib
import pkgutil
import re
import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

import actions
from sixty.channels.tapped import parse_data
from sixty.context import Entry
from sixty.desk.conversations import Conversation
from sixty.ledger.receiving import Incoming, receive
from sixty.ledger.replying import finish, write_reply
from sixty.playbook import capsule_plan
from sixty.settings import get_settings
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.demo import seed

CONVERSATION = "a-conversation-of-its-own"


def _all_actions() -> dict[str, Action]:
    found: dict[str, Action] = {}
    for module in pkgutil.walk_packages(actions.__path__, "actions."):
        for kind in vars(importlib.import_module(module.name)).values():
            if isinstance(kind, type) and issubclass(kind, Action) and kind.__module__ == module.name:
                if getattr(kind, "__abstractmethods__", None):
                    continue
                action = kind()
                found[action.name()] = action
    return found


ACTIONS = _all_actions()

_UNNATURAL = re.compile(r"None|\[|\]|[{}]|[，。～；：、！？]{2}|（）|“”|^[，。；、～]|\bnan\b|\.00元| {2}")


@dataclass
class Said:
    """What an action did: events by slot, and messages."""

    events: list[dict[str, Any]]
    messages: list[dict[str, Any]]

    def slot(self, name: str) -> Any:
        values = [event["value"] for event in self.events if event["event"] == "slot" and event["name"] == name]
        return values[-1] if values else "not set"

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.messages if message.get("text")]

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    @property
    def responses(self) -> list[str]:
        return [message["response"] for message in self.messages if message.get("response")]

    def known(self, response: str) -> dict[str, str]:
        """What a response was given to fill its gaps and to choose among its variations."""
        (message,) = (message for message in self.messages if message.get("response") == response)
        return {
            name: value
            for name, value in message.items()
            if isinstance(value, str) and name not in ("response", "template")
        }

    @property
    def buttons(self) -> list[dict[str, str]]:
        return [button for message in self.messages for button in message.get("buttons") or []]

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [message["custom"]["card"] for message in self.messages if (message.get("custom") or {}).get("card")]

    @property
    def outcomes(self) -> list[str]:
        return [message["outcome"] for message in self.messages if message.get("outcome")]

    def assert_natural(self) -> None:
        for text in self.texts:
            assert not _UNNATURAL.search(text), text
        for button in self.buttons:
            assert button["title"].strip()
            assert parse_data(button["payload"]), "a tap would be read as text"


def _as_event(message: dict[str, Any]) -> dict[str, Any]:
    """A message as Rasa's tracker keeps it: what is no part of a message is its metadata."""
    data = {name: message.get(name) for name in ("buttons", "custom")}
    metadata = {name: value for name, value in message.items() if name not in {*data, "text"} and value is not None}
    if message.get("response"):
        metadata["utter_action"] = message["response"]
    return {"event": "bot", "text": message.get("text"), "data": data, "metadata": metadata}


@dataclass
class Chat:
    """A conversation: what is known when the next action runs."""

    customer: str | None = None
    level: str | None = None
    entry: Entry = "shop"
    product_no: str | None = None
    order_no: str | None = None
    channel: str = "socketio"
    slots: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    loop: str | None = None
    now: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    # The latest message, for another action in the same turn.
    latest: dict[str, Any] = field(default_factory=dict)

    def user(self, intent: str, text: str = "", **entities: Any) -> dict[str, Any]:
        """Adds a customer's message; returns it as Rasa's `latest_message`."""
        values = [
            {"entity": name, "value": value}
            for name, given in entities.items()
            for value in (given if isinstance(given, list) else [given])
        ]
        parsed = {"intent": {"name": intent}, "entities": values, "intent_ranking": []}
        self.events.append({"event": "action", "name": "action_listen"})
        self.events.append({"event": "user", "text": text, "parse_data": parsed, "input_channel": self.channel})
        return {**parsed, "text": text, "metadata": {}}

    def come_in(self) -> None:
        """Writes down who is talking, as the front door does."""
        known_until = self.now + timedelta(hours=1) if self.customer else None
        row = {"channel": self.channel, "customer_id": self.customer, "level": self.level, "known_until": known_until}
        page = {"entry": self.entry, "product_no": self.product_no, "order_no": self.order_no}
        with shop_session() as session:
            session.merge(
                Conversation(id=CONVERSATION, state="bot", created_at=self.now, last_at=self.now, **row, **page)
            )

    def asked_earlier(self, seconds: float, *questions: tuple[str, str | None]) -> None:
        """Writes questions of this visit into the ledger, answered so many seconds ago, as the front door does."""
        self.come_in()
        at = self.now - timedelta(seconds=seconds)
        with shop_session() as session:
            for intent, attribute in questions or (("ask_attribute", "材质"),):
                entities = [{"entity": "attribute", "value": attribute}] if attribute else []
                message = receive(session, Incoming(CONVERSATION, self.channel, text="……"), at).message
                message.understood = {"intent": intent, "confidence": 1.0, "entities": entities}
                form = {"text": "……", "outcome": "answered"}
                write_reply(session, message.id, 0, CONVERSATION, self.channel, "bot", form, at)
                finish(session, message.id, "answered", at)

    def tracker(self, message: dict[str, Any]) -> Tracker:
        loop = {"name": self.loop} if self.loop else {}
        return Tracker(CONVERSATION, dict(self.slots), message, list(self.events), False, None, loop, None)

    async def run(self, action: str, intent: str = "", text: str = "", **entities: Any) -> Said:
        """The customer says something, and one action runs."""
        self.latest = self.user(intent, text, **entities)
        return await self.act(action, self.latest)

    async def act(self, action: str, message: dict[str, Any]) -> Said:
        self.come_in()
        dispatcher = CollectingDispatcher()
        made: Awaitable[Any] = ACTIONS[action].run(dispatcher, self.tracker(message), {})
        said = Said(list(await made), list(dispatcher.messages))
        self.events.append({"event": "action", "name": action})
        self.events += [_as_event(message) for message in said.messages]
        for event in said.events:
            self.events.append(dict(event))
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
        said.assert_natural()
        return said


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the demo shop, seeded now; to be copied."""
    path = tmp_path_factory.mktemp("demo") / "shop.db"
    url = f"sqlite:///{path}"
    upgrade_database(url)
    with shop_session(url) as session:
        seed(session, datetime.now(timezone.utc), path=Path("playbook/demo"))
    engine_for(url).dispose()
    return path


@pytest.fixture(autouse=True)
def shop(seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session on a copy of the demo shop, which the settings name."""
    shutil.copy(seeded, tmp_path / "shop.db")
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    monkeypatch.setenv("SIXTY_DATABASE_URL", url)
    monkeypatch.setenv("SIXTY_VAR", str(tmp_path / "var"))
    get_settings.cache_clear()
    capsule_plan.cache_clear()
    with shop_session(url, read_only=True) as session:
        yield session
    engine_for(url).dispose()
    get_settings.cache_clear()


@pytest.fixture
def chat() -> Callable[..., Chat]:
    """Begins a conversation."""
    return Chat


@pytest.fixture
def registry() -> dict[str, Action]:
    """Every action of the project by its name."""
    return ACTIONS
