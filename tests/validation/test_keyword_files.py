"""The playbook's keywords are among what `sixty validate` checks."""

from __future__ import annotations

from typing import Any

import pytest

from sixty.validation.everything import find_problems

FILE = "playbook/keywords.yml"
GOOD = "- words: [面料好吗, 料子]\n  question: material\n- words: [码数表]\n  question: size\n"


def said(project: Any) -> list[str]:
    _, problems = find_problems(project.root, project.root / "playbook")
    return [str(problem) for problem in problems]


def test_questions_need_nothing_but_capsules(project: Any) -> None:
    project.write(FILE, GOOD)
    assert said(project) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "wrong"),
    [
        ("question: size", "question: sizes", 4, "there is no capsule sizes"),
        ("[码数表]", "[料子？]", 3, "is the same as"),
        ("question: size", "answer: 有的\n  question: size", 3, "either an answer or a question"),
    ],
)
def test_a_mistake_is_said_with_file_and_line(project: Any, old: str, new: str, line: int, wrong: str) -> None:
    project.write(FILE, GOOD)
    project.replace(FILE, old, new)
    found = said(project)
    assert len(found) == 1, found
    assert found[0].startswith(f"{FILE}:{line}: ")
    assert wrong in found[0]


def test_an_answer_needs_its_intent(project: Any) -> None:
    project.write(FILE, "- words: [门店]\n  answer: 没有门店～\n")
    (found,) = said(project)
    assert found.startswith(f"{FILE}:2: nothing says this answer")
    assert "action_answer_keyword" in found
