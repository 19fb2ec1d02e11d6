"""Lines that go to a person are understood as the bot would, and nobody waits for that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from sixty.channels.listening import Listener
from sixty.desk.conversations import begin
from sixty.desk.feed import events_since
from sixty.ledger.models import Message
from sixty.ledger.receiving import blank_message

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=timezone.utc)
PARSED = {
    "intent": {"name": "ask_size", "confidence": 0.8},
    "intent_ranking": [{"name": "ask_size", "confidence": 0.8}, {"name": "ask_stock", "confidence": 0.1}],
    "entities": [{"entity": "height", "value": "175", "start": 0, "end": 3}],
}


class Model:
    """Reads lines, and remembers which."""

    def __init__(self, fails: bool = False) -> None:
        self.read: list[str] = []
        self.fails = fails

    def is_ready(self) -> bool:
        return True

    async def parse_message(self, text: str) -> dict[str, Any]:
        self.read.append(text)
        if self.fails:
            raise RuntimeError("no model")
        return PARSED


def at_once(session: Session) -> Callable[[Callable[[Session], Any]], Awaitable[Any]]:
    async def run(job: Callable[[Session], Any]) -> Any:
        return job(session)

    return run


def listener(session: Session, model: Model, now: datetime = NOW) -> Listener:
    app = SimpleNamespace(ctx=SimpleNamespace(agent=model))
    return Listener(lambda: app, at_once(session), at_once(session), lambda: now)


def line(session: Session, text: str, state: str = "to_person", **more: Any) -> Message:
    chat = begin(session, "web", NOW, visitor_id="somebody")[0].id
    values = blank_message(
        conversation_id=chat, author="customer", channel="web", text=text, state=state, at=NOW, **more
    )
    made = Message(**values)
    session.add(made)
    session.flush()
    return made


async def test_what_a_line_means_stands_in_the_ledger(session: Session) -> None:
    said = line(session, "175穿多大")
    model = Model()
    hearing = listener(session, model)
    hearing.hear(said)
    await hearing.all_heard()
    session.refresh(said)
    assert said.understood is not None
    assert said.understood["intent"] == "ask_size"
    assert said.understood["others"] == [{"intent": "ask_stock", "confidence": 0.1}]
    told = [each for each in events_since(session, 0) if each.kind == "suggestions"]
    assert [each.data for each in told][-1:] == [{"message": said.id}]


async def test_a_command_is_read_as_text(session: Session) -> None:
    model = Model()
    hearing = listener(session, model)
    hearing.hear(line(session, "/restart"))
    await hearing.all_heard()
    assert model.read
    assert not model.read[0].startswith("/")


@pytest.mark.parametrize(("state", "kind"), [("received", "text"), ("to_person", "picture")])
async def test_what_the_bot_answers_or_nobody_said_is_left_alone(session: Session, state: str, kind: str) -> None:
    model = Model()
    hearing = listener(session, model)
    hearing.hear(line(session, "你好", state, kind=kind))
    await hearing.all_heard()
    assert model.read == []


async def test_a_model_that_fails_harms_nobody_and_is_asked_again(session: Session) -> None:
    said = line(session, "有货吗")
    hearing = listener(session, Model(fails=True))
    hearing.hear(said)
    await hearing.all_heard()
    session.refresh(said)
    assert said.understood is None
    await listener(session, Model(), NOW + timedelta(seconds=30)).catch_up()
    session.refresh(said)
    assert said.understood is not None
    late = Model()
    line(session, "还有吗")
    await listener(session, late, NOW + timedelta(hours=1)).catch_up()
    assert late.read == []
