"""What happens at the desk comes first: the customer leaves the queue, a person gives the conversation back.

These, and that the customer has been reminded of something, are events of the conversation and no questions, so no
rule, story or form has a say in them.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from sixty.dialogue.unlearned_policy import UnlearnedPolicy

LEAVE_QUEUE = "leave_queue"
"""The customer does not want to wait for a person any longer: tapped, or a keyword."""

RETURN_TO_BOT = "return_to_bot"
"""A person has given the conversation back; nobody says so, see `sixty/desk/returning.py`."""

REMINDED = "reminded"
"""The customer has been reminded of something; nobody says so, see `sixty/outreach/telling_the_bot.py`."""

EVENTS = frozenset({LEAVE_QUEUE, RETURN_TO_BOT, REMINDED})
"""Intents that nobody is understood by, so that they need no lines of training."""

_ANSWERS = frozenset(f"action_{event}" for event in EVENTS)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class DeskPolicy(UnlearnedPolicy):
    """Runs `action_leave_queue`, `action_return_to_bot` and `action_reminded`."""

    overrules_forms = True

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Its priority must be above that of rules and stories, and below that of `ApologyPolicy`."""
        return {"priority": 10}

    def decide(self, tracker: DialogueStateTracker, domain: Domain) -> str | None:
        """Takes over for such an event, and waits for the customer then: nothing was asked."""
        if tracker.latest_action_name in _ANSWERS:
            return str(ACTION_LISTEN_NAME)
        message = tracker.latest_message
        if message is None or tracker.latest_action_name != ACTION_LISTEN_NAME:
            return None
        intent = message.intent.get("name")
        action = f"action_{intent}"
        return action if intent in EVENTS and action in domain.action_names_or_texts else None
