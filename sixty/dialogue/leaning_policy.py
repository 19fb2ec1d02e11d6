"""A line that means something only after the one before goes on with what that was about."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_DEFAULT_FALLBACK_NAME, ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from sixty.dialogue.leaning import leans_on
from sixty.dialogue.suggesting import is_about_suggestions
from sixty.dialogue.unlearned_policy import UnlearnedPolicy

CONTINUE = "action_continue"
RECOMMEND = "action_recommend_products"
LAST_QUESTION, AWAITING, WISH = "last_question", "awaiting", "wish"
_THIS_AND_ONE_BEFORE = 2


def goes_on_with(tracker: DialogueStateTracker) -> str | None:
    """What goes on where the latest message, not answered yet, leans on what was said before; else None.

    A form asks its own questions.
    """
    message = tracker.latest_message
    if message is None or message.parse_data is None or tracker.active_loop_name:
        return None
    if tracker.latest_action_name != ACTION_LISTEN_NAME:
        return None
    said = {**message.parse_data, "text": message.text}
    awaiting, kept = _slot(tracker, AWAITING), _slot(tracker, WISH)
    if is_about_suggestions(said, awaiting, kept, just_now=_led_nowhere_since_wish(tracker)):
        return RECOMMEND
    last = _slot(tracker, LAST_QUESTION)
    return CONTINUE if isinstance(last, dict) and leans_on(said, str(last.get("intent"))) else None


def _led_nowhere_since_wish(tracker: DialogueStateTracker) -> bool:
    """Whether the wish was talked about in the turn before the last one, and the last one was not understood.

    It was not where the bot fell back, or asked which product was meant.
    """
    between, missed = 0, str(_slot(tracker, AWAITING) or "").startswith("product_")
    for event in reversed(tracker.applied_events()):
        if isinstance(event, UserUttered):
            between += 1
        elif isinstance(event, ActionExecuted) and event.action_name == ACTION_DEFAULT_FALLBACK_NAME:
            missed = True
        elif isinstance(event, SlotSet) and event.key == WISH and event.value:
            return missed and between == _THIS_AND_ONE_BEFORE
        if between > _THIS_AND_ONE_BEFORE:
            return False
    return False


def _slot(tracker: DialogueStateTracker, name: str) -> Any:
    return tracker.get_slot(name) if name in tracker.slots else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class LeaningPolicy(UnlearnedPolicy):
    """Runs `action_continue` where the line leans on the slot `last_question`.

    What is said of suggestions, or answers a question about a wish, goes to `action_recommend_products`.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Its priority must be above that of rules and stories, and below that of `SoothingPolicy`."""
        return {"priority": 8}

    def decide(self, tracker: DialogueStateTracker, domain: Domain) -> str | None:
        """Takes over for such a line."""
        action = goes_on_with(tracker)
        return action if action in domain.action_names_or_texts else None
