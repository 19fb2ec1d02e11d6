"""What can go wrong in a benchmark, said to whoever runs it."""

from __future__ import annotations


class BenchError(Exception):
    """A benchmark cannot go on. The message says why and where to read more."""
