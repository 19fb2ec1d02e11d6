"""The domain as it is written, with the place of every name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sixty.validation.located_yaml import Items, Table, Word, items, named, part, table, words
from sixty.validation.problem import Place


@dataclass(frozen=True)
class Mapping:
    """One way in which a slot is filled: what it names, each with its place."""

    entities: tuple[Word, ...] = ()
    intents: tuple[Word, ...] = ()
    forms: tuple[Word, ...] = ()
    slots: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Slot:
    """A slot; `values` are those of a categorical one."""

    name: Word
    values: tuple[Word, ...] = ()
    mappings: tuple[Mapping, ...] = ()


@dataclass(frozen=True)
class Form:
    """A form and the slots it asks for."""

    name: Word
    required: tuple[Word, ...]


@dataclass(frozen=True)
class Condition:
    """What a variation asks of a slot; a value None is a slot that is not set."""

    place: Place
    kind: Word | None
    slot: Word | None
    values: tuple[Word | None, ...]


@dataclass(frozen=True)
class Variation:
    """One way in which a response is said, for whom and when."""

    place: Place
    conditions: tuple[Condition, ...] = ()
    channel: Word | None = None
    metadata: dict[Word, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Response:
    """A response, its variations and the payloads of its buttons."""

    name: Word
    payloads: tuple[Word, ...] = ()
    variations: tuple[Variation, ...] = ()


@dataclass(frozen=True)
class Domain:
    """Everything `domain.yml` declares."""

    intents: tuple[Word, ...] = ()
    used_entities: tuple[Word, ...] = ()
    entities: tuple[Word, ...] = ()
    slots: dict[str, Slot] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    actions: tuple[Word, ...] = ()
    responses: dict[str, Response] = field(default_factory=dict)


def read_domain(content: Any) -> Domain:
    """Reads the content of a domain file."""
    domain = table(content)
    intents = list(named(part(domain, "intents")))
    forms = table(part(domain, "forms"))
    slots = table(part(domain, "slots"))
    responses = table(part(domain, "responses"))
    return Domain(
        intents=tuple(name for name, _ in intents),
        used_entities=tuple(
            name
            for _, options in intents
            for key in ("use_entities", "ignore_entities")
            for name in words(part(options, key))
            if name != "True"
        ),
        entities=tuple(name for name, _ in named(part(domain, "entities"))),
        slots={name: _slot(name, table(options)) for name, options in slots.items()},
        forms={name: Form(name, tuple(words(part(options, "required_slots")))) for name, options in forms.items()},
        actions=tuple(name for name, _ in named(part(domain, "actions"))),
        responses={
            name: Response(name, tuple(_payloads(variants)), tuple(_variations(variants)))
            for name, variants in responses.items()
        },
    )


def _slot(name: Word, options: dict[Word, Any]) -> Slot:
    return Slot(
        name=name,
        values=tuple(words(part(options, "values"))),
        mappings=tuple(_mapping(table(entry)) for entry in items(part(options, "mappings"))),
    )


def _mapping(options: dict[Word, Any]) -> Mapping:
    conditions = [table(entry) for entry in items(part(options, "conditions"))]
    return Mapping(
        entities=tuple(words(part(options, "entity"))),
        intents=tuple(name for key in ("intent", "not_intent") for name in words(part(options, key))),
        forms=tuple(name for condition in conditions for name in words(part(condition, "active_loop"))),
        slots=tuple(name for condition in conditions for name in words(part(condition, "requested_slot"))),
    )


def _variations(variants: Any) -> Iterator[Variation]:
    for entry in items(variants):
        if not isinstance(entry, Table):
            continue
        channel = part(entry, "channel")
        yield Variation(
            place=entry.place,
            conditions=tuple(_condition(each) for each in items(part(entry, "condition")) if isinstance(each, Table)),
            channel=channel if isinstance(channel, Word) else None,
            metadata=table(part(entry, "metadata")),
        )


def _condition(entry: Table) -> Condition:
    kind, slot, value = (part(entry, key) for key in ("type", "name", "value"))
    values = tuple(value) if isinstance(value, Items) else (value,)
    return Condition(
        place=entry.place,
        kind=kind if isinstance(kind, Word) else None,
        slot=slot if isinstance(slot, Word) else None,
        values=tuple(each for each in values if each is None or isinstance(each, Word)),
    )


def _payloads(variants: Any) -> list[Word]:
    return [
        payload
        for variant in items(variants)
        for button in items(part(variant, "buttons"))
        for payload in words(part(button, "payload"))
    ]
