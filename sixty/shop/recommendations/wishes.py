"""Vague wishes: reading them (`推荐一件外套给老婆，三百以内`), and what fulfils them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from sqlalchemy.orm import Session

from sixty.shop.catalogue import search_products
from sixty.shop.climate import Climate
from sixty.shop.recommendations import sayings
from sixty.shop.recommendations.advice import Advice, Draft
from sixty.shop.recommendations.audience import audience_of, is_told, recipient_in, say_audience
from sixty.shop.recommendations.colors import closeness, color_in
from sixty.shop.recommendations.goods import Good, Piece
from sixty.shop.recommendations.rules import RecommendationRules, shop_recommendation_rules
from sixty.shop.recommendations.shelf import KindOnShelf, Place, Shelf
from sixty.shop.recommendations.situation import Situation, Suggestion, Wish
from sixty.shop.recommendations.spoken_amounts import budget_in

CANDIDATES = 32
"""How many products a wish is judged by: what sells best of all that it allows."""

_TO_SHOW = 16
_MOST_KINDS = 6

_FOR_RECIPIENT, _OF_COLOR, _WORD, _IN_SEASON, _NAMED = 0.5, 0.6, 0.7, 0.2, 1.0


def wish_in(session: Session, text: str, before: Wish | None = None, rules: RecommendationRules | None = None) -> Wish:
    """Reads what a customer looks for out of what they say, and adds it to what they said before.

    Args:
        session: The shop's database.
        text: What they say.
        before: What was known before; what is said anew replaces it.
        rules: What the merchant set; as the playbook says when left out.
    """
    known = before or Wish()
    rules = rules or shop_recommendation_rules()
    found = kinds_in(Shelf(session).kinds(), text, rules)
    budget = budget_in(text)
    words = tuple(dict.fromkeys((*known.words, *(word for word in rules.qualities if word in text))))
    wish = replace(
        known,
        words=words,
        recipient=recipient_in(text) or known.recipient,
        color=color_in(text) or known.color,
    )
    if found:
        categories = {each.category for each in found}
        wish = replace(
            wish,
            kinds=tuple(dict.fromkeys(each.kind for each in found)),
            category=categories.pop() if len(categories) == 1 else "",
        )
    if budget is not None:
        wish = replace(wish, low=budget.low, high=budget.high)
    return wish


def kinds_in(shelf: Sequence[KindOnShelf], text: str, rules: RecommendationRules) -> list[KindOnShelf]:
    """The kinds that a text names: by their own name, by a family's (`外套`), or a whole category's."""
    named = [each for each in shelf if each.kind and each.kind in text]
    longest = [each for each in named if not any(each.kind != o.kind and each.kind in o.kind for o in named)]
    if longest:
        return longest
    families = rules.families_in(text)
    if families:
        return [each for each in shelf if rules.family_of(each.kind) in families]
    of_category = [each for each in shelf if each.category and each.category in text]
    if of_category:
        return of_category
    # "裤子" is any kind with 裤 in its name.
    return [each for each in shelf if len(each.kind) > 1 and any(part in text for part in _parts(each.kind))]


def for_wish(
    session: Session,
    situation: Situation,
    limit: int = 3,
    rules: RecommendationRules | None = None,
    climate: Climate | None = None,
) -> list[Suggestion]:
    """Suggests what fulfils a wish; arguments as of `complementary`.

    Returns:
        What fulfils most of it first; everything is within the budget, and for the one whom it is for.
    """
    advice = Advice(session, situation, rules, climate)
    fitting = []
    for rank, good in enumerate(candidates(advice, _TO_SHOW)):
        piece = advice.pick(good, size=situation.size, chart=good.size_chart_id if situation.size else None)
        if piece is None:
            continue
        fitting.append((-_score(advice, good, piece, rank), good.no, good, piece))
    fitting.sort(key=lambda each: each[:2])
    drafts = (
        Draft(good, piece, _reason(advice, good, piece), -score, "attributes") for score, _, good, piece in fitting
    )
    return advice.suggest("wish", drafts, limit)


def candidates(advice: Advice, most: int = CANDIDATES) -> list[Good]:
    """What a wish allows: of its kinds, within its budget, for the one whom it is for; what sells best first."""
    wish = advice.situation.wish
    # What is for anybody, as far as anybody wrote down, is nothing for a child where the shop has things for children.
    young = wish.recipient is not None and wish.recipient.is_young
    found: list[Good] = []
    # Who wants something for a child gets past what sells best to grown-ups.
    for reach in (most, 8 * most):
        found = list(advice.goods((place.product_no for place in places_for(advice, reach)), at_once=most))
        told = [good for good in found if is_told(good.audience)] if young else []
        if len(told if young else found) >= min(most, 3) or wish.recipient is None:
            break
    if young:
        known = {good.no for good in told}
        told += [good for good in _of_young_kinds(advice, most) if good.no not in known]
        found = told or found
    if not found and wish.words:
        numbers = [each.no for each in search_products(advice.session, wish.words, wish.category or None, most)]
        found = list(advice.goods(numbers))
    # Who wants a down jacket in summer knows what they want.
    in_season = [good for good in found if not advice.out_of_season(good)]
    return (in_season or found)[:most]


def _of_young_kinds(advice: Advice, most: int) -> list[Good]:
    """What is of a kind whose name says that it is for the young, however little of it is sold."""
    wish = advice.situation.wish
    kinds = [
        (each.category, each.kind)
        for each in advice.shelf.kinds(wish.category)
        if audience_of("", each.kind, "", {}).group in ("baby", "child") and (not wish.kinds or each.kind in wish.kinds)
    ]
    if not kinds:
        return []
    places = advice.shelf.best_sellers(most, kinds[:_MOST_KINDS], low=wish.low, high=_most_paid(wish))
    return list(advice.goods((place.product_no for place in places), at_once=most))


def _most_paid(wish: Wish) -> Decimal | None:
    # Members' prices and promotions make a thing cheaper than the shelf says: the final price is checked at the end.
    return None if wish.high is None else (wish.high * Decimal("1.25")).quantize(Decimal("0.01"))


def places_for(advice: Advice, most: int) -> list[Place]:
    """Places on the shelf that a wish allows, what sells best first."""
    wish = advice.situation.wish
    shelf = advice.shelf
    high = _most_paid(wish)
    if wish.kinds:
        of_kinds = [(each.category, each.kind) for each in shelf.kinds(wish.category) if each.kind in wish.kinds]
        return shelf.best_sellers(most, of_kinds[:_MOST_KINDS], low=wish.low, high=high) if of_kinds else []
    return shelf.best_sellers(most, category=wish.category, low=wish.low, high=high)


def said_of(good: Good) -> str:
    """Everything that a word of a wish may be found in."""
    facts = " ".join((*good.attributes.values(), *good.selling_points.values()))
    return f"{good.name} {good.kind} {good.category} {good.brand} {facts}"


def _score(advice: Advice, good: Good, piece: Piece, rank: int) -> float:
    wish = advice.situation.wish
    text = said_of(good)
    score = 1 / (rank + 2)
    score += _FOR_RECIPIENT * (advice.fit_for_recipient(good) == "yes")
    score += _OF_COLOR * (closeness(wish.color, piece.color) >= 2)
    score += sum(_NAMED if word in good.name else _WORD if word in text else 0.0 for word in _words_of(wish))
    answer = advice.worn_now(good)
    return score + _IN_SEASON * (answer is not None and answer.verdict == "fits")


def _reason(advice: Advice, good: Good, piece: Piece) -> str:
    wish = advice.situation.wish
    text = said_of(good)
    fulfilled = [word for word in _words_of(wish) if word in text]
    point = next((each.strip("。！～!~，,；; ") for each in good.selling_points.values() if each), "")
    # Who says "三百左右" has not said where the span ends that it is read as.
    budget = "在您的预算里" if wish.high is not None and piece.price <= wish.high else ""
    return sayings.joined(
        "" if wish.recipient is None else say_audience(good.audience, wish.recipient),
        f"您要的{'、'.join(fulfilled)}它都有"
        if len(fulfilled) > 1
        else f"您要的{fulfilled[0]}它有"
        if fulfilled
        else "",
        f"{piece.color}有现货" if wish.color and closeness(wish.color, piece.color) >= 2 else "",
        sayings.worn_well(advice.worn_now(good)),
        budget,
        point,
        sayings.variant_in_stock(piece),
        most=2,
    )


def _words_of(wish: Wish) -> list[str]:
    return list(dict.fromkeys(word for word in (*wish.words, *wish.use.split()) if word))


def _parts(kind: str) -> list[str]:
    """What of a kind's name customers say: its last two characters, and the last one with 子."""
    return [kind[-2:], f"{kind[-1]}子"]
