"""Urge dispatch, delivery or a refund: harmless, so it is done without a question, once for each promise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from actions.action import Turn
from actions.flows.case import Case
from actions.flows.factors import Proof, WhichOrder
from actions.flows.flow import Flow
from actions.flows.offers import offers
from actions.flows.promised import say_terms
from sixty.shop.deeds.deed import DeedRecord, Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.gateways.normal_form import Order
from sixty.shop.lateness import fault_of, what_is_late, what_to_urge
from sixty.shop.order_answers import describe_order
from sixty.shop.urging import urges
from sixty.shop.wording import say_moment

_ON_THE_WAY = frozenset({"paid", "part_shipped", "shipped"})


class _Urge(Flow):
    """What urging has in common. `action_order_status` tells the state first and then begins it."""

    followed_up = True
    explained_first = False
    begun_by_action = "action_order_status"
    which = "要催的是哪一笔？点一下就行～"
    number = "好的，麻烦发一下订单号（订单详情页可以复制），我查一下，马上帮您催～"
    factors = (WhichOrder(), Proof())

    def begun_by(self, turn: Turn) -> bool:
        """A question about an order is none; what urges is."""
        return turn.intent in self.intents and urges(turn.text)

    def prefers(self, order: Order, case: Case) -> bool:
        """Of several orders, the one that is late is urged."""
        return what_is_late(order, case.turn.now) is not None

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """Urged, and by when there is an answer; the state as well, where the customer has not just seen it."""
        order, now = case.order, case.turn.now
        state = "" if order is None or _has_seen_it(case.turn) else f"{describe_order(order, now).headline}。"
        return f"{state}{say_terms(case, done[0])}"

    def buttons(self, case: Case, done: Sequence[Done]) -> list[dict[str, str]]:
        """What the policy names beside waiting, and a person."""
        return offers(case.granted[0].instead) if case.granted else []

    def still(self, case: Case, record: DeedRecord) -> str:
        """The promised hour of the first time."""
        until = f"，说好最晚{say_moment(record.promised_at, case.turn.now)}给您准信" if record.promised_at else ""
        return f"已经帮您催过了{until}（编号{record.reference}），一有进展马上告诉您～"

    def fault(self, case: Case) -> str | None:
        """What is late."""
        return fault_of(case.order, case.turn.now) if case.order is not None else None


class UrgeOrder(_Urge):
    """催发货、催派送."""

    name = "urge_order"
    title = "催单"
    deeds = ("urge_dispatch", "urge_delivery")
    intents = ("ask_ship_time", "ask_delivery_time", "track_order")

    def suits(self, order: Order, now: datetime) -> bool:
        """What is paid for and has not arrived."""
        return order.state in _ON_THE_WAY

    def kind(self, case: Case) -> DeedKind:
        """By where the order is, not by the word that was used for it."""
        return "urge_dispatch" if case.order is None else what_to_urge(case.order, case.turn.now)


class UrgeRefund(_Urge):
    """催退款、催售后."""

    name = "urge_refund"
    title = "催退款"
    deeds = ("urge_refund",)
    intents = ("refund_status", "after_sales_progress")

    def suits(self, order: Order, now: datetime) -> bool:
        """What has an after-sales case."""
        return any(each.state != "withdrawn" for each in order.refunds)

    def kind(self, case: Case) -> DeedKind:
        """Always the same; the policy knows the states."""
        return "urge_refund"


def _has_seen_it(turn: Turn) -> bool:
    """Whether a card of the order was shown since the customer's latest message."""
    for event in reversed(turn.tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "bot" and ((event.get("data") or {}).get("custom") or {}).get("card"):
            return True
    return False
