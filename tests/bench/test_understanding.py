from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import BenchError
from bench.understanding import GoldLine, judge, read_gold, seen_in_training

_GOLD = """id\ttext\tintent\talso\tsource
1\t能删评论不\task_review\t-\tjd
2\t没有"吊牌\task_return_policy\task_return_shipping\tjd
3\t名字错了\tunclear\tchange_order\tjd
"""


def test_gold_lines_have_one_or_two_labels_and_unclear_ones_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "gold.tsv"
    path.write_text(_GOLD, encoding="utf-8")

    assert read_gold(path) == [
        GoldLine("能删评论不", ("ask_review",)),
        GoldLine('没有"吊牌', ("ask_return_policy", "ask_return_shipping")),
    ]


def test_a_file_without_labels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gold.tsv"
    path.write_text("text\tlabel\n你好\tgreet\n", encoding="utf-8")

    with pytest.raises(BenchError, match="intent"):
        read_gold(path)


def _parsed(intent: str, *ranking: str) -> dict[str, object]:
    return {"intent": {"name": intent}, "intent_ranking": [{"name": name} for name in ranking]}


def test_a_line_is_right_by_either_label_and_declining_is_wrong() -> None:
    gold = [GoldLine("a", ("x",)), GoldLine("b", ("x", "y")), GoldLine("c", ("x",)), GoldLine("d", ("x",))]
    parsed = [
        _parsed("x", "x"),
        _parsed("y", "y"),
        _parsed("z", "z", "x"),
        _parsed("nlu_fallback", "nlu_fallback", "x", "z"),
    ]

    assert judge(gold, parsed) == {
        "lines": 4,
        "right": 2,
        "accuracy": 0.5,
        "declined": 1,
        "accuracy_without_declining": 0.75,
    }


def test_no_lines_have_no_accuracy() -> None:
    assert judge([], [])["accuracy"] is None


def test_lines_that_were_trained_are_counted(tmp_path: Path) -> None:
    (tmp_path / "nlu.yml").write_text(
        "nlu:\n- intent: greet\n  examples: |\n    - 你好 A\n- lookup: x\n  examples: |\n    - 在吗\n"
    )

    assert seen_in_training([GoldLine("你好a", ("greet",)), GoldLine("在吗", ("greet",))], tmp_path) == 1
