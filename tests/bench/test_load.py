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
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bench.conversations import SCRIPTS
from bench.ways import REST
from sixty.desk.conversations import context_of
from sixty.identity.api_keys import local_api_secret
from sixty.identity.signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER, UnsignedError, check_signature
from sixty.settings import project_root
from sixty.shop.database import shop_session, upgrade_database
from sixty.talk.client import MESSAGES

SECRET = "the-secret-of-the-deployment-in-these-tests"


@contextmanager
def _bot(replies: list[dict[str, str]], seconds: float) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    heard: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            said = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append({**json.loads(said), "path": self.path, "signed": _is_signed(self.headers, said)})
            time.sleep(seconds)
            body = json.dumps(replies if self.path == REST else {"conversation_id": "1", "replies": replies}).encode()
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


def _is_signed(headers: Any, said: bytes) -> bool:
    given = headers.get(TIMESTAMP_HEADER, ""), headers.get(SIGNATURE_HEADER, "")
    try:
        check_signature(local_api_secret(SECRET), *given, said, datetime.now(timezone.utc))
    except UnsignedError:
        return False
    return True


def _load(host: str, tmp_path: Path, users: int, seconds: float, way: str = "api") -> dict[str, Any]:
    upgrade_database(f"sqlite:///{tmp_path / 'sixty.db'}")
    options = ["--users", str(users), "--seconds", str(seconds), "--warm-up", "0.2", "--script", "visit", "--way", way]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.load", "--host", host, *options],
        cwd=project_root(),
        env={**os.environ, "SIXTY_VAR": str(tmp_path), "SIXTY_SECRET": SECRET},
        stdout=subprocess.PIPE,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _conversations(heard: list[dict[str, Any]], name: str, line: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for message in heard:
        found.setdefault(message[name], []).append(message[line])
    assert len(found) > 2
    script = SCRIPTS["visit"].lines
    assert all(tuple(lines) == script[: len(lines)] for lines in found.values())
    return found


def test_customers_go_through_the_script_in_conversations_of_their_own(tmp_path: Path) -> None:
    with _bot([{"text": "您好"}], 0.01) as (host, heard):
        figures = _load(host, tmp_path, users=2, seconds=1.5)

    assert figures["turns"] > 5
    assert figures["failures"] == {}
    assert figures["p99_ms"] >= figures["p50_ms"] >= 10
    _conversations(heard, "conversation", "text")
    assert all(message["signed"] and message["path"] == MESSAGES for message in heard)
    assert {message["product"] for message in heard} == {SCRIPTS["visit"].product}


def test_over_the_stock_channel_the_page_stands_in_the_database(tmp_path: Path) -> None:
    with _bot([{"text": "您好"}], 0.01) as (host, heard):
        figures = _load(host, tmp_path, users=2, seconds=1.5, way="rest")

    assert figures["failures"] == {}
    spoken = _conversations(heard, "sender", "message")
    with shop_session(f"sqlite:///{tmp_path / 'sixty.db'}", read_only=True) as session:
        for name in spoken:
            context = context_of(session, name, datetime.now(timezone.utc))
            assert context is not None
            assert (context.entry, context.product_no) == ("product", SCRIPTS["visit"].product)


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
