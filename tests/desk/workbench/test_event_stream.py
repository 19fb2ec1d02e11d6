"""The live stream over a real server: what a browser gets, and what it gets after its line broke."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from sixty.desk.workbench import event_routes
from tests.app_server import serving
from tests.desk.workbench.bench_world import World

_PATIENCE = 60.0


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """Where the desk is served."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with serving(world.app, port, lifespan="off", timeout_graceful_shutdown=1):
        yield f"http://127.0.0.1:{port}/api/desk"


@dataclass
class Line:
    """A browser's line."""

    address: str
    token: str
    last: str | None = None
    events: list[tuple[str, Any]] = field(default_factory=list)

    def read_until(self, event: str, text: str = "") -> Any:
        """Reads until that event comes, and lets the line break."""
        headers = {"Cookie": f"sixty_desk={self.token}"}
        if self.last is not None:
            headers["Last-Event-ID"] = self.last
        with requests.get(f"{self.address}/events", headers=headers, stream=True, timeout=_PATIENCE) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert answer.headers["cache-control"] == "no-store"
            name = ""
            for line in answer.iter_lines(chunk_size=1, decode_unicode=False):
                key, _, value = line.decode().partition(": ")
                if key == "id":
                    self.last = value
                elif key == "event":
                    name = value
                elif key == "data":
                    data = json.loads(value)
                    self.events.append((name, data))
                    if name == event and (not text or data.get("text") == text):
                        return data
        raise AssertionError(f"the line ended before {event}")


def test_a_browser_goes_on_where_its_line_broke(world: World, address: str) -> None:
    li = world.person("li")
    chat = world.customer()
    li.post(f"/api/desk/chats/{chat}/claim", json={})
    line = Line(address, world.token(li))
    assert line.read_until("hello")["resumed"] is False
    assert line.last
    world.writes(chat, "第一句")
    line.read_until("message", "第一句")
    world.writes(chat, "第二句")
    world.writes(chat, "第三句")
    line.events.clear()
    line.read_until("message", "第三句")
    assert next(data for name, data in line.events if name == "hello")["resumed"] is True
    assert [data["text"] for name, data in line.events if name == "message"] == ["第二句", "第三句"]


def test_a_silent_line_is_kept_and_says_the_time(world: World, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_routes, "PING_SECONDS", 0.3)
    li = world.person("li")
    line = Line(address, world.token(li))
    assert line.read_until("ping")["server_time"].endswith("+00:00")
    assert line.last


def test_nobody_listens_without_signing_in(address: str) -> None:
    answer = requests.get(f"{address}/events", timeout=_PATIENCE)
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
