"""Names in columns: what an index of names is made of, as it is kept in a model."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from sixty.nlu.folding import folded
from sixty.nlu.text_column import TextColumn

LONGEST_NAME = 64


@dataclass(frozen=True)
class NameColumns:
    """Names and whose they are, by number.

    Attributes:
        spelled: As the catalogue has them, empty where that is as they are folded; `spelling` knows.
        folded: As they are compared; at most 64 characters each.
        sizes: Characters of each folded name.
        owners: Whose each is. Names of one owner may be alike.
        near_only: True where the name as it is spelled is found elsewhere.
        part_counts: How many parts each has that customers may leave out, 0 when it has to be whole.
        part_sizes: Characters of every part of every name.
        heads: Which of its parts is never left out.
    """

    spelled: TextColumn
    folded: TextColumn
    sizes: npt.NDArray[np.uint8]
    owners: npt.NDArray[np.int32]
    near_only: npt.NDArray[np.bool_]
    part_counts: npt.NDArray[np.uint8]
    part_sizes: npt.NDArray[np.uint8]
    heads: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.owners)

    def spelling(self, number: int) -> str:
        """A name as the catalogue has it."""
        return self.spelled[number] or self.folded[number]

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything as arrays, for a file."""
        found: dict[str, npt.NDArray[Any]] = {}
        for column in fields(self):
            value = getattr(self, column.name)
            if isinstance(value, TextColumn):
                found |= {f"{column.name}.{part}": content for part, content in value.arrays().items()}
            else:
                found[column.name] = value
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> NameColumns:
        """Reads what `arrays` made."""
        texts = ("spelled", "folded")
        columns: dict[str, Any] = {
            column.name: TextColumn.from_arrays(arrays, column.name) if column.name in texts else arrays[column.name]
            for column in fields(cls)
        }
        return cls(**columns)


class NameCollector:
    """Takes names one by one, so that a million of them never lie in memory with all that belongs to them."""

    def __init__(self) -> None:
        """Has none yet."""
        self._spelled: list[bytes] = []
        self._folded: list[bytes] = []
        self._sizes = array("B")
        self._owners = array("i")
        self._near_only = array("b")
        self._part_counts = array("B")
        self._part_sizes = array("B")
        self._heads = array("B")

    def add(self, name: str, owner: int, parts: Sequence[str] = (), head: int = 0, *, near_only: bool = False) -> None:
        """Adds a name.

        Args:
            name: As it is spelled; nothing happens when nothing of it remains folded, or more than 64 characters.
            owner: Whose name it is.
            parts: The parts of the folded name, some of which customers leave out; empty when it has to be whole.
            head: Which of the parts is never left out.
            near_only: Whether the name as it is spelled is found elsewhere.
        """
        text = folded(name)
        if not 0 < len(text) <= LONGEST_NAME:
            return
        # Most names are written as they are compared.
        self._spelled.append(b"" if name == text else name.encode("utf-8", "surrogatepass"))
        self._folded.append(text.encode("utf-8", "surrogatepass"))
        self._sizes.append(len(text))
        self._owners.append(owner)
        self._near_only.append(near_only)
        self._part_counts.append(len(parts))
        self._part_sizes.extend(map(len, parts))
        self._heads.append(head)

    def columns(self) -> NameColumns:
        """All names added."""
        return NameColumns(
            TextColumn.of(self._spelled),
            TextColumn.of(self._folded),
            np.array(self._sizes, dtype=np.uint8),
            np.array(self._owners, dtype=np.int32),
            np.array(self._near_only, dtype=bool),
            np.array(self._part_counts, dtype=np.uint8),
            np.array(self._part_sizes, dtype=np.uint8),
            np.array(self._heads, dtype=np.uint8),
        )
