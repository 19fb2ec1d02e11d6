"""The playbook's policies and pages are among what `sixty validate` checks."""

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
def ruled(project: Any) -> Any:
    shutil.copytree(PLAYBOOK / "policies", project.root / "playbook" / "policies")
    shutil.copy(PLAYBOOK / "pages.yml", project.root / "playbook")
    return project


def test_the_shops_own_files_are_no_problem(ruled: Any) -> None:
    assert said(ruled) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "wrong", "remedy"),
    [
        (
            "policies/complaints.yml",
            "when: {level: [金卡, PLUS]}",
            "when: {asked_before: true, level: [PLUS]}",
            "complaint_members can never decide",
            "Move it before them, or remove it.",
        ),
        ("policies/complaints.yml", "promise: 4h", "promise: soon", "is no span", "Mend the value."),
        (
            "policies/reviews.yml",
            "page: review\n",
            "page: reviews\n",
            "leads to a page reviews",
            "known are confirm_receipt",
        ),
        ("pages.yml", 'link: "/my/sign-in"', 'link: "my/sign-in"', "must begin with https://", "Mend the value."),
    ],
)
def test_a_mistake_is_said_with_file_line_and_remedy(
    ruled: Any, file: str, old: str, new: str, wrong: str, remedy: str
) -> None:
    ruled.replace(f"playbook/{file}", old, new)
    found = [each for each in said(ruled) if wrong in each]
    assert len(found) == 1, said(ruled)
    line = ruled.line_of(f"playbook/{file}", new.strip())
    # The row that decides nothing is told at its beginning, everything else at its own line.
    assert found[0].startswith((f"playbook/{file}:{line}: ", f"playbook/{file}:{line - 1}: "))
    assert remedy in found[0]


def test_a_deed_that_nobody_decides_about_is_said(ruled: Any) -> None:
    (ruled.root / "playbook" / "policies" / "membership.yml").unlink()
    (found,) = said(ruled)
    assert found.startswith("playbook/policies:1: no file decides about join_membership.")
