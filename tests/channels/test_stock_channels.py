from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from sixty.channels.door_options import DoorOptions, door_options, read_door_options
from sixty.channels.stock_channels import stock_channels
from sixty.errors import OperatorError
from sixty.processes.up import warn_of_stock_channels
from sixty.settings import get_settings, project_root


def credentials(folder: Path, text: str) -> Path:
    file = folder / "credentials.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_rasas_own_channels_are_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = credentials(
        tmp_path,
        "# ours\nsixty.channels.web.WebChannel:\nrest:\nsocketio: {a: 1}\nrasa.core.channels.slack.SlackInput:\n",
    )
    found = stock_channels(file)
    assert [(each.name, each.line) for each in found] == [
        ("rest", 3), ("socketio", 4), ("rasa.core.channels.slack.SlackInput", 5),
    ]  # fmt: skip
    warn_of_stock_channels(SimpleNamespace(credentials=file))  # type: ignore[arg-type]
    said = capsys.readouterr().out
    assert "credentials.yml:3: the channel rest stands beside the front door" in said
    assert "be anybody" in said
    assert "sixty.channels.web.WebChannel instead" in said
    assert "docs/channels.md" in said


@pytest.mark.parametrize("text", ["", "- rest\n", "a: [", "sixty.channels.web.WebChannel:\n"])
def test_files_without_them(tmp_path: Path, text: str) -> None:
    assert stock_channels(credentials(tmp_path, text)) == []
    assert stock_channels(tmp_path / "missing.yml") == []


def test_this_project_turns_none_on() -> None:
    assert stock_channels(project_root() / "credentials.yml") == []


def test_the_playbook_of_this_project_can_be_used() -> None:
    door_options.cache_clear()
    assert isinstance(door_options(), DoorOptions)


WHOLE = "acknowledgements: {picture: 看到图片, voice: 听到语音, video: 看到视频, file: 收到文件, location: 收到位置}\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (WHOLE + "bursts: {wait: -1}", 2, "bursts.wait"),
        (WHOLE + "bursts:\n  wait: 6", 3, "longer than for all"),
        (WHOLE + "limits:\n  visitor: {at_once: 0, per_minute: 5}", 3, "limits.visitor.at_once"),
        (WHOLE + "limit: {}", 2, "limit"),
        (WHOLE + "deadline: 3", 2, "not for the playbook"),
        ("bursts: {wait: 1}", 1, "acknowledgements"),
        ("", 1, "empty"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    file = tmp_path / "front_door.yml"
    file.write_text(text, encoding="utf-8")
    _, problems = read_door_options(file)
    assert [problem.line for problem in problems][:1] == [line]
    assert said in str(problems[0])


def test_a_playbook_that_cannot_be_used_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIXTY_PLAYBOOK", str(tmp_path))
    get_settings.cache_clear()
    door_options.cache_clear()
    with pytest.raises(OperatorError, match=r"front_door\.yml:1"):
        door_options()
    get_settings.cache_clear()
