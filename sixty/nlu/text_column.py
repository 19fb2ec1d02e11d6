"""Many short texts in one piece of memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


class TextColumn:
    """Texts by number, without a Python object for each."""

    def __init__(self, data: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64]) -> None:
        """Keeps UTF-8 and where each text ends in it; use `of`."""
        self._data = data
        self._ends = ends

    @classmethod
    def of(cls, texts: Sequence[bytes]) -> TextColumn:
        """Lays encoded texts end to end."""
        sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        return cls(np.frombuffer(b"".join(texts), dtype=np.uint8), np.cumsum(sizes))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything as arrays, for a file."""
        sizes = np.diff(self._ends, prepend=0)
        return {"data": self._data, "sizes": sizes.astype(np.uint16 if sizes.max(initial=0) < 1 << 16 else np.uint32)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], name: str) -> TextColumn:
        """Reads what `arrays` made, below a name."""
        return cls(arrays[f"{name}.data"], np.cumsum(arrays[f"{name}.sizes"], dtype=np.int64))

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, number: int) -> str:
        return self.slice(number, number + 1)

    def slice(self, first: int, last: int) -> str:
        """The texts from `first` to before `last`, end to end."""
        begin = int(self._ends[first - 1]) if first else 0
        return self._data[begin : int(self._ends[last - 1])].tobytes().decode("utf-8", "surrogatepass")
