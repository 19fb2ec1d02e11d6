"""YAML whose every word knows its file and line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from sixty.validation.problem import Place, Problem

# Nothing here is that deep, except what refers to itself with & and *.
_DEEPEST = 20


class Word(str):
    """A scalar as it is written, and where."""

    __slots__ = ("is_block", "place")

    place: Place
    is_block: bool

    @classmethod
    def at(cls, place: Place, text: str, *, is_block: bool = False) -> Word:
        """Makes a word.

        Args:
            place: Where it stands; of a block (`|`), where the mark stands.
            text: What is written.
            is_block: Whether its text begins in the line after its mark.
        """
        word = cls(text)
        word.place = place
        word.is_block = is_block
        return word

    def rows(self) -> Iterator[Word]:
        """The lines of a block, each with its own place."""
        for offset, row in enumerate(self.split("\n"), start=1 if self.is_block else 0):
            yield Word.at(Place(self.place.file, self.place.line + offset), row)


class Items(list[Any]):
    """A list, and where it begins."""

    place: Place


class Table(dict[Word, Any]):
    """Keys and values, and where they begin. A missing value is None."""

    place: Place


class UnreadableError(Exception):
    """A file is no YAML, or can't be read at all."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read_yaml(file: Path, root: Path) -> Any:
    """Reads one file.

    Args:
        file: The file.
        root: The project, to which places are relative.

    Returns:
        A `Table`, `Items`, `Word` or None for an empty file.

    Raises:
        UnreadableError: It is missing, no UTF-8 or no YAML.
    """
    shown = file.relative_to(root) if file.is_relative_to(root) else file
    try:
        # YAML 1.2 as Rasa reads it; composing alone leaves every word as it is written.
        node = YAML(typ="safe").compose(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnreadableError(Problem(Place(shown, 1), "the file is missing", "Add it")) from None
    except UnicodeDecodeError:
        raise UnreadableError(Problem(Place(shown, 1), "this is no UTF-8", "Save the file as UTF-8")) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise UnreadableError(
            Problem(
                Place(shown, line),
                f"this is no YAML: {error.problem or error.context}",
                "Check indentation, quotes and brackets here and in the line above",
            )
        ) from None
    except YAMLError as error:
        raise UnreadableError(Problem(Place(shown, 1), f"this is no YAML: {error}", "Remove odd characters")) from None
    return None if node is None else _value(node, shown, 0)


def items(value: Any) -> list[Any]:
    """The value when it is a list; what is none is left for Rasa's own check of the form."""
    return value if isinstance(value, Items) else []


def table(value: Any) -> dict[Word, Any]:
    """The value when it is a table."""
    return value if isinstance(value, Table) else {}


def part(value: Any, key: str) -> Any:
    """What stands under a key of a table; None where it is missing."""
    return value.get(Word(key)) if isinstance(value, dict) else None


def named(value: Any) -> Iterator[tuple[Word, dict[Word, Any]]]:
    """Entries of a list that are written `- name` or `- name: {options}`."""
    for entry in items(value):
        if isinstance(entry, Word):
            yield entry, {}
        else:
            for name, options in table(entry).items():
                yield name, table(options)


def words(value: Any) -> list[Word]:
    """The words of a list, or the one word that stands alone."""
    if isinstance(value, Word):
        return [value]
    return [entry for entry in items(value) if isinstance(entry, Word)]


def _value(node: Node, file: Path, depth: int) -> Any:
    place = Place(file, node.start_mark.line + 1)
    if depth > _DEEPEST:
        raise UnreadableError(Problem(place, "this is nested too deeply", "Write it out flat"))
    if isinstance(node, ScalarNode):
        if not node.style and node.value in ("", "~", "null"):
            return None
        return Word.at(place, str(node.value), is_block=node.style in ("|", ">"))
    if isinstance(node, SequenceNode):
        found = Items(_value(each, file, depth + 1) for each in node.value)
        found.place = place
        return found
    assert isinstance(node, MappingNode)
    entries = Table()
    for key, value in node.value:
        name = Word.at(Place(file, key.start_mark.line + 1), str(key.value))
        if name in entries:
            raise UnreadableError(Problem(name.place, f"{name} stands here twice", "Remove one"))
        entries[name] = _value(value, file, depth + 1)
    entries.place = place
    return entries
