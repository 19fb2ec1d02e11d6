"""How old the board's figures are when they reach a window: a running desk, an open stream, a busy day behind it.

The day's rows are moved in time so that the day ends now; then customers come and lines are said at the pace of the
busiest hour of that day, and from each commit that changes how many wait it is measured until the stream shows it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import requests

from bench.figures import percentile
from sixty.desk.conversations import Conversation, Who, begin
from sixty.desk.handoffs import open_handoff
from sixty.desk.presence import set_presence
from sixty.desk.staff.accounts import add_account, change_password
from sixty.desk.staff.own_agents import own_agent
from sixty.ledger.models import Message
from sixty.ledger.receiving import blank_message
from sixty.settings import project_root
from sixty.shop.database import shop_session

_PASSWORD = "四把椅子围着一张圆桌"  # noqa: S105
# Of a day's chats so many come in its busiest hour; each has so many lines.
_BUSIEST_HOUR = 0.13
_LINES_A_CHAT = 8
_ROUTING = (
    "groups:\n  - {id: aftersale, title: 售后, takes: {intents: [refund_status]}}\n  - {id: general, title: 在线}\n"
)
_GIVE_UP_SECONDS = 30.0
_STARTS_WITHIN_SECONDS = 300.0


def board_lag(file: Path, chats: int, times: int, port: int, seed: int = 1) -> list[float]:
    """Measures it.

    Args:
        file: The database of a day, which is changed.
        chats: How many chats a day has.
        times: How often it is measured.
        port: Where the desk is served.
        seed: The same gives the same pauses.

    Returns:
        Seconds from each commit to the stream's figures that show it.
    """
    _move_in_time(file)
    url = f"sqlite:///{file}"
    now = datetime.now(timezone.utc)
    with shop_session(url) as session:
        account, password = add_account(session, "board", "大屏", "supervisor", now)
        change_password(account, password, _PASSWORD)
        agent = own_agent(session, account, now, ())
        assert agent is not None
        # There all the time, and taking nobody: who waits goes on waiting.
        set_presence(session, agent.id, "busy", now, agent.id)
        agent.heartbeat_at = now + timedelta(hours=2)
    with _desk(file, port) as address, _Stream(address) as stream:
        waiting = stream.wait_for_figures()
        stop = threading.Event()
        crowd = threading.Thread(target=_crowd, args=(url, chats, stop, seed), daemon=True)
        crowd.start()
        chance = random.Random(seed)
        lags = []
        for number in range(times):
            time.sleep(chance.uniform(0.3, 1.3))
            with shop_session(url) as session:
                _comes(session, f"L{number:05d}", datetime.now(timezone.utc))
            committed = time.monotonic()
            waiting += 1
            lags.append(stream.shows(waiting) - committed)
        stop.set()
        crowd.join(10)
    return [max(0.0, lag) for lag in lags]


def _comes(session: Any, number: str, now: datetime) -> None:
    chat = begin(session, "web", now, visitor_id=number, who=Who(number, "普通", "浙江省", now + timedelta(days=3)))[0]
    values = blank_message(
        conversation_id=chat.id, author="customer", channel="web", text="转人工", state="handed_over", at=now
    )
    session.add(Message(**values))
    open_handoff(session, chat.id, "asked_for", "转人工", {}, "web", number, now, told=True, rules=_rules())


def _rules() -> Any:
    from bench.desk import rules
    from sixty.desk.desk_rules import GroupRules
    from sixty.desk.office_hours import ALWAYS

    found = rules()
    return type(found)(groups=(GroupRules("general", "在线", ALWAYS),), longest_queue=10_000)


def _crowd(url: str, chats: int, stop: threading.Event, seed: int) -> None:
    """Bots' chats and their lines, at the pace of the busiest hour."""
    chance = random.Random(seed + 1)
    pace = chats * _BUSIEST_HOUR * _LINES_A_CHAT / 3600
    conversation: str | None = None
    said = 0
    while not stop.wait(chance.expovariate(pace)):
        now = datetime.now(timezone.utc)
        with shop_session(url) as session:
            if conversation is None or said % _LINES_A_CHAT == 0:
                number = f"M{said:06d}"
                who = Who(number, "普通", "浙江省", now + timedelta(days=3))
                conversation = begin(session, "web", now, visitor_id=number, who=who)[0].id
            asks = said % 2 == 0
            values = blank_message(
                conversation_id=conversation,
                author="customer" if asks else "bot",
                channel="web",
                text="有货吗" if asks else "有的",
                state="answered" if asks else "delivered",
                at=now,
                payload={} if asks else {"outcome": "answered"},
            )
            session.add(Message(**values))
            row = session.get(Conversation, conversation)
            assert row is not None
            row.last_at = now
        said += 1


