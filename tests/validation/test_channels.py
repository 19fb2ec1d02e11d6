from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import sixty.validation.everything
from sixty.settings import project_root
from sixty.validation import report
from sixty.validation.channels import check_channels
from sixty.validation.problem import Place, Problem


def project(root: Path, credentials: str, door: str | None = None) -> Any:
    (root / "credentials.yml").write_text(credentials, encoding="utf-8")
    playbook = root / "playbook"
    playbook.mkdir()
    shipped = (project_root() / "playbook" / "front_door.yml").read_text(encoding="utf-8")
    (playbook / "front_door.yml").write_text(shipped if door is None else door, encoding="utf-8")
    return SimpleNamespace(root=root, playbook=playbook)


def test_a_stock_channel_is_a_warning(tmp_path: Path) -> None:
    (problem,) = check_channels(project(tmp_path, "sixty.channels.web.WebChannel:\nsocketio:\n"))
    assert (problem.place, problem.only_warns) == (Place(Path("credentials.yml"), 2), True)
    assert "beside the front door" in str(problem)


def test_the_doors_playbook_is_checked(tmp_path: Path) -> None:
    (problem,) = check_channels(project(tmp_path, "", "bursts: {wait: 1}\n"))
    assert (problem.place, problem.only_warns) == (Place(Path("playbook/front_door.yml"), 1), False)


def test_what_is_shipped_is_right(tmp_path: Path) -> None:
    assert list(check_channels(project(tmp_path, "sixty.channels.api.ApiChannel:\n"))) == []


@pytest.mark.parametrize(("only_warns", "code"), [(True, 0), (False, 1)])
def test_a_warning_is_said_and_is_no_failure(
    only_warns: bool, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = Problem(Place(Path("credentials.yml"), 2), "it stands beside the door", "Mend it", only_warns=only_warns)
    monkeypatch.setattr(sixty.validation.everything, "find_problems", lambda *_: (None, [problem]))
    monkeypatch.setattr(sixty.validation.everything, "summary", lambda _: "all of it")
    assert report(Path(), Path()) == code
    assert "credentials.yml:2: it stands beside the door." in capsys.readouterr().out
