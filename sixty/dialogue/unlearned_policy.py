"""What policies have in common that decide by a rule in code and learn nothing."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, TypeVar

from rasa.core.featurizers.precomputation import MessageContainerForCoreFeaturization
from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

_Self = TypeVar("_Self", bound="UnlearnedPolicy")


class UnlearnedPolicy(Policy):
    """A policy that names the next action in some turns, with certainty, and has no say in the others."""

    # Whether its choice overrules what the form policies choose: then Rasa counts it as made without the message.
    overrules_forms = False

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
        cls: type[_Self],
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> _Self:
        """Creates the policy."""
        return cls(config, model_storage, resource, execution_context)

    @abstractmethod
    def decide(self, tracker: DialogueStateTracker, domain: Domain) -> str | None:
        """Names the next action; None where this policy has no say."""

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
        """Puts the decision into Rasa's form."""
        scores = self._default_predictions(domain)
        action = self.decide(tracker, domain)
        if action is None:
            return self._prediction(scores)
        scores[domain.index_for_action(action)] = 1.0
        return self._prediction(scores, is_no_user_prediction=self.overrules_forms)
