"""Every flow with what it asks for, what it does, and where it is written and tested: `sixty flows`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from actions.flows.flow import Flow
from actions.flows.known import FLOWS


@dataclass(frozen=True)
class FlowOverview:
    """One flow, as trainers want to see it.

    Attributes:
        name: Its name.
        title: What it does, in the customers' language.
        intents: What begins it.
        factors: What it has to know, in the order in which it asks.
        deeds: What it may end in.
        stories: Rules and stories that begin it, as `file: name`.
        tests: Test stories that begin it.
    """

    name: str
    title: str
    intents: tuple[str, ...]
    factors: tuple[str, ...]
    deeds: tuple[str, ...]
    stories: tuple[str, ...]
    tests: tuple[str, ...]


def overviews(root: Path) -> list[FlowOverview]:
    """Looks through the project at `root`."""
    stories = [*_stories(root, "data/rules"), *_stories(root, "data/stories")]
    tests = [*_stories(root, "tests/conversations")]
    return [_overview(flow, stories, tests) for flow in FLOWS]


def _overview(flow: Flow, stories: Iterable[_Story], tests: Iterable[_Story]) -> FlowOverview:
    return FlowOverview(
        name=flow.name,
        title=flow.title,
        intents=flow.intents,
        factors=tuple(factor.slot for factor in flow.factors),
        deeds=flow.deeds,
        stories=tuple(each.place for each in stories if each.begins(flow)),
        tests=tuple(each.place for each in tests if each.begins(flow)),
    )


@dataclass(frozen=True)
class _Story:
    """A rule or a story: where it is, and which action answers which intents."""

    place: str
    answers: tuple[tuple[frozenset[str], str], ...]

    def begins(self, flow: Flow) -> bool:
        """Whether one of the flow's intents leads to the action that begins flows."""
        return any(action == flow.begun_by_action and intents & {*flow.intents} for intents, action in self.answers)


def _stories(root: Path, folder: str) -> Iterator[_Story]:
    for file in sorted((root / folder).rglob("*.yml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        for section, key in (("rules", "rule"), ("stories", "story")):
            for entry in content.get(section) or []:
                place = f"{file.relative_to(root)}: {entry.get(key)}"
                yield _Story(place, tuple(_answers(entry.get("steps") or [])))


def _answers(steps: Iterable[dict[str, Any]]) -> Iterator[tuple[frozenset[str], str]]:
    intents: frozenset[str] = frozenset()
    for step in steps:
        said = step.get("or") or ([step] if "intent" in step else [])
        if said:
            intents = frozenset(str(each["intent"]) for each in said if "intent" in each)
        elif "action" in step and intents:
            yield intents, str(step["action"])
            intents = frozenset()
