"""A line that only gives something ("那军绿2XL呢") or asks on ("多久"): it goes on with the last question."""

from __future__ import annotations

from collections.abc import Mapping

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.action import ShopAction, Turn
from actions.after_order import thank_for_order
from actions.flows.begin import ActionBeginDeed
from actions.flows.known import flow_begun_by
from actions.last_question import last_question
from actions.questions import ABOUT_ATTRIBUTES, SIZE, Question, answer_question, awaited, form_for
from sixty.dialogue.leaning import leans_on
from sixty.shop.stock import variant_named
from sixty.shop.suggestion_wishes import reports_order

_OF_A_VARIANT = frozenset({"ask_stock", "ask_price"})
# Height and weight have rules of their own, in data/rules/size_form.yml.
_OF_A_BODY = ("chest", "waist", "foot", "age")


class ActionContinue(ShopAction):
    """Reads what was said as the next step of the topic; asks what it is for when there is none."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_continue"

    def answer(self, turn: Turn) -> list[EventType]:
        """A colour or size asks for stock, an attribute for its value, a sort of thing for suggestions."""
        ordered = self._ordered(turn)
        if ordered is not None:
            return ordered
        question = self._question(turn)
        if question is None:
            turn.dispatcher.utter_message(response="utter_ask_inform")
            return [SlotSet("awaiting", turn.slot("awaiting"))]
        kept = SlotSet("last_question", question.as_slot())
        if question.intent == SIZE:
            return [kept, SlotSet("awaiting", turn.slot("awaiting")), FollowupAction("size_form")]
        events = self._begin_flow(turn, question) or answer_question(turn, question)
        awaiting = awaited(events)
        form = form_for(awaiting) or [FollowupAction("action_push_capsules")]
        return [*events, kept, SlotSet("awaiting", awaiting), *form]

    @staticmethod
    def _ordered(turn: Turn) -> list[EventType] | None:
        """Thanks who says that they have ordered."""
        if turn.intent != "inform" or not reports_order(turn.text):
            return None
        return [*thank_for_order(turn), FollowupAction("action_push_capsules")]

    @staticmethod
    def _begin_flow(turn: Turn, question: Question) -> list[EventType]:
        """Begins the flow that the last line began, anew; nothing where that only asked something."""
        turn.question = question.intent
        flow = flow_begun_by(turn)
        begun = flow is not None and flow.begun_by_action == ActionBeginDeed().name()
        events = ActionBeginDeed().answer(turn) if begun else []
        turn.question = None
        return events

    def _question(self, turn: Turn) -> Question | None:
        last = last_question(turn)
        own = Question.of(turn, "inform").given
        if last is None or not leans_on(turn.tracker.latest_message, last.intent):
            return self._by_what_is_given(turn, last, own)
        product = turn.product()
        variant = variant_named(turn.session, product.no, turn.text) if product else {}
        given = {**last.given, **variant, **own}
        if "attribute" in own and last.intent != "compare_products":
            return Question(last.intent if last.intent in ABOUT_ATTRIBUTES else "ask_attribute", given)
        if product is not None and {*variant, *own} & {"color", "size"} and last.intent not in _OF_A_VARIANT:
            return Question("ask_stock", given)
        return Question(last.intent, given)

    @staticmethod
    def _by_what_is_given(turn: Turn, last: Question | None, given: Mapping[str, str]) -> Question | None:
        """What a line asks for that leans on nothing: it names its own topic or goes on with the product."""
        if turn.product() is not None and {"color", "size"} & {*given}:
            return Question("ask_price" if last is not None and last.intent == "ask_price" else "ask_stock", given)
        if turn.product() is not None and "attribute" in given:
            return Question("ask_attribute", given)
        if any(turn.entity(part) for part in _OF_A_BODY):
            return Question(SIZE, given)
        return Question("recommend_product", given) if "kind" in given else None
