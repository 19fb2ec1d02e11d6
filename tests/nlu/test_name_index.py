from __future__ import annotations

import random
from itertools import product
from tracemalloc import get_traced_memory, start, stop

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sixty.nlu.folding import FoldedText, folded
from sixty.nlu.name_columns import LONGEST_NAME, NameCollector, NameColumns
from sixty.nlu.name_index import NameIndex
from sixty.nlu.name_parts import head_of, parts_of
from sixty.nlu.normal_form import normal_form
from sixty.nlu.stretches import LONGEST_TEXT

NAMES = ("多口袋耐磨工装裤", "修身束脚工装裤", "澜星X5 手机", "玻尿酸补水面膜20片", "手机壳", "声屿Air二代（蓝牙）")


def index_of(names: dict[str, int], *, near: bool = True) -> NameIndex:
    collector = NameCollector()
    for name, owner in names.items():
        parts = parts_of(folded(name))
        collector.add(name, owner, parts, head_of(parts, ()))
    return NameIndex(collector.columns(), near=near)


@pytest.fixture(scope="module")
def index() -> NameIndex:
    return index_of({name: number for number, name in enumerate(NAMES)})


def found(index: NameIndex, text: str) -> set[tuple[str, str, str]]:
    message = FoldedText.of(normal_form(text))
    return {(hit.how, message.text[hit.start : hit.end], index.names.spelling(hit.name)) for hit in index.find(message)}


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_found_as_it_is_spelled(index: NameIndex, name: str) -> None:
    assert ("spelled", folded(name), name) in found(index, f"亲 {name} 有货吗")
    assert index.spelled(folded(name)) == (NAMES.index(name), False)


@pytest.mark.parametrize(
    ("text", "how", "name"),
    [
        ("多口袋工装裤", "shortened", "多口袋耐磨工装裤"),
        ("补水面膜20片", "shortened", "玻尿酸补水面膜20片"),
        ("多口带耐摩工装库", "sounded", "多口袋耐磨工装裤"),
        ("修身束角工装裤", "sounded", "修身束脚工装裤"),
        ("修束身脚工装裤", "misspelled", "修身束脚工装裤"),
        ("修身束脚的工装裤", "misspelled", "修身束脚工装裤"),
    ],
)
def test_nearly_written_names(index: NameIndex, text: str, how: str, name: str) -> None:
    assert (how, folded(text), name) in found(index, f"我要{text}")


@pytest.mark.parametrize("text", ["", " ", "你好", "手机可以试吗", "X50手机", "澜星X7 手机", "手", "工装裤有吗"])
def test_nothing_is_found_where_nothing_is_named(index: NameIndex, text: str) -> None:
    assert found(index, text) == set()


def test_what_leads_to_two_owners_leads_to_none_unless_it_is_spelled() -> None:
    index = index_of({"加绒防风工装外套": 0, "加厚防风工装外套": 1})
    assert found(index, "防风工装外套") == set()
    twins = NameCollector()
    twins.add("重磅打底衫", 0)
    twins.add("重磅 打底衫", 1)
    both = NameIndex(twins.columns())
    assert both.spelled("重磅打底衫") == (0, True)
    (hit,) = both.find(FoldedText.of("重磅打底衫"))
    assert hit.shared


def test_two_names_of_one_owner_are_no_riddle() -> None:
    assert (
        {name for _, _, name in found(index_of({"加绒防风工装外套": 7, "加厚防风工装外套": 7}), "防风工装外套")}
        <= {
            "加绒防风工装外套",
            "加厚防风工装外套",
        }
        != set()
    )


def test_without_near_names_only_exact_ones_are_found() -> None:
    index = index_of({NAMES[0]: 0}, near=False)
    assert found(index, "多口袋工装裤 多口袋耐摩工装裤") == set()
    assert found(index, NAMES[0]) == {("spelled", NAMES[0], NAMES[0])}


def test_names_that_are_empty_or_too_long_are_not_taken() -> None:
    collector = NameCollector()
    for name in ("", "  ", "（）", "裤" * (LONGEST_NAME + 1)):
        collector.add(name, 0)
    assert len(collector.columns()) == 0
    assert found(NameIndex(collector.columns()), "裤") == set()


def test_columns_survive_a_file(index: NameIndex) -> None:
    again = NameIndex(NameColumns.from_arrays(index.names.arrays()))
    for text in ("澜星X5手机", "多口袋工装裤"):
        assert found(again, text) == found(index, text)


def test_many_names_are_found_across_the_chunks_they_are_hashed_in() -> None:
    draw = random.Random(1)
    syllables = ["".join(pair) for pair in product("岚禾沐拓衡森屿朗澄棠川野溪柏青", "山工原物里町和舍木野行集")]
    names = {"".join(draw.choices(syllables, k=4)): number for number in range(60_000)}
    assert sum(map(len, names)) > LONGEST_TEXT
    index = index_of_whole(names)
    for name in draw.sample(sorted(names), 50):
        assert ("spelled", name, name) in found(index, f"有{name}吗")
        assert name in {match for _, _, match in found(index, f"有{name[:3]}{name[4]}{name[3]}{name[5:]}吗")} or (
            name[3] == name[4]
        )


def index_of_whole(names: dict[str, int]) -> NameIndex:
    collector = NameCollector()
    for name, owner in names.items():
        collector.add(name, owner)
    return NameIndex(collector.columns())


def test_a_name_takes_bytes_and_no_objects() -> None:
    start()
    index = index_of_whole({f"岚山工装裤{number:05}款": number for number in range(20_000)})
    used, _ = get_traced_memory()
    stop()
    assert len(index) == 20_000
    # Twelve characters: thirteen keys and their filters, and the name itself. The three filters of pairs are constant.
    assert used - 3 * (1 << 19) < 20_000 * 400


@settings(max_examples=200)
@given(st.lists(st.sampled_from([*NAMES, "工装", "多", "口袋", "x5", " ", "，", "A", "5"]), max_size=8).map("".join))
def test_hits_lie_in_the_message_and_cut_no_word(index: NameIndex, text: str) -> None:
    message = FoldedText.of(text)
    for hit in index.find(message):
        assert 0 <= hit.start < hit.end <= len(message.text)
        assert message.is_whole(hit.start, hit.end)


@given(st.text(max_size=60))
def test_folding_keeps_places(text: str) -> None:
    message = FoldedText.of(text)
    assert len(message.text) == len(message.positions)
    assert list(message.positions) == sorted(set(message.positions))
    assert folded(message.text) == folded(text) or not text.isascii()
