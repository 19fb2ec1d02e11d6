"""`sixty chat` and `sixty replay` as one types them."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sixty.processes.ports import free_port
from sixty.settings import project_root
from sixty.shop.database import shop_session, upgrade_database
from sixty.shop.models import Customer
from tests.talk.fake_servers import DEPLOYMENT_SECRET, FakeServers

COMMAND = [sys.executable, "-m", "sixty"]
WELCOME = [
    {"text": "您好～", "outcome": "social", "capsules": [{"title": "查订单", "tap": "1.0.order"}]},
]
ORDERS = [
    {"text": "选一笔[订单]", "outcome": "asked_back"},
    {
        "card": {
            "type": "orders",
            "orders": [{"no": "2026111800010001", "name": "工装裤", "title": "看工装裤这单", "tap": "2.0.first"}],
        }
    },
    {"capsules": [{"title": "转人工", "tap": "2.1.human"}]},
]


def _answers(message: str) -> Any:
    return {"": WELCOME, "1.0.order": ORDERS, "查订单": ORDERS, "沉默": []}.get(
        message, [{"text": f"收到：{message}", "outcome": "answered"}]
    )


def _environment(bot: FakeServers | None, var: Path) -> dict[str, str]:
    port = bot.url.rpartition(":")[2] if bot else str(free_port())
    return {**os.environ, "SIXTY_RASA_PORT": port, "SIXTY_VAR": str(var), "SIXTY_SECRET": DEPLOYMENT_SECRET}


def _sixty(bot: FakeServers | None, var: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=project_root(),
        env=_environment(bot, var),
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_says_lines_and_shows_the_whole_conversation(bot: FakeServers, tmp_path: Path) -> None:
    bot.answer = _answers
    result = _sixty(bot, tmp_path, "chat", "--product", "GZ2101", "--say", "查订单", "--say", "1", "--say", "7")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "you › 查订单",
        "bot › 选一笔[订单]",
        "bot › │ 【您的订单】",
        "      │ 工装裤（尾号0001）",
        "      [1] 看工装裤这单   [2] 转人工",
        "you › 看工装裤这单",
        "bot › 收到：2.0.first",
        "you › 7",
        "bot › 收到：7",
    ]
    assert (bot.said[0]["entry"], bot.said[0]["product"]) == ("product", "GZ2101")


def test_prints_json_a_turn(bot: FakeServers, tmp_path: Path) -> None:
    bot.answer = _answers
    result = _sixty(bot, tmp_path, "chat", "--json", "--say", "查订单", "--say", "2", "--say", "沉默")
    turns = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(turn["message"], turn.get("tapped", False), turn["outcome"]) for turn in turns] == [
        ("查订单", False, "asked_back"),
        ("转人工", True, "answered"),
        ("沉默", False, "empty"),
    ]
    assert turns[0]["replies"] == ORDERS
    assert {turn["conversation"] for turn in turns} == {f"of-{bot.said[0]['conversation']}"}
    assert bot.messages == ["查订单", "2.1.human", "沉默"]


def test_what_another_program_writes_is_said_after_a_welcome(bot: FakeServers, tmp_path: Path) -> None:
    bot.answer = _answers
    result = _sixty(bot, tmp_path, "chat", "--customer", "C001", typed="1\n\n在吗\n")
    assert result.returncode == 0
    assert bot.messages == ["", "1.0.order", "在吗"]
    assert {message["customer"]["id"] for message in bot.said} == {"C001"}
    assert result.stdout.startswith("bot › 您好～\n      [1] 查订单\nyou › 查订单\n")


def test_is_typed_in_a_terminal(bot: FakeServers, tmp_path: Path) -> None:
    bot.answer = _answers
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "chat"],
        cwd=project_root(),
        env={**_environment(bot, tmp_path), "TERM": "dumb"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""

    def until(text: str) -> None:
        """Reads on until that is shown, and forgets what came before."""
        nonlocal shown
        while text.encode() not in shown:
            assert select.select([ours], [], [], 20)[0], f"{text!r} was not shown"
            shown += os.read(ours, 4096)
        shown = shown.partition(text.encode())[2]

    def type_in(text: str) -> None:
        # Not before the prompt: what is typed while the terminal changes its mode may be lost.
        until("you › ")
        os.write(ours, text.encode())

    try:
        type_in("在吗\n")
        until("收到：在吗")
        bot.status = 500
        type_in("还在吗\n")
        until("HTTP 500")
        bot.status = 200
        type_in("嗯\n")
        until("收到：嗯")
        type_in("\x04")
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert bot.messages == ["", "在吗", "还在吗", "嗯"]


def test_a_line_that_fails_ends_it(bot: FakeServers, tmp_path: Path) -> None:
    bot.status = 500
    result = _sixty(bot, tmp_path, "chat", "--say", "在吗", "--say", "人呢")
    assert (result.returncode, result.stderr) == (1, "sixty: Rasa answered with HTTP 500: 说得太快啦\n")
    assert bot.messages == ["在吗"]
    result = _sixty(bot, tmp_path, "chat", "--json", "--say", "在吗")
    assert result.returncode == 1
    assert json.loads(result.stdout)["outcome"] == "errors"


@pytest.mark.parametrize("command", [["chat", "--say", "在吗"], ["chat"], ["replay", "dialogs.jsonl"]])
def test_no_bot_is_one_line(tmp_path: Path, command: list[str]) -> None:
    file = tmp_path / "dialogs.jsonl"
    file.write_text('{"turns": [{"role": "user", "text": "1"}]}\n', encoding="utf-8")
    result = _sixty(None, tmp_path, *(str(file) if part == file.name else part for part in command))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert "make run" in result.stderr


def test_an_unknown_customer_is_one_line(bot: FakeServers, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'sixty.db'}"
    upgrade_database(url)
    with shop_session(url) as session:
        session.add(Customer(id="C001", nickname="小王", phone="13800000000", level="普通"))
    assert _sixty(bot, tmp_path, "chat", "--customer", "C001", "--say", "在吗").returncode == 0
    bot.said.clear()
    result = _sixty(bot, tmp_path, "chat", "--customer", "C999", "--say", "在吗")
    assert result.returncode == 1
    assert bot.said == []
    assert result.stderr.count("\n") == 1
    assert "C999" in result.stderr


@pytest.mark.parametrize(
    "options", [["--entry", "product"], ["--entry", "order", "--product", "A"], ["--product", "A", "--order", "1"]]
)
def test_pages_that_do_not_fit_are_refused(bot: FakeServers, tmp_path: Path, options: list[str]) -> None:
    assert _sixty(bot, tmp_path, "chat", *options, "--say", "在吗").returncode == 2
    assert bot.said == []


def _dialogs(folder: Path, dialogs: int) -> Path:
    path = folder / "invented.jsonl"
    row = {"turns": [{"role": "user", "text": "在吗"}, {"role": "user", "text": "什么面料"}]}
    path.write_text(f"{json.dumps(row)}\n" * dialogs, encoding="utf-8")
    return path


def test_replays_and_prints_its_summary_last(bot: FakeServers, tmp_path: Path) -> None:
    file = _dialogs(tmp_path, 6)
    result = _sixty(bot, tmp_path / "var", "replay", str(file), "--json", "--limit", "5", "--parallel", "2")
    assert (result.returncode, result.stderr) == (0, "")
    summary = json.loads(result.stdout.splitlines()[-1])
    assert (summary["dialogs"], summary["turns"], summary["answered"]) == (5, 10, 10)
    (folder,) = (tmp_path / "var" / "replays").iterdir()
    assert folder.name.startswith("invented-")
    assert {path.name for path in folder.iterdir()} == {"summary.json", "transcripts.jsonl", "transcripts.txt"}


def test_customers_lines_go_nowhere_but_out(bot: FakeServers, tmp_path: Path) -> None:
    out = tmp_path / "elsewhere"
    var = tmp_path / "var"
    result = _sixty(bot, var, "replay", str(_dialogs(tmp_path, 2)), "--out", str(out))
    assert result.returncode == 0
    assert "  answered          4  100.0%" in result.stdout.splitlines()
    assert "什么面料" in (out / "transcripts.txt").read_text(encoding="utf-8")
    assert "什么面料" not in result.stdout + result.stderr
    assert not (var / "replays").exists()


def test_ctrl_c_ends_in_good_order(bot: FakeServers, tmp_path: Path) -> None:
    bot.delay = 0.05
    out = tmp_path / "out"
    process = subprocess.Popen(
        [*COMMAND, "replay", str(_dialogs(tmp_path, 2000)), "--json", "--out", str(out)],
        cwd=project_root(),
        env=_environment(bot, tmp_path / "var"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 20
        while len(bot.said) < 8 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 1
    assert stderr == "sixty: Not all was played: interrupted.\n"
    summary = json.loads(stdout.splitlines()[-1])
    assert summary["stopped"] == "interrupted"
    written = (out / "transcripts.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(written) == summary["dialogs"]
    assert summary["turns"] == len(bot.said)
