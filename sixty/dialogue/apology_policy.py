"""An action that failed is answered, not passed over.

When the action server is down or an action raises, Rasa logs it and goes on as if the action had run: the customer
reads nothing, or the second half of an answer. Every action of Sixty returns at least one event (see
`actions/action.py`), so an action without a trace behind it has failed.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME, DEFAULT_ACTION_NAMES
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, DefinePrevUserUtteredFeaturization
from rasa.shared.core.trackers import DialogueStateTracker

from sixty.dialogue.apology import APOLOGY
from sixty.dialogue.unlearned_policy import UnlearnedPolicy


def failed_action(tracker: DialogueStateTracker, domain: Domain) -> str | None:
    """Names the action that has just failed without a trace.

    Args:
        tracker: The conversation, at the moment when the next action is chosen.
        domain: Knows which actions and forms are the project's own.

    Returns:
        The action's or form's name; None when all is well.
    """
    trail = [event for event in tracker.events if not isinstance(event, DefinePrevUserUtteredFeaturization)]
    if not trail or not isinstance(trail[-1], ActionExecuted):
        return None
    name = trail[-1].action_name
    if name is None or name.startswith("utter_"):
        return None
    own = name in domain.form_names or name not in DEFAULT_ACTION_NAMES or name in domain.user_actions
    return str(name) if own else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class ApologyPolicy(UnlearnedPolicy):
    """Says `utter_technical_trouble` after a failed action, then listens."""

    overrules_forms = True

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Its priority must be above that of every other policy."""
        return {"priority": 11}

    def decide(self, tracker: DialogueStateTracker, domain: Domain) -> str | None:
        """Takes over after a failed action and for the turn's end behind its own apology."""
        message = tracker.latest_message
        if message is None or message.input_channel is None:
            # A story that is being tested: `rasa test` runs no actions, so none of them leaves a trace.
            return None
        if failed_action(tracker, domain):
            return APOLOGY
        return ACTION_LISTEN_NAME if tracker.latest_action_name == APOLOGY else None
