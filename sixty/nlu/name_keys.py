"""The hashes of everything that customers may write for a name, for a million names at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from sixty.nlu.key_table import KeyEntries, KeyFilter, KeyTable, Numbers
from sixty.nlu.name_columns import NameColumns
from sixty.nlu.near_names import LONGEST_MISSPELLED, SHORTEST_MISSPELLED, SHORTEST_SOUNDED
from sixty.nlu.sounds import sounds
from sixty.nlu.stretches import LONGEST_TEXT, POWERS, Keys, Places, Stretches, code_points, scattered

_MOST_PARTS = 10
_FEWEST_PARTS_KEPT = 2
_SHORTEST_KEPT = 4
# Pairs of neighbouring characters that one slip can spoil.
_SPOILED_PAIRS = 3
_PAIR_BITS = 22

How = Literal["spelled", "sounded", "shortened", "misspelled"]


@dataclass
class Way:
    """One way of writing names.

    Attributes:
        table: From what may be written to the name.
        lengths: How many characters that is, in ascending order.
    """

    table: KeyTable
    lengths: Places


def way_of(how: How, columns: NameColumns, *whose: Numbers) -> Way:
    """Hashes what may be written for names in one way.

    Args:
        how: Which way.
        columns: The names.
        whose: What names belong to; something that may be written for names of which no two belong together is left
            out, except as it is spelled.

    Returns:
        The table and the lengths.
    """
    keys_in, most = _WAYS[how]
    entries = KeyEntries(most(columns), len(columns))
    lengths: set[int] = set()
    for chunk in _chunks(columns):
        for keys, names, sizes in keys_in(chunk):
            entries.add(keys, names)
            lengths.update(np.unique(sizes).tolist())
    return Way(entries.table(*whose, keep_shared=how == "spelled"), np.array(sorted(lengths), dtype=np.int64))


def texts_of(columns: NameColumns) -> Numbers:
    """A number for each name, the same for names that are folded alike."""
    keys = [chunk.stretches.keys(chunk.starts, chunk.ends) for chunk in _chunks(columns)]
    _, texts = np.unique(np.concatenate([np.empty(0, np.uint64), *keys]), return_inverse=True)
    numbers: Numbers = texts.astype(np.int32)
    return numbers


class Edges:
    """Which pairs of characters names begin with, end with, and hold: what makes a misspelled name worth a look.

    One slip spoils the first two characters of a name of at least five or its last two, never both.
    """

    def __init__(self, columns: NameColumns) -> None:
        """Collects the pairs of names that may be misspelled."""
        self._openings, self._endings, self._pairs = (KeyFilter(_PAIR_BITS) for _ in range(3))
        for chunk in _chunks(columns):
            starts, ends, _ = chunk.typed()
            if not len(starts):
                continue
            self._openings.add(np.unique(chunk.stretches.keys(starts, starts + 2)))
            self._endings.add(np.unique(chunk.stretches.keys(ends - 2, ends)))
            sizes = ends - starts - 1
            firsts = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes - starts, sizes)
            self._pairs.add(np.unique(chunk.stretches.keys(firsts, firsts + 2)))

    def plausible(self, stretches: Stretches, count: int, lengths: Places) -> tuple[Places, Places]:
        """Those stretches of a text of `count` characters that can be a name with a slip in it."""
        firsts = np.arange(count - 1)
        pairs = stretches.keys(firsts, firsts + 2)
        opens, closes = self._openings.may_hold(pairs), self._endings.may_hold(pairs)
        unknown = np.concatenate([[0], np.cumsum(~self._pairs.may_hold(pairs))])
        starts, ends = windows(count, lengths)
        likely = (opens[starts] | closes[ends - 2]) & (unknown[ends - 1] - unknown[starts] <= _SPOILED_PAIRS)
        return starts[likely], ends[likely]


def windows(count: int, lengths: Places) -> tuple[Places, Places]:
    """All stretches of the given lengths in a text of `count` characters."""
    starts = np.repeat(np.arange(count), len(lengths))
    ends = starts + np.tile(lengths, count)
    fitting = ends <= count
    return starts[fitting], ends[fitting]


@dataclass
class _Chunk:
    """Names that are hashed together, laid end to end."""

    points: npt.NDArray[np.uint32]
    stretches: Stretches
    starts: Places
    ends: Places
    names: Numbers
    near_only: npt.NDArray[np.bool_]
    part_counts: npt.NDArray[np.uint8]
    part_sizes: npt.NDArray[np.uint8]
    heads: npt.NDArray[np.uint8]

    @property
    def sizes(self) -> Places:
        return self.ends - self.starts

    def typed(self) -> tuple[Places, Places, Numbers]:
        """Names of such a length that people type them."""
        typed = (self.sizes >= SHORTEST_MISSPELLED) & (self.sizes <= LONGEST_MISSPELLED)
        return self.starts[typed], self.ends[typed], self.names[typed]


_Hashed = Iterator[tuple[Keys, Numbers, Places]]


def _chunks(columns: NameColumns) -> Iterator[_Chunk]:
    ends = np.cumsum(columns.sizes, dtype=np.int64)
    part_ends = np.cumsum(columns.part_counts, dtype=np.int64)
    first = 0
    while first < len(columns):
        # As many names as fit into one text.
        read = int(ends[first - 1]) if first else 0
        last = int(np.searchsorted(ends, read + LONGEST_TEXT, side="right"))
        points = code_points(columns.folded.slice(first, last))
        yield _Chunk(
            points,
            Stretches(scattered(points)),
            ends[first:last] - read - columns.sizes[first:last],
            ends[first:last] - read,
            np.arange(first, last, dtype=np.int32),
            columns.near_only[first:last],
            columns.part_counts[first:last],
            columns.part_sizes[int(part_ends[first - 1]) if first else 0 : int(part_ends[last - 1])],
            columns.heads[first:last],
        )
        first = last


def _spelled(chunk: _Chunk) -> _Hashed:
    wanted = ~chunk.near_only
    keys = chunk.stretches.keys(chunk.starts[wanted], chunk.ends[wanted])
    yield keys, chunk.names[wanted], chunk.sizes[wanted]


def _sounded(chunk: _Chunk) -> _Hashed:
    enough = chunk.sizes >= SHORTEST_SOUNDED
    keys = Stretches(scattered(sounds(chunk.points))).keys(chunk.starts[enough], chunk.ends[enough])
    yield keys, chunk.names[enough], chunk.sizes[enough]


def _misspelled(chunk: _Chunk) -> _Hashed:
    starts, ends, names = chunk.typed()
    sizes = ends - starts
    for place in range(int(sizes.max(initial=0))):
        reach = sizes > place
        keys = chunk.stretches.keys_without(starts[reach], ends[reach], starts[reach] + place)
        yield keys, names[reach], sizes[reach]


def _shortened(chunk: _Chunk) -> _Hashed:
    part_ends = np.cumsum(chunk.part_counts, dtype=np.int64)
    for count in range(_FEWEST_PARTS_KEPT + 1, _MOST_PARTS + 1):
        for head in range(count):
            rows = np.flatnonzero((chunk.part_counts == count) & (chunk.heads == head))
            if not len(rows):
                continue
            sizes = chunk.part_sizes[(part_ends[rows] - count)[:, None] + np.arange(count)].astype(np.int64)
            bounds = chunk.starts[rows][:, None] + np.cumsum(np.pad(sizes, ((0, 0), (1, 0))), axis=1)
            parts = chunk.stretches.keys(bounds[:, :-1].ravel(), bounds[:, 1:].ravel()).reshape(len(rows), count)
            whole = sizes.sum(axis=1)
            for kept in _kept_parts(count, head):
                length = np.zeros(len(rows), dtype=np.int64)
                keys = np.zeros(len(rows), dtype=np.uint64)
                for part in kept:
                    keys += parts[:, part] * POWERS[length]
                    length += sizes[:, part]
                # 工装外套 is half of 加绒防风工装外套, and says nothing of it.
                enough = (length >= _SHORTEST_KEPT) & (length * 2 > whole)
                yield keys[enough], chunk.names[rows[enough]], length[enough]


@cache
def _kept_parts(count: int, head: int) -> tuple[tuple[int, ...], ...]:
    """Which parts may remain: a row of them, or all but one or two; never without the head."""
    rows = {tuple(range(first, last)) for first in range(count) for last in range(first + 1, count + 1)}
    gaps = {
        tuple(part for part in range(count) if part not in (one, other))
        for one in range(count)
        for other in range(one, count)
    }
    return tuple(sorted(kept for kept in rows | gaps if _FEWEST_PARTS_KEPT <= len(kept) < count and head in kept))


def _most_shortened(columns: NameColumns) -> int:
    most = 0
    for count in range(_FEWEST_PARTS_KEPT + 1, _MOST_PARTS + 1):
        heads = np.bincount(columns.heads[columns.part_counts == count], minlength=count)
        most += sum(int(heads[head]) * len(_kept_parts(count, head)) for head in range(count))
    return most


# How keys are made of a chunk, and how many there may be.
_WAYS: dict[How, tuple[Callable[[_Chunk], _Hashed], Callable[[NameColumns], int]]] = {
    "spelled": (_spelled, len),
    "sounded": (_sounded, len),
    "shortened": (_shortened, _most_shortened),
    "misspelled": (_misspelled, lambda columns: int(columns.sizes.sum(dtype=np.int64))),
}
