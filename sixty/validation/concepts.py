"""Every word stands for one concept or one mood, and every pattern can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sixty.nlu import concepts, mood_words
from sixty.nlu.normal_form import normal_form
from sixty.nlu.plain_line import plain_line
from sixty.validation.located_yaml import Word
from sixty.validation.problem import Problem, spelling
from sixty.validation.project import Project

_PREFIXES = (concepts.PREFIX, mood_words.PREFIX)
_MOODS = frozenset(mood_words.PREFIX + kind for kind in mood_words.KINDS)


def check_concepts(project: Project) -> Iterator[Problem]:
    """Checks the lookups and regexes whose names begin with `concept_` or `mood_`."""
    for prefix in _PREFIXES:
        yield from _words(project, prefix)
    yield from _moods(project)
    yield from _patterns(project)


def _words(project: Project, prefix: str) -> Iterator[Problem]:
    kind = prefix.removesuffix("_")
    # Concepts are looked for in plain lines, moods in the message itself.
    key = plain_line if prefix == concepts.PREFIX else normal_form
    seen: dict[str, tuple[Word, Word]] = {}
    for concept in project.training.lookups:
        if not concept.name.startswith(prefix):
            continue
        for word in concept.words:
            name, first = seen.setdefault(key(word).lower(), (concept.name, word))
            if first is not word:
                yield Problem(
                    word.place,
                    f"{word} stands for {concept.name} here and for {name} in {first.place}",
                    f"Keep it in one {kind}" if name != concept.name else "Remove one",
                )


def _moods(project: Project) -> Iterator[Problem]:
    for listed in (*project.training.lookups, *project.training.regexes):
        if listed.name.startswith(mood_words.PREFIX) and listed.name not in _MOODS:
            yield Problem(listed.name.place, f"there is no mood {listed.name}", spelling(listed.name, _MOODS))


def _patterns(project: Project) -> Iterator[Problem]:
    for regex in project.training.regexes:
        for pattern in regex.words:
            try:
                compiled = re.compile(pattern)
            except re.error as error:
                yield Problem(pattern.place, f"“{pattern}” is no regular expression: {error}", "Mend the pattern")
                continue
            if regex.name.startswith(_PREFIXES) and compiled.groups:
                kind = "moods" if regex.name.startswith(mood_words.PREFIX) else "concepts"
                yield Problem(
                    pattern.place, f"“{pattern}” holds a group, which {kind} cannot have", "Write (?:…) for (…)"
                )
            elif compiled.match(""):
                yield Problem(pattern.place, f"“{pattern}” fits nothing at all", "Make it need at least a character")
