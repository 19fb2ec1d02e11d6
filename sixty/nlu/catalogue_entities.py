"""Entities that are looked up or read by rule, not learned: products, numbers and measurements."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from sixty.nlu.catalogue_matcher import CatalogueMatcher, ProductNames, read_product_names
from sixty.nlu.measures import Found, read_measures

_FILE = "catalogue_names.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class CatalogueEntities(GraphComponent, EntityExtractorMixin):
    """Finds products by link, 货号 and name, and everything that `sixty.nlu.measures` reads."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`catalogue`: the folder of product files, relative to the project."""
        return {"catalogue": "playbook/demo/products"}

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, matcher: CatalogueMatcher
    ) -> None:
        """Keeps its parts; use `create` or `load`."""
        self._config = config
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
        return cls(config, model_storage, resource, CatalogueMatcher([]))

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CatalogueEntities:
        """Loads the names that were kept with the model."""
        with model_storage.read_from(resource) as folder:
            records = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, CatalogueMatcher(map(ProductNames.from_record, records)))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """A changed catalogue means a changed component, which Rasa's training cache cannot see by itself."""
        folder = Path(config.get("catalogue") or cls.get_default_config()["catalogue"])
        digest = hashlib.sha256()
        for path in sorted(folder.glob("*.yml")):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Reads the catalogue and keeps its names in the model."""
        self._matcher = CatalogueMatcher(read_product_names(Path(self._config["catalogue"])))
        with self._storage.write_to(self._resource) as folder:
            (folder / _FILE).write_text(json.dumps(self._matcher.records(), ensure_ascii=False), encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entities of each message."""
        for message in messages:
            text = message.get(TEXT)
            if not text:
                continue
            found = self._read(text)
            # The "ml" of ".html" is no volume, the "防水" of a product's name no question for it.
            products = [item for item in found if item.entity in ("product", "product_link")]
            before = [
                entity
                for entity in message.get(ENTITIES, [])
                if not any(item.start <= entity["start"] and entity["end"] <= item.end for item in products)
            ]
            entities = self.add_extractor_name([self._entity(item) for item in found])
            message.set(ENTITIES, before + entities, add_to_output=True)
        return messages

    def _read(self, text: str) -> list[Found]:
        products = self._matcher.find(text)
        # Digits inside a link or a 货号 are no measurement.
        blanked = list(text)
        for item in products:
            blanked[item.start : item.end] = "·" * (item.end - item.start)
        return products + read_measures("".join(blanked))

    @staticmethod
    def _entity(item: Found) -> dict[str, Any]:
        return {"entity": item.entity, "start": item.start, "end": item.end, "value": item.value}
