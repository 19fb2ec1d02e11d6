"""What is done about goods that are not as they should be: those remedies that the policies allow are offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from actions.flows.account import own_account
from actions.flows.after_sales import AfterSales
from actions.flows.case import Case
from actions.flows.factors import Choice
from actions.flows.flow import Aside, Flow
from actions.flows.promised import say_terms
from sixty.shop.deeds.deed import Done
from sixty.shop.deeds.kinds import AFTER_SALES, DeedKind
from sixty.shop.gateways.normal_form import Order
from sixty.shop.mishaps import remedy_in
from sixty.shop.order_answers import is_stuck
from sixty.shop.policies.asking import verdict_for
from sixty.shop.policies.verdicts import Verdict
from sixty.shop.wording import say_amount, say_moment

KINDS: dict[str, DeedKind] = {
    "补发": "resend",
    "换货": "exchange",
    "赔付": "compensate",
    "退货": "return",
    "维修": "repair",
    "退款": "refund_only",
}
TITLES = {
    "补发": "补发给我",
    "换货": "换一件",
    "赔付": "留着用，要补偿",
    "退货": "退货退款",
    "维修": "维修",
    "退款": "只退款",
}
_MOST_OFFERED = 4
_LOOKED_AT_WITHIN = timedelta(days=30)
# Who wants their money back need not know which of the two it is called.
_ALIKE = {"退款": "退货", "退货": "退款"}
_AFTER_SALES = AfterSales()


@dataclass(frozen=True)
class WhichRemedy(Choice):
    """Resend, exchange, compensation …: one of those that are possible; the only one is taken as meant."""

    slot: str = "service"

    def possible(self, case: Case) -> list[str]:
        """Those that the policies allow for every article that is meant."""
        meant = case.positions or (None,)
        return [name for name in self.options if all(_verdict(case, name, position).allowed for position in meant)][
            :_MOST_OFFERED
        ]

    def preset(self, case: Case) -> Any | None:
        """The only one; where none is possible the first, so that the policy says why."""
        possible = self.possible(case)
        return possible[0] if len(possible) == 1 else None if possible else next(iter(self.options))

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """What is named or described; asked for, a position among those offered."""
        text = case.turn.text
        named = case.turn.entity(self.slot) or (remedy_in(text) if not text.startswith("/") else None)
        for value in (named, _ALIKE.get(str(named))):
            if value in self.options:
                return value
        position = (case.turn.entity("ordinal") or case.turn.entity("number")) if asked else None
        offered = self.possible(case) if position is not None else []
        if position is not None and position.isdigit() and 1 <= int(position) <= len(offered):
            return offered[int(position) - 1]
        return None

    def ask(self, case: Case) -> None:
        """The question, with what is possible as buttons."""
        buttons = [
            {"title": self.options[value], "payload": f'/inform{{"{self.slot}":"{value}"}}'}
            for value in self.possible(case)
        ]
        case.turn.say(self.question, outcome="asked_back", buttons=buttons)


class Mending(Flow):
    """What the flows about wrong, missing and damaged goods have in common."""

    followed_up = True
    which = "真不好意思！是哪一笔订单呢？点一下就行～"
    number = "真不好意思！麻烦发一下订单号（订单详情页可以复制），我马上帮您处理～"
    decided_by = ("order_no", "article", "cause", "service")

    def suits(self, order: Order, now: datetime) -> bool:
        """What has arrived, wholly or in part, and what will not arrive any more."""
        if order.state in ("delivered", "confirmed"):
            received = order.delivered_at or order.confirmed_at
            return received is None or now - received <= _LOOKED_AT_WITHIN
        lost = any(parcel.state == "rejected" or is_stuck(parcel, now) for parcel in order.parcels)
        return order.state == "part_shipped" or (order.state == "shipped" and lost)

    def beyond(self, case: Case) -> Aside | None:
        """Where nothing is possible for any article, nobody is asked which it is and what they want."""
        order = case.order
        known = case.values["cause"] is not None or not arrived(case)
        if order is None or not known or case.values["service"] is not None:
            return None
        remedy = next(factor for factor in self.factors if isinstance(factor, WhichRemedy))
        articles = case.positions or range(1, len(order.lines) + 1)
        if any(_verdict(case, name, position).allowed for name in remedy.options for position in articles):
            return None
        refused = _verdict(case, next(iter(remedy.options)), articles[0])
        return Aside(refused.say, refused.instead)

    def kind(self, case: Case) -> DeedKind:
        """By the wish."""
        return KINDS.get(str(case.values["service"]), "resend")

    def details(self, case: Case) -> Mapping[str, str]:
        """The customer's account and picture."""
        told, picture = own_account(case.turn), str(case.values["picture"] or "none")
        kept = {"picture": picture} if picture != "none" else {}
        return kept | ({"text": told} if told else {})

    def confirmation(self, case: Case, verdicts: Sequence[Verdict]) -> str:
        """What is paid, or sent back."""
        if case.kind in AFTER_SALES:
            return _AFTER_SALES.confirmation(case, verdicts)
        amount = sum((verdict.limit or Decimal(0) for verdict in verdicts), Decimal(0))
        return f"【{case.goods}】您留着用，我们补偿您{say_amount(amount)}，原路退到付款账户。这样可以吗？"

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """By the policy's words; an amount is named as it was granted."""
        if case.kind in AFTER_SALES:
            return _AFTER_SALES.told(case, done)
        if case.kind != "compensate":
            return say_terms(case, done[0])
        amount = sum((each.amount or Decimal(0) for each in done), Decimal(0))
        first = done[0]
        until = f"最晚{say_moment(first.promised_at, case.turn.now)}" if first.promised_at else "尽快"
        return f"好的，{say_amount(amount)}{until}退到您的付款账户，东西您留着用（编号{first.reference}）～"


def _verdict(case: Case, remedy: str, position: int | None) -> Verdict:
    turn, details = case.turn, case.flow.details(case)
    return verdict_for(turn.session, KINDS[remedy], case.order, turn.now, position, case.cause, details, turn.viewer)


def arrived(case: Case) -> bool:
    """Whether the customer has anything of the order in hand."""
    return case.order is not None and case.order.state in ("delivered", "confirmed", "part_shipped")


def costs_the_customer(case: Case) -> bool:
    """Whether the remedy takes something away: goods that are sent back, or the claim to more than is paid."""
    return case.kind != "resend"
