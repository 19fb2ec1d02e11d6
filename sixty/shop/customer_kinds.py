"""Which kinds of customer somebody is, as far as it decides what they are likely to ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sixty.shop.gateways.normal_form import Order

CustomerKind = Literal["open_order", "member", "new_visitor"]

CUSTOMER_KINDS: dict[CustomerKind, str] = {
    "open_order": "有没完成的订单",
    "member": "银卡及以上会员",
    "new_visitor": "还没在店里下过单",
}
"""All kinds; who is several of them is first asked as the first of them."""

OF_ORDERS: frozenset[CustomerKind] = frozenset({"open_order", "new_visitor"})
"""Those for which a customer's orders have to be known."""

_ENDED = frozenset({"confirmed", "closed"})
_EVERYBODY = "普通"


def is_member(level: str | None) -> bool:
    """Whether a level is more than what everybody has who registers."""
    return level not in (None, _EVERYBODY)


def kinds_of(level: str | None, orders: Sequence[Order]) -> tuple[CustomerKind, ...]:
    """Tells the kinds of a customer.

    Args:
        level: Their level; None for somebody who is not known.
        orders: Their newest orders, as far as they are theirs to see; empty for somebody who has none or is not known.
    """
    is_kind: dict[CustomerKind, bool] = {
        "open_order": any(order.state not in _ENDED for order in orders),
        "member": is_member(level),
        "new_visitor": not orders,
    }
    return tuple(kind for kind in CUSTOMER_KINDS if is_kind[kind])
