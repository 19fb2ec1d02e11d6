from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.keywords import Keywords, KeywordsError, check_keywords, folded, read_keywords
from sixty.playbook import CapsulePlan, read_capsule_plan
from sixty.shop.located import Problem

PLAYBOOK = Path("playbook")


@pytest.fixture(scope="module")
def plan() -> CapsulePlan:
    return read_capsule_plan(PLAYBOOK / "capsules.yml")


@pytest.fixture(scope="module")
def demo(plan: CapsulePlan) -> Keywords:
    return read_keywords(PLAYBOOK / "keywords.yml", plan)


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "keywords.yml"
    file.write_text(text, encoding="utf-8")
    return file


def problems_of(file: Path, capsules: dict[str, object] | None = None) -> list[Problem]:
    problems: list[Problem] = []
    check_keywords(file, problems, capsules)
    return problems


@pytest.mark.parametrize(
    "line", ["有实体店吗", "请问有实体店吗？", "有實體店嗎", " 门店 地址 ", "门店地址呢", "有实体店"]
)
def test_a_whole_line_is_a_keyword_however_it_is_written(demo: Keywords, line: str) -> None:
    meaning = demo.meaning_of(line)
    assert meaning is not None
    assert meaning.answer is not None
    assert "门店" in meaning.answer


@pytest.mark.parametrize("line", ["", "？", "你好", "有实体店吗，能试穿吗", "我要去门店地址看看", "门店地址" * 40])
def test_a_line_that_says_more_is_none(demo: Keywords, line: str) -> None:
    assert demo.meaning_of(line) is None


def test_every_title_of_a_capsule_asks_its_question(demo: Keywords, plan: CapsulePlan) -> None:
    for capsule in plan.capsules.values():
        meaning = demo.meaning_of(capsule.title)
        assert meaning is not None
        assert meaning.capsule is not None
        assert (meaning.capsule.intent, meaning.capsule.attribute) == (capsule.intent, capsule.attribute)


def test_every_suggested_word_means_something(demo: Keywords) -> None:
    assert demo.suggested
    assert all(demo.meaning_of(word) for word in demo.suggested)


def test_a_keyword_outweighs_a_title(tmp_path: Path, plan: CapsulePlan) -> None:
    file = written(tmp_path, "- words: [怎么洗]\n  answer: 冷水手洗\n  suggest: false\n")
    words = read_keywords(file, plan)
    meaning = words.meaning_of("怎么洗")
    assert meaning is not None
    assert meaning.answer == "冷水手洗"
    assert words.suggested == ()


def test_without_the_file_there_are_titles_only(tmp_path: Path, plan: CapsulePlan) -> None:
    words = read_keywords(tmp_path / "keywords.yml", plan)
    assert words.suggested == ()
    assert words.meaning_of("怎么洗") is not None


@pytest.mark.parametrize(
    ("text", "line", "said", "remedy"),
    [
        ("- words: [团购]\n  question: gruop\n", 2, "no capsule gruop", "capsules.yml"),
        ("- words: [团购]\n  answer: 好\n- words: [批发, 团购？]\n  answer: 好\n", 3, "same as “团购”", "remove one"),
        ("- words: [团购]\n  answer: 好\n  question: track\n", 1, "either an answer or a question", "mend"),
        ("- words: [团购]\n", 1, "either an answer or a question", "mend"),
        ("- words: []\n  answer: 好\n", 1, "words", "mend"),
        ("- words: [！？]\n  answer: 好\n", 1, "no letter", "write it"),
        ("- words: [团购]\n  anwser: 好\n", 2, "anwser", "mend"),
        ("words: [团购]\n", 1, "isn't a list", "begin every entry"),
    ],
)
def test_a_mistake_is_told_with_line_and_remedy(tmp_path: Path, text: str, line: int, said: str, remedy: str) -> None:
    found = problems_of(written(tmp_path, text), {"track": {}})
    assert len(found) == 1, found
    assert found[0].line == line
    assert said in found[0].message
    assert remedy in found[0].remedy


def test_a_wrong_file_stops_the_bot(tmp_path: Path, plan: CapsulePlan) -> None:
    file = written(tmp_path, "- words: [团购]\n  question: gruop\n")
    with pytest.raises(KeywordsError, match=r"keywords\.yml:2: there is no capsule gruop"):
        read_keywords(file, plan)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_that_counts(line: str) -> None:
    assert folded(line) == folded(f" {line}！") or not folded(line)
