"""What a customer may still be worried about, as capsules: by category, product and what was answered."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

from sqlalchemy.orm import Session

from sixty.insight.minutes import Minutes
from sixty.insight.strategy import Worry
from sixty.shop.doubts import doubts_open, doubts_settled
from sixty.shop.models import Product

# What can be answered of any product.
_ALWAYS: frozenset[Worry] = frozenset({"price", "delivery"})
# Questions that settle what no attribute is about.
_SETTLES: dict[str, Worry] = {
    "ask_price": "price",
    "ask_discount": "price",
    "ask_coupon": "price",
    "ask_ship_time": "delivery",
    "ask_delivery_time": "delivery",
}


def open_worries(
    session: Session,
    product: Product,
    asked: Iterable[tuple[str, str | None]],
    minutes: Minutes,
    told: Collection[Worry] = (),
) -> dict[Worry, str]:
    """The worries of a product's category that the shop can answer and has not yet, with their titles.

    Args:
        session: The shop's database.
        product: What the customer thinks about.
        asked: What was asked and answered, as intent and attribute.
        minutes: The merchant's strategies.
        told: What the customer was told in answer to a worry.
    """
    questions = list(asked)
    able = doubts_open(session, product, doubts_settled(session, product, questions))
    done = {_SETTLES[intent] for intent, _ in questions if intent in _SETTLES}
    return {
        worry: title
        for worry, title in minutes.worries_of(product.category).items()
        if worry not in told and worry not in done and (worry in _ALWAYS or worry in able)
    }


def worry_button(title: str) -> dict[str, str]:
    """The capsule of a worry: a tap says that it is this."""
    return {"title": title, "payload": f"/hesitate{json.dumps({'attribute': title}, ensure_ascii=False)}"}
