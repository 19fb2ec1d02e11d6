"""What is recommended, to whom, and why.

One module for each kind of suggestion; all of them go through `advice`, which lets pass only what may be suggested to
this customer now. `mining` counts from the orders what is bought together, `shelf` finds candidates by index.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from sixty.shop.recommendations.audience import Recipient
from sixty.shop.recommendations.bundles import Bundle, BundleItem, bundle_for
from sixty.shop.recommendations.complementary import complementary
from sixty.shop.recommendations.fillers import Filler, fillers
from sixty.shop.recommendations.narrowing import Option, Question, answered, next_question
from sixty.shop.recommendations.outfits import Outfit, outfit_for
from sixty.shop.recommendations.refusals import refuse, refuse_all, wants_none
from sixty.shop.recommendations.similar import similar
from sixty.shop.recommendations.situation import Situation, Suggestion, SuggestionKind, Wish
from sixty.shop.recommendations.substitutes import substitutes
from sixty.shop.recommendations.unasked import after_order, after_size_advice
from sixty.shop.recommendations.upgrades import upgrades
from sixty.shop.recommendations.wishes import for_wish, wish_in

__all__ = [
    "Bundle",
    "BundleItem",
    "Filler",
    "Option",
    "Outfit",
    "Question",
    "Recipient",
    "Situation",
    "Suggestion",
    "SuggestionKind",
    "Wish",
    "after_order",
    "after_size_advice",
    "answered",
    "bundle_for",
    "complementary",
    "fillers",
    "for_wish",
    "next_question",
    "outfit_for",
    "recommend",
    "refuse",
    "refuse_all",
    "similar",
    "substitutes",
    "upgrades",
    "wants_none",
    "wish_in",
]

_KINDS: dict[SuggestionKind, Callable[..., list[Suggestion]]] = {
    "complementary": complementary,
    "similar": similar,
    "substitute": substitutes,
    "upgrade": upgrades,
    "wish": for_wish,
    "filler": lambda *given, **named: [each.suggestion for each in fillers(*given, **named)],
}


def recommend(
    session: Session, kind: SuggestionKind, situation: Situation, limit: int = 3, **named: Any
) -> list[Suggestion]:
    """Suggests something of a kind; see the function of that kind for what it needs of the situation."""
    return _KINDS[kind](session, situation, limit, **named)
