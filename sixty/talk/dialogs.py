"""Dialogs of real customers, read from files one at a time: of each only what the customer said, in order.

A file is JSON Lines in one of the forms in which such dialogs are published. Its first line tells which:

- `turns` with `role` and `text` (JDDC 2019): the turns of role `user`.
- `context` and `reply` without roles (JDDC 2018): see :mod:`sixty.talk.speakers`.
- `dialog`, `turn` and `user`, one turn a line (user satisfaction simulation): lines of one dialog follow each other;
  the rating of the whole dialog (`overall`) is not a turn.
- `dialogue` with `sender_type` and `send_content` (U-NEED): the turns of sender `用户`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from sixty.errors import OperatorError
from sixty.talk.speakers import SpeakerGuess

Row = dict[str, Any]
Numbered = tuple[int, Row]

# As many rows are plenty to learn how either side speaks, however large the file is.
_ROWS_TO_LEARN_FROM = 20_000


@dataclass(frozen=True)
class Dialog:
    """What one customer said."""

    name: str
    lines: tuple[str, ...]


class DialogsError(OperatorError):
    """The file cannot be played. The message names the line."""


class DialogFile:
    """A file of dialogs. Nothing of it is kept in memory but the dialog at hand."""

    def __init__(self, path: Path) -> None:
        """Looks at the first line.

        Raises:
            DialogsError: It is not a file of dialogs in a form that is known.
        """
        self._path = path
        self._at = 0
        first = next(self._rows(), None)
        if first is None:
            raise DialogsError(f"{path}: holds no dialog")
        found = next((form for form in _FORMS if form.keys <= first[1].keys()), None)
        if found is None:
            raise DialogsError(f"{path}:{first[0]}: not a form of dialog that is known (see sixty/talk/dialogs.py)")
        self._form = found

    def dialogs(self, limit: int | None = None) -> Iterator[Dialog]:
        """The dialogs in which a customer says something, in the order of the file.

        Args:
            limit: No more than this many.

        Raises:
            DialogsError: A line is not what the first lets expect.
        """
        return islice((dialog for dialog in self._all() if dialog.lines), limit)

    def _all(self) -> Iterator[Dialog]:
        try:
            for name, lines in self._form.read(self._rows):
                yield Dialog(name, tuple(line for line in map(_said, lines) if line))
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise DialogsError(
                f"{self._path}:{self._at}: not what the first line lets expect ({type(error).__name__}: {error})"
            ) from None

    def _rows(self) -> Iterator[Numbered]:
        try:
            with self._path.open(encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    self._at = number
                    if not line.strip():
                        continue
                    try:
                        row = json.loads(line)
                    except ValueError as error:
                        raise DialogsError(f"{self._path}:{number}: not JSON: {error}") from None
                    if not isinstance(row, dict):
                        raise DialogsError(f"{self._path}:{number}: not a JSON object")
                    yield number, row
        except OSError as error:
            raise DialogsError(f"{self._path} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise DialogsError(f"{self._path} is not UTF-8 text") from None


Rows = Callable[[], Iterator[Numbered]]
Spoken = tuple[str, Iterable[Any]]


@dataclass(frozen=True)
class _Form:
    """A form of dialogs: the keys by which it is known, and how its dialogs are read from the rows."""

    keys: frozenset[str]
    read: Callable[[Rows], Iterator[Spoken]]


def _with_roles(rows: Rows) -> Iterator[Spoken]:
    for number, row in rows():
        name = str(row.get("session") or f"line-{number}")
        yield name, [turn["text"] for turn in row["turns"] if turn["role"] == "user"]


def _without_roles(rows: Rows) -> Iterator[Spoken]:
    examples = islice(rows(), _ROWS_TO_LEARN_FROM)
    guess = SpeakerGuess((row["context"], row["reply"]) for _, row in examples)
    for number, row in rows():
        yield f"line-{number}", guess.customer_lines(row["context"])


def _turn_by_turn(rows: Rows) -> Iterator[Spoken]:
    for name, turns in groupby(rows(), key=lambda numbered: str(numbered[1]["dialog"])):
        yield name, [row["user"] for _, row in turns if not row.get("overall")]


def _with_senders(rows: Rows) -> Iterator[Spoken]:
    for number, row in rows():
        name = str(row.get("sid") or f"line-{number}")
        yield name, [turn["send_content"] for turn in row["dialogue"] if turn["sender_type"] == "用户"]


_FORMS = (
    _Form(frozenset({"turns"}), _with_roles),
    _Form(frozenset({"context", "reply"}), _without_roles),
    _Form(frozenset({"dialog", "user"}), _turn_by_turn),
    _Form(frozenset({"dialogue"}), _with_senders),
)


def _said(line: Any) -> str:
    if not isinstance(line, str):
        raise TypeError("a line is not text")
    return line.strip()
