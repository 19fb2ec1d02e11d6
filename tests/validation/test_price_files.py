"""The playbook's files about prices are among what `sixty validate` checks."""

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
def priced(project: Any) -> Any:
    for name in ("promotions.yml", "campaigns.yml"):
        shutil.copy(PLAYBOOK / name, project.root / "playbook" / name)
    return project


def test_the_shops_own_files_are_no_problem(priced: Any) -> None:
    assert said(priced) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "wrong"),
    [
        ("promotions.yml", "mode: parallel", "mode: both", "stacking.mode"),
        ("promotions.yml", "several: [red_packet]", "several: [pieces]", "an article has one pieces"),
        ("campaigns.yml", "from: 10-20 20:00", "from: 20 October", "is no time"),
    ],
)
def test_a_mistake_is_said_with_file_and_line(priced: Any, file: str, old: str, new: str, wrong: str) -> None:
    priced.replace(f"playbook/{file}", old, new)
    found = said(priced)
    assert len(found) == 1, found
    assert found[0].startswith(f"playbook/{file}:{priced.line_of(f'playbook/{file}', new)}: ")
    assert wrong in found[0]


def test_a_promotion_of_an_unknown_campaign_is_said(priced: Any) -> None:
    shutil.copytree(PLAYBOOK / "demo", priced.root / "playbook" / "demo", dirs_exist_ok=True)
    priced.replace(
        "playbook/demo/promotions.yml", "[工装, 母婴, 美妆], campaign: 双11", "[工装, 母婴, 美妆], campaign: 双22"
    )
    line = priced.line_of("playbook/demo/promotions.yml", "campaign: 双22")
    assert any(each.startswith(f"playbook/demo/promotions.yml:{line}: unknown campaign 双22") for each in said(priced))
