"""What is like a product: of its kind, near its price, with what is written of it in common."""

from __future__ import annotations

from collections.abc import Set
from decimal import Decimal
from functools import lru_cache

from sqlalchemy.orm import Session

from sixty.shop.climate import Climate
from sixty.shop.recommendations import sayings
from sixty.shop.recommendations.advice import Advice, Draft
from sixty.shop.recommendations.goods import Good
from sixty.shop.recommendations.outfits import variant_looked_at
from sixty.shop.recommendations.rules import RecommendationRules
from sixty.shop.recommendations.shelf import Place
from sixty.shop.recommendations.situation import Situation, Suggestion

_NEAR = 5
_SELLING = 5
_OTHER_KINDS = 4
_ENOUGH = 8

_OTHER_CLASS = 2

_IN_COMMON, _PRICE, _BRAND, _SAME_KIND, _SOLD = 0.35, 0.25, 0.1, 0.2, 0.1


def similar(
    session: Session,
    situation: Situation,
    limit: int = 3,
    rules: RecommendationRules | None = None,
    climate: Climate | None = None,
) -> list[Suggestion]:
    """Suggests what is like the product in question; arguments as of `complementary`.

    Returns:
        The most similar first; empty when nothing of its kind can be bought.
    """
    advice = Advice(session, situation, rules, climate)
    about = advice.good(situation.product_no) if situation.product_no else None
    looked_at = None if about is None else variant_looked_at(about, situation)
    if about is None or looked_at is None:
        return []
    drafts: list[Draft] = []
    for good, likeness in ranked(advice, about, looked_at.price):
        piece = advice.pick(good, size=situation.size, color=situation.color, chart=about.size_chart_id)
        if piece is None:
            continue
        reason = sayings.shared(about, good, advice.rules.family_of(about.kind))
        drafts.append(Draft(good, piece, reason, likeness, "attributes"))
    return advice.suggest("similar", drafts, limit, say_beside, looked_at)


def say_beside(draft: Draft, price: Decimal, now: Decimal) -> tuple[str, Decimal]:
    """Adds to a reason how much less or more is paid than for what the customer looks at."""
    return sayings.joined(draft.reason, sayings.price_beside(now, price)), price - now


def ranked(advice: Advice, about: Good, price: Decimal) -> list[tuple[Good, float]]:
    """What is like a product and may be suggested, with how much it is, the most first."""
    places = {place.product_no: place for place in reversed(candidates(advice, about, price))}
    most_sold = max((place.sold for place in places.values()), default=0) or 1
    found = []
    for good in advice.goods(reversed(places), at_once=len(places)):
        other = good.audience.gender
        if about.audience.gender and other and other != about.audience.gender:
            continue
        if advice.out_of_season(good) or not _is_in_reach(good, price):
            continue
        likeness = _likeness(about, good, price, places[good.no], most_sold)
        if other and not about.audience.gender and advice.situation.wish.recipient is None:
            # For one of them only, which nobody said.
            likeness /= 2
        found.append((good, likeness))
    return sorted(found, key=lambda each: (-each[1], each[0].no))


def candidates(advice: Advice, about: Good, price: Decimal) -> list[Place]:
    """Places on the shelf of a product's kind; of other kinds of its family where its own has few."""
    shelf = advice.shelf
    places = shelf.near(about.category, about.kind, price, _NEAR)
    if len(places) >= _NEAR:
        places += shelf.best_sellers(_SELLING, [(about.category, about.kind)])
    if len({place.product_no for place in places}) < _ENOUGH:
        family = advice.rules.family_of(about.kind)
        kin = [
            each.kind
            for each in shelf.kinds(about.category)
            if each.kind != about.kind and advice.rules.family_of(each.kind) == family
        ]
        for kind in kin[:_OTHER_KINDS]:
            places += shelf.near(about.category, kind, price, _NEAR // 2)
    return places


def _is_in_reach(good: Good, price: Decimal) -> bool:
    """Whether a variant costs neither half nor twice as much: then it is another class of things."""
    low, high = price / _OTHER_CLASS, price * _OTHER_CLASS
    return any(low < piece.price < high for piece in good.in_stock) or not price


def _likeness(about: Good, good: Good, price: Decimal, place: Place, most_sold: int) -> float:
    nearest = min(abs(each - price) for each in {piece.price for piece in good.in_stock})
    return (
        _IN_COMMON * _in_common(about.attributes, good.attributes)
        + _PRICE * (max(0.0, 1 - float(nearest / price)) if price else 0.0)
        + _BRAND * (good.brand == about.brand)
        + _SAME_KIND * (good.kind == about.kind)
        + _SOLD * place.sold / most_sold
    )


def _in_common(ones: dict[str, str], others: dict[str, str]) -> float:
    """How much of what is written of two things is the same: of each shared key, the share of common characters."""
    keys = ones.keys() & others.keys()
    if not keys:
        return 0.0
    return sum(_overlap(_characters(ones[key]), set(others[key])) for key in keys) / len(keys)


def _overlap(one: Set[str], other: Set[str]) -> float:
    both = len(one & other)
    either = len(one) + len(other) - both
    return both / either if either else 0.0


@lru_cache(maxsize=256)
def _characters(text: str) -> frozenset[str]:
    # Of what the customer looks at, which each candidate is held against.
    return frozenset(text)
