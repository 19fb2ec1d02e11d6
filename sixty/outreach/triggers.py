"""What scenes may be about: how each trigger is called, what its case is, and what its words may name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sixty.outreach.models import SubjectKind

TriggerName = Literal[
    "asked",
    "cart_left",
    "favourite_left",
    "back_in_stock",
    "unpaid",
    "balance_due",
    "paid",
    "dispatched",
    "dispatch_late",
    "stuck",
    "out_for_delivery",
    "delivered",
    "confirmed",
    "refund_moved",
    "silence",
]
GoalName = Literal["ordered", "paid", "confirmed", "none"]


@dataclass(frozen=True)
class Trigger:
    """What starts a case.

    Attributes:
        subject: What the case is about.
        goals: What a scene on it may be for.
        variables: What its words may name besides `shop`.
    """

    subject: SubjectKind
    goals: frozenset[GoalName]
    variables: frozenset[str]


_OF_ORDER = frozenset({"product", "pieces", "amount", "order_end"})
_OF_PRODUCT = frozenset({"product", "price", "benefit", "substitute", "doubt"})
_OF_PARCEL = _OF_ORDER | {"carrier"}
_ANY: frozenset[GoalName] = frozenset({"ordered", "none"})

TRIGGERS: dict[TriggerName, Trigger] = {
    "asked": Trigger("visit", _ANY, _OF_PRODUCT),
    "silence": Trigger("visit", _ANY, _OF_PRODUCT),
    "cart_left": Trigger("cart", _ANY, _OF_PRODUCT | {"pieces", "amount"}),
    "favourite_left": Trigger("cart", _ANY, _OF_PRODUCT),
    "back_in_stock": Trigger("wish", _ANY, frozenset({"product", "price", "variant"})),
    "unpaid": Trigger("order", frozenset({"paid", "none"}), _OF_ORDER | {"benefit", "deadline", "after_payment"}),
    "balance_due": Trigger("order", frozenset({"paid", "none"}), _OF_ORDER | {"balance", "deadline"}),
    "paid": Trigger("order", frozenset({"none"}), _OF_ORDER | {"dispatch_by"}),
    "dispatched": Trigger("order", frozenset({"none"}), _OF_PARCEL),
    "dispatch_late": Trigger("order", frozenset({"none"}), _OF_ORDER),
    "stuck": Trigger("parcel", frozenset({"none"}), _OF_PARCEL),
    "out_for_delivery": Trigger("parcel", frozenset({"none"}), _OF_PARCEL),
    "delivered": Trigger("order", frozenset({"confirmed", "none"}), _OF_ORDER),
    "confirmed": Trigger("order", _ANY, _OF_ORDER | {"care", "benefit", "substitute"}),
    "refund_moved": Trigger(
        "refund", frozenset({"none"}), _OF_ORDER | {"refund_kind", "refund_state", "refund_amount"}
    ),
}
"""All triggers."""

DOUBTS = ("fit", "quality", "size", "date", "comfort", "use", "delivery")
WHYS = ("out_of_stock", "off_sale", "no_size", "price", *DOUBTS, "unknown")
"""Why somebody did not buy."""
