"""The bot as customers meet it: its processes, and a conversation with them over HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import select

from sixty.desk.handoffs import HandOff
from sixty.settings import project_root
from sixty.shop.database import shop_session
from sixty.tables import column
from sixty.talk.client import Capsule, Reply

START_WITHIN_SECONDS = 240
TURN_WITHIN_SECONDS = 30


@dataclass(frozen=True)
class Product:
    """Running servers, and the database behind them."""

    rasa_url: str
    desk_url: str
    database_url: str
    secret: str
    log: Path

    def visit(self, **wish: str) -> Talk:
        """Opens a conversation as the page does: with a context that the desk signed."""
        response = _http().get(f"{self.desk_url}/api/context", params=wish, timeout=10)
        assert response.status_code == 200, response.text
        granted = response.json()
        return Talk(self, granted["conversation_id"], granted["token"])

    def handoffs(self, conversation_id: str, within: float = 0.0) -> list[HandOff]:
        """The conversation's hand-offs; waits for the first one, which is written after the reply has left."""
        deadline = time.monotonic() + within
        while True:
            with shop_session(self.database_url, read_only=True) as session:
                rows = list(session.scalars(select(HandOff).where(column(HandOff.conversation_id) == conversation_id)))
            if rows or time.monotonic() > deadline:
                return rows
            time.sleep(0.1)


@dataclass(frozen=True)
class Answer:
    """All that the bot said to one message."""

    replies: tuple[Reply, ...]

    @property
    def text(self) -> str:
        """The lines, one below the other."""
        return "\n".join(reply.text for reply in self.replies if reply.text)

    @property
    def outcomes(self) -> set[str]:
        return {reply.outcome for reply in self.replies if reply.outcome}

    @property
    def capsules(self) -> list[Capsule]:
        return [capsule for reply in self.replies for capsule in reply.buttons]

    def cards(self, kind: str) -> list[Any]:
        """The cards of a type."""
        return [reply.card for reply in self.replies if reply.card and reply.card["type"] == kind]

    def card(self, kind: str) -> Any:
        """The one card of a type."""
        cards = self.cards(kind)
        assert len(cards) == 1, f"one {kind} card expected:\n{self}"
        return cards[0]

    def __str__(self) -> str:
        return "\n".join(str(reply.as_json()) for reply in self.replies) or "(silence)"


@dataclass
class Talk:
    """One customer's conversation."""

    product: Product
    conversation_id: str
    token: str | None
    said: list[tuple[str, Answer]] = field(default_factory=list)

    def say(self, message: str) -> Answer:
        """Sends a message and reads the replies; there is always one, and none of them twice."""
        body: dict[str, Any] = {"sender": self.conversation_id, "message": message}
        if self.token is not None:
            body["metadata"] = {"context": self.token}
        response = _http().post(
            f"{self.product.rasa_url}/webhooks/rest/webhook", json=body, timeout=TURN_WITHIN_SECONDS
        )
        assert response.status_code == 200, response.text
        delivered = response.json()
        replies = tuple(reply for reply in map(Reply.read, delivered) if reply is not None)
        assert len(replies) == len(delivered), f"nothing to read in one of {delivered}"
        answer = Answer(replies)
        self.said.append((message, answer))
        assert replies, f"silence after {message!r}:\n{self}"
        lines = [str(reply.as_json()) for reply in replies]
        assert len(set(lines)) == len(lines), f"said twice:\n{self}"
        return answer

    def say_all(self, *messages: str) -> Answer:
        """Says several things; returns the answer to the last."""
        answers = [self.say(message) for message in messages]
        return answers[-1]

    def __str__(self) -> str:
        return "\n".join(f"> {message}\n{answer}" for message, answer in self.said)


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
