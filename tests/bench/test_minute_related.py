from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bench.errors import BenchError
from bench.minute_related import Dialog, asked_in, folds_of, hits_of, measure, read_dialogs, share_with_interval
from sixty.related_rules import RelatedRules


def dialog(*asked: str, lines: tuple[str, ...] = ()) -> Dialog:
    return Dialog("2019", lines, asked)


def test_what_is_offered_counts_when_it_is_asked_next_and_when_it_is_asked_later() -> None:
    offered = {("a",): ["x", "c", "b"], ("a", "b"): ["y", "z", "w"], ("a", "b", "c"): ["a", "b", "x", "d"]}
    hits = hits_of(("a", "b", "c", "d"), lambda asked: offered[asked])
    # b and d were offered just before; c one question earlier.
    assert (hits.questions, hits.next, hits.ahead) == (3, 2, 3)


def test_what_was_asked_already_takes_no_place() -> None:
    hits = hits_of(("a", "b"), lambda asked: ["a", "x", "y", "b"])
    assert hits.next == 1
    assert hits_of(("a", "b"), lambda asked: ["x", "y", "z", "b"]).next == 0


def test_dialogs_that_share_lines_are_in_one_fold() -> None:
    shared = ("这双鞋什么时候能发货呀", "我上周买的那件还没到")
    alone = [dialog(lines=(f"第{number}位顾客自己的一句长话",)) for number in range(60)]
    dialogs = [dialog(lines=shared), *alone, dialog(lines=("另外一句", *shared))]
    folds = folds_of(dialogs)
    assert folds[0] == folds[-1]
    assert len(set(folds)) == 5


def test_one_shared_line_is_chance() -> None:
    line = "这双鞋什么时候能发货呀"
    both = folds_of([dialog(lines=(line,)) for _ in range(2)], folds=10_000)
    assert both[0] != both[1]


def test_questions_are_read_from_what_was_understood() -> None:
    understood = {
        "你好": {"intent": "greet", "confidence": 1.0, "entities": []},
        "什么料子": {
            "intent": "ask_attribute",
            "confidence": 0.9,
            "entities": [{"entity": "attribute", "value": "材质"}],
        },
        "多少钱": {"intent": "ask_price", "confidence": 0.9, "entities": []},
        "？？": {"intent": "nlu_fallback", "confidence": 0.3, "entities": []},
    }
    lines = ("你好", "什么料子", "？？", "多少钱", "什么料子")
    assert asked_in(Dialog("2019", lines), understood) == ("ask_attribute.材质", "ask_price")


def test_what_leads_to_what_is_found_and_beats_what_is_frequent() -> None:
    # Four questions are asked by everybody at the end; which one comes next depends on the one before only.
    pairs = {f"ask_{number}": f"then_{number}" for number in range(6)}
    dialogs = [
        dialog(first, second, *(f"popular_{n}" for n in range(4))) for first, second in pairs.items() for _ in range(20)
    ]
    folds = [number % 5 for number in range(len(dialogs))]
    figures = measure(dialogs, folds, RelatedRules())
    assert figures["next_questions"] == 5 * len(dialogs)
    assert figures["mined"]["hit3"][0] == pytest.approx(1.0)
    assert figures["popular"]["hit3"][0] <= 0.8
    assert figures["mined_over_popular"][1] > 0.15
    assert figures["mined"]["already_there"][0] >= figures["mined"]["hit3"][0]


def test_an_interval_holds_its_share() -> None:
    drawn = np.random.default_rng(1).integers(40, size=(500, 40))
    share, low, high = share_with_interval([1, 0] * 20, [2] * 40, drawn)
    assert share == 0.25
    assert 0.1 < low < 0.25 < high < 0.4


def test_dialogs_are_read_from_both_files(tmp_path: Path) -> None:
    turns = [{"role": "user", "text": "甲"}, {"role": "agent", "text": "乙"}, {"role": "user", "text": "丙"}]
    (tmp_path / "jd_dialogs_2019.jsonl").write_text(json.dumps({"session": "s", "turns": turns}) + "\n", "utf-8")
    rows = [
        {"dialog": "d", "user": "丁", "overall": False},
        {"dialog": "d", "user": "OVERALL", "overall": True},
    ]
    file = tmp_path / "jd_satisfaction_dialogs_valid.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert [each.lines for each in read_dialogs(tmp_path)] == [("甲", "丙"), ("丁",)]


def test_missing_dialogs_are_said(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="no dialogs"):
        read_dialogs(tmp_path)
