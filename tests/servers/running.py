"""The bot as customers meet it: its processes, and a conversation with them over the api channel."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from sixty.context import Entry
from sixty.desk.handoffs import HandOff
from sixty.identity.api_keys import LOCAL, local_api_secret
from sixty.identity.capsule_tokens import tap_token
from sixty.ledger.models import Message
from sixty.ledger.reading import choices, history
from sixty.settings import get_settings, project_root
from sixty.shop.database import shop_session
from sixty.tables import column
from sixty.talk.client import OPENED, Capsule, Conversation, Reply, Said, Servers, TurnFailedError, Visit

START_WITHIN_SECONDS = 600
TURN_WITHIN_SECONDS = 30


@dataclass(frozen=True)
class Product:
    """Running servers, and the database behind them."""

    rasa_url: str
    desk_url: str
    database_url: str
    secret: str
    log: Path

    def visit(
        self, entry: Entry = "shop", product: str | None = None, order: str | None = None, customer: str | None = None
    ) -> Talk:
        """Opens a conversation as a merchant's server does, for a customer of theirs or a stranger."""
        servers = Servers(self.rasa_url, LOCAL, local_api_secret(self.secret))
        return Talk(self, Conversation(servers, Visit(entry, product, order, customer), patience=TURN_WITHIN_SECONDS))

    def handoffs(self, conversation_id: str, within: float = 0.0) -> list[HandOff]:
        """The conversation's hand-offs; waits for the first one, which may be written after the reply has left."""
        deadline = time.monotonic() + within
        while True:
            with shop_session(self.database_url, read_only=True) as session:
                rows = list(session.scalars(select(HandOff).where(column(HandOff.conversation_id) == conversation_id)))
            if rows or time.monotonic() > deadline:
                return rows
            time.sleep(0.1)

    def ledger(self, conversation_id: str) -> list[Message]:
        """All that the ledger holds of a conversation."""
        with shop_session(self.database_url, read_only=True) as session:
            return history(session, conversation_id, limit=1000)


@dataclass(frozen=True)
class Offered(Capsule):
    """A capsule and what a tap on it means, which only the ledger tells."""

    payload: str


@dataclass(frozen=True)
class Answer:
    """All that the bot said to one message."""

    replies: tuple[Reply, ...]
    payloads: Mapping[str, str]
    """What taps mean, by their tokens."""

    @property
    def text(self) -> str:
        """The lines, one below the other."""
        return "\n".join(reply.text for reply in self.replies if reply.text)

    @property
    def outcomes(self) -> set[str]:
        return {reply.outcome for reply in self.replies if reply.outcome}

    @property
    def capsules(self) -> list[Offered]:
        return [self.offered(capsule) for reply in self.replies for capsule in reply.capsules]

    @property
    def choices(self) -> list[Offered]:
        """Capsules, and what can be chosen on cards."""
        return [self.offered(capsule) for reply in self.replies for capsule in reply.choices]

    def offered(self, capsule: Capsule) -> Offered:
        return Offered(capsule.title, capsule.tap, self.payloads[capsule.tap])

    def cards(self, kind: str) -> list[Any]:
        """The cards of a type."""
        return [reply.card for reply in self.replies if reply.card and reply.card["type"] == kind]

    def card(self, kind: str) -> Any:
        """The one card of a type."""
        cards = self.cards(kind)
        assert len(cards) == 1, f"one {kind} card expected:\n{self}"
        return cards[0]

    @property
    def lines(self) -> list[str]:
        """Each reply as one line, with what taps mean in the place of their tokens, which are new every time."""
        return [str(_with_payloads(reply.as_json(), self.payloads)) for reply in self.replies]

    def __str__(self) -> str:
        return "\n".join(self.lines) or "(silence)"


