"""What is told to the person at the terminal instead of a traceback."""

from __future__ import annotations


class OperatorError(Exception):
    """Something that whoever gave the command can mend. The message is one line and says how."""
