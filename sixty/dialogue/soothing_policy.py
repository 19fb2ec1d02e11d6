"""Who is angry is heard before they are answered.

`action_soothe` says a word of apology, or hands over to a person, in front of whatever rule, story or form answers the
message. Then it undoes itself (`ActionReverted`), so that those see the message as if nothing had been said.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from sixty.dialogue.unlearned_policy import UnlearnedPolicy

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
class SoothingPolicy(UnlearnedPolicy):
    """Runs `action_soothe` in front of the answer to an angry message."""

    overrules_forms = True

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Its priority must be above that of rules and stories, and below that of `ApologyPolicy`."""
        return {"priority": 9}

    def decide(self, tracker: DialogueStateTracker, domain: Domain) -> str | None:
        """Takes over once for an angry message."""
        return SOOTHE if SOOTHE in domain.action_names_or_texts and to_be_soothed(tracker) else None
