"""Which capsules suit a conversation: the likely next questions, not yet asked, that have an answer (F5, F14)."""

from __future__ import annotations

from collections.abc import Iterable

from actions.action import Turn
from sixty.playbook import Capsule
from sixty.shop.catalogue import attribute_keys
from sixty.shop.models import Product
from sixty.shop.pricing.asked import TOPICS, asked_about
from sixty.shop.size_guides import guide_of

_MOST = 3
# Which attribute an intent without one in its capsule is answered from.
ATTRIBUTE_OF_INTENT = {
    "ask_usage": ("用法", "护理", "安装"),
    "ask_quality": ("安全认证", "正品", "起球"),
    "ask_shelf_life": ("保质期", "生产日期"),
    "ask_warranty": ("保修",),
}


_ASK_WHEN = frozenset({"ask_ship_time", "ask_delivery_time"})
# What an action has answered, where the customer's own words (a number, a yes) don't tell.
ANSWERED_BY = {
    "action_product_card": "ask_price",
    "action_answer_attribute": "ask_attribute",
    "action_answer_stock": "ask_stock",
    "action_recommend_size": "ask_size",
    "action_recommend_bundle": "ask_matching",
    "action_order_status": "track_order",
    "action_answer_promotions": "ask_coupon",
}


def asked(turn: Turn) -> set[tuple[str, str | None]]:
    """The questions that this conversation has had, as intent and attribute."""
    questions: set[tuple[str, str | None]] = set()
    intent = ""
    for event in turn.tracker.events:
        # The time that a parcel takes may be answered by an order; where the order is has not been asked by that.
        if event.get("event") == "action" and event.get("name") in ANSWERED_BY and intent not in _ASK_WHEN:
            questions.add((ANSWERED_BY[str(event["name"])], None))
        if event.get("event") != "user":
            continue
        parsed = event.get("parse_data") or {}
        intent = str((parsed.get("intent") or {}).get("name") or "")
        attributes = [item["value"] for item in parsed.get("entities") or [] if item.get("entity") == "attribute"]
        questions.add((intent, None))
        topic = asked_about(str(event.get("text") or ""))
        questions.update(("ask_promotion", word) for word, named in TOPICS.items() if named == topic)
        questions.update((intent, str(attribute)) for attribute in attributes)
    return questions


def fitting(turn: Turn, capsules: Iterable[Capsule], product: Product | None, most: int = _MOST) -> list[Capsule]:
    """Leaves out what was asked already and what this product has no answer to.

    Args:
        turn: The turn, for what was asked.
        capsules: Candidates, the likeliest first.
        product: What the conversation is about.
        most: How many to keep.

    Returns:
        At most `most` capsules in the same order.
    """
    known = set(attribute_keys(turn.session, product.no)) if product else set()
    done = asked(turn)
    kept: list[Capsule] = []
    for capsule in capsules:
        needed: tuple[str, ...] = ATTRIBUTE_OF_INTENT.get(capsule.intent, ())
        if capsule.attribute and capsule.attribute not in TOPICS:
            needed = (capsule.attribute,)
        if (capsule.intent, capsule.attribute) in done:
            continue
        if needed and not known.intersection(needed):
            continue
        if capsule.intent == "ask_size" and product is not None and guide_of(turn.session, product) is None:
            continue
        kept.append(capsule)
        if len(kept) == most:
            break
    return kept
