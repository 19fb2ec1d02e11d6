"""A wish or a question that a deed can answer: the flow begins, or says why it cannot."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

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
_ASKS_FOR_IT = re.compile(r"帮|替我|给我|那就|^那")
# Not known before the order is.
_OF_AN_ORDER = frozenset({"order_no", "phone_tail", "article", "confirmed"})
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
        told = turn.intent not in flow.intents or _takes_up(turn, flow)
        aside = None if told else flow.aside(case)
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
            if flow.explained_first and not known and not told and turn.entity("order_no") is None:
                # Half of them have no number at hand: an answer at once is worth more than a question.
                return self._how(case)
        return [*case.events(), SlotSet("awaiting", "deed")]

    @staticmethod
    def _nothing_suits(case: Case) -> list[EventType]:
        """Why none of the customer's orders will do, by the likeliest; the general answer where there are none."""
        turn = case.turn
        if case.orders:
            case.values["order_no"] = case.flow.likeliest(case.orders).no
            verdict = case.verdicts()[0]
            if not verdict.allowed:
                if len(case.orders) > 1:
                    # "这单" says nothing to who has several.
                    verdict = replace(verdict, say=f"我看了【{case.goods}】这一笔：{verdict.say}")
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
        # What cannot be meant, the form asks for, and says then what would do.
        with suppress(UnfitError):
            hear(case, requested=None)
        known = {slot: value for slot, value in case.values.items() if value is not None and slot not in _OF_AN_ORDER}
        return [*Case.forget(), *Case.offer(case.flow, **known)]


def _takes_up(turn: Turn, flow: Flow) -> bool:
    """Whether what was offered is asked for in words that begin the flow by themselves: "那你帮我开"."""
    kept = turn.slot("flow")
    offered = turn.slot("awaiting") == "deed_offer" and isinstance(kept, dict) and kept.get("name") == flow.name
    return offered and bool(_ASKS_FOR_IT.search(turn.text)) and not asks(turn.text)


def _flow(turn: Turn) -> Flow | None:
    """What the customer asks for; what was offered, when they say yes to it."""
    if turn.intent in _SAYS_YES:
        kept = turn.slot("flow")
        return flow_named(str(kept.get("name"))) if isinstance(kept, dict) else None
    return flow_begun_by(turn)
