"""The first component of the pipeline: everything after it sees one written form."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from sixty.nlu.normal_form import normal_form, without_command


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class Normalizer(GraphComponent):
    """Rewrites a message's text to its normal form, before the tokenizer."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Normalizer:
        """Creates the component; it has nothing to configure."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Rewrites messages in place, except Rasa's own `/intent{...}` form (capsules)."""
        for message in messages:
            text = message.get(TEXT)
            if text and not text.startswith("/"):
                # A full-width slash becomes a plain one here; what was typed must not become a command by it.
                message.set(TEXT, without_command(normal_form(text)))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Rewrites the training lines in the same way."""
        self.process(training_data.training_examples)
        return training_data
