"""Finds names in messages, also nearly written ones, at the same cost among ten names and among a million.

An automaton finds exact names only. Here every name is a hash in a sorted table, and so is every name with one
character taken out (Mor and Fraenkel, "A hash code method for detecting and correcting spelling errors", CACM 1982;
SymSpell works like it), every name by its sound, and every name with words left out. A message's stretches are hashed
and looked up, all at once; how many there are depends on the message and on the longest name only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sixty.nlu.folding import FoldedText
from sixty.nlu.name_columns import LONGEST_NAME, NameColumns
from sixty.nlu.name_keys import Edges, How, Way, texts_of, way_of, windows
from sixty.nlu.near_names import SHORTEST_MISSPELLED, is_meant_by_sound, is_meant_by_spelling, is_shortened
from sixty.nlu.sounds import sounds
from sixty.nlu.stretches import LONGEST_TEXT, Keys, Places, Stretches, code_points, scattered

_NEAR: tuple[How, ...] = ("sounded", "shortened", "misspelled")


@dataclass(frozen=True)
class NameHit:
    """A name found in a folded message.

    Attributes:
        start: First character in the folded text.
        end: Behind the last.
        name: Number of the name.
        shared: Whether several owners have this very name; only spelled ones are found then.
        how: In which way it was written.
    """

    start: int
    end: int
    name: int
    shared: bool
    how: How


class NameIndex:
    """Names by the hashes of everything that customers may write for them."""

    def __init__(self, names: NameColumns, *, near: bool = True) -> None:
        """Builds the index.

        Args:
            names: The names.
            near: Whether nearly written names are found, too.
        """
        self.names = names
        self._near = near
        self._ways: dict[How, Way] = {"spelled": way_of("spelled", names, names.owners)}
        if near:
            self._edges = Edges(names)
            # Names that are folded alike are one text. What leads to one text or to one owner is no riddle.
            texts = texts_of(names)
            for how in _NEAR:
                self._ways[how] = way_of(how, names, names.owners, texts)
            typed = self._ways["misspelled"].lengths
            self._lengths_with_a_slip = np.unique(np.concatenate([typed - 1, typed, typed + 1]))
        self._lengths = np.unique(
            np.concatenate([way.lengths for how, way in self._ways.items() if how != "misspelled"])
        )

    def __len__(self) -> int:
        return len(self.names)

    def find(self, message: FoldedText) -> list[NameHit]:
        """Finds names in every place, overlapping as they may.

        Args:
            message: A folded message; what lies behind its first 262,144 characters is not read.

        Returns:
            Hits in no particular order. A nearly written name is found when it can be of one owner only.
        """
        points = code_points(message.text[:LONGEST_TEXT])
        if not len(points) or not len(self):
            return []
        stretches = Stretches(scattered(points))
        starts, ends = windows(len(points), self._lengths)
        keys = stretches.keys(starts, ends)
        hits = [hit for hit in self._at("spelled", keys, starts, ends) if self._name(hit) == _written(hit, message)]
        if self._near:
            exact = {(hit.start, hit.end) for hit in hits}
            by_sound = Stretches(scattered(sounds(points))).keys(starts, ends)
            for found, is_meant in (
                (self._at("shortened", keys, starts, ends), is_shortened),
                (self._at("sounded", by_sound, starts, ends), is_meant_by_sound),
                (self._misspelled(stretches, len(points)), is_meant_by_spelling),
            ):
                hits += [
                    hit
                    for hit in found
                    if (hit.start, hit.end) not in exact and is_meant(self._name(hit), _written(hit, message))
                ]
        return [hit for hit in hits if message.is_whole(hit.start, hit.end)]

    def spelled(self, text: str) -> tuple[int, bool] | None:
        """The number of a name and whether several owners have it, by its folded text; None when nobody has."""
        if not 0 < len(text) <= LONGEST_NAME:
            return None
        whole = Stretches(scattered(code_points(text))).keys(np.array([0]), np.array([len(text)]))
        _, names, shared = self._ways["spelled"].table.find(whole)
        if not len(names) or self.names.folded[int(names[0])] != text:
            return None
        return int(names[0]), bool(shared[0])

    def _name(self, hit: NameHit) -> str:
        return self.names.folded[hit.name]

    def _at(self, how: How, keys: Keys, starts: Places, ends: Places) -> Iterator[NameHit]:
        """Names whose keys are those of some stretches of a message."""
        at, names, shared = self._ways[how].table.find(keys)
        for start, end, name, of_several in zip(
            starts[at].tolist(), ends[at].tolist(), names.tolist(), shared.tolist(), strict=True
        ):
            yield NameHit(start, end, name, of_several, how)

    def _misspelled(self, stretches: Stretches, count: int) -> Iterator[NameHit]:
        way = self._ways["misspelled"]
        if not len(way.lengths) or count < SHORTEST_MISSPELLED - 1:
            return
        starts, ends = self._edges.plausible(stretches, count, self._lengths_with_a_slip)
        sizes = ends - starts
        # Every stretch without each of its characters in turn.
        of = np.repeat(np.arange(len(starts)), sizes)
        gaps = np.arange(len(of)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + starts[of]
        shorter = stretches.keys_without(starts[of], ends[of], gaps)
        candidates: set[tuple[int, int]] = set()
        left_out, names, _ = way.table.find(stretches.keys(starts, ends))
        candidates.update(zip(left_out.tolist(), names.tolist(), strict=True))
        for table in (self._ways["spelled"].table, way.table):
            at, names, shared = table.find(shorter)
            candidates.update(zip(of[at[~shared]].tolist(), names[~shared].tolist(), strict=True))
        for window, name in candidates:
            yield NameHit(int(starts[window]), int(ends[window]), name, shared=False, how="misspelled")


def _written(hit: NameHit, message: FoldedText) -> str:
    return message.text[hit.start : hit.end]
