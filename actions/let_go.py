"""The customer drops what the bot was waiting for: a word, and nothing is waited for any more."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.action import ShopAction, Turn

_ANSWERED = frozenset({"deny", "hesitate", "abandon_purchase"})


class ActionLetGo(ShopAction):
    """Says the domain's answer to a no, a second thought or a farewell; a later "好的" means nothing of before."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_let_go"

    def answer(self, turn: Turn) -> list[EventType]:
        """Answers by the name of the intent."""
        said = turn.intent if turn.intent in _ANSWERED else "deny"
        turn.dispatcher.utter_message(response=f"utter_social_{said}")
        return []
