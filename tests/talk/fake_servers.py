"""Rasa's api channel, as far as a conversation with it needs it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sixty.identity.api_keys import LOCAL, local_api_secret
from sixty.identity.signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER, UnsignedError, check_signature
from sixty.talk.client import HEALTH, KEY_HEADER, MESSAGES, Servers

Answer = Callable[[str], Any]

DEPLOYMENT_SECRET = "the-secret-of-the-deployment-in-these-tests"
SECRET = local_api_secret(DEPLOYMENT_SECRET)


def polite(message: str) -> Any:
    """Answers every line with a line that counts as answered."""
    return [{"text": f"收到：{message}", "outcome": "answered"}]


@dataclass
class FakeServers:
    """The bot. What it answers may be changed while it runs.

    A typed line is told to `answer` as it is, a tap by its token, and the opening of the chat as an empty line.
    """

    answer: Answer = polite
    status: int = 200
    delay: float = 0.0
    hang_up: int = 0
    said: list[dict[str, Any]] = field(default_factory=list)
    unsigned: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def servers(self) -> Servers:
        return Servers(self.url, LOCAL, SECRET)

    @property
    def messages(self) -> list[str]:
        return [_said_in(each) for each in self.said]

    def reply(self, message: dict[str, Any]) -> tuple[int, Any]:
        with self.lock:
            self.said.append(message)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.delay)
        with self.lock:
            self.at_once -= 1
        if self.status not in (200, 202):
            return self.status, {"code": "too_fast", "message": "说得太快啦"}
        replies = self.answer(_said_in(message))
        if not isinstance(replies, list):
            return self.status, replies
        return self.status, {"conversation_id": f"of-{message['conversation']}", "message": {}, "replies": replies}


def _said_in(message: dict[str, Any]) -> str:
    return str(message.get("tap") or message.get("text") or "")


@contextmanager
def running() -> Iterator[FakeServers]:
    fake = FakeServers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(*((200, {"openapi": "3.1.0"}) if self.path == HEALTH else (404, {})))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if fake.hang_up:
                fake.hang_up -= 1
                self.connection.close()
                return
            try:
                assert (self.path, self.headers[KEY_HEADER]) == (MESSAGES, LOCAL)
                given = self.headers[TIMESTAMP_HEADER], self.headers[SIGNATURE_HEADER]
                check_signature(SECRET, *given, body, datetime.now(timezone.utc))
            except UnsignedError as error:
                fake.unsigned.append(error.detail)
                self._send(error.status, {"code": "unsigned", "message": error.detail})
            else:
                self._send(*fake.reply(json.loads(body)))

        def _send(self, status: int, body: Any) -> None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except ConnectionError:
                pass  # Who asked did not wait.

        def log_message(self, template: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
