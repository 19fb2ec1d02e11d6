"""Entities that are looked up or read by rule, not learned: what the catalogue names, numbers and measurements."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from sixty.errors import OperatorError
from sixty.nlu import near_names
from sixty.nlu.catalogue_contents import CatalogueContents
from sixty.nlu.catalogue_matcher import CatalogueMatcher
from sixty.nlu.catalogue_words import read_aliases
from sixty.nlu.found import Found
from sixty.nlu.measures import read_measures
from sixty.nlu.product_names import catalogue_files, read_product_names

_WHOLE_PRODUCTS = ("product", "product_link")
_GOODS = ("product", "kind", "category")

# What Rasa gives a component whose training it takes out of its cache (PrecomputedValueProvider).
CACHED = "output"


@dataclass(frozen=True)
class CatalogueOptions:
    """What may be set below the component in config.yml.

    Attributes:
        catalogue: The folder of product files, relative to the project.
        aliases: A YAML file of other words for brands, kinds, categories, colours and attributes; none by default.
        near_names: Whether names with a slip of the keyboard or with words left out are found, too.
    """

    catalogue: str = "playbook/demo/products"
    aliases: str | None = None
    near_names: bool = True

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> CatalogueOptions:
        """Reads the options.

        Raises:
            InvalidConfigException: There is no such option, or its value is of another kind.
        """
        known = {option.name for option in fields(cls)}
        unknown = sorted(set(config) - known)
        if unknown:
            raise InvalidConfigException(
                f"CatalogueEntities has no option {', '.join(unknown)}. It has {', '.join(sorted(known))}: "
                "mend the pipeline in config.yml"
            )
        options = cls(**config)
        for name, value, kinds, expected in (
            ("catalogue", options.catalogue, (str,), "a folder, as in catalogue: playbook/demo/products"),
            ("aliases", options.aliases, (str, type(None)), "a YAML file, as in aliases: playbook/demo/aliases.yml"),
            ("near_names", options.near_names, (bool,), "true or false"),
        ):
            if not isinstance(value, kinds):
                raise InvalidConfigException(
                    f"CatalogueEntities: {name} is {value!r}, and has to be {expected}. Mend the pipeline in config.yml"
                )
        return options

    def files(self) -> list[Path]:
        """Every file that the component reads."""
        return [*catalogue_files(Path(self.catalogue)), *([Path(self.aliases)] if self.aliases else [])]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class CatalogueEntities(GraphComponent, EntityExtractorMixin):
    """Finds what the catalogue names – by link, 货号, name or nickname – and everything that `measures` reads.

    The model keeps the names, about a hundred bytes a product before compression; the index over them, which is
    several times as large, is built while the model is loaded.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The options of `CatalogueOptions` and their defaults."""
        return dict(vars(CatalogueOptions()))

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, matcher: CatalogueMatcher
    ) -> None:
        """Keeps its parts; use `create` or `load`."""
        self._options = CatalogueOptions.of(config)
        self._storage = storage
        self._resource = resource
        self._matcher = matcher

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CatalogueEntities:
        """Creates an untrained component."""
        return cls(config, model_storage, resource, CatalogueMatcher.of([]))

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CatalogueEntities:
        """Loads the names that were kept with the model, and all that the first message would wait for."""
        options = CatalogueOptions.of(config)
        with model_storage.read_from(resource) as folder:
            try:
                contents = CatalogueContents.load(folder)
            except FileNotFoundError as error:
                raise InvalidConfigException(
                    "The model is of an older version of Sixty. Train it again: sixty train"
                ) from error
        if options.near_names:
            near_names.warm_up()
        return cls(config, model_storage, resource, CatalogueMatcher(contents, near=options.near_names))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """A changed catalogue means a changed component, which Rasa's training cache cannot see by itself."""
        if CACHED in config:
            # A run whose result comes out of the cache has the result in the place of its options.
            return None
        digest = hashlib.sha256()
        for path in CatalogueOptions.of({**cls.get_default_config(), **config}).files():
            digest.update(path.name.encode())
            if path.is_file():
                with path.open("rb") as content:
                    while block := content.read(1 << 20):
                        digest.update(block)
        return digest.hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Reads the catalogue and keeps its names in the model.

        Raises:
            InvalidConfigException: There is no catalogue where `catalogue` says, or something in it is wrong.
        """
        if not Path(self._options.catalogue).is_dir():
            raise InvalidConfigException(
                f"CatalogueEntities: there is no folder {self._options.catalogue}. Name the folder of product files "
                "as catalogue in config.yml, relative to the project"
            )
        with self._storage.write_to(self._resource) as folder:
            try:
                aliases = read_aliases(Path(self._options.aliases)) if self._options.aliases else {}
                contents = CatalogueContents.of(read_product_names(Path(self._options.catalogue)), aliases)
            except OperatorError as error:
                raise InvalidConfigException(str(error)) from error
            contents.save(folder)
        self._matcher = CatalogueMatcher(contents, near=self._options.near_names)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entities of each message."""
        for message in messages:
            text = message.get(TEXT)
            if not text:
                continue
            before, found = _longest(message.get(ENTITIES, []), self._read(text))
            entities = self.add_extractor_name([_entity(item) for item in found])
            message.set(ENTITIES, before + entities, add_to_output=True)
        return messages

    def _read(self, text: str) -> list[Found]:
        named = self._matcher.find(text)
        blanked = list(text)
        for item in named:
            written = text[item.start : item.end]
            # Digits inside a link, a 货号 or a name are no measurement; 承重 is none either, but tells of one.
            if item.entity in (*_WHOLE_PRODUCTS, "kind") or any(map(str.isdigit, written)):
                blanked[item.start : item.end] = "·" * len(written)
        return named + read_measures("".join(blanked))


def _longest(before: list[dict[str, Any]], found: list[Found]) -> tuple[list[dict[str, Any]], list[Found]]:
    """Of what earlier components found and what this one found, what is not inside something longer.

    The "ml" of ".html" is no volume, the "防水" of a product's name no question for it, and a word that the vocabulary
    and the catalogue both know is found once, with the meaning that the vocabulary gives it. Goods that a longer word
    of the vocabulary names are not asked about: in "放冰箱" the fridge is where something is kept.
    """
    phrases = [(entity["start"], entity["end"]) for entity in before if entity["entity"] == "attribute"]

    def is_of_a_phrase(name: str, start: int, end: int) -> bool:
        longer = [one for one in phrases if one[0] <= start and end <= one[1] and end - start < one[1] - one[0]]
        return name in _GOODS and bool(longer)

    kept = [
        entity
        for entity in before
        if not is_of_a_phrase(entity["entity"], entity["start"], entity["end"])
        and not any(
            item.start <= entity["start"]
            and entity["end"] <= item.end
            and (
                item.entity in _WHOLE_PRODUCTS
                or (item.entity == entity["entity"] and item.end - item.start > entity["end"] - entity["start"])
            )
            for item in found
        )
    ]
    new = [
        item
        for item in found
        if not is_of_a_phrase(item.entity, item.start, item.end)
        and not any(
            entity["entity"] == item.entity and entity["start"] <= item.start and item.end <= entity["end"]
            for entity in kept
        )
    ]
    return kept, new


def _entity(item: Found) -> dict[str, Any]:
    return {"entity": item.entity, "start": item.start, "end": item.end, "value": item.value}
