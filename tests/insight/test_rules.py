"""`playbook/willingness.yml`: a merchant's mistakes are said with line and remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sixty.insight.models import SEGMENTS
from sixty.insight.rules import (
    WILLINGNESS_FILE,
    WillingnessRules,
    WillingnessRulesError,
    check_willingness,
    read_willingness,
)
from sixty.shop.located import Problem

SHIPPED = Path(__file__).parents[2] / "playbook"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(SHIPPED / WILLINGNESS_FILE, tmp_path)
    return tmp_path


def test_the_shipped_file_names_intents_that_there_are() -> None:
    import yaml

    domain = yaml.safe_load((SHIPPED.parent / "domain.yml").read_text(encoding="utf-8"))
    intents = [next(iter(each)) if isinstance(each, dict) else each for each in domain["intents"]]
    problems: list[Problem] = []
    rules = check_willingness(SHIPPED, problems, intents)
    assert problems == []
    assert {"answered", "missed", "angry", "ordered"} <= set(rules.rules)
    assert [rules.clock.bounds_of("数码家电")[each] for each in SEGMENTS] == [0, 45, 105]


def test_without_the_file_the_clock_is_the_usual_one(tmp_path: Path) -> None:
    assert read_willingness(tmp_path) == WillingnessRules()


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("pause_minutes: 30", "pause_minutes: 0", "pause_minutes"),
        ("answer_from: 15", "answer_from: 45", "follow one another"),
        ("{answer: 2, win_back: 4}", "{answer: 5, win_back: 4}", "answer comes before win_back"),
        ("母婴: 2", "母婴: 0", "is no length"),
        ("start: {shop: -5", "start: {shop: -500", "points are too many"),
        ("kept: 0.6", "kept: 1.6", "kept"),
        ("{points: -6, words: 在犹豫, intents: [hesitate]}", "{points: -6, words: 在犹豫}", "looks at nothing"),
        ("moods: [angry]", "moods: [angry], when: slow", "looks at moods and when"),
        ("moods: [angry]", "moods: [cross]", "angry.moods"),
        ("points: -16", "points: -160", "rules.angry.points"),
        ("says: [我要了", "says: ['', 我要了", "empty word"),
        ("dip: 0.08", "dip: 8", "lines.dip"),
        ("intents: [hesitate]", "intents: [hesitates]", "there is no intent hesitates"),
        ("aftersales: [track_order", "aftersales: [track_orders", "there is no intent track_orders"),
        ("same_product_hours: 72", "same_hours: 72", "same_hours"),
    ],
)
def test_a_mistake_is_said_with_its_line(folder: Path, old: str, new: str, wrong: str) -> None:
    file = folder / WILLINGNESS_FILE
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    shipped = read_willingness(SHIPPED)
    intents = {intent for rule in shipped.rules.values() for intent in rule.intents} | shipped.lines.aftersales
    problems: list[Problem] = []
    check_willingness(folder, problems, intents)
    assert len(problems) == 1
    assert wrong in str(problems[0])
    assert problems[0].line > 1
    if wrong.startswith("there is no intent"):
        return  # Which intents there are, only the whole project knows.
    with pytest.raises(WillingnessRulesError, match=WILLINGNESS_FILE):
        read_willingness(folder)
