"""Customers' lines with the intents that people gave them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from sixty.errors import OperatorError

UNCLEAR = "unclear"
_COLUMNS = ("id", "text", "intent", "also")


@dataclass(frozen=True)
class LabelledLine:
    """One line and what it means.

    Attributes:
        number: Line in the file, for messages.
        identifier: The line's own name.
        text: What the customer wrote.
        intents: The intents that are right, the first one preferred.
        clear: Whether the line can be decided alone.
    """

    number: int
    identifier: str
    text: str
    intents: tuple[str, ...]
    clear: bool


def read_labelled_lines(path: Path) -> list[LabelledLine]:
    """Reads a tab-separated file with the columns id, text, intent and also (a second right intent, or `-`).

    Raises:
        OperatorError: The file is missing, has other columns, holds no line, or one without an intent.
    """
    try:
        # Spreadsheets put a mark of the byte order in front.
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
            if missing:
                raise OperatorError(f"{path}:1 lacks the column {missing[0]}; it needs id, text, intent, also, by tabs")
            lines = [_labelled(path, reader.line_num, row) for row in reader if row["text"]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise OperatorError(f"{path} cannot be read: {error}") from None
    if not lines:
        raise OperatorError(f"{path} holds no line")
    return lines


def _labelled(path: Path, number: int, row: dict[str, str]) -> LabelledLine:
    if not row["intent"] or row["intent"] == "-":
        raise OperatorError(f"{path}:{number} has no intent; a line that nobody can decide alone is {UNCLEAR}")
    labels = tuple(label for label in (row["intent"], row["also"]) if label and label not in ("-", UNCLEAR))
    return LabelledLine(number, row["id"], row["text"], labels, row["intent"] != UNCLEAR)
