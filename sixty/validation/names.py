"""Everything that rules, stories and the domain name exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rasa.shared.core.constants import DEFAULT_ACTION_NAMES, DEFAULT_INTENTS, DEFAULT_SLOT_NAMES

from sixty.validation.located_yaml import Word, items, part, words
from sixty.validation.problem import Problem, spelling
from sixty.validation.project import Project


def check_names(project: Project) -> Iterator[Problem]:
    """Finds names that nothing stands behind."""
    domain, names = project.domain, project.flows.names
    intents = {*domain.intents, *DEFAULT_INTENTS}
    slots = {*domain.slots, *DEFAULT_SLOT_NAMES}
    forms = set(domain.forms)
    mappings = [mapping for slot in domain.slots.values() for mapping in slot.mappings]
    required = [name for form in domain.forms.values() for name in form.required]
    yield from _unknown("intent", names.intents, intents, "add it to intents in domain.yml")
    yield from _unknown("entity", names.entities, domain.entities, "add it to entities in domain.yml")
    yield from _unknown("slot", [name for name, _ in names.slots], slots, "add it to slots in domain.yml")
    yield from _unknown("form", names.forms, forms, "add it to forms in domain.yml")
    yield from _unknown("entity", domain.used_entities, domain.entities, "add it to entities")
    yield from _unknown("slot", required, slots, "add it to slots")
    for mapping in mappings:
        yield from _unknown("entity", mapping.entities, domain.entities, "add it to entities")
        yield from _unknown("intent", mapping.intents, intents, "add it to intents")
        yield from _unknown("form", mapping.forms, forms, "add it to forms")
        yield from _unknown("slot", mapping.slots, slots, "add it to slots")
    yield from _unknown("intent", project.actions.payload_intents, intents, "add it to intents in domain.yml")
    for component in items(part(project.config, "pipeline")):
        questions = words(part(component, "questions"))
        yield from _unknown("intent", questions, intents, "add it to intents in domain.yml")
    yield from _unknown_actions(project)
    yield from _unknown_values(project)


def _unknown(kind: str, named: Iterable[Word], known: Iterable[str], otherwise: str) -> Iterator[Problem]:
    known = set(known)
    for name in named:
        if name not in known:
            yield Problem(
                name.place,
                f"there is no {kind} {name}",
                f"{spelling(name, known)} or {otherwise}",
            )


def _unknown_actions(project: Project) -> Iterator[Problem]:
    domain = project.domain
    known = {*domain.actions, *domain.responses, *domain.forms, *DEFAULT_ACTION_NAMES}
    for name in project.flows.names.actions:
        if name in known:
            continue
        kind = "response" if name.startswith("utter_") else "action"
        otherwise = (
            "add it to responses in domain.yml"
            if kind == "response"
            else "write it in actions/ and add it to actions in domain.yml"
        )
        yield Problem(name.place, f"there is no {kind} {name}", f"{spelling(name, known)} or {otherwise}")


def _unknown_values(project: Project) -> Iterator[Problem]:
    for name, value in project.flows.names.slots:
        slot = project.domain.slots.get(name)
        if slot is not None and slot.values and value is not None and value not in slot.values:
            yield Problem(
                value.place,
                f"the slot {name} never has the value {value}",
                f"{spelling(value, slot.values)} or add it to the slot's values in domain.yml",
            )
