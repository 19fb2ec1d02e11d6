"""The form of all flows: hears factors in any order, answers what is asked between, and asks for what is missing."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActionExecutionRejected, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.action import ShopAction, Turn
from actions.digression import keep_company
from actions.doubts import doubt_of
from actions.flows.beside import answer_beside
from actions.flows.case import Case
from actions.flows.factors import Choice, LockedError, UnfitError
from actions.flows.known import flow_begun_by
from actions.flows.offers import tell_aside, tell_refusal
from actions.handoff import HUMAN
from actions.mood import is_angry
from actions.questions import SIZE, Question, answer_question
from actions.reassure import meets_worry

FORM = "deed_form"
_REJECTED = "action_execution_rejected"
# So many lines in a row that bring nothing are borne with; at the next one the form lets go. Who has no number to prove
# an order by is not asked for it on and on.
_PATIENCE, _WITHOUT_NUMBER = 2, 1
_BACK = re.compile(r"上一步|返回|退回去|重选|重新选|选错了?|点错了?|填错了?|刚才那个?不对")
_DROPS = frozenset({"abandon_purchase", "hesitate", "goodbye"})
_DROPS_IN_WORDS = re.compile(
    r"^(?:算了|没事了?$|不用|不了|不需要|不办|先不|不弄|不要了|不(?:退|换|改|取消|修|开|查|催|投诉)了)"
)
# All of a line that lets it be: "算了，不退了" names a service, too, but asks for none.
_LETS_IT_BE = re.compile(
    r"(?=.*(?:不|算了|没事))(?:算了|没事了?|不用了?|不了|不需要了?)?[吧，,。 ]*"
    r"(?:(?:我|那)?(?:先|就)?不用?(?:退|换|改|取消|修|开|查|催|投诉|办|弄|要|麻烦)了?)?[吧啊哈，,。！!~～ ]*(?:谢谢)?"
)


class ValidateDeedForm(ShopAction):
    """Decides, as Rasa's form asks it to, which factor is asked for next."""

    writes = True

    def name(self) -> str:
        """Rasa's name for it."""
        return "validate_deed_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """As every action; where the shop's system gives no answer, the form ends as well."""
        events = await super().run(dispatcher, tracker, domain)
        if any(event.get("name") == "requested_slot" or event.get("event") == _REJECTED for event in events):
            return events
        return [*events, *Case.forget(), SlotSet("requested_slot", None)]

    def answer(self, turn: Turn) -> list[EventType]:
        """Takes what the message gives and asks for the next factor."""
        case = Case.read(turn)
        if case is None:
            return [SlotSet("requested_slot", None)]
        requested = turn.slot("requested_slot")
        if requested is not None and turn.intent == "ask_human" and _is_new_message(turn.tracker):
            # The rules have an answer to this one; Rasa asks them only when the form does not want the message.
            return [ActionExecutionRejected(FORM), SlotSet("awaiting", turn.slot("awaiting"))]
        try:
            if requested is None:
                answer_beside(turn, case.flow)
                hear(case, requested=None)
            elif _is_new_message(turn.tracker):
                ended = self._hear(case, str(requested))
                if ended is not None:
                    return ended
            return self._go_on(case)
        except UnfitError as unfit:
            turn.say(str(unfit), outcome="asked_back", buttons=[HUMAN] if unfit.person else [])
            # Tries to prove an order have a limit of their own.
            case.misses += unfit.slot != "phone_tail"
            slot = "order_no" if unfit.slot == "phone_tail" else requested or unfit.slot
            return self._let_go(case) if case.misses > _patience(case) else self._wait(case, slot)
        except LockedError:
            turn.say(
                "为了账户安全，核对次数用完了，一小时后可以再试；着急的话我帮您转人工核实～",
                outcome="asked_back",
                buttons=[HUMAN],
            )
            return _ended("locked", case)

    def _hear(self, case: Case, requested: str) -> list[EventType] | None:
        """Understands a message in the middle of the flow; returns events when the flow is over by it."""
        turn = case.turn
        if _LETS_IT_BE.fullmatch(turn.text.strip()):
            return self._dropped(case)
        if hear(case, requested):
            case.misses = 0
            if case.values[requested] is None and requested != "confirmed":
                turn.say("好的，记下了～", outcome="asked_back")
            return None
        if _BACK.search(turn.text):
            if not self._step_back(case, requested):
                turn.say("这就是第一步啦～", outcome="asked_back")
            return None
        if self._drops(case, requested):
            return self._dropped(case)
        other = flow_begun_by(turn)
        if other is not None and other.name != case.flow.name and other.aside(Case.begin(turn, other)) is None:
            return self._switch(case, other.name)
        case.misses += 1
        self._digress(case)
        return self._let_go(case) if case.misses > _patience(case) else None

    @staticmethod
    def _drops(case: Case, requested: str) -> bool:
        """Whether the customer lets it be; a mere no answers the question that was asked, unless that was the last."""
        turn = case.turn
        no_to_all = turn.intent == "deny" and requested == "confirmed"
        worried = turn.intent == "hesitate" and doubt_of(turn) not in (None, "no_need")
        if no_to_all or (turn.intent in _DROPS and not worried):
            return True
        # "算了，帮我取消订单" lets this one be for another.
        other = flow_begun_by(turn)
        return (other is None or other.name == case.flow.name) and bool(_DROPS_IN_WORDS.search(turn.text))

    @staticmethod
    def _dropped(case: Case) -> list[EventType]:
        case.turn.say(f"好的，那先不{case.flow.title}了，需要的时候随时叫我～", outcome="social")
        return _ended("dropped", case)

    @staticmethod
    def _switch(case: Case, name: str) -> list[EventType] | None:
        """The customer wants something else done now; the order stays the one they talk about."""
        from actions.flows.known import flow_named

        flow = flow_named(name)
        assert flow is not None  # it was found by its intent
        fresh = Case.begin(case.turn, flow)
        fresh.values["order_no"] = fresh.values["order_no"] or case.values["order_no"]
        case.flow, case.values, case.serial, case.misses = flow, fresh.values, fresh.serial, 0
        hear(case, requested=None)
        return None

    @staticmethod
    def _digress(case: Case) -> None:
        """Answers what is asked between; the flow's question follows."""
        turn = case.turn
        if keep_company(turn):
            return
        if turn.intent == "hesitate":
            # What was bought already is not sold again: its price is no longer to be thought over.
            if case.flow.needs_order or not meets_worry(turn):
                turn.say("理解的～", outcome="social")
        elif turn.intent == SIZE:
            turn.say("尺码我记着，先把手上这件办完，马上帮您算～", outcome="asked_back")
        elif turn.intent in case.flow.intents and (aside := case.flow.aside(case)) is not None:
            tell_aside(turn, aside)
        elif turn.intent in case.flow.intents or turn.intent in ("inform", "affirm", "nlu_fallback"):
            if turn.intent == "nlu_fallback":
                turn.say("不好意思，这句没太明白～", outcome="missed")
        else:
            answer_question(turn, Question.of(turn, turn.intent))

    @staticmethod
    def _step_back(case: Case, requested: str) -> bool:
        """Forgets the factor that was given last; returns whether there was one."""
        names = [factor.slot for factor in case.flow.factors if factor.needed(case)]
        before = names[: names.index(requested)] if requested in names else names
        for slot in reversed(before):
            if case.values[slot] is not None and slot != "phone_tail":
                case.values[slot] = None
                return True
        return False

    def _go_on(self, case: Case) -> list[EventType]:
        """Asks for what is missing; ends when nothing is, or when the policy forbids the deed."""
        flow, turn = case.flow, case.turn
        spared = is_angry(turn)
        decided = False
        for factor in flow.factors:
            if (beyond := flow.beyond(case)) is not None:
                tell_aside(turn, beyond)
                return _ended("refused", case)
            if not factor.needed(case) or (spared and factor.courtesy):
                continue
            if not decided and self._can_be_decided(case, factor.slot):
                decided = True
                if (ended := self._forbidden(case)) is not None:
                    return ended
            if case.values[factor.slot] is None:
                case.values[factor.slot] = factor.preset(case)
            if case.values[factor.slot] is None:
                factor.ask(case)
                return self._wait(case, factor.slot)
        # What no factor was left to ask for may have been known by itself.
        ended = None if decided else self._forbidden(case)
        return [*case.events(), *_ended("ready", case)] if ended is None else ended

    @staticmethod
    def _forbidden(case: Case) -> list[EventType] | None:
        """Ends the form where the same is being done already, or the policy forbids it."""
        if (record := case.under_way) is not None:
            case.turn.say(case.flow.still(case, record), buttons=[HUMAN])
            return _ended("under_way", case)
        refused = next((verdict for verdict in case.verdicts() if not verdict.allowed), None)
        if refused is None:
            return None
        tell_refusal(case.turn, refused, case.values["order_no"])
        return _ended("refused", case)

    @staticmethod
    def _can_be_decided(case: Case, upcoming: str) -> bool:
        """Whether all that the policy looks at is known, or will not be asked for any more."""
        if case.flow.needs_order and case.order is None:
            return False
        names = [factor.slot for factor in case.flow.factors]
        return all(
            case.values[slot] is not None or slot not in names or names.index(slot) < names.index(upcoming)
            for slot in case.flow.decided_by
        )

    @staticmethod
    def _wait(case: Case, slot: Any) -> list[EventType]:
        return [*case.events(), SlotSet("awaiting", "deed"), SlotSet("requested_slot", slot)]

    @staticmethod
    def _let_go(case: Case) -> list[EventType]:
        case.turn.say(
            f"那{case.flow.title}先放一放，随时可以再找我；想让同事直接处理，点一下“转人工”～",
            outcome="social",
            buttons=[HUMAN],
        )
        return _ended("dropped", case)


