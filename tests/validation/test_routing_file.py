"""`playbook/routing.yml` is among what `sixty validate` checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sixty.validation.everything import find_problems

ROUTING = """\
hours:
  - id: office
    week:
      - {days: [周一], open: [09:00-12:00]}
groups:
  - id: presale
    title: 售前
    hours: office
    takes: {intents: [ask_size, ask_price]}
  - id: general
    title: 在线
"""


def said(project: Any, text: str) -> list[str]:
    (Path(project.root) / "playbook" / "routing.yml").write_text(text, encoding="utf-8")
    _, problems = find_problems(project.root, project.root / "playbook")
    return [str(problem) for problem in problems]


def test_a_file_that_fits_is_no_problem(project: Any) -> None:
    assert said(project, ROUTING) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "wrong"),
    [
        ("ask_size,", "ask_sise,", 9, "there is no intent ask_sise"),
        ("hours: office", "hours: offize", 8, "there is no hours offize"),
        ("09:00-12:00", "09:00-25:00", 4, "is no time of a day"),
    ],
)
def test_a_mistake_is_said_with_file_and_line(project: Any, old: str, new: str, line: int, wrong: str) -> None:
    found = [each for each in said(project, ROUTING.replace(old, new, 1)) if wrong in each]
    assert len(found) == 1
    assert f"playbook/routing.yml:{line}:" in found[0]
