"""Reads `playbook/routing.yml`: when a person is called, who answers, how customers wait, when somebody is there."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from sixty.desk.routing_file import ConditionEntry, RoutingEntry, Wait
from sixty.desk.routing_plan import Condition, GroupRules, RoutingRules, SensitiveRule, SkillRule, Thresholds, Topic
from sixty.errors import OperatorError
from sixty.shop.located import Located, Problem, read_document, read_soundly

__all__ = [
    "ROUTING_FILE",
    "Condition",
    "ConditionEntry",
    "GroupRules",
    "RoutingRules",
    "RoutingRulesError",
    "SensitiveRule",
    "SkillRule",
    "Thresholds",
    "Topic",
    "Wait",
    "check_routing",
    "intents_of",
    "read_routing",
    "routing_rules",
]

ROUTING_FILE = "routing.yml"


class RoutingRulesError(OperatorError):
    """The file can't be used; the message names every place."""


def check_routing(folder: Path, problems: list[Problem]) -> RoutingRules:
    """Reads the rules of a playbook; what is wrong goes into `problems`, a missing file leaves the usual ones."""
    file = folder / ROUTING_FILE
    if not file.exists():
        return RoutingRules()
    found = read_document(file, RoutingEntry, problems)
    if found is None:
        return RoutingRules()
    before = len(problems)
    _check_names(found, problems)
    return found.entry.made() if len(problems) == before else RoutingRules()


@lru_cache(maxsize=4)
def read_routing(folder: Path) -> RoutingRules:
    """Reads the rules of a playbook, once.

    Raises:
        RoutingRulesError: The file is wrong; names every place.
    """
    return read_soundly(check_routing, folder, RoutingRulesError)


def routing_rules() -> RoutingRules:
    """The rules of this deployment's playbook.

    Raises:
        RoutingRulesError: The file is wrong.
    """
    from sixty.settings import get_settings

    return read_routing(get_settings().playbook)


def intents_of(folder: Path, problems: list[Problem]) -> list[tuple[str, Problem]]:
    """The intents that the file names, each with the problem that it would be if there were none of that name."""
    file = folder / ROUTING_FILE
    found = read_document(file, RoutingEntry, problems) if file.exists() else None
    if found is None:
        return []
    named: list[tuple[str, tuple[str | int, ...]]] = []
    for number, group in enumerate(found.entry.groups):
        named += [(intent, ("groups", number, "takes", "intents")) for intent in group.takes.intents]
    for number, skill in enumerate(found.entry.skills):
        named += [(intent, ("skills", number, "when", "intents")) for intent in skill.when.intents]
    for number, rule in enumerate(found.entry.hand_off.sensitive):
        named += [(intent, ("hand_off", "sensitive", number, "intents")) for intent in rule.intents]
    remedy = "mend its spelling, or add it to intents in domain.yml"
    return [(intent, found.problem(f"there is no intent {intent}", remedy, *path)) for intent, path in named]


def _check_names(found: Located[RoutingEntry], problems: list[Problem]) -> None:
    entry = found.entry
    calendars = {str(each.id) for each in entry.hours}
    groups = [str(each.id) for each in entry.groups]
    _check_twice(found, "hours", [str(each.id) for each in entry.hours], problems)
    _check_twice(found, "groups", groups, problems)
    for number, holiday in enumerate(entry.holidays):
        for name in holiday.hours or ():
            if name not in calendars:
                problems.append(_unknown(found, f"hours {name}", calendars, "holidays", number, "hours"))
    for number, group in enumerate(entry.groups):
        if group.hours is not None and group.hours not in calendars:
            problems.append(_unknown(found, f"hours {group.hours}", calendars, "groups", number, "hours"))
        if group.overflow is not None and (group.overflow.to not in groups or group.overflow.to == group.id):
            others = [each for each in groups if each != group.id]
            problems.append(_unknown(found, f"other group {group.overflow.to}", others, "groups", number, "overflow"))
    if entry.groups[-1].takes.made() != Condition():
        problems.append(
            found.problem(
                f"{entry.groups[-1].id} is the last group and takes only some customers, so others would have nobody",
                "add a last group without takes",
                "groups",
                len(groups) - 1,
                "takes",
            )
        )
    for number, group in enumerate(entry.groups[:-1]):
        if group.takes.made() == Condition():
            problems.append(
                found.problem(
                    f"{group.id} takes everybody, so no group after it ever gets anybody",
                    "give it takes, or move it to the end",
                    "groups",
                    number,
                )
            )


def _check_twice(found: Located[RoutingEntry], section: str, names: list[str], problems: list[Problem]) -> None:
    for number, name in enumerate(names):
        if name in names[:number]:
            problems.append(found.problem(f"{name} stands here twice", "rename one", section, number, "id"))


def _unknown(found: Located[RoutingEntry], what: str, known: Any, *path: str | int) -> Problem:
    listed = ", ".join(sorted(known)) or "none"
    return found.problem(f"there is no {what}", f"mend its spelling; known are {listed}", *path)
