"""The rules of willingness are among what `sixty validate` checks."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sixty.validation.everything import find_problems

SHIPPED = Path(__file__).parents[2] / "playbook" / "willingness.yml"


def said(project: Any) -> list[str]:
    _, problems = find_problems(project.root, project.root / "playbook")
    return [str(problem) for problem in problems if "willingness.yml" in str(problem)]


def test_a_mistake_is_said_with_file_and_line(project: Any) -> None:
    path = project.root / "playbook" / SHIPPED.name
    shutil.copy(SHIPPED, path)
    path.write_text(path.read_text(encoding="utf-8").replace("kept: 0.6", "kept: 6", 1), encoding="utf-8")
    (found,) = said(project)
    assert "playbook/willingness.yml:" in found
    assert "score.kept" in found


def test_only_intents_that_there_are_move_the_score(project: Any) -> None:
    path = project.root / "playbook" / SHIPPED.name
    shutil.copy(SHIPPED, path)
    unknown = [line for line in said(project) if "there is no intent" in line]
    path.write_text(path.read_text(encoding="utf-8").replace("[hesitate]", "[hesitate, dithers]", 1), encoding="utf-8")
    (added,) = {line for line in said(project) if "there is no intent" in line} - set(unknown)
    assert "dithers" in added
