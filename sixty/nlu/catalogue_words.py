"""The words that a catalogue shares among its products: kinds, brands, categories, colours, attributes.

spaCy's PhraseMatcher finds them. There are thousands of them at most, however many products there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict, get_args

import spacy
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from spacy.matcher import PhraseMatcher

from sixty.errors import OperatorError
from sixty.nlu.folding import FoldedText, folded
from sixty.nlu.product_names import ProductNames
from sixty.shop.catalogue import CANONICAL_KEYS

WordEntity = Literal["kind", "brand", "category", "color", "attribute"]
# Of a word that is several of them, the first counts.
_ENTITIES: tuple[WordEntity, ...] = get_args(WordEntity)
_SHORTEST_PLAIN_COLOR = 2

Aliases = Mapping[WordEntity, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Word:
    """A shared word: which entity it is, and the value that it stands for."""

    entity: WordEntity
    value: str


@dataclass(frozen=True)
class WordHit:
    """A shared word in a folded message."""

    start: int
    end: int
    word: Word


def read_aliases(path: Path) -> Aliases:
    """Reads other words for what the catalogue names.

    Args:
        path: A YAML file of entity, value and its other words:

            brand:
              拓野: [TuoYe, 拓也]
            color:
              黑色: [墨黑, 纯黑]

    Returns:
        The words by entity and value.

    Raises:
        OperatorError: There is no such file, or something in it is of another shape.
    """
    try:
        content = YAML(typ="safe").load(path)
    except FileNotFoundError as error:
        raise OperatorError(f"There is no file {path}. Write it, or take `aliases` out of config.yml") from error
    except YAMLError as error:
        raise OperatorError(f"{path} is no YAML: {str(error).splitlines()[0]}. Mend the file") from error
    if not isinstance(content or {}, dict):
        raise OperatorError(f"{path} does not begin with entities. Write e.g. “color: {{黑色: [墨黑]}}”")
    found: dict[WordEntity, dict[str, tuple[str, ...]]] = {}
    for entity, values in (content or {}).items():
        if entity not in _ENTITIES:
            raise OperatorError(f"{path}: {entity} has no aliases. Write one of {', '.join(_ENTITIES)}")
        if not isinstance(values or {}, dict):
            raise OperatorError(f"{path}: below {entity} stands no “value: [word, word]”")
        for value, words in (values or {}).items():
            if not isinstance(words, list):
                raise OperatorError(f"{path}: the words for {value} are no list. Write “{value}: [word, word]”")
            found.setdefault(entity, {})[str(value)] = tuple(map(str, words))
    return found


class WordContents(TypedDict):
    """What `CatalogueWords` is made of: values by entity and folded word, and the only product of a kind."""

    words: dict[WordEntity, dict[str, str]]
    sole_of_kind: dict[str, int | None]


class WordCollector:
    """Collects shared words, product by product."""

    def __init__(self, aliases: Aliases | None = None) -> None:
        """Begins with other words for what the catalogue names."""
        self._words: dict[WordEntity, dict[str, str]] = {entity: {} for entity in _ENTITIES}
        self._sole_of_kind: dict[str, int | None] = {}
        self._aliases = aliases or {}

    def add(self, product: ProductNames, number: int) -> None:
        """Collects the words of a product, which has that number."""
        if product.kind and self._sole_of_kind.setdefault(product.kind, number) != number:
            self._sole_of_kind[product.kind] = None
        self._words["kind"].setdefault(product.kind, product.kind)
        self._words["brand"].setdefault(product.brand, product.brand)
        self._words["category"].setdefault(product.category, product.category)
        for color in product.colors:
            self._words["color"].setdefault(color, color)
        for key in product.attributes:
            self._words["attribute"].setdefault(key, CANONICAL_KEYS.get(key, key))

    def contents(self) -> WordContents:
        """Everything collected, the aliases with it."""
        words: dict[WordEntity, dict[str, str]] = {entity: {} for entity in _ENTITIES}
        for entity, found in self._words.items():
            for name, value in found.items():
                for form in _color_names(name) if entity == "color" else (name,):
                    words[entity].setdefault(folded(form), value)
        for entity, values in self._aliases.items():
            for value, names in values.items():
                words[entity].update((folded(name), value) for name in names)
        sole: dict[str, int | None] = {}
        for kind, number in self._sole_of_kind.items():
            # Two spellings of one kind are two products at least.
            sole[folded(kind)] = None if folded(kind) in sole else number
        return {"words": words, "sole_of_kind": sole}


class CatalogueWords:
    """The words that products share, found by spaCy."""

    def __init__(self, contents: WordContents) -> None:
        """Builds the matcher."""
        self._sole_of_kind = contents["sole_of_kind"]
        self._meaning = {
            text: Word(entity, value)
            for entity in reversed(_ENTITIES)
            for text, value in contents["words"][entity].items()
            if text
        }
        self._nlp = spacy.blank("zh")
        self._matcher = PhraseMatcher(self._nlp.vocab)
        for text, word in self._meaning.items():
            # One pattern at a time: a list of them would be held as documents all at once.
            self._matcher.add(word.entity, [self._nlp.make_doc(text)])

    def __iter__(self) -> Iterator[tuple[str, Word]]:
        return iter(self._meaning.items())

    def meaning(self, text: str) -> Word | None:
        """What a folded text is, when it is a shared word."""
        return self._meaning.get(text)

    def only_product_of_kind(self, text: str) -> int | None:
        """The number of the only product of a kind; None when there are several, or it is no kind."""
        return self._sole_of_kind.get(text)

    def is_kind(self, text: str) -> bool:
        """Whether a folded text is a kind of product."""
        return text in self._sole_of_kind

    def find(self, message: FoldedText) -> list[WordHit]:
        """Finds shared words, overlapping as they may."""
        if not message.text:
            return []
        spans = self._matcher(self._nlp.make_doc(message.text), as_spans=True)
        # Every character is a token of spaCy's blank Chinese.
        return [
            WordHit(span.start_char, span.end_char, self._meaning[span.text])
            for span in spans
            if message.is_whole(span.start_char, span.end_char)
        ]


def _color_names(color: str) -> tuple[str, ...]:
    """军绿 is 军绿色 too, and 黑色 is not 黑: that is half of many a word."""
    if color.endswith("色"):
        return (color, color[:-1]) if len(color) > _SHORTEST_PLAIN_COLOR else (color,)
    return (color, f"{color}色") if len(color) >= _SHORTEST_PLAIN_COLOR and color.isalpha() else (color,)