def hear(case: Case, requested: str | None) -> bool:
    """Takes every factor that the latest message gives, in whatever order; a later value corrects an earlier one.

    Args:
        case: The case; its values are changed.
        requested: The factor that was asked for, which bare answers are meant for.

    Returns:
        Whether the message gave any.

    Raises:
        UnfitError: What was given for the requested factor cannot be meant.
    """
    taken = False
    for factor in case.flow.factors:
        if not factor.needed(case) and not isinstance(factor, Choice) and factor.slot != requested:
            continue
        try:
            value = factor.take(case, asked=factor.slot == requested)
        except UnfitError as unfit:
            unfit.slot = factor.slot
            if factor.slot == "order_no":
                # Rasa has filled the slot with it already.
                case.values["order_no"] = None
            if factor.slot == requested or factor.slot in ("order_no", "phone_tail"):
                raise
            continue
        if value is None:
            continue
        if value == case.values[factor.slot]:
            continue
        if factor.slot != "confirmed":
            # What is read out before a deed has to be true: it is read out again.
            case.values["confirmed"] = None
        case.values[factor.slot] = value
        taken = True
    return taken


def _patience(case: Case) -> int:
    known = case.turn.viewer.customer_id is not None or bool(case.orders)
    return _PATIENCE if known or not case.flow.needs_order else _WITHOUT_NUMBER


def _is_new_message(tracker: Tracker) -> bool:
    """Whether the form runs for a message that nothing else has answered."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return True
        if event.get("event") == "action" and event.get("name") not in (FORM, "action_listen", "action_soothe"):
            return False
    return True


def _ended(how: str, case: Case) -> list[EventType]:
    """The form is over; `action_perform_deed` reads how."""
    kept = {"name": case.flow.name, "serial": case.serial, "end": how}
    return [SlotSet("flow", kept), SlotSet("awaiting", None), SlotSet("requested_slot", None)]
