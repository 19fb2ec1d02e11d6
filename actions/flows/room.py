"""Whether there is room for a flow to begin behind an answer that another action gives."""

from __future__ import annotations

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.action import Turn
from actions.flows.case import Case
from actions.flows.flow import Flow


def in_form(turn: Turn) -> bool:
    """Whether a form is at work, which goes on with its own question."""
    return bool((turn.tracker.active_loop or {}).get("name"))


def may_begin(turn: Turn) -> bool:
    """Whether the form of flows can begin behind the action: it answers the message's own question, in no form."""
    return turn.question is None and not in_form(turn)


def begun(turn: Turn, flow: Flow) -> list[EventType] | None:
    """Begins a flow where the message wishes for it and there is room; None where it asks, or where there is none."""
    if not may_begin(turn) or not flow.begun_by(turn):
        return None
    return [*Case.begin(turn, flow).events(), SlotSet("awaiting", "deed"), FollowupAction("deed_form")]
