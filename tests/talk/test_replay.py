"""Playing dialogs against a bot. All lines here are invented."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from sixty.identity.api_keys import LOCAL
from sixty.processes.ports import free_port
from sixty.talk import replay as module
from sixty.talk.client import NotRunningError, Servers
from sixty.talk.dialogs import DialogsError
from sixty.talk.replay import Replay
from tests.talk.fake_servers import SECRET, FakeServers

MARKED = {
    "你好": [{"text": "您好～", "outcome": "social"}],
    "什么面料": [{"text": "纯棉的～", "outcome": "answered"}, {"capsules": [{"title": "厚吗", "tap": "1.0.a"}]}],
    "多大": [{"text": "您多高呢？", "outcome": "asked_back"}],
    "呜啦": [{"text": "没太明白", "outcome": "missed"}],
    "转人工": [{"text": "已登记", "outcome": "handed_over"}],
    "沉默": [],
    "没有标记": [{"text": "？"}],
}


def _dialogs(folder: Path, *dialogs: list[str]) -> Path:
    path = folder / "invented.jsonl"
    rows = [
        {"session": f"d{number}", "turns": [{"role": "user", "text": line} for line in lines]}
        for number, lines in enumerate(dialogs)
    ]
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
    return path


def nowhere() -> Servers:
    return Servers(f"http://127.0.0.1:{free_port()}", LOCAL, SECRET)


def _transcripts(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "transcripts.jsonl").read_text(encoding="utf-8").splitlines()]


def test_counts_what_the_turns_came_to(bot: FakeServers, tmp_path: Path) -> None:
    bot.answer = lambda message: MARKED.get(message, {"not": "replies"})
    file = _dialogs(tmp_path, ["你好", "什么面料", "多大"], ["呜啦", "转人工", "沉默"], ["没有标记", "坏了"])
    out = tmp_path / "out"
    summary = Replay(bot.servers).run(file, out)
    outcomes = ("answered", "asked_back", "missed", "handed_over", "social", "unmarked", "empty", "errors")
    assert {name: summary[name] for name in outcomes} == dict.fromkeys(outcomes, 1)
    assert (summary["dialogs"], summary["turns"], summary["shares"]["answered"]) == (3, 8, 0.125)
    assert json.loads((out / "summary.json").read_text(encoding="utf-8")) == summary
    assert "stopped" not in summary


def test_each_dialog_is_a_conversation_of_its_own_in_order(bot: FakeServers, tmp_path: Path) -> None:
    bot.delay = 0.01
    dialogs = [[f"{dialog}-{turn}" for turn in range(4)] for dialog in range(12)]
    out = tmp_path / "out"
    Replay(bot.servers, parallel=3).run(_dialogs(tmp_path, *dialogs), out)
    heard: dict[str, list[str]] = {}
    for message in bot.said:
        heard.setdefault(f"of-{message['conversation']}", []).append(message["text"])
    assert sorted(heard.values()) == sorted(dialogs)
    assert 1 < bot.most_at_once <= 3
    written = _transcripts(out)
    assert [each["dialog"] for each in written] == [f"d{number}" for number in range(12)]
    assert [heard[each["conversation"]] for each in written] == dialogs
    assert written[0]["turns"][0]["replies"] == [{"text": "收到：0-0", "outcome": "answered"}]


def test_transcripts_can_be_read(bot: FakeServers, tmp_path: Path) -> None:
    bot.answer = lambda message: MARKED[message]
    out = tmp_path / "out"
    Replay(bot.servers).run(_dialogs(tmp_path, ["什么面料", "沉默"]), out)
    text = (out / "transcripts.txt").read_text(encoding="utf-8")
    assert text.splitlines() == [
        "━━━ d0",
        "客户  什么面料    ‹answered›",
        "  机器人  纯棉的～",
        "  机器人  [厚吗]",
        "客户  沉默    ‹empty›",
        "",
    ]


def test_plays_no_more_than_the_limit_and_tells_how_far_it_is(bot: FakeServers, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    file = _dialogs(tmp_path, *([["在吗"]] * 5))
    summary = Replay(bot.servers).run(file, tmp_path / "out", limit=3, progress=lambda *far: seen.append(far))
    assert summary["dialogs"] == 3
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_holds_few_dialogs_at_a_time(bot: FakeServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, only so many are read ahead of what is written."""
    monkeypatch.setattr(module, "_AHEAD", 2)
    read = written = ahead = 0
    everything = module.DialogFile.dialogs

    def counted(self: Any, limit: int | None = None) -> Any:
        nonlocal read
        read = 0
        for dialog in everything(self, limit):
            read += 1
            yield dialog

    def advance(done: int, total: int) -> None:
        nonlocal written, ahead
        written = done
        ahead = max(ahead, read - written)

    monkeypatch.setattr(module.DialogFile, "dialogs", counted)
    Replay(bot.servers, parallel=2).run(_dialogs(tmp_path, *([["在吗"]] * 40)), tmp_path / "out", progress=advance)
    assert written == 40
    assert ahead <= 4


def test_a_turn_that_takes_too_long_is_an_error_and_the_dialog_goes_on(bot: FakeServers, tmp_path: Path) -> None:
    slow = threading.Event()

    def answer(message: str) -> Any:
        if message == "慢":
            slow.wait(1)
        return MARKED["你好"]

    bot.answer = answer
    summary = Replay(bot.servers, patience=0.2).run(_dialogs(tmp_path, ["慢", "你好"]), tmp_path / "out")
    slow.set()
    assert (summary["errors"], summary["social"]) == (1, 1)
    assert "No reply within 0.2 s" in (tmp_path / "out" / "transcripts.txt").read_text(encoding="utf-8")


def test_no_bot_and_no_dialogs_are_found_out_before_anything_is_written(bot: FakeServers, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(NotRunningError):
        Replay(nowhere()).run(_dialogs(tmp_path, ["在吗"]), out)
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"turns": [{"role": "user", "text": "在吗"}]}\n{"turns": 3}\n', encoding="utf-8")
    with pytest.raises(DialogsError):
        Replay(bot.servers).run(broken, out)
    assert bot.said == []
    assert not out.exists()


def test_stops_when_the_bot_has_gone(bot: FakeServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(module.Conversation, "check_running", lambda self: None)
    out = tmp_path / "out"
    summary = Replay(nowhere(), parallel=2).run(_dialogs(tmp_path, *([["在吗"] * 3] * 50)), out)
    assert "no longer answers" in summary["stopped"]
    assert 10 <= summary["errors"] == summary["turns"] <= 12
    assert sum(len(each["turns"]) for each in _transcripts(out)) == summary["turns"]


def test_what_was_played_before_a_stop_is_written_and_counted(bot: FakeServers, tmp_path: Path) -> None:
    playing = Replay(bot.servers, parallel=1)

    def answer(message: str) -> Any:
        if message == "1-1":
            playing.stop("interrupted")
        return MARKED["你好"]

    bot.answer = answer
    dialogs = [[f"{dialog}-{turn}" for turn in range(3)] for dialog in range(30)]
    summary = playing.run(_dialogs(tmp_path, *dialogs), tmp_path / "out")
    assert (summary["stopped"], summary["dialogs"], summary["turns"]) == ("interrupted", 2, 5)
    assert bot.messages == ["0-0", "0-1", "0-2", "1-0", "1-1"]
