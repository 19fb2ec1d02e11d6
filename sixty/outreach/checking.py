"""Decides whether a step may be said now, and if not, why: asked when it is due, and again when it goes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sixty.outreach.candidates import parcel_subject
from sixty.outreach.models import OutreachCase, OutreachRung
from sixty.outreach.numbers import dialable_number, mobile_number
from sixty.outreach.pausing import is_paused
from sixty.outreach.scenes import Scene
from sixty.outreach.standing import Standing, event_key, trigger_of
from sixty.outreach.stopping import Lines, ended_by
from sixty.outreach.triggers import TriggerName

_A_DAY = timedelta(days=1)
_SENT = ("part_shipped", "shipped")

FORGET = "forget"
"""Not a reason to show: the case is taken back, so that what it is about may come again."""


@dataclass(frozen=True)
class Against:
    """What speaks against a step.

    Attributes:
        why: The reason, as in `reasons`, or `FORGET`.
        ends: Whether it ends the case; else this step alone is passed over.
    """

    why: str
    ends: bool

    @property
    def reason(self) -> str:
        """The reason as the tables have it."""
        return "gone" if self.why == FORGET else self.why


def against(
    standing: Standing, scene: Scene, case: OutreachCase, rung: OutreachRung, *, counts: bool
) -> Against | None:
    """What speaks against saying a step now, in the order of docs/outreach.md; None where nothing does.

    Args:
        standing: How things stand with the case.
        scene: Its scene.
        case: The case.
        rung: The step.
        counts: Whether the caps are asked, which count a step from when it lies in an outbox, and a call from when
            somebody takes it.
    """
    ends = why_over(standing, scene, case) or why_answered(standing, case, standing.steps_before.get(case.id))
    stopped = why_stopped(standing, scene, case, rung)
    if ends is None and stopped != "unsubscribed":
        ends = stopped
    if ends is not None:
        return Against(ends, True)
    passed = stopped or why_not_now(standing, scene, case, rung)
    if passed is None and counts:
        passed = why_capped(standing, scene, case)
    return Against(passed, False) if passed is not None else None


def why_over(standing: Standing, scene: Scene, case: OutreachCase) -> str | None:
    """Why nothing further is to be said about a case, whatever the moment; None while it goes on."""
    if case.state == "ended":
        return case.ended_because or "over"
    over = _OVER[trigger_of(scene, case)](standing, scene, case)
    if over is not None:
        return over
    lines = standing.said.get(case.who, Lines())
    began, wished = standing.began(case), case.subject_kind == "wish"
    return ended_by(lines, standing.book, scene.kind == "selling", began, standing.now, wished=wished)


def why_answered(standing: Standing, case: OutreachCase, before: OutreachRung | None) -> str | None:
    """`answered` when the customer has written since the step before: the talk goes on in the chat."""
    lines = standing.said.get(case.who)
    if before is None or before.sent_at is None or lines is None or lines.last_at is None:
        return None
    return "answered" if lines.last_at > before.sent_at else None


def why_stopped(standing: Standing, scene: Scene, case: OutreachCase, rung: OutreachRung) -> str | None:
    """Why a stop forbids a step; `unsubscribed` when it is about its way only."""
    selling = scene.kind == "selling"
    against = standing.stops.against(case, scene.id, selling, rung.way, standing.now, standing.began(case))
    if against is None:
        return None
    why, of_this_way = against
    return "unsubscribed" if of_this_way else why


def why_not_now(standing: Standing, scene: Scene, case: OutreachCase, rung: OutreachRung) -> str | None:
    """Why a step cannot be said at this moment, on its way; None when it can."""
    if is_paused(standing.paused, scene.id):
        return "paused"
    if standing.now > rung.latest_at:
        return "missed"
    if standing.book.clock.is_quiet(standing.now):
        return "quiet"
    if rung.way == "chat":
        return _why_no_chat(standing, case)
    phone = standing.phone_for(case)
    reachable = mobile_number(phone) if rung.way == "sms" else dialable_number(phone)
    if reachable is None or (case.who, reachable) in standing.wrong_numbers:
        return "no_number"
    if rung.way == "sms" and standing.is_refused(reachable):
        return "unsubscribed"
    if standing.is_with_a_person(case):
        return "with_person"
    # What nobody has understood yet may be the very word that ends it.
    return "talking" if rung.way == "sms" and standing.said.get(case.who, Lines()).not_understood else None


def why_capped(standing: Standing, scene: Scene, case: OutreachCase) -> str | None:
    """`capped` when the customer has heard enough; None otherwise, and for scenes without a cap."""
    if not scene.capped:
        return None
    caps, now = standing.book.caps, standing.now
    spoken = standing.spoken.get(case.who, [])
    today = sum(now - each < _A_DAY for each in spoken)
    if today >= caps.per_day or len(spoken) >= caps.per_week:
        return "capped"
    return "capped" if any(now - each < caps.apart for each in spoken) else None


def _why_no_chat(standing: Standing, case: OutreachCase) -> str | None:
    if standing.chat_for(case) is None:
        return "no_chat"
    if standing.is_with_a_person(case):
        return "with_person"
    lines = standing.said.get(case.who)
    if lines is None or lines.last_at is None:
        return None
    # What somebody has just said and nobody has understood yet may be the very word that ends it.
    return "talking" if lines.not_understood or standing.now - lines.last_at < standing.book.talking else None


def _unpaid(standing: Standing, scene: Scene, case: OutreachCase) -> str | None:
    order = standing.orders.get(case.order_no or "")
    if order is None or order.state == "closed":
        return "over"
    if order.state != "unpaid":
        return "done"
    lines = standing.lines.get(order.no, ())
    return None if all(standing.can_be_bought(each.product_no, each.sku_code) for each in lines) else "gone"


def _balance(standing: Standing, scene: Scene, case: OutreachCase) -> str | None:
    order = standing.orders.get(case.order_no or "")
    if order is None or order.state in ("closed", "unpaid"):
        return "over"
    if order.state != "deposit_paid":
        return "done"
    presale = standing.presale_of(order.no)
    return None if presale is not None and standing.now < presale.balance_until else "over"


def _in_state(*states: str) -> Callable[[Standing, Scene, OutreachCase], str | None]:
    def check(standing: Standing, scene: Scene, case: OutreachCase) -> str | None:
        order = standing.orders.get(case.order_no or "")
        if order is None or order.state not in states:
            return "over"
        return "over" if standing.has_refund(order.no) else None

    return check


def _delivered(standing: Standing, scene: Scene, case: OutreachCase) -> str | None:
    order = standing.orders.get(case.order_no or "")
    if order is not None and order.state == "confirmed":
        return "done"
    return _in_state("delivered")(standing, scene, case)


def _confirmed(standing: Standing, scene: Scene, case: OutreachCase) -> str | None:
    order = standing.orders.get(case.order_no or "")
    if order is None or order.state != "confirmed" or standing.has_refund(order.no, ("done",)):
        return "over"
    if scene.goal != "ordered":
        return None
    if standing.ordered_since(case, case.moment, case.product_no):
        return "done"
    return None if standing.can_be_bought(case.product_no) else "gone"


def _parcel(state: str) -> Callable[[Standing, Scene, OutreachCase], str | None]:
    def check(standing: Standing, scene: Scene, case: OutreachCase) -> str | None:
        parcels = standing.parcels.get(case.order_no or "", ())
        if all(each.state != state or parcel_subject(each.no, each.since) != case.subject_id for each in parcels):
            return "over"
        return _in_state(*_SENT)(standing, scene, case)

    return check


def _refund(standing: Standing, scene: Scene, case: OutreachCase) -> str | None:
    number, _, state = case.subject_id.rpartition(":")
    refunds = standing.refunds.get(case.order_no or "", ())
    return None if any(each.no == number and each.state == state for each in refunds) else "superseded"


def _asked(standing: Standing, scene: Scene, case: OutreachCase) -> str | None:
    visit = standing.visits.get(case.subject_id)
    if visit is None or visit.handed_over:
        return "over"
    if visit.ordered_at is not None or standing.ordered_since(case, visit.started_at) or standing.has_it(case):
        return "done"
    newest = standing.newest_visit.get(visit.conversation_id)
    return "superseded" if newest is not None and newest > visit.started_at else None


def _left(standing: Standing, scene: Scene, case: OutreachCase) -> str | None:
    event = standing.events.get(case.subject_id)
    if event is None:
        return "over"
    if standing.newest_event.get(event_key(event)) != event.id:
        return "superseded"
    only = case.product_no if event.kind == "favourite" else None
    return "done" if standing.ordered_since(case, case.moment, only) else None


def _wish(standing: Standing, scene: Scene, case: OutreachCase) -> str | None:
    wish = standing.wishes.get(case.subject_id)
    if wish is None:
        return "over"
    if wish.told_at is not None:
        return "done"
    # Gone again before it was told: when it comes back, that is another time.
    return None if standing.can_be_bought(case.product_no, case.sku_code) else FORGET


_OVER: dict[TriggerName, Callable[[Standing, Scene, OutreachCase], str | None]] = {
    "asked": _asked,
    "silence": lambda standing, scene, case: None,
    "cart_left": _left,
    "favourite_left": _left,
    "back_in_stock": _wish,
    "unpaid": _unpaid,
    "balance_due": _balance,
    "paid": _in_state("paid"),
    "dispatched": _in_state(*_SENT),
    "dispatch_late": _in_state("paid", "part_shipped"),
    "stuck": _parcel("stuck"),
    "out_for_delivery": _parcel("out_for_delivery"),
    "delivered": _delivered,
    "confirmed": _confirmed,
    "refund_moved": _refund,
}
