"""The playbook fits the domain and the catalogue, and the demo shop can be loaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME

from sixty.playbook import CapsulePlan
from sixty.shop.catalogue import ATTRIBUTE_KEYS, CANONICAL_KEYS
from sixty.shop.climate import check_climate
from sixty.shop.comparison import COMPARISONS_FILE, check_comparisons
from sixty.shop.demo import DemoError, load_demo
from sixty.shop.located import Problem as FileProblem
from sixty.shop.policies.reading import POLICIES_FOLDER, check_policies
from sixty.shop.pricing.asked import TOPICS
from sixty.shop.pricing.phases import PHASES
from sixty.shop.pricing.playbook import check_rules
from sixty.validation.located_yaml import Items, Table, Word, part, table, words
from sixty.validation.problem import Place, Problem, spelling
from sixty.validation.project import Project

_DEFAULT = "default"
# Customers greet, but never mean to be asked whether they did.
_NO_QUESTIONS = frozenset({"greet", DEFAULT_NLU_FALLBACK_INTENT_NAME})
# Responses whose names say that their intent asks nothing.
_NO_ANSWERS = ("utter_social_", "utter_miss_", "utter_ask_")


def check_playbook(project: Project) -> Iterator[Problem]:
    """Checks capsules, the rules of prices, campaigns, climate, comparisons, policies and the demo shop."""
    yield from _capsules(project)
    yield from _prices(project)
    yield from _knowledge(project)
    yield from _policies(project)
    yield from _demo(project)


def _capsules(project: Project) -> Iterator[Problem]:
    content = project.capsules
    if content is None:
        return
    capsules = table(part(content, "capsules"))
    for capsule in capsules.values():
        yield from _unknown_intents(words(part(capsule, "intent")), project)
        yield from _unknown_attributes(words(part(capsule, "attribute")))
    named: list[Word] = []
    for section in ("welcome", "after"):
        for names in table(part(content, section)).values():
            named += words(names)
    unknown = [name for name in named if name not in capsules]
    for name in unknown:
        yield Problem(name.place, f"there is no capsule {name}", f"{spelling(name, capsules)} or add it to capsules")
    for place in table(part(content, "after")):
        intent, _, attribute = place.partition("@")[0].partition(".")
        if intent != _DEFAULT:
            yield from _unknown_intents([Word.at(place.place, intent)], project)
        if attribute:
            yield from _unknown_attributes([Word.at(place.place, attribute)])
    yield from _meanings(content, project)
    wrong_phases = list(_unknown_phases(content))
    yield from wrong_phases
    if not unknown and not wrong_phases:
        yield from _malformed(content, project)


def _unknown_phases(content: Any) -> Iterator[Problem]:
    for section in ("welcome", "after"):
        for place in table(part(content, section)):
            _, at, phase = place.partition("@")
            if at and phase not in PHASES:
                known = ", ".join(PHASES)
                yield Problem(place.place, f"there is no phase {phase} of a campaign", f"Use one of {known}")


def _unknown_intents(names: list[Word], project: Project) -> Iterator[Problem]:
    for name in names:
        if name not in project.domain.intents:
            yield Problem(
                name.place,
                f"there is no intent {name}",
                f"{spelling(name, project.domain.intents)} or add it to intents in domain.yml",
            )


def _unknown_attributes(names: list[Word]) -> Iterator[Problem]:
    known = {*ATTRIBUTE_KEYS, *CANONICAL_KEYS, *TOPICS}
    for name in names:
        if name not in known:
            yield Problem(
                name.place,
                f"no product has an attribute {name}",
                f"{spelling(name, known)}; sixty/shop/catalogue.py lists the attributes",
            )


def _meanings(content: Any, project: Project) -> Iterator[Problem]:
    meanings = table(part(content, "meanings"))
    place = _place_of(content, ["meanings"], project)
    yield from _unknown_intents(list(meanings), project)
    responses = project.domain.responses
    for intent in project.domain.intents:
        asks = intent not in _NO_QUESTIONS and not any(prefix + intent in responses for prefix in _NO_ANSWERS)
        if asks and intent not in meanings:
            yield Problem(
                place,
                f"meanings has no words for {intent}, so it is never offered when a message was not understood",
                f"Add “{intent}: …”",
            )


def _malformed(content: Any, project: Project) -> Iterator[Problem]:
    try:
        CapsulePlan.parse_obj(content)
    except ValidationError as error:
        for each in error.errors():
            path = [step for step in each["loc"] if step != "__root__"]
            shown = " → ".join(map(str, path))
            yield Problem(
                _place_of(content, path, project),
                f"{shown}: {each['msg']}" if shown else each["msg"],
                "See the beginning of the file for how it is written",
            )


def _place_of(content: Any, path: list[Any], project: Project) -> Place:
    place = content.place if isinstance(content, Word | Items | Table) else Place(_shown(project), 1)
    for step in path:
        if isinstance(content, Table):
            place = next((key.place for key in content if key == step), place)
            content = part(content, str(step))
        elif isinstance(content, Items) and isinstance(step, int) and step < len(content):
            content = content[step]
            place = getattr(content, "place", place)
    return place


def _shown(project: Project) -> Path:
    file = project.playbook / "capsules.yml"
    return file.relative_to(project.root) if file.is_relative_to(project.root) else file


def _prices(project: Project) -> Iterator[Problem]:
    found: list[FileProblem] = []
    check_rules(project.playbook, found)
    yield from (_of_file(each, project) for each in found)


def _knowledge(project: Project) -> Iterator[Problem]:
    found: list[FileProblem] = []
    check_climate(project.playbook, found)
    check_comparisons(project.playbook / COMPARISONS_FILE, found)
    yield from (_of_file(each, project) for each in found)


def _policies(project: Project) -> Iterator[Problem]:
    if not (project.playbook / POLICIES_FOLDER).is_dir():
        return  # A shop that has nothing done in the chat needs none.
    found: list[FileProblem] = []
    check_policies(project.playbook, found)
    yield from (_of_file(each, project) for each in found)


def _demo(project: Project) -> Iterator[Problem]:
    folder = project.playbook / "demo"
    if not folder.is_dir():
        return  # A shop of its own needs no demo.
    known: set[str] | None = None
    try:
        known = {product.no for product in load_demo(folder).products}
    except DemoError as error:
        yield from (_of_file(each, project) for each in error.problems)
    found: list[FileProblem] = []
    check_comparisons(folder / COMPARISONS_FILE, found, known)
    yield from (_of_file(each, project) for each in found)


def _of_file(problem: FileProblem, project: Project) -> Problem:
    file = problem.file.relative_to(project.root) if problem.file.is_relative_to(project.root) else problem.file
    return Problem(Place(file, problem.line), problem.message, problem.remedy[:1].upper() + problem.remedy[1:])
