"""Which orders count as a visit's: those that its customer placed during it, or soon enough after it.

The window is stated in `playbook/willingness.yml`: longer for an order with a product that the visit was about than
for any other. An order counts once: for the latest visit that was about one of its products, else for the latest at all
(the last touch). Nothing is claimed about cause; what the pushes brought about is told by the quiet arm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sixty.insight.rules import OrderRules


@dataclass(frozen=True)
class Bought:
    """An order, as far as it counts here; one that was closed unpaid is none.

    Attributes:
        amount: What was to be paid for it, in yuan.
    """

    no: str
    at: datetime
    amount: Decimal = Decimal(0)
    products: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Span:
    """A visit, as far as orders care.

    Attributes:
        first_id: Its first message.
        began: When the customer first wrote.
        ended: When the last message was written.
        products: What it was about.
    """

    first_id: int
    began: datetime
    ended: datetime
    products: frozenset[str] = frozenset()


def attribute(orders: Iterable[Bought], spans: Iterable[Span], rules: OrderRules) -> Mapping[int, tuple[Bought, ...]]:
    """Gives each order of one customer to at most one of their visits.

    Args:
        orders: The customer's orders, in any order.
        spans: The customer's visits in which they wrote something, of all conversations, in any order.
        rules: The windows.

    Returns:
        The orders of each visit that has any, by its first message, the earliest order first.
    """
    listed = list(spans)
    found: dict[int, list[Bought]] = {}
    for order in sorted(orders, key=lambda each: (each.at, each.no)):
        span = _touched_last(order, listed, rules)
        if span is not None:
            found.setdefault(span.first_id, []).append(order)
    return {first_id: tuple(each) for first_id, each in found.items()}


def _touched_last(order: Bought, spans: Sequence[Span], rules: OrderRules) -> Span | None:
    same = [each for each in spans if each.products & order.products and _within(order, each, rules.same_product)]
    other = [each for each in spans if _within(order, each, rules.other_product)]
    return max(same or other, key=lambda each: (each.began, each.first_id), default=None)


def _within(order: Bought, span: Span, window: timedelta) -> bool:
    return span.began <= order.at <= span.ended + window
