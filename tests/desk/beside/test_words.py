"""Small parts by themselves: a person's words, initials, variables, snippets, the rules of satisfaction."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.desk.beside.agent_words import as_a_person, card_as_a_person
from sixty.desk.beside.heard import meaning_of
from sixty.desk.beside.knowledge_entries import Entry
from sixty.desk.beside.knowledge_index import KnowledgeIndex
from sixty.desk.beside.pinyin import are_letters, initials
from sixty.desk.beside.reply_variables import fill, unknown_variables
from sixty.desk.beside.satisfaction_rules import check_satisfaction
from sixty.desk.beside.search_words import SearchWords, snippet
from sixty.desk.beside.suggestion_uses import message_of, suggestion_id
from sixty.settings import project_root
from sixty.shop.located import Problem


def test_an_agent_does_not_call_for_a_person() -> None:
    said = "超过48小时还没动，转人工帮您催～发货后一般两天到；也可以直接点下面的～"
    assert as_a_person(said) == "发货后一般两天到。"
    assert as_a_person("您问的是哪一款呢？把货号发我就行，也可以直接点下面的～") == "您问的是哪一款呢？把货号发我就行～"
    assert as_a_person("我是小六，一直都在～") == ""


@given(st.text(alphabet="我好的转人工。；～，点下面小六abc", max_size=60))
def test_what_betrays_a_bot_never_stays(text: str) -> None:
    said = as_a_person(text)
    assert "转人工" not in said
    assert "小六" not in said
    assert "点下面" not in said


def test_initials_are_typed_as_an_input_method_takes_them() -> None:
    assert initials("查一下XL物流！") == "cyxxlwl"
    assert are_letters("cyx")
    assert not are_letters("123")
    assert not are_letters("查")


def test_variables_are_filled_or_missing() -> None:
    assert fill("亲，{order_no}到{carrier}了", {"order_no": "12", "carrier": "中通"}).text == "亲，12到中通了"
    assert fill("{order_no}和{price}", {"price": ""}).missing == ("order_no", "price")
    assert unknown_variables("{order_no}{phone}") == ["{phone}"]


@given(st.text(max_size=200), st.text(min_size=1, max_size=4))
def test_a_snippet_is_safe_to_be_shown(text: str, word: str) -> None:
    shown = snippet(text, [word]).replace("<em>", "").replace("</em>", "")
    assert "<" not in shown
    assert ">" not in shown


def test_only_ones_own_replies_are_found() -> None:
    entries = [
        Entry("quick_reply", "quick_reply:1", "查物流", "马上查", account_id=1),
        Entry("quick_reply", "quick_reply:2", "查物流进度", "马上查", account_id=2),
        Entry("answer", "answer:track:0", "物流", "在路上"),
    ]
    index = KnowledgeIndex(entries, SearchWords())
    assert {hit.entry.id for hit in index.search("物流", account_id=1)} == {"quick_reply:1", "answer:track:0"}
    assert [hit.entry.id for hit in index.search("cwl", account_id=2)] == ["quick_reply:2"]
    assert index.search("物流", ("product",)) == []
    assert index.search("！？") == []


def test_an_id_tells_what_it_stands_for() -> None:
    made = suggestion_id("answer", 2, "您好", 77)
    assert message_of(made) == 77
    assert message_of("answer-1-xyz-7") is None


def test_what_else_a_line_may_mean_is_kept() -> None:
    ranking = [{"name": "nlu_fallback", "confidence": 0.6}, {"name": "ask_size", "confidence": 0.3}]
    kept = meaning_of({"intent": ranking[0], "intent_ranking": ranking, "entities": []})
    assert kept is not None
    assert kept["others"] == [{"intent": "ask_size", "confidence": 0.3}]
    assert meaning_of({"intent": {"name": None}}) is None


def test_the_playbooks_rules_are_right() -> None:
    problems: list[Problem] = []
    rules = check_satisfaction(project_root() / "playbook", problems)
    assert problems == []
    assert rules.tags_for(5) != rules.tags_for(1)


@pytest.mark.parametrize(
    ("written", "line", "said"),
    [
        ("until: 10m\n", 1, "longer than remind_after"),
        ("words:\n  bot: 您好{agent}\n", 2, "not known here"),
        ("scores:\n  - {score: 5, title: 好}\n", 1, "once"),
        ("tags:\n  good: []\n", 2, "1 item"),
        ("asks: yes\n", 1, "extra"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, written: str, line: int, said: str) -> None:
    (tmp_path / "satisfaction.yml").write_text(written, encoding="utf-8")
    problems: list[Problem] = []
    check_satisfaction(tmp_path, problems)
    assert len(problems) == 1
    assert problems[0].line == line
    assert said in problems[0].message


def test_a_card_that_a_person_sends_calls_for_nobody() -> None:
    card = {"type": "order", "details": ["跟我说「转人工」，同事马上去核实"], "next_steps": ["不想等了也可以申请退款"]}
    assert card_as_a_person(card) == {"type": "order", "details": [], "next_steps": ["不想等了也可以申请退款"]}
    assert card_as_a_person({"type": "product", "no": "GZ2101"}) == {"type": "product", "no": "GZ2101"}
