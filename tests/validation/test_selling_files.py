"""Benefits, own channels and trials are among what `sixty validate` checks."""

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
def selling(project: Any) -> Any:
    for name in ("benefits.yml", "own_channels.yml", "trials.yml", "minutes.yml"):
        shutil.copy(PLAYBOOK / name, project.root / "playbook" / name)
    return project


def test_the_shops_own_files_are_no_problem(selling: Any) -> None:
    assert said(selling) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "wrong"),
    [
        ("benefits.yml", "stock: 300", "stock: -300", "goods.care_samples.stock"),
        ("benefits.yml", "offer: [care_samples, packet_5]", "offer: [care_sample, packet_5]", "no benefit care_sample"),
        ("own_channels.yml", "benefit: lucky_draw", "benefit: unlucky_draw", "no benefit unlucky_draw"),
        ("trials.yml", "winners: 2", "winners: 5", "all would win"),
        ("minutes.yml", "生鲜食品: quick", "生鲜食品: slow", "no strategy slow"),
        ("minutes.yml", "win_back: [close]", "answer: [bundle]", "first half of the minute is for answers"),
    ],
)
def test_a_mistake_is_said_with_file_and_line(selling: Any, file: str, old: str, new: str, wrong: str) -> None:
    path = selling.root / "playbook" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = [line for line in said(selling) if wrong in line]
    assert len(found) == 1
    assert f"playbook/{file}:" in found[0]
