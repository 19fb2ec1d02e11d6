"""The desk and Rasa's channel, as far as a conversation over HTTP needs them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sixty.talk.client import Servers

Answer = Callable[[str], Any]


def polite(message: str) -> Any:
    """Answers every line with a line that counts as answered."""
    return [{"text": f"收到：{message}", "outcome": "answered"}]


@dataclass
class FakeServers:
    """Both servers in one. What they answer may be changed while they run."""

    answer: Answer = polite
    status: int = 200
    delay: float = 0.0
    lifetime: timedelta = timedelta(minutes=30)
    desk_works: bool = True
    renews_same: bool = True
    said: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def servers(self) -> Servers:
        return Servers(desk_url=self.url, rasa_url=self.url)

    @property
    def messages(self) -> list[str]:
        return [each["message"] for each in self.said]

    def context(self, wish: dict[str, str], bearer: str) -> tuple[int, Any]:
        with self.lock:
            self.asked.append({**wish, "bearer": bearer})
            number = len(self.asked)
        if not self.desk_works:
            return 503, {"detail": "no database"}
        if wish.get("customer") == "C999":
            return 404, {"detail": "no such demo customer"}
        conversation = wish.get("conversation") if self.renews_same else None
        return 200, {
            "conversation_id": conversation or f"conversation-{number}",
            "token": f"token-{number}",
            "rasa_url": self.url,
            "expires_at": (datetime.now(timezone.utc) + self.lifetime).isoformat(),
        }

    def reply(self, message: dict[str, Any]) -> tuple[int, Any]:
        with self.lock:
            self.said.append(message)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.delay)
        with self.lock:
            self.at_once -= 1
        return self.status, self.answer(message["message"])


@contextmanager
def running() -> Iterator[FakeServers]:
    fake = FakeServers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            if address.path == "/api/context":
                bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
                self._send(*fake.context(dict(parse_qsl(address.query)), bearer))
            else:
                self._send(*((200, {"status": "ok"}) if address.path == "/webhooks/rest/" else (404, {})))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._send(*fake.reply(body))

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