def _move_in_time(file: Path) -> None:
    """Moves every moment of a day so that its last one is a minute ago; what is still open is ended."""
    base = sqlite3.connect(file)
    last = base.execute("SELECT max(at) FROM message").fetchone()[0]
    shift = (
        datetime.now(timezone.utc) - timedelta(minutes=1) - datetime.fromisoformat(last).replace(tzinfo=timezone.utc)
    )
    moved = f"{shift.total_seconds():+.0f} seconds"
    tables = [row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        for _, name, kind, *_ in base.execute(f"PRAGMA table_info({table})").fetchall():
            if kind == "DATETIME":
                base.execute(
                    f"UPDATE {table} SET {name} = strftime('%Y-%m-%d %H:%M:%S', {name}, ?) || '.000000'"  # noqa: S608
                    f" WHERE {name} IS NOT NULL",
                    (moved,),
                )
    base.execute("UPDATE hand_off SET state = 'closed', ended_at = assigned_at WHERE state <> 'closed'")
    base.execute("UPDATE agent SET presence = 'offline'")
    base.commit()
    base.close()


@contextmanager
def _desk(file: Path, port: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="sixty-board-") as folder:
        playbook = Path(folder) / "playbook"
        playbook.mkdir()
        for each in (project_root() / "playbook").iterdir():
            (playbook / each.name).symlink_to(each)
        (playbook / "routing.yml").unlink()
        (playbook / "routing.yml").write_text(_ROUTING, encoding="utf-8")
        environment = {
            **os.environ,
            "SIXTY_DATABASE_URL": f"sqlite:///{file}",
            "SIXTY_VAR": folder,
            "SIXTY_SECRET": "k" * 40,
            "SIXTY_PLAYBOOK": str(playbook),
            "SIXTY_DESK_PORT": str(port),
            "SIXTY_PUBLIC_DESK_URL": f"http://127.0.0.1:{port}",
        }
        command = [sys.executable, "-m", "sixty", "desk"]
        with (Path(folder) / "desk.log").open("w") as log:
            process = subprocess.Popen(command, env=environment, cwd=project_root(), stdout=log, stderr=log)
        address = f"http://127.0.0.1:{port}"
        try:
            until = time.monotonic() + _STARTS_WITHIN_SECONDS
            while time.monotonic() < until:
                try:
                    if requests.get(f"{address}/healthz", timeout=1).ok:
                        break
                except requests.RequestException:
                    pass
                if process.poll() is not None:
                    raise RuntimeError(f"the desk has ended: {(Path(folder) / 'desk.log').read_text()[-2000:]}")
                time.sleep(0.1)
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


class _Stream:
    """An open window of the board."""

    def __init__(self, address: str) -> None:
        self._address = f"{address}/api/desk"
        self._session = requests.Session()
        self._changed = threading.Condition()
        self._seen: list[tuple[float, int]] = []
        self._answer: Any = None

    def __enter__(self) -> _Stream:
        signed = self._session.post(
            f"{self._address}/sign-in", json={"login": "board", "password": _PASSWORD}, timeout=30
        )
        signed.raise_for_status()
        self._answer = self._session.get(f"{self._address}/board/events", stream=True, timeout=60)
        self._answer.raise_for_status()
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._answer.close()

    def _read(self) -> None:
        try:
            for line in self._answer.iter_lines(chunk_size=1):
                if line.startswith(b'data: {"at"'):
                    came = time.monotonic()
                    waiting = json.loads(line[6:])["now"]["waiting"]
                    with self._changed:
                        self._seen.append((came, waiting))
                        self._changed.notify_all()
        except (requests.RequestException, AttributeError, ValueError):
            return  # It has been closed.

    def wait_for_figures(self) -> int:
        """How many wait, as the first figures say."""
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._seen), 60):
                raise RuntimeError("the board's stream told nothing within a minute")
            return self._seen[-1][1]

    def shows(self, waiting: int) -> float:
        """When the first figures came in which so many waited."""

        def first() -> float | None:
            return next((came for came, count in self._seen if count >= waiting), None)

        with self._changed:
            self._changed.wait_for(lambda: first() is not None, _GIVE_UP_SECONDS)
            found = first()
        return found if found is not None else time.monotonic() + _GIVE_UP_SECONDS


def p95(lags: list[float]) -> float | None:
    """The time within which 95 of 100 are shown."""
    found = percentile(lags, 95)
    return None if found is None else round(found, 3)
