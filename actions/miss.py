"""What was not understood: the likeliest meanings as capsules, then a person (F8)."""

from __future__ import annotations

import re

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.action import ShopAction, Turn
from actions.handoff import HUMAN, hand_over
from actions.mood import calming, is_angry
from actions.without_number import leaves_lookup
from sixty.desk.desk_rules import routing_rules
from sixty.desk.handoffs import current_handoff, may_leave, say_still_waiting
from sixty.playbook import capsule_plan

_MEANINGS = 3
# What who waits for a person asks; by itself such a line may ask for anything.
_HOW_LONG = re.compile(r"(?:等|要|还).{0,3}多久|多长时间|人呢|没人|有人|排队|几个人|几位|回我|理我")
_LEAST_CONFIDENCE = 0.05


class ActionDefaultFallback(ShopAction):
    """Takes the place of Rasa's own fallback."""

    writes = True

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_default_fallback"

    def answer(self, turn: Turn) -> list[EventType]:
        """Asks which of two meanings is right; hands over after as many misses as `playbook/routing.yml` says."""
        if (left := leaves_lookup(turn)) is not None:
            return left
        waiting = current_handoff(turn.session, turn.tracker.sender_id)
        if waiting is not None and _HOW_LONG.search(turn.text):
            turn.say(
                say_still_waiting(turn.session, waiting, turn.now),
                outcome="handed_over",
                buttons=may_leave(turn.session, waiting),
            )
            return self._end(turn)
        in_a_row, in_all = self._misses_before(turn)
        most = routing_rules().thresholds(turn.level)
        if in_a_row + 1 >= most.misses or in_all + 1 >= most.misses_in_all:
            hand_over(turn, "two_misses")
            return self._end(turn)
        meanings = capsule_plan().meanings
        likely = [
            str(guess.get("name"))
            for guess in turn.tracker.latest_message.get("intent_ranking") or []
            if guess.get("name") in meanings
            and guess.get("name") != "ask_human"
            and float(guess.get("confidence") or 0) >= _LEAST_CONFIDENCE
        ][:_MEANINGS]
        buttons = [{"title": meanings[intent], "payload": f"/{intent}"} for intent in likely]
        buttons = [*calming(HUMAN, buttons)] if is_angry(turn) else [*buttons, HUMAN]
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

    def _misses_before(self, turn: Turn) -> tuple[int, int]:
        """Earlier turns that ended here: those directly before this one, and all of the conversation."""
        turns: list[list[str]] = []
        for event in turn.tracker.events:
            if event.get("event") == "user":
                turns.append([])
            elif event.get("event") == "action" and turns:
                turns[-1].append(str(event.get("name")))
        missed = [self.name() in names for names in turns[:-1]]
        in_a_row = next((count for count, was_missed in enumerate(reversed(missed)) if not was_missed), len(missed))
        return in_a_row, sum(missed)
