"""Which deeds there are."""

from __future__ import annotations

from typing import Literal, get_args

DeedKind = Literal[
    "cancel_order",
    "change_address",
    "change_contact",
    "redirect_parcel",
    "return",
    "exchange",
    "repair",
    "refund_only",
    "withdraw_after_sales",
    "issue_invoice",
    "reissue_invoice",
    "price_protection",
    "urge_dispatch",
    "urge_delivery",
    "urge_refund",
    "trace_parcel",
    "schedule_delivery",
    "resend",
    "compensate",
    "book_installation",
    "add_note",
    "claim_coupon",
    "notify_back_in_stock",
    "join_membership",
    "open_review",
    "complain",
    "restore_order",
]

DEED_KINDS: tuple[DeedKind, ...] = get_args(DeedKind)

# What is asked for without an order. A complaint may be about one or not.
WITHOUT_ORDER: frozenset[DeedKind] = frozenset({"claim_coupon", "notify_back_in_stock", "join_membership", "complain"})
"""Kinds that may come without an order; all others need one of the viewer's."""

AFTER_SALES: frozenset[DeedKind] = frozenset({"return", "exchange", "repair", "refund_only"})
"""Kinds that open an after-sales case, of which an article has one at a time."""

OF_ONE_ARTICLE: frozenset[DeedKind] = frozenset(
    {"return", "exchange", "repair", "price_protection", "resend", "compensate", "book_installation"}
)
"""Kinds that are about one article: an order with several needs to know which."""

OF_ARTICLE_OR_ORDER: frozenset[DeedKind] = frozenset({"refund_only", "withdraw_after_sales", "urge_refund"})
"""Kinds that may be about one article or the whole order; all kinds of neither set are about the whole order."""
