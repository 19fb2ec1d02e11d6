"""Reads YAML so that every value knows its line, and says what is wrong where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml import MappingNode, MarkedYAMLError, Node, ScalarNode, SequenceNode, YAMLError, compose

Key = str | int
DEEPEST = 12

# The pure Python parser takes seconds for a whole shop.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ModelT = TypeVar("ModelT", bound=BaseModel)
ReadT = TypeVar("ReadT")

# What to do about an error that pydantic reports, by the beginning of its type.
_REMEDIES = (
    ("value_error.missing", "add it"),
    ("value_error.extra", "remove it, or mend its spelling"),
    ("value_error.const", "use one of the values named"),
    ("value_error.decimal.max_places", "amounts have at most two decimals"),
    ("value_error.decimal", "write a plain number such as 259 or 19.90"),
    ("type_error.decimal", "write a plain number such as 259 or 19.90"),
    ("type_error.integer", "write a whole number"),
    ("type_error.none", "give it a value or remove the key"),
    ("type_error.list", "write a list: [a, b]"),
    ("type_error.dict", "write keys and values: {a: 1}"),
    ("value_error.number", "mend the number"),
    ("value_error.str.regex", "mend the number: see the form in the message"),
)


@dataclass(frozen=True)
class Problem:
    """One mistake in a file, where it is and what to do about it."""

    file: Path
    line: int
    message: str
    remedy: str

    def __str__(self) -> str:
        """Writes it the way compilers do, so that editors find the place."""
        return f"{self.file}:{self.line}: {self.message} - {self.remedy}"


class FilesError(Exception):
    """A merchant's files can't be used; says all that is wrong with them at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda each: (str(each.file), each.line)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class Located(Generic[ModelT]):
    """An entry of a file together with the lines it was read from."""

    entry: ModelT
    file: Path
    lines: dict[tuple[Key, ...], int] = field(repr=False)

    def problem(self, message: str, remedy: str, *path: Key) -> Problem:
        """Makes a problem of this entry, at the value that `path` leads to."""
        return Problem(self.file, _line_of(self.lines, path), message, remedy)


def read_entries(file: Path, model: type[ModelT], problems: list[Problem]) -> list[Located[ModelT]]:
    """Reads a file that is a list of entries; what is wrong goes into `problems`.

    Scalars stay as they are written (`0571`, `1e3`, `no`), because YAML's guesses about
    their types are wrong for product and phone numbers; the model says what they are.
    """
    root = _compose(file, problems)
    if root is None:
        return []
    if not isinstance(root, SequenceNode):
        _fail(problems, file, 1, "isn't a list", "begin every entry with '- '")
        return []
    entries = (_read_entry(node, file, model, problems) for node in root.value)
    return [entry for entry in entries if entry is not None]


def read_document(file: Path, model: type[ModelT], problems: list[Problem]) -> Located[ModelT] | None:
    """Reads a file that is one entry of keys and values, in the same way as `read_entries`."""
    before = len(problems)
    root = _compose(file, problems)
    if root is not None:
        return _read_entry(root, file, model, problems)
    if len(problems) == before:
        _fail(problems, file, 1, "is empty", "restore it, or remove the file")
    return None


def read_soundly(
    read: Callable[[Path, list[Problem]], ReadT | None], place: Path, error: Callable[[str], Exception]
) -> ReadT:
    """What is read of a file or a folder, all of which has to be right.

    Args:
        read: Reads it; what is wrong goes into its list. None where it could not.
        place: The file or the folder.
        error: What is raised; told every mistake with its place.

    Raises:
        Exception: As `error` makes it; something is wrong.
    """
    problems: list[Problem] = []
    found = read(place, problems)
    if problems or found is None:
        raise error("\n".join(str(each) for each in problems))
    return found


def _compose(file: Path, problems: list[Problem]) -> Node | None:
    try:
        root: Node | None = compose(file.read_text(encoding="utf-8"), Loader=_LOADER)
    except OSError as error:
        _fail(problems, file, 1, f"can't be read: {error.strerror}", "add the file")
    except UnicodeDecodeError:
        _fail(problems, file, 1, "isn't UTF-8", "save it as UTF-8")
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        _fail(
            problems,
            file,
            mark.line + 1 if mark is not None else 1,
            f"isn't YAML: {error.problem or error.context}",
            "check indentation, quotes and brackets here and in the line above",
        )
    except YAMLError as error:
        _fail(problems, file, 1, f"isn't YAML: {error}", "remove odd characters")
    else:
        return root
    return None


def _read_entry(node: Node, file: Path, model: type[ModelT], problems: list[Problem]) -> Located[ModelT] | None:
    lines: dict[tuple[Key, ...], int] = {}
    before = len(problems)
    data = _plain(node, (), lines, file, problems)
    if len(problems) > before:
        return None
    if not isinstance(data, dict):
        problems.append(Problem(file, lines[()], "the entry has no keys", "write it as 'key: value' lines"))
        return None
    try:
        return Located(model.parse_obj(data), file, lines)
    except ValidationError as error:
        for each in error.errors():
            path = tuple(part for part in each["loc"] if part != "__root__")
            name = ".".join(str(part) for part in path)
            problems.append(
                Problem(
                    file,
                    _line_of(lines, path),
                    f"{name}: {each['msg']}" if name else each["msg"],
                    _remedy_for(each["type"], model, path),
                )
            )
        return None


def _plain(
    node: Node,
    path: tuple[Key, ...],
    lines: dict[tuple[Key, ...], int],
    file: Path,
    problems: list[Problem],
) -> Any:
    lines[path] = node.start_mark.line + 1
    if len(path) > DEEPEST:
        # Nothing here is that deep, except what refers to itself with & and *.
        problems.append(Problem(file, lines[path], "nested too deeply", "write it out flat"))
        return None
    if isinstance(node, ScalarNode):
        unquoted = not node.style
        return None if unquoted and node.value in ("", "~", "null") else str(node.value)
    if isinstance(node, SequenceNode):
        return [_plain(each, (*path, ordinal), lines, file, problems) for ordinal, each in enumerate(node.value)]
    if not isinstance(node, MappingNode):
        return None
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line = key_node.start_mark.line + 1
        here = (*path, key)
        if key in found:
            problems.append(Problem(file, line, f"{key!r} stands here twice", "remove one"))
        found[key] = _plain(value_node, here, lines, file, problems)
        lines[here] = line
    return found


def _line_of(lines: dict[tuple[Key, ...], int], path: Sequence[Any]) -> int:
    # A key that is missing, or made by the model, has no line: then its parent's counts.
    whole = tuple(path)
    for length in range(len(whole), -1, -1):
        if whole[:length] in lines:
            return lines[whole[:length]]
    return 1


def _remedy_for(kind: str, model: type[BaseModel], path: Sequence[Any]) -> str:
    if kind == "value_error.extra" and len(path) == 1:
        known = ", ".join(each.alias for each in model.__fields__.values())
        return f"remove it, or mend its spelling; known are {known}"
    for beginning, remedy in _REMEDIES:
        if kind.startswith(beginning):
            return remedy
    return "mend the value"


def _fail(problems: list[Problem], file: Path, line: int, message: str, remedy: str) -> None:
    problems.append(Problem(file, line, message, remedy))
