"""`playbook/inspection.yml` is among what `sixty validate` checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sixty.validation.everything import find_problems

INSPECTION = """\
rules:
  - id: slow
    kind: first_answer
    title: 首次响应慢
    after: 60s
  - id: words
    kind: forbidden
    title: 不能说
    words: [全网最低]
    patterns:
      - 最(?:佳|优)
forms:
  - id: service
    title: 服务
    criteria:
      - {id: warm, title: 态度, points: [0, 5, 10]}
"""


def said(project: Any, text: str) -> list[str]:
    (Path(project.root) / "playbook" / "inspection.yml").write_text(text, encoding="utf-8")
    _, problems = find_problems(project.root, project.root / "playbook")
    return [str(problem) for problem in problems]


def test_a_file_that_fits_is_no_problem(project: Any) -> None:
    assert said(project, INSPECTION) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "wrong"),
    [
        ("kind: first_answer", "kind: first_anser", 2, "there is no kind first_anser"),
        ("after: 60s", "after: 60", 5, "is no time"),
        ("after: 60s", "afterwards: 60s", 5, "extra fields"),
        ("最(?:佳|优)", "最(?:佳|优", 11, "is no regular expression"),
        ("最(?:佳|优)", "(?:佳)?", 11, "fits everything"),
        (
            "first_answer\n    title: 首次响应慢\n    after: 60s",
            "promise\n    title: 没做\n    audience: [person, bot]",
            5,
            "write [person]",
        ),
        ("id: words", "id: slow", 1, "slow stands here twice"),
        ("[0, 5, 10]", "[0, 10, 5]", 16, "points grow"),
    ],
)
def test_a_mistake_is_said_with_file_and_line(project: Any, old: str, new: str, line: int, wrong: str) -> None:
    found = [each for each in said(project, INSPECTION.replace(old, new, 1)) if wrong in each]
    assert len(found) == 1, said(project, INSPECTION.replace(old, new, 1))
    assert f"playbook/inspection.yml:{line}:" in found[0]
