"""Rules and stories: what they name, and which action follows which intent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sixty.validation.located_yaml import Word, items, part, table, words


@dataclass
class Names:
    """Everything that rules and stories name, in the order of the files."""

    intents: list[Word] = field(default_factory=list)
    entities: list[Word] = field(default_factory=list)
    actions: list[Word] = field(default_factory=list)
    forms: list[Word] = field(default_factory=list)
    slots: list[tuple[Word, Word | None]] = field(default_factory=list)
    """Slots with the value they have; None when it is no single word."""


@dataclass(frozen=True)
class Turn:
    """What customers may say at one point, and the actions until they speak again."""

    intents: tuple[Word, ...]
    actions: tuple[Word, ...]


@dataclass(frozen=True)
class Flow:
    """A rule or a story."""

    name: Word
    is_rule: bool
    during_forms: tuple[Word, ...]
    """Forms that must be active for the rule to hold."""
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Flows:
    """All rules and stories."""

    flows: tuple[Flow, ...]
    names: Names


def read_flows(contents: Iterable[Any]) -> Flows:
    """Reads the contents of all data files."""
    names = Names()
    flows: list[Flow] = []
    for content in contents:
        for section, key in (("rules", "rule"), ("stories", "story")):
            for entry in items(part(content, section)):
                flow = table(entry)
                name = part(flow, key)
                if isinstance(name, Word):
                    flows.append(_flow(name, flow, names))
    return Flows(tuple(flows), names)


def _flow(name: Word, flow: dict[Word, Any], names: Names) -> Flow:
    conditions = [table(step) for step in items(part(flow, "condition"))]
    steps = [table(step) for step in items(part(flow, "steps"))]
    for step in (*conditions, *steps):
        _note(step, names)
    return Flow(
        name=name,
        is_rule=part(flow, "rule") is not None,
        during_forms=tuple(form for step in conditions for form in words(part(step, "active_loop"))),
        turns=tuple(_turns(steps)),
    )


def _note(step: dict[Word, Any], names: Names) -> None:
    names.intents += words(part(step, "intent"))
    names.actions += words(part(step, "action"))
    names.forms += words(part(step, "active_loop"))
    names.entities += [
        name
        for entry in items(part(step, "entities"))
        for name in (words(entry) or table(entry))
        if name not in ("role", "group")
    ]
    was_set = part(step, "slot_was_set")
    for entry in [was_set, *items(was_set)]:
        names.slots += [(name, value if isinstance(value, Word) else None) for name, value in table(entry).items()]
    names.slots += [(name, None) for name in words(was_set)]
    for alternative in items(part(step, "or")):
        _note(table(alternative), names)


def _turns(steps: list[dict[Word, Any]]) -> Iterator[Turn]:
    intents: list[Word] | None = None
    actions: list[Word] = []
    for step in steps:
        said = words(part(step, "intent"))
        for alternative in items(part(step, "or")):
            said += words(part(alternative, "intent"))
        if said:
            if intents is not None:
                yield Turn(tuple(intents), tuple(actions))
            intents, actions = said, []
        actions += words(part(step, "action"))
    if intents is not None or actions:
        yield Turn(tuple(intents or ()), tuple(actions))
