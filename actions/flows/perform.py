"""The deed: done by the shop's system, told to the customer with what happens next and when."""

from __future__ import annotations

import structlog
from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.action import ShopAction, Turn
from actions.benefits import offer_benefit
from actions.flows.case import Case
from actions.flows.offers import tell_refusal, whole_link
from actions.handoff import HUMAN, Called, call_a_person
from actions.mood import angry_messages
from sixty.shop.database import shop_session
from sixty.shop.deeds.deed import Deed, DeedRecord, DeedRefused, Done, IncompleteDeed, NotTheOwner
from sixty.shop.gateways.chosen import order_gateway
from sixty.shop.policies.verdicts import Verdict
from sixty.shop.wording import say_moment

_log = structlog.get_logger(__name__)


class ActionPerformDeed(ShopAction):
    """Runs when the form is over; does the deed when the customer has given all that it needs.

    Each deed has a session of its own: the second one's refusal takes nothing from the first, and no lock of ours is
    held while another is asked for.
    """

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_perform_deed"

    def answer(self, turn: Turn) -> list[EventType]:
        """Checks everything again, does it, says what came of it."""
        kept = turn.slot("flow")
        case = Case.read(turn) if isinstance(kept, dict) and kept.get("end") == "ready" else None
        if case is None:
            # What there was to say, and to offer instead, the form has said.
            return [*Case.forget(), SlotSet("awaiting", None), FollowupAction("action_listen")]
        if _missing(case):
            # The form was not run to its end: an action server that was down lets it run straight through.
            _log.warning("deed.incomplete", flow=case.flow.name)
            return self._to_a_person(case, "我这边没记全您的信息")
        case.granted = tuple(case.verdicts())
        broken = case.broken_promise
        try:
            came_of_it = [_perform(turn, deed) for deed in _deeds(case)]
        except NotTheOwner:
            turn.say("这个订单号在您名下没有找到，麻烦核对一下再发我～", outcome="asked_back")
            return [*Case.forget(), SlotSet("awaiting", None)]
        except IncompleteDeed as wrong:
            _log.warning("deed.incomplete", flow=case.flow.name, wrong=sorted(wrong.wrong))
            return self._to_a_person(case, "您给的信息系统没认出来")
        done = [each for each in came_of_it if isinstance(each, Done)]
        if done:
            self._tell(case, done, broken)
        offered = self._make_up(case) if done else None
        refused = next((each for each in came_of_it if isinstance(each, Verdict)), None)
        if refused is not None:
            tell_refusal(turn, refused, case.values["order_no"])
        return [*Case.forget(), *(offered or [SlotSet("awaiting", None)])]

    @staticmethod
    def _make_up(case: Case) -> list[EventType] | None:
        """A small thing to say sorry with, where the rules have one; an angry customer wants an answer, no present."""
        if case.flow.makes_up_for is None or angry_messages(case.turn):
            return None
        return offer_benefit(case.turn, case.flow.makes_up_for)

    @staticmethod
    def _tell(case: Case, done: list[Done], broken: DeedRecord | None) -> None:
        text = case.flow.told(case, done)
        if broken is not None and broken.promised_at is not None:
            at = say_moment(broken.promised_at, case.turn.now)
            text = f"上次说好{at}前给您结果，没做到，真的抱歉，这次我请同事一起盯着。{text}"
        reason = "broken_promise" if broken is not None else case.flow.wants_person(case, done)
        if reason is None and any(verdict.person for verdict in case.granted):
            reason = "policy"
        called = _call_a_person(case.turn, reason) if reason is not None else None
        link = next((each.link for each in done if each.link), None)
        if link:
            text += f"\n{whole_link(link)}"
        if called is not None and called.left:
            text += f"\n{called.left}"
        outcome = "handed_over" if called is not None and called.created else "answered"
        case.turn.say(text, outcome=outcome, buttons=case.flow.buttons(case, done))

    @staticmethod
    def _to_a_person(case: Case, why: str) -> list[EventType]:
        called = _call_a_person(case.turn, "failed_action")
        case.turn.say(
            f"抱歉，{why}，怕给您办错，{called.left or '已经转给同事处理，您说过的都一并转过去了～'}",
            outcome="handed_over",
            buttons=[HUMAN],
        )
        return [*Case.forget(), SlotSet("awaiting", None)]


def _perform(turn: Turn, deed: Deed) -> Done | Verdict:
    """Does a deed; returns the verdict by which it is refused."""
    with shop_session() as session:
        try:
            return order_gateway(session, turn.now).perform(turn.viewer, deed)
        except DeedRefused as refused:
            # That it was refused is recorded in the session.
            return refused.verdict


def _call_a_person(turn: Turn, reason: str) -> Called:
    with shop_session() as session:
        return call_a_person(Turn(turn.dispatcher, turn.tracker, session, turn.now), reason)


def _missing(case: Case) -> list[str]:
    return [
        factor.slot
        for factor in case.flow.factors
        if not factor.courtesy and factor.needed(case) and case.values[factor.slot] is None
    ]


def _deeds(case: Case) -> list[Deed]:
    flow = case.flow
    order_no = str(case.values["order_no"]) if flow.needs_order else case.order.no if case.order else None
    words = {"words": str(case.values["cause"])} if case.cause == "other" else {}
    return [
        Deed(
            key=case.key(position, number),
            kind=case.kind,
            order_no=order_no,
            line=position,
            details={**details, **words},
            cause=case.cause,
        )
        for number, details in enumerate(flow.each(case))
        for position in case.positions or (None,)
    ]
