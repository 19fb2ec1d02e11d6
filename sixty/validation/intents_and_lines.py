"""Every intent has enough lines, and every line one intent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME

from sixty.dialogue.desk_policy import EVENTS
from sixty.keywords import INTENT as KEYWORD
from sixty.nlu.normal_form import normal_form
from sixty.nlu.plain_line import plain_line
from sixty.validation.problem import Problem, spelling
from sixty.validation.project import Project
from sixty.validation.training_data import Line

FEWEST_LINES = 20


def check_intents_and_lines(project: Project) -> Iterator[Problem]:
    """Finds intents that nobody can be understood by, and lines that teach two things."""
    yield from _few_lines(project)
    yield from _unknown_intents(project)
    yield from _repeated_lines(project.training.lines)


def _few_lines(project: Project) -> Iterator[Problem]:
    counts = Counter(line.intent for line in project.training.lines)
    blocks = {intent.split("/")[0]: intent for intent in reversed(project.training.intents)}
    for intent in project.domain.intents:
        # What is not understood has no lines of its own, keywords are the playbook's, and events nobody says.
        if intent in (DEFAULT_NLU_FALLBACK_INTENT_NAME, KEYWORD, *EVENTS) or counts[intent] >= FEWEST_LINES:
            continue
        yield Problem(
            blocks.get(intent, intent).place,
            f"{intent} has {counts[intent] or 'no'} line{'s' if counts[intent] != 1 else ''}",
            f"Write at least {FEWEST_LINES} lines for it in data/nlu, as differently as customers say it",
        )


def _unknown_intents(project: Project) -> Iterator[Problem]:
    known = set(project.domain.intents)
    for intent in project.training.intents:
        name = intent.split("/")[0]
        if name not in known:
            yield Problem(
                intent.place,
                f"the intent {name} is not in the domain",
                f"{spelling(name, known)} or add it to intents in domain.yml",
            )


def _repeated_lines(lines: tuple[Line, ...]) -> Iterator[Problem]:
    understood: dict[str, Line] = {}
    written: dict[str, Line] = {}
    for line in lines:
        normal = normal_form(line.text)
        # The classifier sees nothing more of a line than this.
        seen = understood.setdefault(plain_line(normal), line)
        if seen.intent != line.intent:
            other = f"{_same_as(seen, line)}under {seen.intent} in {seen.place}"
            yield Problem(
                line.place,
                f"“{line.text}” stands under {line.intent}, and {other}",
                "Keep it under the intent that customers mean by it and remove the other",
            )
            continue
        first = written.setdefault("".join(normal.lower().split()), line)
        if first is not line:
            yield Problem(
                line.place,
                f"“{line.text}” stands under {line.intent} already, {_same_as(first, line)}in {first.place}",
                "Remove one, or write another wording",
            )


def _same_as(earlier: Line, line: Line) -> str:
    """How the earlier line is written, where that is not the same."""
    return "" if earlier.text == line.text else f"as “{earlier.text}” "
