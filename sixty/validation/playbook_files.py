"""The playbook fits the domain and the catalogue, and the demo shop can be loaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME

from sixty.context import ENTRIES
from sixty.desk.beside.satisfaction_rules import check_satisfaction
from sixty.desk.board.supervision_rules import check_supervision
from sixty.desk.demo_chats import CHATS_FILE, check_demo_chats
from sixty.desk.desk_rules import check_routing, intents_of
from sixty.desk.inspection.rules import check_inspection
from sixty.desk.tickets.rules import check_tickets, intents_of_tickets
from sixty.dialogue.desk_policy import EVENTS
from sixty.insight.minutes import check_minutes
from sixty.insight.rules import check_willingness
from sixty.keywords import INTENT as KEYWORD
from sixty.keywords import KEYWORDS_FILE, check_keywords
from sixty.outreach.scenes_file import check_outreach
from sixty.outreach.scenes_file import intents_of as intents_of_outreach
from sixty.playbook import SITUATIONS, CapsulePlan
from sixty.shop.benefits.reading import check_benefits
from sixty.shop.catalogue import ATTRIBUTE_KEYS, CANONICAL_KEYS
from sixty.shop.climate import check_climate
from sixty.shop.comparison import COMPARISONS_FILE, check_comparisons
from sixty.shop.demo import DemoError, load_demo
from sixty.shop.located import Problem as FileProblem
from sixty.shop.own_channels.reading import check_channels
from sixty.shop.policies.reading import POLICIES_FOLDER, check_policies
from sixty.shop.pricing.asked import TOPICS
from sixty.shop.pricing.playbook import check_rules
from sixty.shop.recommendations.rules import check_recommendations
from sixty.shop.suggestion_wishes import UPGRADE
from sixty.shop.trials.reading import check_trials
from sixty.validation.customer_words import check_customer_words
from sixty.validation.located_yaml import Items, Table, Word, part, table, words
from sixty.validation.problem import Place, Problem, spelling
from sixty.validation.project import Project

_DEFAULT = "default"
# Customers greet, but never mean to be asked whether they did; a keyword is its own meaning.
_NO_QUESTIONS = frozenset({"greet", DEFAULT_NLU_FALLBACK_INTENT_NAME, KEYWORD, *EVENTS})
# Responses whose names say that their intent asks nothing.
_NO_ANSWERS = ("utter_social_", "utter_miss_", "utter_ask_")


def check_playbook(project: Project) -> Iterator[Problem]:
    """Checks capsules, keywords, the rules of prices, campaigns, climate, comparisons, policies, routing, demo."""
    yield from _capsules(project)
    yield from _keywords(project)
    yield from _prices(project)
    yield from _knowledge(project)
    yield from _policies(project)
    yield from _selling(project)
    yield from _routing(project)
    yield from _outreach(project)
    yield from (_of_file(each, project) for each in check_customer_words(project.playbook))
    yield from _demo(project)


def _capsules(project: Project) -> Iterator[Problem]:
    content = project.capsules
    if content is None:
        return
    capsules = table(part(content, "capsules"))
    for capsule in capsules.values():
        yield from _unknown_intents(words(part(capsule, "intent")), project)
        yield from _unknown_attributes(words(part(capsule, "attribute")))
    related = part(content, "related")
    lists = {section: table(part(content, section)) for section in ("welcome", "after")}
    lists |= {section: table(part(related, section)) for section in ("pin", "approve", "ban")}
    unknown = [name for places in lists.values() for names in places.values() for name in words(names)]
    unknown = [name for name in unknown if name not in capsules]
    for name in unknown:
        yield Problem(name.place, f"there is no capsule {name}", f"{spelling(name, capsules)} or add it to capsules")
    for section, places in lists.items():
        for place in places:
            yield from _unknown_entry(place) if section == "welcome" else _unknown_place(place, project)
    yield from _meanings(content, project)
    wrong_situations = list(_unknown_situations(content))
    yield from wrong_situations
    if not unknown and not wrong_situations:
        yield from _malformed(content, project)


def _unknown_place(place: Word, project: Project) -> Iterator[Problem]:
    """What is wrong with a place: `question`, `question/category` or `default`, with or without a situation."""
    intent, _, attribute = place.partition("@")[0].partition("/")[0].partition(".")
    if intent != _DEFAULT:
        yield from _unknown_intents([Word.at(place.place, intent)], project)
    if attribute:
        yield from _unknown_attributes([Word.at(place.place, attribute)])


def _unknown_entry(place: Word) -> Iterator[Problem]:
    entry = place.partition("@")[0].partition("/")[0]
    if entry not in ENTRIES:
        yield Problem(place.place, f"nobody comes in by {entry}", f"Use one of {', '.join(ENTRIES)}")


def _unknown_situations(content: Any) -> Iterator[Problem]:
    for section, known in SITUATIONS.items():
        for place in table(part(content, section)):
            _, at, situation = place.partition("@")
            if at and situation not in known:
                yield Problem(
                    place.place,
                    f"{section} knows no phase, customer or page {situation}",
                    f"Use one of {', '.join(known)}",
                )


def _unknown_intents(names: list[Word], project: Project) -> Iterator[Problem]:
    for name in names:
        if name not in project.domain.intents:
            yield Problem(
                name.place,
                f"there is no intent {name}",
                f"{spelling(name, project.domain.intents)} or add it to intents in domain.yml",
            )


def _unknown_attributes(names: list[Word]) -> Iterator[Problem]:
    known = {*ATTRIBUTE_KEYS, *CANONICAL_KEYS, *TOPICS, UPGRADE}
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


def _keywords(project: Project) -> Iterator[Problem]:
    found: list[FileProblem] = []
    capsules = table(part(project.capsules, "capsules")) if project.capsules is not None else None
    entries = check_keywords(project.playbook / KEYWORDS_FILE, found, capsules)
    answered = next((each for each in entries if each.entry.answer is not None), None)
    if answered is not None and KEYWORD not in project.domain.intents:
        remedy = f"add {KEYWORD} to intents in domain.yml, and a rule that answers it with action_answer_keyword"
        found.append(answered.problem(f"nothing says this answer: there is no intent {KEYWORD}", remedy, "answer"))
    yield from (_of_file(each, project) for each in found)


def _prices(project: Project) -> Iterator[Problem]:
    found: list[FileProblem] = []
    check_rules(project.playbook, found)
    yield from (_of_file(each, project) for each in found)


def _knowledge(project: Project) -> Iterator[Problem]:
    found: list[FileProblem] = []
    check_climate(project.playbook, found)
    check_comparisons(project.playbook / COMPARISONS_FILE, found)
    check_recommendations(project.playbook, found)
    yield from (_of_file(each, project) for each in found)


def _policies(project: Project) -> Iterator[Problem]:
    if not (project.playbook / POLICIES_FOLDER).is_dir():
        return  # A shop that has nothing done in the chat needs none.
    found: list[FileProblem] = []
    check_policies(project.playbook, found)
    yield from (_of_file(each, project) for each in found)


def _selling(project: Project) -> Iterator[Problem]:
    """Benefits, own channels, product trials, the segments of the minute, and what moves the score."""
    found: list[FileProblem] = []
    check_minutes(project.playbook, found)
    check_willingness(project.playbook, found, project.domain.intents)
    benefits = check_benefits(project.playbook, found)
    check_channels(project.playbook, found, benefits)
    check_trials(project.playbook, found)
    yield from (_of_file(each, project) for each in found)


def _routing(project: Project) -> Iterator[Problem]:
    """Who answers when a person is called, and when."""
    found: list[FileProblem] = []
    check_routing(project.playbook, found)
    check_satisfaction(project.playbook, found)
    check_tickets(project.playbook, found)
    check_inspection(project.playbook, found)
    check_supervision(project.playbook, found)
    if not found:
        named = intents_of(project.playbook, []) + intents_of_tickets(project.playbook)
        found += [problem for intent, problem in named if intent not in project.domain.intents]
    yield from (_of_file(each, project) for each in found)


def _outreach(project: Project) -> Iterator[Problem]:
    """When the bot speaks first."""
    found: list[FileProblem] = []
    check_outreach(project.playbook, found)
    if not found:
        named = intents_of_outreach(project.playbook, [])
        found += [problem for intent, problem in named if intent not in project.domain.intents]
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
    check_demo_chats(folder / CHATS_FILE, found)
    yield from (_of_file(each, project) for each in found)


def _of_file(problem: FileProblem, project: Project) -> Problem:
    file = problem.file.relative_to(project.root) if problem.file.is_relative_to(project.root) else problem.file
    return Problem(Place(file, problem.line), problem.message, problem.remedy[:1].upper() + problem.remedy[1:])
