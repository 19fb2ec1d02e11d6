"""`playbook/tickets.yml` is among what `sixty validate` checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sixty.validation.everything import find_problems

TICKETS = """\
types:
  - id: refund
    title: 退款
    group: general
    when: {intents: [ask_size]}
"""


def said(project: Any, text: str) -> list[str]:
    (Path(project.root) / "playbook" / "tickets.yml").write_text(text, encoding="utf-8")
    _, problems = find_problems(project.root, project.root / "playbook")
    return [str(problem) for problem in problems]


def test_a_file_that_fits_is_no_problem(project: Any) -> None:
    assert said(project, TICKETS) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "wrong"),
    [
        ("ask_size", "ask_sise", 5, "there is no intent ask_sise"),
        ("group: general", "group: generals", 4, "there is no group generals"),
        ("title: 退款", "titel: 退款", 3, "titel"),
    ],
)
def test_a_mistake_is_named_with_its_line(project: Any, old: str, new: str, line: int, wrong: str) -> None:
    found = said(project, TICKETS.replace(old, new))
    assert any(wrong in each and f"tickets.yml:{line}" in each for each in found), found


UNANSWERED = """\
states:
  - {id: new, title: 待处理}
  - {id: asked, title: 等顾客, kind: waiting}
  - {id: done, title: 已解决, kind: done}
transitions:
  - {from: new, to: [asked, done]}
  - {from: asked, to: [new, done]}
  - {from: done, to: [new]}
unanswered:
  remind_after: 1d
  close_after: 3d
  to: done
  why: 没有回
  reopen_within: 7d
  remind: 还差{why}，{due}前发我～
  closed: "{no}先结掉啦～"
types:
  - id: refund
    title: 退款
    group: general
    unanswered: {close_after: 4d}
"""


def test_a_rule_for_unanswered_tickets_that_fits_is_no_problem(project: Any) -> None:
    assert said(project, UNANSWERED) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "wrong"),
    [
        ("remind_after: 1d", "remind_after: 3d", 9, "reminded after it is closed"),
        ("close_after: 4d", "close_after: 1d", 21, "customers of refund are reminded after it is closed"),
        ("close_after: 3d", "close_after: 3h", 11, "number of days such as 1d or 3d"),
        ("to: done", "to: asked", 12, "asked is no state in which a ticket is done"),
        ("to: [new, done]}", "to: [new]}", 12, "from asked a ticket of refund may not go to done"),
        ("  - {from: done, to: [new]}\n", "", 13, "from done a ticket of refund can't be opened again"),
        ("还差{why}", "还差{what}", 15, "the words of remind name something that is not known"),
    ],
)
def test_mistakes_in_it_are_named_with_their_line(project: Any, old: str, new: str, line: int, wrong: str) -> None:
    assert old in UNANSWERED
    found = said(project, UNANSWERED.replace(old, new))
    assert any(wrong in each and f"tickets.yml:{line}" in each for each in found), found


def test_a_type_that_waits_otherwise_than_nothing(project: Any) -> None:
    found = said(project, f"{TICKETS}    unanswered: {{close_after: 4d}}\n")
    assert any("the file has no unanswered" in each and "tickets.yml:6" in each for each in found), found
