"""Why a customer wants something done, as far as policies tell reasons apart."""

from __future__ import annotations

from typing import Literal, get_args

Cause = Literal[
    "no_reason",
    "size",
    "quality",
    "damaged",
    "wrong_item",
    "missing",
    "not_as_described",
    "spoiled",
    "allergy",
    "late",
    "not_received",
    "delivered_elsewhere",
    "price",
    "other",
]
"""`no_reason` is a change of mind, `size` one of the fit; `missing` is too few, `other` something told in words."""

CAUSES: tuple[Cause, ...] = get_args(Cause)
