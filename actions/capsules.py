"""Which capsules suit a conversation: the likely next questions, not yet asked, that have an answer (F5, F6, F14)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import timedelta

from numpy.random import default_rng

from actions.action import Turn
from actions.moment import Moment
from actions.offer import Offer
from actions.situation import situation_of
from sixty.insight.answerable import ABOUT_AN_ORDER, has_answer
from sixty.insight.arms import arm
from sixty.insight.next_questions import NextQuestion, Spot, followings, ranked
from sixty.insight.related import ALL, START
from sixty.insight.tap_order import ordered_by_taps
from sixty.insight.taps import taps_at
from sixty.playbook import Capsule, capsule_plan
from sixty.shop.models import Product
from sixty.shop.pricing.asked import TOPICS, asked_about
from sixty.shop.pricing.campaign_answers import phase_for
from sixty.shop.recommendations import upgrades
from sixty.shop.suggestion_wishes import UPGRADE

_MOST = 3
_MOST_AT_THE_WELCOME = 4
HUMAN = "ask_human"
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
    "action_recommend_products": "recommend_product",
    "action_bargain": "ask_discount",
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


def after_answer(turn: Turn, question: str, before: str | None, product: Product | None) -> Offer:
    """What is likely to be asked after an answer.

    Args:
        turn: The turn.
        question: The question that was answered, as the playbook spells it.
        before: The question before that one.
        product: What the conversation is about.

    Returns:
        At most three capsules; in a conversation of the control group a person at most.
    """
    moment = Moment(turn, phase_for(turn.session, turn.now, product))
    spot = Spot(question, before, product.category if product else ALL, moment.entry)
    return _offer(turn, spot, moment, product, _MOST)


def at_the_welcome(turn: Turn, entry: str, product: Product | None) -> Offer:
    """What is likely to be asked by who has just come in.

    Args:
        turn: The turn.
        entry: The page, as far as it is theirs and exists.
        product: The product on it.
    """
    moment = Moment(turn, phase_for(turn.session, turn.now, product))
    spot = Spot(category=product.category if product else ALL, entry=entry)
    return _offer(turn, spot, moment, product, _MOST_AT_THE_WELCOME)


def _offer(turn: Turn, spot: Spot, moment: Moment, product: Product | None, most: int) -> Offer:
    group = arm(turn.session, turn.tracker.sender_id)
    place = {
        "after": spot.question,
        "category": spot.category or None,
        "entry": spot.entry,
        "phase": moment.phase,
        "arm": group,
    }
    candidates = ranked(capsule_plan(), spot, followings(turn.session, spot), moment)
    # Both arms begin alike: the experiment is about who has written, and a welcome makes some people write.
    if group == "quiet" and spot.question != START:
        candidates = [each for each in candidates if each.capsule.intent == HUMAN]
    rules = capsule_plan().taps
    if not rules.sample:
        return Offer(tuple(_fitting(turn, candidates, moment, product, most)), place)
    stand = _fitting(turn, candidates, moment, product, max(most, rules.candidates))
    taps = taps_at(turn.session, spot.question, spot.category, turn.now - timedelta(days=rules.days), rules.least)
    return Offer(tuple(ordered_by_taps(stand, taps, rules.least, default_rng(_seed(turn)))[:most]), place)


def fits(turn: Turn, capsule: Capsule, product: Product | None) -> bool:
    """Whether a capsule asks what was not asked yet, and has an answer."""
    return _is_new(capsule, asked(turn)) and _has_answer(turn, capsule, product)


def _fitting(
    turn: Turn, candidates: Iterable[NextQuestion], moment: Moment, product: Product | None, most: int
) -> list[NextQuestion]:
    """Leaves out what was asked already, what this product has no answer to, and what is asked of an order only."""
    done = asked(turn)
    kept: list[NextQuestion] = []
    for each in candidates:
        if not _is_new(each.capsule, done) or not _has_answer(turn, each.capsule, product):
            continue
        # The merchant's own lists are their own business.
        if each.source == "mined" and each.capsule.intent in ABOUT_AN_ORDER and moment.has_no_orders:
            continue
        kept.append(each)
        if len(kept) == most:
            break
    return kept


def _is_new(capsule: Capsule, done: Collection[tuple[str, str | None]]) -> bool:
    return (capsule.intent, capsule.attribute) not in done


def _has_answer(turn: Turn, capsule: Capsule, product: Product | None) -> bool:
    if capsule.attribute == UPGRADE:
        return product is not None and bool(upgrades(turn.session, situation_of(turn, product=product)))
    return has_answer(turn.session, capsule, product)


def _seed(turn: Turn) -> int:
    """The same for a turn that is handled again."""
    said = sum(event.get("event") == "user" for event in turn.tracker.events)
    digest = hashlib.sha256(f"capsules\0{turn.tracker.sender_id}\0{said}".encode()).digest()
    return int.from_bytes(digest[:8], "big")
