"""Signed for but not received, delivered elsewhere, refused: where a parcel is that should be with the customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from actions.flows.account import own_account, tells_anew
from actions.flows.case import Case
from actions.flows.factors import Choice, Proof, WhichOrder
from actions.flows.flow import Aside, Flow
from actions.flows.promised import say_terms
from sixty.shop.deeds.deed import DeedRecord, Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.gateways.normal_form import Order
from sixty.shop.mishaps import refuses, said_to_be_refused, trouble_in
from sixty.shop.policies.asking import verdict_for
from sixty.shop.wording import say_moment

# Longer ago nobody misses a parcel; such an order is named by its number.
_MISSED_WITHIN = timedelta(days=30)
_BEFORE_RECEIPT = frozenset({"paid", "part_shipped", "shipped"})
_HOW_TO_REFUSE = (
    "可以的，派送时跟快递员说一声拒收就行。包裹退回仓库后，钱原路退给您；想让我看看您那一单，把订单号发我～"
)


@dataclass(frozen=True)
class _WhatHappened(Choice):
    """The trouble, by the words that tell it."""

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """As every choice; else what the line tells."""
        told = super().take(case, asked=asked)
        return told or (trouble_in(case.turn.text) if tells_anew(case, self.slot, asked=asked) else None)


class DeliveryProblem(Flow):
    """签收没收到、送到别处、拒收."""

    name = "delivery_problem"
    title = "查包裹下落"
    deeds = ("trace_parcel",)
    intents = ("delivery_problem",)
    decided_by = ("order_no", "cause")
    followed_up = True
    which = "您先别急，是哪一笔没收到呢？点一下，我马上查～"
    number = "您先别急，麻烦发一下订单号（订单详情页可以复制），我马上帮您查～"
    factors = (
        WhichOrder(),
        Proof(),
        _WhatHappened(
            "cause",
            question="您先别急，我来查。是哪种情况呢？",
            options={"not_received": "显示签收，没收到", "delivered_elsewhere": "送错或放在别处了"},
        ),
    )

    def suits(self, order: Order, now: datetime) -> bool:
        """What is said to have arrived, wholly or in part."""
        if order.state in ("delivered", "confirmed"):
            received = order.delivered_at or order.confirmed_at
            return received is None or now - received <= _MISSED_WITHIN
        return order.state in _BEFORE_RECEIPT and any(parcel.state == "signed" for parcel in order.parcels)

    def likeliest(self, orders: Sequence[Order]) -> Order:
        """Only what was sent can be missed."""
        return next((order for order in orders if order.parcels), orders[0])

    def aside(self, case: Case) -> Aside | None:
        """A parcel that is refused, or goes back as such, needs no tracing: what happens to it and to the money."""
        text = case.turn.text
        if case.turn.intent not in self.intents or not (refuses(text) or said_to_be_refused(text)):
            return None
        refused = [order for order in case.orders if any(parcel.state == "rejected" for parcel in order.parcels)]
        if said_to_be_refused(text):
            return _by_policy(case, "urge_delivery", refused[0]) if refused else None
        coming = [order for order in case.orders if order.state in _BEFORE_RECEIPT]
        sent = [order for order in coming if order.parcels]
        order = next(iter([*refused, *sent, *coming]), None)
        return Aside(_HOW_TO_REFUSE) if order is None else _by_policy(case, "cancel_order", order)

    def kind(self, case: Case) -> DeedKind:
        """Always the same; the policy knows the states."""
        return "trace_parcel"

    def details(self, case: Case) -> Mapping[str, str]:
        """In the customer's own words."""
        told = own_account(case.turn)
        return {"text": told} if told else {}

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """What the carrier is asked, and by when there is an answer."""
        return say_terms(case, done[0])

    def still(self, case: Case, record: DeedRecord) -> str:
        """The promised hour of the first time."""
        until = f"，说好最晚{say_moment(record.promised_at, case.turn.now)}给您准信" if record.promised_at else ""
        return f"快递那边已经在核实了{until}（编号{record.reference}），一有结果马上告诉您～"

    def fault(self, case: Case) -> str | None:
        """Whoever's fault it is between shop and carrier: it did not reach the customer."""
        return "东西没送到您手上，是我们没做好，对不起。"


def _by_policy(case: Case, kind: DeedKind, order: Order) -> Aside:
    """What the policy says of doing it with that order; doing it is offered where it may be done."""
    turn = case.turn
    verdict = verdict_for(turn.session, kind, order, turn.now, viewer=turn.viewer)
    when = f"{say_moment(order.placed_at, turn.now)}下的这单，" if len(case.orders) > 1 else ""
    return Aside(f"{when}{verdict.say}～", (kind, *verdict.instead) if verdict.allowed else verdict.instead)
