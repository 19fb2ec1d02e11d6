"""Tables from hashes to numbers, for tens of millions of them: eight bytes an entry, no Python object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from sixty.nlu.stretches import Keys, Places

Numbers = npt.NDArray[np.int32]

_FILTER_BITS_PER_KEY = 16
_FEWEST_FILTER_BITS = 10
_MARKS = np.left_shift(1, np.arange(8)).astype(np.uint8)
# Keys that are added at a time, so that what is computed on the way stays small.
_BLOCK = 1 << 18


class KeyFilter:
    """Says of most keys that are not there that they are not, by one look at one bit (a Bloom filter of one hash)."""

    def __init__(self, bits: int) -> None:
        """Makes an empty filter of 2 to the power of `bits` bits."""
        self._shift = np.uint64(64 - bits)
        self._bytes = np.zeros(1 << (bits - 3), dtype=np.uint8)

    @classmethod
    def for_count(cls, count: int) -> KeyFilter:
        """Makes a filter in which so many keys leave at most one false answer in sixteen."""
        return cls(max(_FEWEST_FILTER_BITS, (count * _FILTER_BITS_PER_KEY).bit_length()))

    def add(self, keys: Keys) -> None:
        """Adds keys, which are in ascending order."""
        for begin in range(0, len(keys), _BLOCK):
            self._add(keys[begin : begin + _BLOCK])

    def _add(self, keys: Keys) -> None:
        bits = (keys >> self._shift).astype(np.int64)
        places = bits >> 3
        first = np.flatnonzero(np.concatenate([[True], places[1:] != places[:-1]]))
        self._bytes[places[first]] |= np.bitwise_or.reduceat(_MARKS[bits & 7], first)

    def may_hold(self, keys: Keys) -> npt.NDArray[np.bool_]:
        """False where a key was surely never added."""
        bits = (keys >> self._shift).astype(np.int64)
        found: npt.NDArray[np.bool_] = (self._bytes[bits >> 3] & _MARKS[bits & 7]).astype(bool)
        return found


class KeyEntries:
    """Keys and numbers on their way into a table.

    A number lies in the low bits of its entry and replaces those of the key: of a million numbers 43 bits of the key
    remain, so that one look-up in a million may find what was not meant. Whoever looks up compares what was found.
    """

    def __init__(self, most: int, numbers: int) -> None:
        """Makes room.

        Args:
            most: How many keys there will be at most; memory is taken for those that come.
            numbers: Numbers are below this.
        """
        # One more bit says that a key is shared.
        self.bits = numbers.bit_length() + 1
        self._entries = np.empty(most, dtype=np.uint64)
        self._count = 0

    def add(self, keys: Keys, numbers: Numbers) -> None:
        """Adds keys and what each leads to."""
        low = np.uint64(self.bits)
        packed = (keys >> low << low) | (numbers.astype(np.uint64) << np.uint64(1))
        self._entries[self._count : self._count + len(packed)] = packed
        self._count += len(packed)

    def table(self, *whose: Numbers, keep_shared: bool = False) -> KeyTable:
        """Makes a table of them.

        Args:
            whose: By number, what it belongs to, in any number of ways. A key is shared when its numbers have nothing
                in common.
            keep_shared: Whether shared keys are kept or left out.

        Returns:
            The table. Of several numbers of a key the lowest remains.
        """
        entries = self._entries[: self._count]
        entries.sort()
        begins = np.ones(len(entries), dtype=bool)
        begins[1:] = entries[1:] ^ entries[:-1] >= np.uint64(1 << self.bits)
        if whose and not begins.all():
            shared = self._shared(entries, begins, whose)
            if keep_shared:
                entries[shared] |= np.uint64(1)
            else:
                begins[shared] = False
        return KeyTable(entries[begins], self.bits)

    def _shared(self, entries: Keys, begins: npt.NDArray[np.bool_], whose: tuple[Numbers, ...]) -> Places:
        """The first entry of each key whose numbers have nothing in common."""
        several = ~begins
        several[:-1] |= several[1:]
        at = np.flatnonzero(several)
        first = np.flatnonzero(begins[at])
        numbers = (entries[at] & np.uint64((1 << self.bits) - 1)) >> np.uint64(1)
        shared = np.ones(len(first), dtype=bool)
        for belongs in whose:
            owners = belongs[numbers]
            shared &= np.minimum.reduceat(owners, first) != np.maximum.reduceat(owners, first)
        found: Places = at[first[shared]]
        return found


class KeyTable:
    """An unchanging table from 64-bit keys to numbers."""

    def __init__(self, entries: Keys, bits: int) -> None:
        """Keeps what `KeyEntries` made."""
        self._entries = entries
        self._bits = bits
        self._filter = KeyFilter.for_count(len(entries))
        self._filter.add(entries)

    @classmethod
    def of(cls, keys: Keys, numbers: Numbers) -> KeyTable:
        """Builds a table in which no key is shared; of several numbers the lowest counts."""
        entries = KeyEntries(len(keys), int(numbers.max(initial=0)) + 1)
        entries.add(keys, numbers)
        return entries.table()

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything as arrays, for a file."""
        return {"entries": self._entries, "bits": np.array([self._bits])}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], name: str) -> KeyTable:
        """Reads what `arrays` made, below a name."""
        return cls(arrays[f"{name}.entries"], int(arrays[f"{name}.bits"][0]))

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, keys: Keys) -> tuple[Places, Places, npt.NDArray[np.bool_]]:
        """Looks keys up.

        Args:
            keys: Any number of hashes.

        Returns:
            Which of them were found, the number that each leads to, and whether its key is shared.
        """
        likely = np.flatnonzero(self._filter.may_hold(keys))
        if not len(likely):
            return likely, likely, likely.astype(bool)
        low = np.uint64(self._bits)
        wanted = keys[likely] >> low
        at = np.searchsorted(self._entries, wanted << low)
        at[at == len(self._entries)] = 0
        there = self._entries[at] >> low == wanted
        found = self._entries[at[there]]
        numbers = (found & np.uint64((1 << self._bits) - 1)) >> np.uint64(1)
        return likely[there], numbers.astype(np.int64), (found & np.uint64(1)).astype(bool)
