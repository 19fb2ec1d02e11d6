"""What was not understood: the likeliest meanings as capsules, then a person (F8)."""

from __future__ import annotations

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.action import ShopAction, Turn
from actions.handoff import hand_over
from sixty.playbook import capsule_plan

_MEANINGS = 3
_MISSES_BEFORE_HANDOFF = 2


class ActionDefaultFallback(ShopAction):
    """Takes the place of Rasa's own fallback."""

    writes = True

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_default_fallback"

    def answer(self, turn: Turn) -> list[EventType]:
        """Asks which of two meanings is right; hands over at the second miss in a row."""
        if self._misses_before(turn) + 1 >= _MISSES_BEFORE_HANDOFF:
            hand_over(turn, "two_misses")
            return self._end(turn)
        meanings = capsule_plan().meanings
        likely = [
            str(guess.get("name"))
            for guess in turn.tracker.latest_message.get("intent_ranking") or []
            if guess.get("name") in meanings and guess.get("name") != "ask_human"
        ][:_MEANINGS]
        buttons = [{"title": meanings[intent], "payload": f"/{intent}"} for intent in likely]
        buttons.append({"title": "转人工", "payload": "/ask_human"})
        text = "不好意思没太明白您的意思，您是想问下面这些吗？" if likely else "不好意思没太明白，您换个说法再问问？"
        turn.say(text, outcome="missed", buttons=buttons)
        return self._end(turn)

    @staticmethod
    def _end(turn: Turn) -> list[EventType]:
        events: list[EventType] = [SlotSet("awaiting", turn.slot("awaiting"))]
        in_form = bool((turn.tracker.active_loop or {}).get("name"))
        if not (in_form and turn.intent == "nlu_fallback"):
            # Where no rule or story led here, none leads on: without this Rasa would choose the fallback again. A form
            # has a rule for what it did not understand, and asks its question again.
            events.append(FollowupAction("action_listen"))
        return events

    def _misses_before(self, turn: Turn) -> int:
        """Turns in a row, before this one, that ended here and nowhere else."""
        misses = 0
        turns: list[list[str]] = []
        for event in turn.tracker.events:
            if event.get("event") == "user":
                turns.append([])
            elif event.get("event") == "action" and turns and event.get("name") != "action_listen":
                turns[-1].append(str(event.get("name")))
        for names in reversed(turns[:-1]):
            if self.name() not in names:
                break
            misses += 1
        return misses
