"""Who is angry is heard before they are answered.

`action_soothe` says a word of apology, or hands over to a person, in front of whatever rule, story or form answers the
message. Then it undoes itself (`ActionReverted`), so that those see the message as if nothing had been said.
"""

from __future__ import annotations

from typing import Any

from rasa.core.featurizers.precomputation import MessageContainerForCoreFeaturization
from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

SOOTHE = "action_soothe"


def to_be_soothed(tracker: DialogueStateTracker) -> bool:
    """Whether the latest message is angry and has had no answer yet, not even a word of apology."""
    message = tracker.latest_message
    if message is None or message.input_channel is None or tracker.latest_action_name != ACTION_LISTEN_NAME:
        # Without a channel it is a story that is being tested: `rasa test` runs no actions, so this one would stay.
        return False
    if not any(entity.get("entity") == "mood" and entity.get("value") == "angry" for entity in message.entities):
        return False
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, ActionExecuted) and event.action_name == SOOTHE:
            return False
    return True


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class SoothingPolicy(Policy):
    """Runs `action_soothe` in front of the answer to an angry message."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Its priority must be above that of rules and stories, and below that of `ApologyPolicy`."""
        return {"priority": 9}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> None:
        """Creates the policy; it featurises nothing."""
        super().__init__(config, model_storage, resource, execution_context, featurizer=None)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SoothingPolicy:
        """Creates the policy."""
        return cls(config, model_storage, resource, execution_context)

    def train(self, training_trackers: list[DialogueStateTracker], domain: Domain, **kwargs: Any) -> Resource:
        """There is nothing to learn; Rasa wants every policy to be trained."""
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        precomputations: MessageContainerForCoreFeaturization | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Takes over once for an angry message."""
        scores = self._default_predictions(domain)
        if SOOTHE not in domain.action_names_or_texts or not to_be_soothed(tracker):
            return self._prediction(scores)
        scores[domain.index_for_action(SOOTHE)] = 1.0
        # As a prediction without regard to the message it overrules those that the form policies make.
        return self._prediction(scores, is_no_user_prediction=True)
