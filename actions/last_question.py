"""The question that was answered last: what a lone "多久" or "军绿呢" of the next message belongs to."""

from __future__ import annotations

from actions.action import Turn
from actions.capsules import ANSWERED_BY
from actions.questions import Question, answered_alike
from sixty.playbook import capsule_plan


def last_question(turn: Turn) -> Question | None:
    """The question that the answer before this message was about."""
    return Question.kept(turn, "last_question")


def answered_question(turn: Turn) -> Question:
    """The question that this turn has answered: the customer's, else the one that its last answering action stands for.

    A product that was only named ("GZ2101") answers the question that it was asked for, with all that was given there.
    """
    own = Question.of(turn, turn.intent)
    action = _answering_action(turn)
    last = last_question(turn)
    if action == "action_continue" and last is not None:
        return last
    if action is None or turn.intent in capsule_plan().after:
        return own
    intent = ANSWERED_BY.get(action, turn.intent)
    if last is not None and answered_alike(last.intent, intent):
        return Question(last.intent, {**last.given, **own.given})
    return Question(intent, own.given)


def _answering_action(turn: Turn) -> str | None:
    for event in reversed(turn.tracker.events):
        if event.get("event") == "user":
            break
        if event.get("event") == "action" and event.get("name") in {*ANSWERED_BY, "action_continue"}:
            return str(event["name"])
    return None
