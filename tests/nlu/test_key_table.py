from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sixty.nlu.key_table import KeyEntries, KeyFilter, KeyTable
from sixty.nlu.stretches import Stretches, code_points, scattered

# Keys differ in the bits that a table keeps.
KEYS = st.integers(0, 2**40 - 1).map(lambda key: key << 24)


@given(st.dictionaries(KEYS, st.integers(0, 1000), max_size=60), st.lists(KEYS, max_size=30))
def test_a_table_holds_what_was_put_in_and_nothing_else(content: dict[int, int], others: list[int]) -> None:
    table = KeyTable.of(np.array(list(content), np.uint64), np.array(list(content.values()), np.int32))
    wanted = [*content, *others]
    at, numbers, shared = table.find(np.array(wanted, np.uint64))
    assert dict(zip((wanted[index] for index in at), numbers.tolist(), strict=True)) == content | {
        key: content[key] for key in others if key in content
    }
    assert not shared.any()
    loaded = KeyTable.from_arrays({f"x.{name}": array for name, array in table.arrays().items()}, "x")
    assert loaded.find(np.array(wanted, np.uint64))[1].tolist() == numbers.tolist()


def test_a_key_is_shared_by_numbers_that_have_nothing_in_common() -> None:
    keys = np.array([1, 1, 2, 2, 3, 3], np.uint64) << np.uint64(40)
    numbers = np.arange(6, dtype=np.int32)
    owners, texts = np.array([0, 1, 2, 2, 4, 5], np.int32), np.array([0, 1, 2, 3, 4, 4], np.int32)
    for keep_shared, found in ((True, [0, 1, 2]), (False, [1, 2])):
        entries = KeyEntries(10, 6)
        entries.add(keys, numbers)
        at, _, shared = entries.table(owners, texts, keep_shared=keep_shared).find(keys[::2])
        assert at.tolist() == found
        assert shared.tolist() == [index == 0 for index in found]


@given(st.sets(st.integers(0, 2**64 - 1), max_size=50))
def test_a_filter_forgets_nothing(keys: set[int]) -> None:
    held = KeyFilter.for_count(len(keys))
    ascending = np.array(sorted(keys), np.uint64)
    held.add(ascending)
    assert held.may_hold(ascending).all()


@given(st.text(min_size=1, max_size=20), st.data())
def test_a_stretch_hashes_like_the_same_text_anywhere(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    gap = data.draw(st.integers(start, end - 1))
    whole = Stretches(scattered(code_points(text)))

    def alone(part: str) -> int:
        return int(Stretches(scattered(code_points(part))).keys(np.array([0]), np.array([len(part)]))[0])

    at, behind = np.array([start]), np.array([end])
    assert int(whole.keys(at, behind)[0]) == alone(text[start:end])
    assert int(whole.keys_without(at, behind, np.array([gap]))[0]) == alone(text[start:gap] + text[gap + 1 : end])