@dataclass
class Talk:
    """One customer's conversation."""

    product: Product
    conversation: Conversation
    said: list[tuple[str, Answer]] = field(default_factory=list)

    @property
    def conversation_id(self) -> str:
        """The bot's own name of it, known after the first message."""
        return self.conversation.id

    def say(self, line: str) -> Answer:
        """Types a line and reads the replies; there is always one, and none of them twice."""
        return self._send(Said(line))

    def say_all(self, *lines: str) -> Answer:
        """Says several things; returns the answer to the last."""
        answers = [self.say(line) for line in lines]
        return answers[-1]

    def open(self) -> Answer:
        """Opens the chat, and the bot speaks first."""
        return self._send(OPENED)

    def tap(self, capsule: Capsule) -> Answer:
        """Taps what the bot has shown."""
        return self._send(Said(capsule=capsule))

    def mean(self, payload: str) -> Answer:
        """Says exactly what a payload means, by a tap on a capsule that the ledger holds for this conversation.

        No channel lets a client say that: the capsule is written into the database, where only the bot writes.
        """
        if not self.said:
            self.open()
        with shop_session(self.product.database_url) as session:
            now = datetime.now(timezone.utc)
            shown = Message(
                conversation_id=self.conversation_id,
                author="bot",
                channel="api",
                kind="text",
                text="",
                payload={"capsules": [{"title": payload, "payload": payload}]},
                actions=[],
                state="delivered",
                attempts=0,
                at=now,
                timings={},
            )
            session.add(shown)
            session.flush()
            token = tap_token(self.product.secret, self.conversation_id, shown.id, 0)
        return self.tap(Capsule(payload, token))

    def later(self, seconds: float) -> None:
        """Lets time pass without waiting for it: all that was said in this conversation is so much longer ago."""
        moved = timedelta(seconds=seconds)
        self.until_heard()
        with shop_session(self.product.database_url) as session:
            for message in session.scalars(
                select(Message).where(column(Message.conversation_id) == self.conversation_id)
            ):
                for name in ("at", "handled_at", "delivered_at", "read_at"):
                    if getattr(message, name) is not None:
                        setattr(message, name, getattr(message, name) - moved)

    def until_heard(self, within: float = 60.0) -> None:
        """Waits until the ledger has been told what was understood of all that the customer said."""
        end = time.monotonic() + within
        while True:
            rows = [row for row in self.product.ledger(self.conversation_id) if row.author == "customer"]
            if all(row.understood for row in rows) or time.monotonic() > end:
                return
            time.sleep(0.1)

    def refusal(self, line: str) -> str:
        """Types a line that is not taken; returns what the customer is told."""
        with pytest.raises(TurnFailedError) as caught:
            self.conversation.say(Said(line))
        return str(caught.value)

    def _send(self, said: Said) -> Answer:
        replies = self.conversation.say(said)
        answer = Answer(replies, self._payloads(replies))
        self.said.append((said.shown, answer))
        assert replies, f"silence after {said.shown!r}:\n{self}"
        assert len(set(answer.lines)) == len(answer.lines), f"said twice:\n{self}"
        return answer

    def _payloads(self, replies: Sequence[Reply]) -> dict[str, str]:
        with shop_session(self.product.database_url, read_only=True) as session:
            rows = [session.get(Message, reply.id) for reply in replies]
        return {
            tap_token(self.product.secret, row.conversation_id, row.id, index): choice["payload"]
            for row in rows
            if row is not None
            for index, choice in enumerate(choices(row.payload))
        }

    def __str__(self) -> str:
        return "\n".join(f"> {message}\n{answer}" for message, answer in self.said)


def _with_payloads(part: Any, payloads: Mapping[str, str]) -> Any:
    if isinstance(part, dict):
        own = {"payload": payloads[part["tap"]]} if "tap" in part else {}
        return {name: _with_payloads(each, payloads) for name, each in part.items() if name != "tap"} | own
    return [_with_payloads(each, payloads) for each in part] if isinstance(part, list) else part


@contextmanager
def started(arguments: Sequence[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a program in the background; ends it, and what it has started, as Ctrl-C would."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            arguments,
            cwd=project_root(),
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()


def wait_until_healthy(process: subprocess.Popen[bytes], log: Path, *addresses: str) -> None:
    """Waits until all addresses answer."""
    deadline = time.monotonic() + START_WITHIN_SECONDS
    waiting = list(addresses)
    while waiting:
        assert process.poll() is None, f"ended with {process.returncode}:\n{tail(log)}"
        assert time.monotonic() < deadline, f"not healthy: {waiting}\n{tail(log)}"
        try:
            if _http().get(waiting[0], timeout=2).status_code == 200:
                waiting.pop(0)
                continue
        except requests.RequestException:
            pass
        time.sleep(0.3)


def trained_model() -> Path:
    """The trained model, as `make test` has it; a test that needs it is skipped where there is none."""
    trained = get_settings().model
    if not trained.is_file():
        reason = f"there is no trained model at {trained}; `make train` makes it"
        if os.environ.get("SIXTY_CI") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return trained


def tail(log: Path) -> str:
    """The last lines of a log."""
    return log.read_text(encoding="utf-8", errors="replace")[-3000:]


def own_program(*arguments: str) -> list[str]:
    """`sixty` with arguments."""
    return [sys.executable, "-m", "sixty", *arguments]


def _http() -> requests.Session:
    session = requests.Session()
    # Never by way of a proxy that the environment names.
    session.trust_env = False
    return session
