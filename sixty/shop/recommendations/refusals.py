"""What customers did not want, remembered: a product, or anything that nobody asked for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.shop.reading import any_of, read
from sixty.shop.recommendations.models import SuggestionRefusal
from sixty.shop.recommendations.rules import RecommendationRules, shop_recommendation_rules
from sixty.shop.recommendations.situation import Situation

_EVERYTHING = ""

_R = SuggestionRefusal.__table__.c
_REFUSED = select(_R.refuser, _R.product_no, _R.refused_at).where(_R.refuser.in_(any_of("refusers")))


def refuse(session: Session, situation: Situation, products: Collection[str]) -> None:
    """Remembers that a customer does not want some products: they are not suggested to them again.

    A visitor's refusal holds in their conversation. Who is nobody at all has none.
    """
    for refuser in _refusers(situation)[:1]:
        for number in sorted(set(products) - {_EVERYTHING}):
            _remember(session, situation, refuser, number)


def refuse_all(session: Session, situation: Situation) -> None:
    """Remembers that a customer wants nothing suggested unasked: in this conversation, and for a while after it."""
    for refuser in _refusers(situation):
        _remember(session, situation, refuser, _EVERYTHING)


def refused_products(
    session: Session, situation: Situation, rules: RecommendationRules | None = None
) -> frozenset[str]:
    """The products that a customer refused, in this conversation or as a customer not too long ago."""
    limit = timedelta(days=(rules or shop_recommendation_rules()).refusal_days)
    return frozenset(number for number, age in _refused(session, situation) if number and age < limit)


def wants_none(session: Session, situation: Situation, rules: RecommendationRules | None = None) -> bool:
    """Whether a customer wants nothing suggested unasked."""
    limit = timedelta(days=(rules or shop_recommendation_rules()).quiet_days)
    return any(number == _EVERYTHING and age < limit for number, age in _refused(session, situation))


def _refusers(situation: Situation) -> list[str]:
    customer = f"customer:{situation.customer_id}" if situation.customer_id else ""
    conversation = situation.conversation_id
    return [each[:80] for each in (customer, conversation) if each]


def _remember(session: Session, situation: Situation, refuser: str, number: str) -> None:
    known = session.get(SuggestionRefusal, (refuser, number))
    if known is None:
        session.add(SuggestionRefusal(refuser=refuser, product_no=number, refused_at=situation.now))
    else:
        known.refused_at = situation.now
    session.flush()


def _refused(session: Session, situation: Situation) -> list[tuple[str, timedelta]]:
    refusers = _refusers(situation)
    if not refusers:
        return []
    rows = read(session, _REFUSED, {"refusers": refusers})
    # What this conversation refused holds as long as it goes on.
    return [
        (number, timedelta(0) if refuser == situation.conversation_id else situation.now - at)
        for refuser, number, at in rows
    ]
