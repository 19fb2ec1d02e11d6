"""The lines, lookup tables and synonyms of `data/`, with their places."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sixty.validation.located_yaml import Word, items, part, table
from sixty.validation.problem import Place, Problem

# `[text](entity)`, `[text](entity:value)` and `[text]{"entity": "…", "value": "…"}`, as Rasa reads them.
_ANNOTATION = re.compile(r"\[(?P<text>[^\]]+)\](?:\((?P<entity>[^:)]+)(?::(?P<value>[^)]+))?\)|(?P<options>\{[^}]+\}))")


@dataclass(frozen=True)
class Annotation:
    """A part of a line that is marked as an entity."""

    text: str
    entity: str
    value: str | None
    start: int


@dataclass(frozen=True)
class Line:
    """Something a customer may say; its text is without marks."""

    text: str
    intent: str
    annotations: tuple[Annotation, ...]
    place: Place


@dataclass(frozen=True)
class WordList:
    """A lookup table or a synonym: its name and its words."""

    name: Word
    words: tuple[Word, ...]


@dataclass(frozen=True)
class TrainingData:
    """All of `nlu:` in all files."""

    lines: tuple[Line, ...]
    lookups: tuple[WordList, ...]
    regexes: tuple[WordList, ...]
    synonyms: tuple[WordList, ...]
    intents: tuple[Word, ...]
    """Every block's intent, also of blocks without lines."""
    problems: tuple[Problem, ...] = ()


def read_training_data(contents: Iterable[Any]) -> TrainingData:
    """Reads the contents of all data files."""
    lines: list[Line] = []
    lookups: list[WordList] = []
    regexes: list[WordList] = []
    synonyms: list[WordList] = []
    intents: list[Word] = []
    problems: list[Problem] = []
    for content in contents:
        for entry in items(part(content, "nlu")):
            block = table(entry)
            examples = list(_examples(part(block, "examples"), problems))
            intent = part(block, "intent")
            if isinstance(intent, Word):
                intents.append(intent)
                # A retrieval intent's second half (`faq/ask_x`) only chooses a response.
                lines += [_line(example, intent.split("/")[0], problems) for example in examples]
            for key, found in (("lookup", lookups), ("regex", regexes), ("synonym", synonyms)):
                name = part(block, key)
                if isinstance(name, Word):
                    found.append(WordList(name, tuple(examples)))
    return TrainingData(tuple(lines), tuple(lookups), tuple(regexes), tuple(synonyms), tuple(intents), tuple(problems))


def _examples(value: Any, problems: list[Problem]) -> Iterator[Word]:
    if isinstance(value, Word):
        for row in value.rows():
            if not row.strip():
                continue
            text = row.strip()[1:].strip()
            # Rasa leaves such lines out, whether they were meant or not.
            if not row.startswith("-"):
                problems.append(Problem(row.place, f"“{row.strip()}” does not begin with “- ”", "Begin it with “- ”"))
            elif not text:
                problems.append(Problem(row.place, "the line is empty", "Write something after “- ” or remove it"))
            else:
                yield Word.at(row.place, text)
    for entry in items(value):
        text = part(entry, "text")
        if isinstance(text, Word):
            yield from _examples(text, problems)


def _line(example: Word, intent: str, problems: list[Problem]) -> Line:
    plain = ""
    end = 0
    annotations: list[Annotation] = []
    for match in _ANNOTATION.finditer(example):
        plain += example[end : match.start()]
        end = match.end()
        entity, value = match["entity"], match["value"]
        if match["options"]:
            try:
                options = json.loads(match["options"])
            except ValueError:
                problems.append(
                    Problem(example.place, f"{match['options']} is no JSON", 'Write {"entity": "…", "value": "…"}')
                )
                options = {}
            entity, value = options.get("entity"), options.get("value")
        if entity:
            annotations.append(Annotation(match["text"], str(entity).strip(), value and str(value), len(plain)))
        plain += match["text"]
    return Line(plain + example[end:], intent, tuple(annotations), example.place)
