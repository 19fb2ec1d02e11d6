"""A wish or a question that a deed can answer: the flow begins, or says why it cannot."""

from __future__ import annotations

from contextlib import suppress

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.flows.case import Case
from actions.flows.deed_form import hear
from actions.flows.factors import UnfitError, asks
from actions.flows.flow import Flow
from actions.flows.known import flow_begun_by, flow_named
from actions.flows.offers import tell_aside, tell_refusal
from actions.handoff import HUMAN
from actions.mood import is_angry

# By which a customer takes up what was offered.
_SAYS_YES = frozenset({"affirm", "inform"})
_DO_IT = {"title": "帮我办", "payload": "/affirm"}


class ActionBeginDeed(ShopAction):
    """Begins the flow of the customer's intent, or the one that was offered."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_begin_deed"

    def answer(self, turn: Turn) -> list[EventType]:
        """Waits for `deed` when the form is to begin, for `deed_offer` when the customer is to say so first."""
        flow = _flow(turn)
        if flow is None:
            turn.dispatcher.utter_message(response="utter_ask_inform")
            return [SlotSet("awaiting", None)]
        case = Case.begin(turn, flow)
        # Who says yes to what was offered has been told all that is to be told before.
        aside = flow.aside(case) if turn.intent in flow.intents else None
        if aside is not None:
            tell_aside(turn, aside)
            if not aside.question:
                return [*Case.forget(), SlotSet("awaiting", None)]
            turn.say(aside.question, buttons=[{**_DO_IT}, HUMAN])
            return [*Case.forget(), *Case.offer(flow)]
        if is_angry(turn) and (fault := flow.fault(case)):
            turn.say(fault, outcome="social")
        if flow.needs_order and turn.intent in flow.intents:
            known = turn.viewer.customer_id is not None or bool(case.orders)
            if known and not case.candidates and turn.entity("order_no") is None:
                return self._nothing_suits(case)
            if flow.explained_first and not known and asks(turn.text) and turn.entity("order_no") is None:
                return self._how(case)
        # What cannot be meant, the form asks for, and says then what would do.
        with suppress(UnfitError):
            hear(case, requested=None)
        return [*case.events(), SlotSet("awaiting", "deed")]

    @staticmethod
    def _nothing_suits(case: Case) -> list[EventType]:
        """Why none of the customer's orders will do, by the newest; the general answer where there are none."""
        turn = case.turn
        if case.orders:
            case.values["order_no"] = case.orders[0].no
            verdict = case.verdicts()[0]
            if not verdict.allowed:
                tell_refusal(turn, verdict, case.values["order_no"])
                return [*Case.forget(), SlotSet("awaiting", None)]
        if turn.intent not in _SAYS_YES:
            turn.respond(f"utter_faq_{turn.intent}")
        return [*Case.forget(), SlotSet("awaiting", None)]

    @staticmethod
    def _how(case: Case) -> list[EventType]:
        """How it is done in general, and the offer to do it."""
        turn = case.turn
        if turn.intent not in _SAYS_YES:
            turn.respond(f"utter_faq_{turn.intent}")
        turn.say("把订单号发我，我也可以直接帮您办，要吗？", outcome="answered", buttons=[{**_DO_IT}, HUMAN])
        return [*case.events(), SlotSet("awaiting", "deed_offer")]


def _flow(turn: Turn) -> Flow | None:
    """What the customer asks for; what was offered, when they say yes to it."""
    if turn.intent in _SAYS_YES:
        kept = turn.slot("flow")
        return flow_named(str(kept.get("name"))) if isinstance(kept, dict) else None
    return flow_begun_by(turn)
