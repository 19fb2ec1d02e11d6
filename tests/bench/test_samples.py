from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.loading import load_data

from bench.samples import draw, folds, hold_out, near_duplicates, write_labelled_lines, write_training_data
from sixty.evaluation.labelled_lines import read_labelled_lines
from sixty.evaluation.sources import TrainingLine


def _lines(**texts: list[str]) -> list[TrainingLine]:
    return [TrainingLine(Path("a.yml"), 1, intent, text) for intent, found in texts.items() for text in found]


_SAID = _lines(
    ask_price=["这个多少钱呀", "这个多少钱", "价格能便宜点吗", "卖多少", "几块钱一斤", "单价报一下"],
    ask_stock=["还有现货吗", "還有現貨嗎", "XL码断货没", "黑色补货了没有", "库存剩几件", "仓库有没有"],
)


def test_lines_that_differ_in_a_particle_are_one_group_and_others_are_not() -> None:
    groups = near_duplicates(_SAID)

    assert groups[0] == groups[1]
    assert len(set(groups.tolist())) == len(_SAID) - 1


def test_width_case_and_blanks_make_no_difference() -> None:
    groups = near_duplicates(_lines(a=["ＸＬ 有 吗"], b=["xl有吗"], c=["尺码怎么选"]))

    assert groups.tolist() == [0, 0, 1]


def test_every_line_is_held_out_once_and_groups_stay_together() -> None:
    groups = near_duplicates(_SAID)
    parts = folds(_SAID, groups, 3)

    assert sorted(line.text for _, held_out in parts for line in held_out) == sorted(line.text for line in _SAID)
    for trained, held_out in parts:
        assert not set(trained) & set(held_out)
        assert len(trained) + len(held_out) == len(_SAID)
        assert len({line.text for line in held_out} & {"这个多少钱呀", "这个多少钱"}) != 1


@pytest.mark.parametrize("wanted", [0, 1, 5, 99])
def test_held_out_are_whole_groups_and_as_many_as_wanted(wanted: int) -> None:
    groups = near_duplicates(_SAID)

    left, aside = hold_out(_SAID, groups, wanted)

    assert sorted(line.text for line in left + aside) == sorted(line.text for line in _SAID)
    assert min(wanted, len(_SAID)) <= len(aside) <= wanted + 1
    assert len({line.text for line in aside} & {"这个多少钱呀", "这个多少钱"}) != 1


@given(st.integers(1, 8), st.integers(0, 5))
def test_a_draw_has_so_many_lines_of_each_intent_and_depends_on_the_seed_only(number: int, seed: int) -> None:
    drawn = draw(_SAID, number, seed)

    assert drawn == draw(list(_SAID), number, seed)
    for intent in ("ask_price", "ask_stock"):
        found = [line for line in drawn if line.intent == intent]
        assert len(found) == len(set(found)) == min(number, 6)


def test_draws_differ() -> None:
    assert len({tuple(line.text for line in draw(_SAID, 2, seed)) for seed in range(5)}) > 1


def test_rasa_reads_what_is_written_with_the_vocabulary(tmp_path: Path) -> None:
    words = tmp_path / "vocabulary.yml"
    words.write_text('version: "3.1"\nnlu:\n- synonym: 黑色\n  examples: |\n    - 乌黑\n', encoding="utf-8")
    said = _lines(ask_price=["[数字x]块能卖吗: 行不", "# 这个", "'多少"], greet=["你好 [表情]"])

    data = load_data(str(write_training_data(said, [words], tmp_path / "data")))

    assert {(each.get("intent"), each.get("text")) for each in data.intent_examples} == {
        (line.intent, line.text) for line in said
    }
    assert data.entity_synonyms == {"乌黑": "黑色"}


def test_held_out_lines_are_read_as_labelled_lines(tmp_path: Path) -> None:
    path = write_labelled_lines(_lines(greet=['你好"呀', "在吗"]), tmp_path / "own.tsv")

    assert [(line.text, line.intents, line.clear) for line in read_labelled_lines(path)] == [
        ('你好"呀', ("greet",), True),
        ("在吗", ("greet",), True),
    ]
