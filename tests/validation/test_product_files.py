"""The playbook's climate and comparisons are among what `sixty validate` checks."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from sixty.validation.everything import find_problems

PLAYBOOK = Path(__file__).parents[2] / "playbook"


def said(project: Any) -> list[str]:
    _, problems = find_problems(project.root, project.root / "playbook")
    return [str(problem) for problem in problems]


@pytest.fixture
def informed(project: Any) -> Any:
    shutil.copy(PLAYBOOK / "climate.yml", project.root / "playbook" / "climate.yml")
    shutil.copy(PLAYBOOK / "demo" / "comparisons.yml", project.root / "playbook" / "comparisons.yml")
    return project


def test_the_shops_own_files_are_no_problem(informed: Any) -> None:
    assert said(informed) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "wrong"),
    [
        ("climate.yml", "东北: [沈阳,", "东北: [奉天,", "speaks of 奉天"),
        ("comparisons.yml", "products: [GZ2101, GZ2103]", "products: [GZ2101, GZ2101]", "differ from itself"),
    ],
)
def test_a_mistake_is_said_with_its_file(informed: Any, file: str, old: str, new: str, wrong: str) -> None:
    path = informed.root / "playbook" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert any(f"playbook/{file}:" in each and wrong in each for each in said(informed)), said(informed)
