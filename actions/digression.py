"""A question in the middle of a form, answered before the form goes on."""

from __future__ import annotations

from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet

from actions.action import ShopAction, Turn
from actions.handoff import HUMAN
from actions.questions import Question, answer_question
from actions.reassure import meets_worry
from actions.second_question import answer_also, lacks_product, second_question
from actions.small_talk import ActionSmallTalk
from actions.topic import say_unknown, unknown_reference
from actions.welcome import ActionWelcome
from actions.without_number import leaves_lookup

_SOCIAL = frozenset({"thank", "chitchat", "affirm"})
_QUIET = frozenset({"inform", "ask_size", "track_order", "refund_status", "after_sales_progress"})
# What is said when a form is let go, by the form.
_LETS_GO = {"size_form": "utter_social_size_cancelled", "order_lookup_form": "utter_social_lookup_cancelled"}
# So many turns without an answer to its question does a form bear before the next one ends it.
_PATIENCE = 1


def keep_company(turn: Turn) -> bool:
    """Answers what is no question to the shop; returns whether the latest message was such."""
    if turn.intent == "out_of_scope":
        turn.dispatcher.utter_message(response="utter_miss_out_of_scope")
    elif turn.intent == "thank":
        turn.dispatcher.utter_message(response="utter_social_thank")
    elif turn.intent == "chitchat":
        ActionSmallTalk().answer(turn)
    else:
        return False
    return True


class ActionDigress(ShopAction):
    """Says the domain's answer to whatever was asked; the form then asks its own question again."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_digress"

    def answer(self, turn: Turn) -> list[EventType]:
        """Answers by the name of the intent."""
        if (left := leaves_lookup(turn)) is not None:
            return left
        if turn.intent == "greet":
            return ActionWelcome().answer(turn)
        if turn.intent == "hesitate":
            if not meets_worry(turn):
                form = str((turn.tracker.active_loop or {}).get("name"))
                turn.dispatcher.utter_message(response=_LETS_GO.get(form, "utter_social_hesitate"))
                return self._let_go()
        elif keep_company(turn):
            pass
        elif turn.intent not in _QUIET | _SOCIAL:
            self._answer_questions(turn)
        elif unknown_reference(turn):
            say_unknown(turn)
            return [SlotSet("awaiting", turn.slot("awaiting"))]
        if self._unproductive_turns(turn) < _PATIENCE:
            return [SlotSet("awaiting", turn.slot("awaiting"))]
        # Asked twice and not answered: the form lets go instead of asking on and on.
        if turn.intent in _QUIET | _SOCIAL:
            turn.say(
                "没关系，需要的时候再告诉我就行；想找同事处理，点一下“转人工”～",
                outcome="social",
                buttons=[HUMAN],
            )
        return self._let_go()

    @staticmethod
    def _let_go() -> list[EventType]:
        """Ends the form and waits for the customer."""
        return [
            ActiveLoop(None),
            SlotSet("requested_slot", None),
            SlotSet("awaiting", None),
            FollowupAction("action_listen"),
        ]

    @staticmethod
    def _answer_questions(turn: Turn) -> None:
        """The question that was asked, and the other one of its line."""
        answer_question(turn, Question.of(turn, turn.intent))
        other = second_question(turn)
        if other is not None and other.intent not in _QUIET and not lacks_product(turn, other):
            answer_also(turn, other)

    def _unproductive_turns(self, turn: Turn) -> int:
        """Turns directly before this one in which the form got nothing that it could use."""
        turns: list[set[str]] = []
        for event in turn.tracker.events:
            if event.get("event") == "user":
                turns.append(set())
            elif event.get("event") == "action" and turns:
                turns[-1].add(str(event.get("name")))
        count = 0
        for names in reversed(turns[:-1]):
            if not names & {self.name(), "action_default_fallback"}:
                break
            count += 1
        return count
