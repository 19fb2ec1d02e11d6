"""What mood a message is in: negative, angry, abandoning."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
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

from sixty.nlu.mood_words import MoodWords

_FILE = "mood.json"


@dataclass(frozen=True)
class MoodOptions:
    """What may be set below the component in config.yml.

    Attributes:
        shouting: With so many exclamation marks behind it, a complaint is angry.
        insisting: Said so many times in one message, a thing is a complaint.
    """

    shouting: int = 2
    insisting: int = 3

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> MoodOptions:
        """Reads the options.

        Raises:
            InvalidConfigException: There is no such option, or its value is no whole number above 0.
        """
        known = {option.name for option in fields(cls)}
        unknown = sorted(set(config) - known)
        if unknown:
            raise InvalidConfigException(
                f"Mood has no option {', '.join(unknown)}. It has {', '.join(sorted(known))}: "
                "mend the pipeline in config.yml"
            )
        for name, value in config.items():
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise InvalidConfigException(
                    f"Mood: {name} is {value!r}, and has to be a whole number from 1 on. "
                    "Mend the pipeline in config.yml"
                )
        return cls(**config)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class Mood(GraphComponent, EntityExtractorMixin):
    """Finds the moods of `data/nlu/mood.yml` and adds each as the entity `mood`, which spans the words that tell it.

    The strongest mood of a message comes first among them.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The options of `MoodOptions` and their defaults."""
        return dict(vars(MoodOptions()))

    def __init__(
        self, config: Mapping[str, Any], storage: ModelStorage, resource: Resource, words: MoodWords | None = None
    ) -> None:
        """Keeps its parts; use `create` or `load`."""
        self._options = MoodOptions.of(config)
        self._storage = storage
        self._resource = resource
        self._words = words

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Mood:
        """Creates an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Mood:
        """Loads the words that were kept with the model."""
        options = MoodOptions.of(config)
        with model_storage.read_from(resource) as folder:
            kept = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        words = MoodWords(kept["words"], kept["patterns"], options.shouting, options.insisting)
        return cls(config, model_storage, resource, words)

    def train(self, training_data: TrainingData) -> Resource:
        """Keeps the words and patterns of the training data in the model.

        Raises:
            InvalidConfigException: A name is no mood, or a pattern cannot be read.
        """
        try:
            words = MoodWords.of(training_data, self._options.shouting, self._options.insisting)
        except re.error as error:
            raise InvalidConfigException(
                f"A regex of a mood, “{error.pattern!s}”, is no regular expression: {error}. "
                "Mend it in data/nlu/mood.yml"
            ) from error
        except ValueError as error:
            raise InvalidConfigException(f"In data/nlu/mood.yml: {error}") from error
        with self._storage.write_to(self._resource) as folder:
            kept = {"words": words.words, "patterns": words.patterns}
            (folder / _FILE).write_text(json.dumps(kept, ensure_ascii=False, indent=0), encoding="utf-8")
        self._words = words
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the moods of each message; a tapped capsule has none."""
        for message in messages:
            text = message.get(TEXT)
            if not text or text.startswith("/") or self._words is None:
                continue
            found = [
                {"entity": "mood", "start": start, "end": end, "value": mood}
                for mood, start, end in self._words.find(text)
            ]
            if found:
                message.set(ENTITIES, [*message.get(ENTITIES, []), *self.add_extractor_name(found)], add_to_output=True)
        return messages
