"""`playbook/supervision.yml` is among what `sixty validate` checks."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sixty.desk.board.supervision_rules import WHATS, SupervisionError, SupervisionRules, read_supervision
from sixty.settings import project_root
from sixty.validation.everything import find_problems

RULES = """\
alarms:
  - {id: queue_long, what: waiting, title: 排队太多, at_least: 10, each: group, calm_for: 1m}
  - {id: silent, what: agent_silent, title: 没人回, over: 4m}
  - {id: scores_low, what: low_score, title: 满意度低, below: 3.5, each: agent, within: 2h, ratings: 8}
people: {orders_within: 12h}
schedule: {share: 90%, within: 20s}
saved: {minutes: 6.5, hour_costs: 45, needs_person: 60%}
"""


def said(project: Any, text: str) -> list[str]:
    (Path(project.root) / "playbook" / "supervision.yml").write_text(text, encoding="utf-8")
    _, problems = find_problems(project.root, project.root / "playbook")
    return [str(problem) for problem in problems]


def test_a_file_that_fits_is_no_problem(project: Any) -> None:
    assert said(project, RULES) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "wrong"),
    [
        ("at_least: 10", "over: 10m", 2, "waiting is measured with at_least, and has over"),
        ("over: 4m", "over: 4 minutes", 3, "no time such as 45s"),
        ("what: agent_silent", "what: agent_quiet", 3, "what"),
        ("each: agent", "each: chat", 4, "low_score is measured for each of: all, group, agent"),
        ("id: silent", "id: queue_long", 3, "queue_long stands here twice"),
        ("share: 90%", "share: 100%", 6, "nobody can promise"),
        ("needs_person: 60%", "needs_person: 0.6", 7, "is no share such as 80%"),
        ("below: 3.5", "below: 7", 4, "below"),
    ],
)
def test_a_mistake_is_said_with_file_and_line(project: Any, old: str, new: str, line: int, wrong: str) -> None:
    found = [each for each in said(project, RULES.replace(old, new, 1)) if wrong in each]
    assert len(found) == 1, said(project, RULES.replace(old, new, 1))
    assert f"playbook/supervision.yml:{line}:" in found[0]


def test_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "supervision.yml").write_text(RULES, encoding="utf-8")
    rules = read_supervision(tmp_path)
    assert [each.threshold for each in rules.alarms] == [10.0, 240.0, 3.5]
    assert rules.alarms[1].each == "chat"
    assert rules.orders_within == timedelta(hours=12)
    assert (rules.schedule.share, rules.schedule.within) == (0.9, timedelta(seconds=20))
    assert (rules.saved.minutes, rules.saved.hour_costs, rules.saved.needs_person) == (
        Decimal("6.5"),
        Decimal(45),
        Decimal("0.6"),
    )


def test_a_shop_without_the_file_has_no_alarms(tmp_path: Path) -> None:
    assert read_supervision(tmp_path) == SupervisionRules()


def test_a_file_that_is_wrong_is_not_read_by_halves(tmp_path: Path) -> None:
    (tmp_path / "supervision.yml").write_text(RULES.replace("3.5", "9"), encoding="utf-8")
    with pytest.raises(SupervisionError, match=r"supervision\.yml:4"):
        read_supervision(tmp_path)


def test_the_projects_own_file_gives_every_kind_of_alarm() -> None:
    assert {each.what for each in read_supervision(project_root() / "playbook").alarms} == set(WHATS)
