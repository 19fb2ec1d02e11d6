"""The vocabulary is of one piece, and lines are marked as it says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import get_args

from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from sixty.nlu import concepts, mood_words
from sixty.nlu.catalogue_entities import CatalogueEntities
from sixty.nlu.catalogue_matcher import CatalogueMatcher
from sixty.nlu.catalogue_words import read_aliases
from sixty.nlu.normal_form import normal_form
from sixty.nlu.product_names import read_product_names
from sixty.shop.catalogue import ATTRIBUTE_KEYS, CANONICAL_KEYS
from sixty.shop.policies.causes import CAUSES
from sixty.shop.sizes import Fit
from sixty.validation.located_yaml import Word, items, part
from sixty.validation.problem import Problem, spelling
from sixty.validation.project import Project
from sixty.validation.training_data import Annotation, Line

# Entities whose values code looks up: what they may come to mean.
_MEANINGS: dict[str, frozenset[str]] = {
    "attribute": frozenset(ATTRIBUTE_KEYS) | frozenset(CANONICAL_KEYS),
    "fit": frozenset(get_args(Fit)),
    "cause": frozenset(CAUSES),
}
# Lookups of concepts and moods are read by components of their own.
_NO_ENTITIES = (concepts.PREFIX, mood_words.PREFIX)


def check_vocabulary(project: Project) -> Iterator[Problem]:
    """Checks lookups, synonyms and the marks in lines."""
    book = _Book.of(project)
    yield from _lookups(project, book)
    yield from _synonyms(book)
    yield from _marks(project, book)


@dataclass
class _Book:
    """The vocabulary by word."""

    lookups: dict[str, dict[str, Word]] = field(default_factory=dict)
    """Entity to its words, in the order of the file."""
    repeated: list[tuple[str, Word, Word]] = field(default_factory=list)
    synonyms: dict[str, list[tuple[Word, Word]]] = field(default_factory=lambda: defaultdict(list))
    """Word to what it means, each with the place of the word."""

    @classmethod
    def of(cls, project: Project) -> _Book:
        book = cls()
        for lookup in project.training.lookups:
            if lookup.name.startswith(_NO_ENTITIES):
                continue
            found = book.lookups.setdefault(lookup.name, {})
            for word in lookup.words:
                first = found.setdefault(_key(word), word)
                if first is not word:
                    book.repeated.append((lookup.name, word, first))
        for synonym in project.training.synonyms:
            for word in synonym.words:
                book.synonyms[_key(word)].append((synonym.name, word))
        return book

    def entities(self, word: str) -> list[str]:
        """The lookups that a word stands in."""
        return [entity for entity, found in self.lookups.items() if _key(word) in found]

    def suits(self, entity: str, meaning: str) -> bool:
        """Whether an entity may have that value."""
        return meaning in _MEANINGS[entity] if entity in _MEANINGS else _key(meaning) in self.lookups.get(entity, {})

    def meaning(self, text: str) -> str:
        """What the bot makes of a word that it found."""
        found = self.synonyms.get(_key(text))
        return str(found[0][0]) if found else text


def _key(word: str) -> str:
    return normal_form(word).lower()


def _lookups(project: Project, book: _Book) -> Iterator[Problem]:
    for lookup in project.training.lookups:
        if lookup.name.startswith(_NO_ENTITIES):
            continue
        if lookup.name not in project.domain.entities:
            yield Problem(
                lookup.name.place,
                f"the lookup {lookup.name} is no entity of the domain",
                f"{spelling(lookup.name, project.domain.entities)} or add it to entities in domain.yml",
            )
    for entity, word, first in book.repeated:
        yield Problem(word.place, f"{word} stands in the lookup {entity} already, in {first.place}", "Remove one")
    for entity, found in book.lookups.items():
        yield from _hidden(entity, found)
        if entity not in _MEANINGS:
            continue
        for key, word in found.items():
            if key not in book.synonyms and word not in _MEANINGS[entity]:
                yield Problem(
                    word.place,
                    f"nothing says what {word} means: it is no {entity} that the shop knows, and in no synonym",
                    f"Add it to the synonym of the {entity} that customers mean by it",
                )


def _hidden(entity: str, found: dict[str, Word]) -> Iterator[Problem]:
    # The words are alternatives of one pattern, and the first that fits wins.
    earlier: dict[str, Word] = {}
    for key, word in found.items():
        for end in range(1, len(key)):
            shorter = earlier.get(key[:end])
            if shorter is not None:
                yield Problem(
                    word.place,
                    f"{word} is never found: {shorter} in {shorter.place} is the beginning of it and stands before it",
                    f"Move {word} above {shorter} in the lookup {entity}",
                )
                break
        earlier[key] = word


def _synonyms(book: _Book) -> Iterator[Problem]:
    for meanings in book.synonyms.values():
        (meaning, first), *others = meanings
        for other, word in others:
            yield Problem(
                word.place,
                f"{word} means {other} here and {meaning} in {first.place}",
                "Keep it in one synonym" if other != meaning else "Remove one",
            )
        entities = book.entities(first)
        if not entities:
            yield Problem(
                first.place,
                f"{first} is in no lookup, so it is never found",
                "Add it to the lookup that this synonym belongs to",
            )
        for entity in entities:
            if book.suits(entity, meaning):
                continue
            if len(entities) > 1:
                # Rasa's synonyms know no entities.
                others_too = "、".join(each for each in entities if each != entity)
                yield Problem(
                    first.place,
                    f"{first} stands in the lookups {entity} and {others_too}, and both become {meaning}, "
                    f"which is no {entity}",
                    "Keep it in one lookup",
                )
            else:
                # Said once, however many words it has.
                yield Problem(
                    meaning.place,
                    f"the synonym {meaning} is no {entity} that the shop knows",
                    spelling(meaning, _MEANINGS.get(entity) or book.lookups[entity]),
                )


def _marks(project: Project, book: _Book) -> Iterator[Problem]:
    known = set(project.domain.entities)
    catalogue = _Catalogue(project)
    for line in project.training.lines:
        for mark in line.annotations:
            if mark.entity not in known:
                yield Problem(
                    line.place,
                    f"“{mark.text}” is marked as {mark.entity}, which is no entity of the domain",
                    f"{spelling(mark.entity, known)} or add it to entities in domain.yml",
                )
            elif _key(mark.text) in book.lookups.get(mark.entity, {}):
                meaning = book.meaning(mark.text)
                if mark.value is not None and mark.value != meaning:
                    yield Problem(
                        line.place,
                        f"“{mark.text}” is marked as {mark.entity} {mark.value}, and the vocabulary says {meaning}",
                        "Leave the value out of the mark, or mend the synonym",
                    )
            else:
                yield from _unlike_catalogue(line, mark, catalogue, has_lookup=mark.entity in book.lookups)


def _unlike_catalogue(line: Line, mark: Annotation, catalogue: _Catalogue, *, has_lookup: bool) -> Iterator[Problem]:
    found = catalogue.value(line.text, mark)
    if found is None:
        where = "in the vocabulary" if has_lookup else "by the catalogue or as a measure"
        yield Problem(
            line.place,
            f"“{mark.text}” is marked as {mark.entity} and is not found {where}",
            f"Add it to the lookup {mark.entity}, or remove the mark" if has_lookup else "Mend or remove the mark",
        )
    elif found != (mark.value or mark.text):
        yield Problem(
            line.place,
            f"“{mark.text}” is marked as {mark.entity} {mark.value or mark.text}, and the bot reads {found}",
            f"Write [{mark.text}]({mark.entity}:{found})",
        )


class _Catalogue:
    """What the component that reads the catalogue finds; built when a line needs it."""

    def __init__(self, project: Project) -> None:
        self._folder = catalogue_folder(project)
        self._aliases = _option(project, "aliases")

    @cached_property
    def _component(self) -> CatalogueEntities:
        aliases = read_aliases(self._aliases) if self._aliases else {}
        matcher = CatalogueMatcher.of(read_product_names(self._folder), aliases)
        return CatalogueEntities(CatalogueEntities.get_default_config(), None, None, matcher)

    def value(self, text: str, mark: Annotation) -> str | None:
        """The value of the marked part, None when it is not found as that entity."""
        (message,) = self._component.process([Message({TEXT: normal_form(text)})])
        end = mark.start + len(mark.text)
        for found in message.get(ENTITIES, []):
            if found["entity"] == mark.entity and found["start"] < end and mark.start < found["end"]:
                return str(found["value"])
        return None


def catalogue_folder(project: Project) -> Path:
    """Where the products are that the bot knows by name."""
    return _option(project, "catalogue") or project.playbook / "demo" / "products"


def _option(project: Project, name: str) -> Path | None:
    """A path that the component which reads the catalogue has in config.yml."""
    for component in items(part(project.config, "pipeline")):
        path = part(component, name)
        if isinstance(path, Word):
            return project.root / path
    return None
