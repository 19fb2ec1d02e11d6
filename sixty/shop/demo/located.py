"""What is wrong with the files of the demo shop."""

from __future__ import annotations

from sixty.shop.located import FilesError, Key, Located, Problem, read_entries

__all__ = ["DemoError", "Key", "Located", "Problem", "read_entries"]


class DemoError(FilesError):
    """The demo files can't be used; says all that is wrong with them at once."""
