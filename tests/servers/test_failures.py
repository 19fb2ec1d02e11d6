"""The action server down, slow or wrong: an apology and a hand-off, never silence.

Rasa runs here by itself, with whatever a test puts in the place of the action server.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sixty.channels.door_options import door_options
from sixty.processes.endpoints import write_endpoints
from sixty.processes.ports import free_port
from sixty.processes.services import rasa_server
from sixty.settings import Settings
from sixty.shop.database import shop_session, upgrade_database
from sixty.shop.models import Customer
from tests.servers.fake_action_server import FakeActionServer, running
from tests.servers.running import Product, Talk, started, wait_until_healthy

SECRET = "a-secret-of-the-tests-that-is-long-enough"
# Said by the domain without any action.
ANSWERED_WITHOUT_ACTIONS = "谢谢"


@dataclass(frozen=True)
class Bot:
    """Rasa without an action server."""

    product: Product
    actions_port: int

    def visitor(self, customer: str | None = None) -> Talk:
        return self.product.visit(customer=customer)


@pytest.fixture(scope="module")
def bot(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("failures")
    settings = Settings(
        var=folder,
        model=model,
        secret=SECRET,
        rasa_port=free_port(),
        actions_port=free_port(),
        database_url=f"sqlite:///{folder / 'sixty.db'}",
    )
    upgrade_database(settings.database_url)
    service = rasa_server(settings, write_endpoints(settings))
    environment = {
        **service.environment,
        "SIXTY_VAR": str(folder),
        "SIXTY_SECRET": SECRET,
        "SIXTY_DATABASE_URL": settings.database_url,
    }
    log = folder / "rasa.log"
    url = f"http://127.0.0.1:{settings.rasa_port}"
    with started(service.arguments, environment, log) as process:
        wait_until_healthy(process, log, url)
        yield Bot(Product(url, "", settings.database_url, SECRET, log), settings.actions_port)


def apologises(talk: Talk, message: str, *reasons: str) -> None:
    """One apology, nothing beside it, and one hand-off with the question in it."""
    answer = talk.say(message)
    assert answer.outcomes == {"handed_over"}, str(talk)
    assert len(answer.replies) == 1, str(talk)
    assert "抱歉" in answer.text
    (row,) = talk.product.handoffs(talk.conversation_id, within=5)
    assert row.reason in reasons
    assert row.question == message
    assert row.channel == "api"
    assert row.state == "queued"


@pytest.mark.parametrize("question", ["什么面料的", "GZ2101", "查一下我的订单", "转人工", "你好", "GZ2101我穿多大"])
def test_down(bot: Bot, question: str) -> None:
    talk = bot.visitor()
    apologises(talk, question, "action_failed")


def test_down_for_the_whole_conversation(bot: Bot) -> None:
    """Every question gets its apology; the person is called once."""
    talk = bot.visitor()
    for _ in range(3):
        assert talk.say("还有现货吗").outcomes == {"handed_over"}
    assert talk.say(ANSWERED_WITHOUT_ACTIONS).outcomes == {"social"}
    assert len(bot.product.handoffs(talk.conversation_id, within=5)) == 1


def test_down_in_the_middle_of_an_answer(bot: Bot) -> None:
    """What was said already stays; the end that is missing is owned up to."""
    talk = bot.visitor()
    answer = talk.say("包邮吗")
    assert answer.outcomes == {"answered", "handed_over"}
    (row,) = bot.product.handoffs(talk.conversation_id, within=5)
    assert row.reason == "action_failed"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b'{"error": "no", "action_name": "action_answer_attribute"}'),
        (500, b"<html>Internal Server Error</html>"),
        (503, b""),
        (404, b'{"error": "no such action", "action_name": "x"}'),
        (200, b'{"events": [], "responses": []}'),
        (200, b"{}"),
        (200, b"null"),
        (200, b"[]"),
        (200, b"nonsense"),
        (200, b""),
        (200, b'{"events": "many", "responses": 7}'),
        (200, json.dumps({"events": [{"event": "no_such_event"}], "responses": []}).encode()),
        (200, json.dumps({"events": [{"event": "slot"}], "responses": []}).encode()),
        (200, json.dumps({"events": [], "responses": [{"response": "utter_no_such_response"}]}).encode()),
    ],
)
def test_wrong(bot: Bot, status: int, body: bytes) -> None:
    talk = bot.visitor()
    with running(bot.actions_port, FakeActionServer(status=status, body=body)) as fake:
        apologises(talk, "什么面料的", "action_failed", "turn_failed")
        assert fake.asked, "the action server was asked"
        assert talk.say(ANSWERED_WITHOUT_ACTIONS).outcomes == {"social"}


def test_slow(bot: Bot) -> None:
    """Whoever asks again meanwhile waits no longer than for the first answer."""
    talk = bot.visitor()
    with running(bot.actions_port, FakeActionServer(delay=20)):
        begun = time.monotonic()
        apologises(talk, "什么面料的", "turn_too_slow")
        assert time.monotonic() - begun < door_options().deadline + 2
    # The conversation goes on when the action server is itself again.
    assert talk.say(ANSWERED_WITHOUT_ACTIONS).outcomes == {"social"}


def test_the_log_holds_nothing_that_was_said(bot: Bot) -> None:
    talk = bot.visitor()
    talk.say("我的电话是13900001234，什么面料的")
    assert "13900001234" not in bot.product.log.read_text(encoding="utf-8", errors="replace")


def test_down_and_still_the_answer_of_the_region(bot: Bot) -> None:
    """What an answer depends on is known to Rasa itself, from a session's first message on."""
    with shop_session(bot.product.database_url) as session:
        session.add(Customer(id="C036", nickname="远方", phone="13800000000", level="PLUS", region="新疆维吾尔自治区"))
    talk = bot.visitor(customer="C036")
    answer = talk.say("包邮吗")
    assert "寄新疆满199元包邮" in answer.text
    assert answer.outcomes == {"answered", "handed_over"}
    assert talk.say(ANSWERED_WITHOUT_ACTIONS).outcomes == {"social"}
