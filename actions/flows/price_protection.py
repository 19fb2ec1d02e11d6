"""Price protection: what got cheaper after the purchase is found, and the difference paid back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from actions.flows.case import Case
from actions.flows.factors import Proof, WhichArticles, WhichOrder
from actions.flows.flow import Aside, Flow
from actions.flows.promised import say_terms
from sixty.shop.deeds.deed import Done
from sixty.shop.deeds.kinds import DeedKind
from sixty.shop.gateways.normal_form import Order, OrderLine
from sixty.shop.policies.asking import verdict_for
from sixty.shop.wording import say_amount, say_day, say_moment

_BOUGHT = frozenset({"paid", "part_shipped", "shipped", "delivered", "confirmed"})
# Questions about the rule, or about what has not happened yet: looking at the orders would not answer them.
_THE_RULE = re.compile(
    r"支持价保|能价保[不吗么]|保价吗|保不保价|(?:保|价)(?:多久|几天)|多少天|几天内|规则|条件|怎么(?:申请|操作|弄|算)|在哪|哪里"
    r"|如果|要是|万一|以后|过两天|现在(?:买|下单|拍)|今天(?:买|拍)了?.{0,4}(?:要是|到时)|买了(?:之?后)?(?:要是|如果)?降价|什么叫|是什么|天价保"
)


_HOW_FAR = re.compile(
    r"退了[没吗么]|到账|没动静|还没(?:给我)?退|没退|成功了[没吗么]|申请过|有结果|什么情况|进度|多久退|批"
)


def _lowered(case: Case, order: Order) -> tuple[int, ...]:
    """Positions of the articles whose difference is paid back."""
    turn = case.turn
    return tuple(
        position
        for position in range(1, len(order.lines) + 1)
        if verdict_for(turn.session, "price_protection", order, turn.now, position, case.cause, {}, turn.viewer).allowed
    )


@dataclass(frozen=True)
class _LoweredArticles(WhichArticles):
    """What got cheaper is looked up, not asked for."""

    def preset(self, case: Case) -> Any | None:
        """All that got cheaper; where nothing did, all of them, so that the policy says why."""
        order = case.order
        if order is None:
            return None
        return [*(_lowered(case, order) or range(1, len(order.lines) + 1))]


class PriceProtection(Flow):
    """价保、退差价."""

    name = "price_protection"
    title = "申请价保"
    which = "是哪一笔降价了呢？点一下，我帮您比价～"
    deeds = ("price_protection",)
    intents = ("price_protection",)
    decided_by = ("order_no", "article")
    factors = (WhichOrder(), Proof(), _LoweredArticles())

    def suits(self, order: Order, now: datetime) -> bool:
        """What was paid for and sold."""
        return order.state in _BOUGHT

    def prefers(self, order: Order, case: Case) -> bool:
        """Orders with something that costs less now."""
        return bool(_lowered(case, order))

    def aside(self, case: Case) -> Aside | None:
        """The rule, for who asks for it; who tells of a lower price has it looked up."""
        turn = case.turn
        if not turn.text.startswith("/") and _HOW_FAR.search(turn.text) and (told := self._how_far(case)):
            return told
        if turn.text.startswith("/") or not _THE_RULE.search(turn.text):
            return None
        unknown = turn.viewer.customer_id is None and not case.orders
        offered = "要我帮您看看买过的有没有降价吗？" if unknown or case.candidates else ""
        return Aside(response="utter_faq_price_protection", question=offered)

    @staticmethod
    def _how_far(case: Case) -> Aside | None:
        """Where the difference that was asked for last is, and that it is late when it is."""
        turn = case.turn
        records = turn.orders.deeds_of(turn.viewer, None)
        newest = next((each for each in records if each.kind == "price_protection" and each.state == "accepted"), None)
        if newest is None or newest.promised_at is None:
            return None
        amount = f"差价{say_amount(newest.amount)}" if newest.amount else "差价"
        asked, until = say_day(newest.asked_at, turn.now), say_moment(newest.promised_at, turn.now)
        if newest.promised_at < turn.now:
            return Aside(
                f"您{asked}申请的{amount}，说好{until}前到账；要是还没收到，是我们没做到，抱歉。"
                f"点“转人工”，我把编号{newest.reference}转给财务去查～"
            )
        return Aside(f"您{asked}申请的{amount}正在退，最晚{until}原路到账（编号{newest.reference}），不用重复申请～")

    def kind(self, case: Case) -> DeedKind:
        """Always the same."""
        return "price_protection"

    def told(self, case: Case, done: Sequence[Done]) -> str:
        """What each cost then and costs now, the sum, and when it is back."""
        compared = "；".join(
            f"{line.name}您买时{say_amount(line.unit_price)}，现在{say_amount(_now(line, each))}"
            for line, each in zip(case.lines, done, strict=True)
        )
        if len(done) == 1:
            return f"帮您比过了，{compared}。{say_terms(case, done[0])}"
        amount = sum((each.amount or Decimal(0) for each in done), Decimal(0))
        promised = max((each.promised_at for each in done if each.promised_at), default=None)
        until = f"最晚{say_moment(promised, case.turn.now)}" if promised else "尽快"
        numbers = "、".join(each.reference for each in done)
        return f"帮您比过了，{compared}。差价一共{say_amount(amount)}，{until}原路退给您（编号{numbers}）～"


def _now(line: OrderLine, done: Done) -> Decimal:
    """What a piece costs now: less than was paid by its part of the difference."""
    return line.unit_price - (done.amount or Decimal(0)) / line.quantity
