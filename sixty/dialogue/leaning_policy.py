"""A line that means something only after the one before goes on with what that was about."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from sixty.dialogue.leaning import leans_on
from sixty.dialogue.unlearned_policy import UnlearnedPolicy

CONTINUE = "action_continue"
LAST_QUESTION = "last_question"


def goes_on(tracker: DialogueStateTracker) -> bool:
    """Whether the latest message, not answered yet, leans on the question before; a form asks its own questions."""
    last = tracker.get_slot(LAST_QUESTION) if LAST_QUESTION in tracker.slots else None
    message = tracker.latest_message
    if not isinstance(last, dict) or message is None or tracker.active_loop_name:
        return False
    if tracker.latest_action_name != ACTION_LISTEN_NAME or message.parse_data is None:
        return False
    return leans_on({**message.parse_data, "text": message.text}, str(last.get("intent")))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class LeaningPolicy(UnlearnedPolicy):
    """Runs `action_continue` where the line leans on the slot `last_question`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Its priority must be above that of rules and stories, and below that of `SoothingPolicy`."""
        return {"priority": 8}

    def decide(self, tracker: DialogueStateTracker, domain: Domain) -> str | None:
        """Takes over for such a line."""
        return CONTINUE if CONTINUE in domain.action_names_or_texts and goes_on(tracker) else None
