"""The end of an answer: a second question of the same line, then the next questions as capsules (F5, F14)."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.action import ShopAction, Turn
from actions.capsules import after_answer
from actions.doubts import DOUBT
from actions.flows.known import flow_named
from actions.handoff import HUMAN
from actions.last_question import answered_question, last_question
from actions.lead import lead_on
from actions.mood import calming, is_angry
from actions.questions import SIZE, Question, awaited, form_for
from actions.second_question import answer_also, lacks_product, second_question
from actions.trial import note_tap
from actions.wish import ask_again
from sixty.desk.handoffs import current_handoff
from sixty.insight.next_questions import NextQuestion
from sixty.insight.turns import question_of
from sixty.playbook import Capsule

# After so many further messages an offer has cooled down, and "好的" no longer means it.
_OFFER_LASTS_MESSAGES = 4
_WHICH_PRODUCT = frozenset({"product_attribute", "product_stock", "product_price", "product_matching"})
_HUMAN = NextQuestion(Capsule(title=HUMAN["title"], intent="ask_human"), "playbook")


class ActionPushCapsules(ShopAction):
    """Ends an answer: a second question of the same line, then what customers ask next."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_push_capsules"

    def answer(self, turn: Turn) -> list[EventType]:
        """Offers up to three capsules, unless the bot itself is waiting for an answer."""
        note_tap(turn, turn.entity("product"))
        awaiting = turn.slot("awaiting")
        answered, events = answered_question(turn), []
        open_question = Question.kept(turn, "open_question")
        second = second_question(turn) or (None if open_question is None else self._now_due(turn, open_question))
        if second is not None and awaiting in _WHICH_PRODUCT and lacks_product(turn, second):
            # The product was asked for just now; once it is named, both are answered.
            open_question = second
        elif second is not None:
            open_question = None
            if second.intent == SIZE:
                return [SlotSet("open_question", None), SlotSet("awaiting", awaiting), FollowupAction("size_form")]
            events = answer_also(turn, second)
            answered = second
            awaiting = awaited(events) or awaiting
        elif awaiting not in _WHICH_PRODUCT:
            open_question = None
        asked_again = ask_again(turn) if not events else None
        if asked_again is not None:
            events, awaiting = asked_again, awaited(asked_again)
        elif awaiting in (None, DOUBT):
            # Who asks on has left the question after the doubt behind.
            events = [*events, *self._lead_on(turn, answered)]
            awaiting = awaited(events)
        elif not events and self._has_cooled(turn, awaiting):
            awaiting = None
        return [
            *events,
            SlotSet("last_question", answered.as_slot()),
            SlotSet("open_question", open_question.as_slot() if open_question else None),
            SlotSet("awaiting", awaiting),
            *form_for(awaited(events)),
        ]

    @staticmethod
    def _lead_on(turn: Turn, answered: Question) -> list[EventType]:
        """The one thing that it is time for, else what is likely to be asked next."""
        product = turn.product()
        last = last_question(turn)
        offer = after_answer(turn, _name(turn, answered), _name(turn, last) if last else None, product)
        events = lead_on(turn, answered, product, offer.phase, offer)
        if events is None:
            turn.push(offer.with_questions(_for_the_angry(turn, offer.questions)) if is_angry(turn) else offer)
        return events or []

    @staticmethod
    def _now_due(turn: Turn, question: Question) -> Question | None:
        """The question that was left open, when the product that it waited for has just been named."""
        return question if turn.intent == "inform" and not lacks_product(turn, question) else None

    @classmethod
    def _has_cooled(cls, turn: Turn, awaiting: str) -> bool:
        """Whether a yes would no longer mean what is awaited.

        Who was told how something is done takes note with a "好的" behind the next answer; that asks for nothing.
        """
        if awaiting == "deed_offer" and _only_told_how(turn) and not _offered_now(turn):
            return True
        return cls._messages_since_offer(turn) > _OFFER_LASTS_MESSAGES

    @staticmethod
    def _messages_since_offer(turn: Turn) -> int:
        messages = 0
        previous = None
        for event in turn.tracker.events:
            if event.get("event") == "user":
                messages += 1
            elif event.get("event") == "slot" and event.get("name") == "awaiting":
                if event.get("value") != previous:
                    messages = 0
                previous = event.get("value")
        return messages


def _for_the_angry(turn: Turn, offers: Sequence[NextQuestion]) -> tuple[NextQuestion, ...]:
    """A person first; nothing where a person is called already, who is to be waited for and not sold anything by."""
    called = current_handoff(turn.session, turn.tracker.sender_id) is not None
    return () if called else calming(_HUMAN, offers)


def _name(turn: Turn, question: Question) -> str:
    """A question as the playbook spells it; what is asked of a campaign is told by the customer's words."""
    attribute = question.given.get("attribute")
    named = [{"entity": "attribute", "value": attribute}] if attribute else []
    words = turn.text if question.intent == turn.intent else ""
    return question_of(question.intent, named, words) or question.intent


def _only_told_how(turn: Turn) -> bool:
    """Whether the offer is to do what was explained, for an order not known yet, rather than something at hand."""
    kept = turn.slot("flow")
    flow = flow_named(str(kept.get("name"))) if isinstance(kept, dict) else None
    return flow is not None and flow.needs_order


def _offered_now(turn: Turn) -> bool:
    """Whether this turn offers a deed, not an earlier one."""
    for event in reversed(turn.tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "slot" and event.get("name") == "awaiting" and event.get("value") == "deed_offer":
            return True
    return False
