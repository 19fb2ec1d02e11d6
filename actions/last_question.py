"""The question that was answered last: what a lone "多久" or "军绿呢" of the next message belongs to."""

from __future__ import annotations

from actions.action import Turn
from actions.capsules import ANSWERED_BY
from actions.flows.flow import Flow
from actions.flows.known import flow_named
from actions.questions import Question, answered_alike
from sixty.playbook import capsule_plan


def last_question(turn: Turn) -> Question | None:
    """The question that the answer before this message was about."""
    return Question.kept(turn, "last_question")


def answered_question(turn: Turn) -> Question:
    """The question that this turn has answered: the customer's, else the one that its last answering action stands for.

    A product that was only named ("GZ2101") answers the question that it was asked for, with all that was given there.
    """
    flow = _flow_at_its_end(turn)
    if flow is not None and flow.intents:
        return Question(flow.intents[0])
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


def _flow_at_its_end(turn: Turn) -> Flow | None:
    """The flow whose deed this turn has done."""
    done = False
    for event in reversed(turn.tracker.events):
        if event.get("event") == "user":
            break
        done = done or (event.get("event") == "action" and event.get("name") == "action_perform_deed")
        value = event.get("value") if event.get("event") == "slot" and event.get("name") == "flow" else None
        if done and isinstance(value, dict):
            return flow_named(str(value.get("name")))
    return None


def _answering_action(turn: Turn) -> str | None:
    for event in reversed(turn.tracker.events):
        if event.get("event") == "user":
            break
        if event.get("event") == "action" and event.get("name") in {*ANSWERED_BY, "action_continue"}:
            return str(event["name"])
    return None
