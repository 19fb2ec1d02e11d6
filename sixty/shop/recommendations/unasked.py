"""What is suggested unasked: right after size advice, and after an order. Who wanted nothing gets nothing."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from sixty.shop.climate import Climate
from sixty.shop.orders import Viewer, order_for
from sixty.shop.recommendations.complementary import complementary
from sixty.shop.recommendations.outfits import MOST_THINGS, Outfit, outfit_for
from sixty.shop.recommendations.refusals import wants_none
from sixty.shop.recommendations.rules import RecommendationRules
from sixty.shop.recommendations.situation import Situation, Suggestion


def after_size_advice(
    session: Session,
    situation: Situation,
    most: int = MOST_THINGS,
    rules: RecommendationRules | None = None,
    climate: Climate | None = None,
) -> Outfit | None:
    """Puts an outfit together for somebody who has just heard their size.

    Args:
        session: The shop's database.
        situation: Who, the product, and the size that was advised.
        most: How many things are added at most.
        rules: What the merchant set; as the playbook says when left out.
        climate: How warm it is where; as the playbook says when left out.

    Returns:
        The outfit with its price; None when they want nothing suggested, or nothing goes with it.
    """
    if wants_none(session, situation, rules):
        return None
    return outfit_for(session, situation, most, rules, climate)


def after_order(
    session: Session,
    situation: Situation,
    order_no: str,
    limit: int = 2,
    rules: RecommendationRules | None = None,
    climate: Climate | None = None,
) -> list[Suggestion]:
    """Suggests what goes with what was just ordered.

    Args:
        session: The shop's database.
        situation: Who.
        order_no: The order; whose it is is checked.
        limit: How many at most.
        rules: What the merchant set; as the playbook says when left out.
        climate: How warm it is where; as the playbook says when left out.

    Returns:
        Suggestions, the best first; empty when they want nothing suggested, or the order is not theirs.
    """
    if wants_none(session, situation, rules):
        return []
    order = order_for(session, order_no, Viewer(situation.conversation_id, situation.customer_id), situation.now)
    if order is None or order.state == "closed":
        return []
    bought = {line.sku_code: line.quantity for line in order.lines}
    first = max(order.lines, key=lambda line: line.share, default=None)
    color = "" if first is None or not first.sku_text else first.sku_text.split()[0]
    return complementary(
        session,
        replace(situation, product_no=None if first is None else first.product_no, color=color, basket=bought),
        limit,
        rules,
        climate,
    )
