"""The other question of a line that holds two, answered in the same turn."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.action import Turn
from actions.questions import ABOUT_A_PRODUCT, SIZE, Question, answer_question
from actions.said_already import leave_out_what_was_said
from sixty.shop.database import shop_session


def second_question(turn: Turn) -> Question | None:
    """The second question of the latest message, when it has not been answered in this turn."""
    intent = turn.entity("second_question")
    if not intent or _was_answered(turn.tracker, intent):
        return None
    turn.question = intent
    question = Question.of(turn, intent)
    turn.question = None
    return question


def lacks_product(turn: Turn, question: Question) -> bool:
    """Whether it cannot be answered before the customer says which product they mean."""
    return question.intent in ABOUT_A_PRODUCT and turn.product() is None


def answer_also(turn: Turn, question: Question) -> list[EventType]:
    """Answers a second question, without saying again what the answer to the first has said.

    Returns:
        What its action wants to be kept.
    """
    before = len(turn.dispatcher.messages)
    events = answer_question(turn, question)
    leave_out_what_was_said(turn, before)
    return events


def answer_before_form(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Answers the second question of the line that has begun a form, so that the form's own question comes last.

    What the answer would wait for is dropped: the form decides what comes next.
    """
    if not _begun_in_this_turn(tracker):
        return
    with shop_session(read_only=True) as session:
        turn = Turn(dispatcher, tracker, session)
        question = second_question(turn)
        if question is not None and question.intent != SIZE and not lacks_product(turn, question):
            answer_also(turn, question)


def _begun_in_this_turn(tracker: Tracker) -> bool:
    for event in reversed(tracker.events):
        if event.get("event") == "active_loop":
            return bool(event.get("name"))
        if event.get("event") == "user":
            return False
    return False


def _was_answered(tracker: Tracker, intent: str) -> bool:
    """Whether one of this turn's lines answers it, or its form has run: one that needs to ask nothing ends at once."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "bot" and (event.get("metadata") or {}).get("question") == intent:
            return True
        if intent == SIZE and event.get("event") == "action" and event.get("name") == "size_form":
            return True
    return False
