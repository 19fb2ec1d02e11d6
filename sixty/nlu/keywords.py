"""The last component of the pipeline: what a merchant's keywords mean, whatever the model made of the line."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from sixty.keywords import INTENT as ANSWERED
from sixty.keywords import Keywords as Words
from sixty.keywords import folded, keywords

_RANKING = "intent_ranking"
# A keyword is one question, about what its capsule says.
_TAKEN_BACK = frozenset({"attribute", "second_question"})
_FELT = "mood"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Keywords(GraphComponent):
    """Decides what a line means that is a keyword of `playbook/keywords.yml` or the title of a capsule.

    The file is read when the model is loaded, so a merchant restarts the bot after changing it and trains nothing.
    """

    def __init__(self, words: Words) -> None:
        """Keeps the words; use `create`."""
        self._words = words

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Keywords:
        """Creates the component; it has nothing to configure.

        Raises:
            KeywordsError: The file is wrong.
        """
        return cls(keywords())

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent and attribute of lines that are keywords."""
        for message in messages:
            text = message.get(TEXT)
            meaning = self._words.meaning_of(text) if text and not text.startswith("/") else None
            if meaning is None:
                continue
            name = meaning.capsule.intent if meaning.capsule else ANSWERED
            decided = {"name": name, "confidence": 1.0}
            others = [guess for guess in message.get(_RANKING, []) if guess["name"] != name]
            message.set(INTENT, decided, add_to_output=True)
            message.set(_RANKING, [decided, *others], add_to_output=True)
            is_title = meaning.capsule is not None and folded(text) == folded(meaning.capsule.title)
            # A tap on the capsule brings nothing along but what is felt; a merchant's own words may name goods.
            entities = [
                each
                for each in message.get(ENTITIES, [])
                if (each["entity"] == _FELT if is_title else each["entity"] not in _TAKEN_BACK)
            ]
            if meaning.capsule and meaning.capsule.attribute:
                entities.append(
                    {
                        "entity": "attribute",
                        "value": meaning.capsule.attribute,
                        "start": 0,
                        "end": len(text),
                        "extractor": type(self).__name__,
                    }
                )
            message.set(ENTITIES, entities, add_to_output=True)
        return messages
