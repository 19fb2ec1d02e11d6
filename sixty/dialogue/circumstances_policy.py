"""Keeps the slots true that the conditions of responses ask for, without a call of the action server.

A policy may hand Rasa events that hold whichever policy decides (`PolicyPrediction.events`). Rasa applies them before
it runs what was decided, so a session's first answer knows them already, a product named in this very message counts
for the answer to it, and an action server that is down takes nothing away.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import structlog
from rasa.core.featurizers.precomputation import MessageContainerForCoreFeaturization
from rasa.core.policies.policy import PolicyPrediction
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from sixty.context import Context
from sixty.dialogue.circumstances import circumstances, named_in, phase_at
from sixty.dialogue.shop_reader import ShopReader
from sixty.dialogue.unlearned_policy import UnlearnedPolicy
from sixty.errors import OperatorError
from sixty.shop.pricing.phases import PhaseName
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.shelves import Shelf

_log = structlog.get_logger(__name__)


def _now() -> datetime:
    return datetime.now(timezone.utc)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class CircumstancesPolicy(UnlearnedPolicy):
    """Decides nothing; sets the slots of `sixty/dialogue/circumstances.py` where they have changed."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Its priority counts for nothing, but Rasa wants every policy to have its own."""
        return {"priority": 1}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Creates the policy; it reads the shop beside Rasa's event loop."""
        super().__init__(*args, **kwargs)
        self.shop = ShopReader()
        self.clock = _now

    def decide(self, tracker: DialogueStateTracker, domain: Domain) -> str | None:
        """Leaves every decision to others."""
        return None

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        precomputations: MessageContainerForCoreFeaturization | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Sets what has changed."""
        return self._prediction(self._default_predictions(domain), events=self._changes(tracker))

    def _changes(self, tracker: DialogueStateTracker) -> list[Event]:
        """The slots that the latest message changes, once for each message: before its first action."""
        message = tracker.latest_message
        if message is None or tracker.latest_action_name != ACTION_LISTEN_NAME:
            return []
        if message.input_channel is None:
            return []  # A story that is being tested.
        now = self.clock()
        context = self.shop.context_of(str(tracker.sender_id), now)
        shelf, phase = self._matter(message, tracker, context, now)
        return [
            SlotSet(slot, value)
            for slot, value in circumstances(context, phase, shelf, message.text or "").items()
            if slot in tracker.slots and tracker.get_slot(slot) != value
        ]

    def _matter(
        self, message: UserUttered, tracker: DialogueStateTracker, context: Context | None, now: datetime
    ) -> tuple[Shelf | None, PhaseName | None]:
        """What the message names, else what the conversation is about, else the page that it came from."""
        named = named_in(message.entities or [])
        if "product" not in named and "kind" in named:
            return self.shop.of_kind(named["kind"]), _phase(now)
        if "product" not in named and "category" in named:
            return Shelf(named["category"]), _phase(now)
        topic = tracker.get_slot("product_no") if "product_no" in tracker.slots else None
        if isinstance(topic, list):
            topic = topic[-1] if topic else None
        number = named.get("product") or topic or (context.product_no if context else None)
        product = self.shop.of_product(str(number), now) if number else None
        return (product.shelf, product.phase) if product else (None, _phase(now))


def _phase(now: datetime) -> PhaseName | None:
    try:
        return phase_at(shop_rules().campaigns.values(), now)
    except OperatorError:
        _log.exception("campaigns.not_read")
        return None
