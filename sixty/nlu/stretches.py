"""Hashes of any stretch of a text, each in constant time.

A stretch c₀c₁…cₘ₋₁ hashes to Σ code(cₖ)·Bᵏ modulo 2⁶⁴ (Karp and Rabin, "Efficient randomized pattern-matching
algorithms", 1987), where `code` scatters characters over 64 bits and B is odd, so that it can be divided by: sums over
the whole text give the hash of every stretch, and of every stretch with one character taken out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

LONGEST_TEXT = 1 << 18
_BASE = 0x9E3779B97F4A7C15


def _powers(base: int, count: int) -> Keys:
    factors = np.full(count, base, dtype=np.uint64)
    factors[0] = 1
    return np.multiply.accumulate(factors)


POWERS = _powers(_BASE, LONGEST_TEXT + 1)
_INVERSES = _powers(pow(_BASE, -1, 1 << 64), LONGEST_TEXT + 2)


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """The characters of a text as numbers."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def scattered(numbers: npt.NDArray[np.uint32]) -> Keys:
    """Scatters numbers over 64 bits: the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014)."""
    mixed = (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


class Stretches:
    """The stretches of one text; ends lie behind the last character."""

    def __init__(self, codes: Keys) -> None:
        """Sums up the codes of at most `LONGEST_TEXT` characters."""
        self._sums = np.zeros(len(codes) + 1, dtype=np.uint64)
        np.cumsum(codes * POWERS[: len(codes)], out=self._sums[1:])

    def keys(self, starts: Places, ends: Places) -> Keys:
        """The hash of each stretch."""
        found: Keys = (self._sums[ends] - self._sums[starts]) * _INVERSES[starts]
        return found

    def keys_without(self, starts: Places, ends: Places, gaps: Places) -> Keys:
        """The hash of each stretch without the character at `gaps`, which lies in it."""
        before = (self._sums[gaps] - self._sums[starts]) * _INVERSES[starts]
        behind = (self._sums[ends] - self._sums[gaps + 1]) * _INVERSES[starts + 1]
        found: Keys = before + behind
        return found
