"""What a merchant says of related questions is among what `sixty validate` checks."""

from __future__ import annotations

from typing import Any

import pytest

from sixty.playbook import PlaybookError, read_capsule_plan
from sixty.validation.everything import find_problems

CAPSULES = "playbook/capsules.yml"


def said(project: Any) -> list[str]:
    _, problems = find_problems(project.root, project.root / "playbook")
    return [str(problem) for problem in problems]


def add(project: Any, section: str) -> str:
    text = (project.root / CAPSULES).read_text(encoding="utf-8")
    project.write(CAPSULES, f"{text}\nrelated:\n{section}\n")
    return section.splitlines()[-1].strip()


def test_a_section_that_fits_is_no_problem(project: Any) -> None:
    add(
        project,
        "  half_life_days: 30\n  approval: by_hand\n  pin: {default: [size], ask_price/工装: [size]}\n"
        "  approve: {ask_price: [size]}\n  ban: {ask_size: [size]}",
    )
    assert said(project) == []


@pytest.mark.parametrize(
    ("section", "wrong", "remedy"),
    [
        ("  pin: {ask_price: [sizes]}", "there is no capsule sizes", "size"),
        ("  approve: {ask_prise: [size]}", "there is no intent ask_prise", "ask_price"),
        ("  ban: {ask_price.材致/工装: [size]}", "no product has an attribute 材致", "catalogue.py"),
        ("  half_life_days: 0", "greater than 0", "beginning of the file"),
        ("  half_live_days: 30", "extra fields not permitted", "beginning of the file"),
        ("  approval: sometimes", "'automatic', 'by_hand'", "beginning of the file"),
    ],
)
def test_a_mistake_is_said_with_its_line(project: Any, section: str, wrong: str, remedy: str) -> None:
    line = add(project, section)
    found = said(project)
    assert len(found) == 1, found
    assert wrong in found[0]
    assert remedy in found[0]
    assert f"{CAPSULES}:{project.line_of(CAPSULES, line)}:" in found[0]


def test_the_bot_does_not_start_with_a_capsule_that_is_not_there(project: Any) -> None:
    add(project, "  ban: {ask_price: [sizes]}")
    with pytest.raises(PlaybookError, match="related → ban → ask_price names the capsule “sizes”"):
        read_capsule_plan(project.root / CAPSULES)


def test_without_the_section_nothing_is_pinned_or_banned(project: Any) -> None:
    related = read_capsule_plan(project.root / CAPSULES).related
    assert related.pinned("ask_price") == []
    assert related.shows("size", "ask_price")
