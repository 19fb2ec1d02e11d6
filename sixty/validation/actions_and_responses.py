"""Actions are written and listed; responses exist, are used, and their buttons mean something."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from rasa.shared.core.constants import DEFAULT_ACTION_NAMES, DEFAULT_INTENTS

from sixty.validation.action_code import ResponseFamily
from sixty.validation.forms import question_for
from sixty.validation.located_yaml import Word
from sixty.validation.problem import Problem, spelling
from sixty.validation.project import Project

# Said by Rasa's own actions.
_SAID_BY_RASA = frozenset({"utter_default", "utter_restart", "utter_ask_rephrase"})
_PAYLOAD = re.compile(r"/(?P<intent>[^{]+)(?P<entities>.*)", re.DOTALL)
# Rasa fills `{name}` with a slot, and takes `{{` for a brace.
_SINGLE_BRACE = re.compile(r"(?<!\{)\{(?:\{\{)*(?!\{)")


def check_actions_and_responses(project: Project) -> Iterator[Problem]:
    """Checks actions, responses and buttons."""
    yield from _actions(project)
    yield from _responses(project)
    yield from _families(project)
    for response in project.domain.responses.values():
        for payload in response.payloads:
            yield from _payload(payload, project)


def responses_in_use(project: Project) -> frozenset[str]:
    """Every response that a rule, a story, a form, an action or a component says."""
    domain = project.domain
    questions = {question_for(domain, form.name, slot) for form in domain.forms.values() for slot in form.required}
    in_code = {*project.actions.responses, *project.components.responses}
    families = (*project.actions.families, *project.components.families)
    by_intent = {family.prefix + intent for family in families for intent in _intents_of(family, project)}
    return frozenset(
        domain.responses.keys() & {*project.flows.names.actions, *questions, *in_code, *by_intent, *_SAID_BY_RASA}
    )


def _actions(project: Project) -> Iterator[Problem]:
    listed = {name for name in project.domain.actions if not name.startswith("utter_")}
    written: dict[str, Word] = {}
    for action in project.actions.actions:
        first = written.setdefault(action, action)
        if first is not action:
            yield Problem(action.place, f"{action} is written already, in {first.place}", "Rename or remove one")
        if action not in listed:
            yield Problem(
                action.place, f"{action} is not in the domain, so it never runs", "Add it to actions in domain.yml"
            )
    for name in project.domain.actions:
        if name not in listed or name in written or name in DEFAULT_ACTION_NAMES:
            continue
        yield Problem(
            name.place, f"no class in actions/ is named {name}", f"{spelling(name, written)}, write it or remove it"
        )


def _responses(project: Project) -> Iterator[Problem]:
    known = project.domain.responses
    for said in (*project.actions.responses, *project.components.responses):
        if said not in known:
            yield Problem(
                said.place,
                f"there is no response {said}",
                f"{spelling(said, known)} or add it to responses in domain.yml",
            )
    in_use = responses_in_use(project)
    for name, response in known.items():
        if name not in in_use:
            yield Problem(
                response.name.place,
                f"{name} is never said: no rule, story, form or action names it",
                "Remove it, or add it to a rule in data/rules",
            )


def _families(project: Project) -> Iterator[Problem]:
    """Finds intents for which an action would say a response that does not exist, and so nothing."""
    for family in project.actions.families:
        if family.action is None:
            continue
        for intent in _intents_of(family, project):
            name = family.prefix + intent
            if name not in project.domain.responses:
                yield Problem(
                    intent.place,
                    f"{family.action} answers {intent} with {name}, which does not exist (see {family.place})",
                    "Add it to responses in domain.yml, or let the action answer in another way",
                )


def _intents_of(family: ResponseFamily, project: Project) -> list[Word]:
    """The intents by whose names an action may name its response."""
    intents = project.domain.intents if family.action is None else _intents_before(family.action, project)
    return [intent for intent in intents if family.guards.let_through(intent)]


def _intents_before(action: str, project: Project) -> Iterable[Word]:
    """The intents that an action is the answer to, each where it is first named."""
    intents: dict[str, Word] = {}
    for flow in project.flows.flows:
        for turn in flow.turns:
            if action in turn.actions:
                for intent in turn.intents:
                    intents.setdefault(intent, intent)
    return intents.values()


def _payload(payload: Word, project: Project) -> Iterator[Problem]:
    match = _PAYLOAD.fullmatch(payload)
    if match is None:
        return  # A tap then sends plain words.
    intents = {*project.domain.intents, *DEFAULT_INTENTS}
    intent = match["intent"].strip()
    if intent not in intents:
        yield Problem(
            payload.place,
            f"the button's payload {payload} names no intent of the domain",
            f"{spelling(intent, intents)} or add it to intents",
        )
    if not match["entities"]:
        return
    if _SINGLE_BRACE.search(match["entities"]):
        yield Problem(
            payload.place,
            f"the button's payload {payload} has single braces, which Rasa fills with slots",
            f"Double them: /{intent}{{{{…}}}}",
        )
        return
    try:
        entities = json.loads(match["entities"].replace("{{", "{").replace("}}", "}"))
    except ValueError:
        entities = None
    if not isinstance(entities, dict):
        yield Problem(
            payload.place, f"the button's payload {payload} is no JSON", f'Write /{intent}{{{{"entity":"value"}}}}'
        )
        return
    for entity in entities:
        if entity not in project.domain.entities:
            yield Problem(
                payload.place,
                f"the button's payload {payload} names no entity of the domain: {entity}",
                f"{spelling(entity, project.domain.entities)} or add it to entities",
            )
