"""What the playbook makes customers read is checked for words that the law and the shop's own rules forbid."""

from __future__ import annotations

from pathlib import Path

import pytest

from sixty.settings import project_root
from sixty.validation.customer_words import check_customer_words

INSPECTION = """\
rules:
  - id: leads_away
    kind: forbidden
    title: 引导站外
    why: 不行
    weight: 9
    audience: [person, bot]
    words: [加微信]
    fine: [官方加微信]
  - id: of_people
    kind: forbidden
    title: 人才管
    why: 不行
    weight: 9
    words: [推给同事]
"""


def told(folder: Path, name: str, text: str) -> list[tuple[str, int]]:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return [(each.message.split("”")[0].lstrip("“"), each.line) for each in check_customer_words(folder)]


def test_the_playbook_itself_says_nothing_forbidden() -> None:
    assert list(check_customer_words(project_root() / "playbook")) == []


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("benefits.yml", "a:\n  last_word:\n    - 这是全网最低价了～\n", [("全网最低", 3)]),
        ("policies/returns.yml", "rows:\n  - id: a\n    say: 这款质量最好\n", [("最好", 3)]),
        ("policies/returns.yml", "rows:\n  - id: a\n    say: 最好连着快递单一起拍\n", []),
        ("benefits.yml", "a: |\n  您好\n  我们是第一品牌\n", [("第一品牌", 3)]),
        # What customers say, and what agents say, is looked for and not said.
        ("keywords.yml", "- words: [最低价, 全网最低]\n  answer: 到手价已经算好优惠啦\n", []),
        ("routing.yml", "groups:\n  - id: a\n    takes: {words: [最低价]}\n", []),
        ("tickets.yml", "promises:\n  - id: a\n    say: [最低价]\nwords:\n  new: 给您最低价\n", [("最低价", 5)]),
        ("benefits.yml", "a: 加微信聊\n", [("加微信", 1)]),
        ("benefits.yml", "a: 官方加微信\n", []),
        ("benefits.yml", "a: 推给同事\n", []),
        ("benefits.yml", "a: [\n", []),
    ],
)
def test_a_forbidden_word_is_named_with_its_line(
    tmp_path: Path, name: str, text: str, found: list[tuple[str, int]]
) -> None:
    (tmp_path / "inspection.yml").write_text(INSPECTION, encoding="utf-8")
    (tmp_path / "routing.yml").write_text("groups: []\n", encoding="utf-8")
    assert told(tmp_path, name, text) == found


def test_without_rules_of_inspection_the_law_still_counts(tmp_path: Path) -> None:
    assert told(tmp_path, "benefits.yml", "a: 百分之百有效\n") == [("百分之百", 1)]
