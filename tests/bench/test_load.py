"""Locust replaces Python's sockets when it is imported, so it is run in a process of its own, as the benchmarks do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bench.conversations import SCRIPTS
from sixty.settings import project_root


@contextmanager
def _bot(replies: list[dict[str, str]], seconds: float) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    heard: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            time.sleep(seconds)
            body = json.dumps(replies).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        server.server_close()


def _load(host: str, tmp_path: Path, users: int, seconds: float) -> dict[str, Any]:
    options = ["--users", str(users), "--seconds", str(seconds), "--warm-up", "0.2", "--script", "visit"]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.load", "--host", host, *options],
        cwd=project_root(),
        env={**os.environ, "SIXTY_VAR": str(tmp_path)},
        stdout=subprocess.PIPE,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_customers_go_through_the_script_in_conversations_of_their_own(tmp_path: Path) -> None:
    with _bot([{"text": "您好"}], 0.01) as (host, heard):
        figures = _load(host, tmp_path, users=2, seconds=1.5)

    assert figures["turns"] > 5
    assert figures["failures"] == {}
    assert figures["p99_ms"] >= figures["p50_ms"] >= 10
    conversations: dict[str, list[str]] = {}
    for message in heard:
        conversations.setdefault(message["sender"], []).append(message["message"])
    assert len(conversations) > 2
    script = SCRIPTS["visit"].lines
    assert all(tuple(lines) == script[: len(lines)] for lines in conversations.values())
    assert all(message["metadata"]["context"] for message in heard)


def test_turns_under_way_at_the_end_are_timed_to_their_end(tmp_path: Path) -> None:
    with _bot([{"text": "您好"}], 1.0) as (host, _):
        figures = _load(host, tmp_path, users=3, seconds=1.2)

    assert figures["turns"] == 3
    assert figures["failures"] == {}
    assert figures["p50_ms"] >= 1000


@pytest.mark.parametrize(("replies", "problem"), [([], "no reply"), ([{"text": "我这边系统有点忙"}], "an apology")])
def test_silence_and_apologies_are_no_answers(replies: list[dict[str, str]], problem: str, tmp_path: Path) -> None:
    with _bot(replies, 0.02) as (host, _):
        figures = _load(host, tmp_path, users=1, seconds=0.5)

    assert figures["turns"] == 0
    assert figures["turns_per_second"] == 0
    assert list(figures["failures"]) == [problem]
