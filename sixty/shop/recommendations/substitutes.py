"""What takes the place of a product, or of one of its sizes, that is out: the wanted size really in stock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from sixty.shop.catalogue import successor
from sixty.shop.climate import Climate
from sixty.shop.models import Product
from sixty.shop.recommendations import sayings
from sixty.shop.recommendations.advice import Advice, Draft
from sixty.shop.recommendations.colors import closeness
from sixty.shop.recommendations.goods import Good, Piece
from sixty.shop.recommendations.outfits import variant_looked_at
from sixty.shop.recommendations.rules import RecommendationRules
from sixty.shop.recommendations.similar import ranked, say_beside
from sixty.shop.recommendations.situation import Situation, Suggestion
from sixty.shop.stock import plain_size

# The same thing in another colour, then what the merchant sells in its place, then what is like it.
_SAME_PRODUCT, _SUCCESSOR = 3.0, 2.0
_SAME_CHART = 0.15


def substitutes(
    session: Session,
    situation: Situation,
    limit: int = 3,
    rules: RecommendationRules | None = None,
    climate: Climate | None = None,
) -> list[Suggestion]:
    """Suggests what can be had instead; arguments as of `complementary`.

    Args:
        session: The shop's database.
        situation: What is out: its product, and the colour, size and spec that were wanted, as far as they are known.
        limit: How many at most.
        rules: What the merchant set; as the playbook says when left out.
        climate: How warm it is where; as the playbook says when left out.

    Returns:
        Things whose size that was wanted is in stock, the nearest first; empty when there is nothing.
    """
    advice = Advice(session, situation, rules, climate)
    about = advice.good(situation.product_no) if situation.product_no else None
    looked_at = None if about is None else variant_looked_at(about, situation)
    if about is None or looked_at is None:
        return []
    return advice.suggest("substitute", _drafts(advice, about, looked_at), limit, say_beside, looked_at)


def _drafts(advice: Advice, about: Good, looked_at: Piece) -> Iterable[Draft]:
    situation = advice.situation
    yield from _same_product(advice, about, looked_at)
    given: set[str] = {about.no}
    product = advice.session.get(Product, about.no)
    following = successor(advice.session, product) if product is not None and about.status != "on_sale" else None
    if following is not None:
        for good in advice.goods([following.no]):
            piece = _wanted_piece(advice, good, good.in_stock)
            if piece is not None:
                given.add(good.no)
                reason = sayings.joined(f"{about.name}的新一款", sayings.variant_in_stock(piece))
                yield Draft(good, piece, reason, _SUCCESSOR, "attributes")
    found: list[tuple[float, Good, Piece]] = []
    for good, likeness in ranked(advice, about, looked_at.price):
        piece = None if good.no in given else _wanted_piece(advice, good, good.in_stock)
        if piece is not None:
            same_chart = good.size_chart_id is not None and good.size_chart_id == about.size_chart_id
            bonus = _SAME_CHART if situation.size and same_chart else 0.0
            found.append((likeness + bonus, good, piece))
    for score, good, piece in sorted(found, key=lambda each: (-each[0], each[1].no)):
        reason = sayings.joined(
            sayings.variant_in_stock(piece),
            sayings.shared(about, good, advice.rules.family_of(about.kind)),
        )
        yield Draft(good, piece, reason, score, "attributes")


def _same_product(advice: Advice, about: Good, looked_at: Piece) -> Iterable[Draft]:
    """The same thing in another colour, where its size is there."""
    situation = advice.situation
    if not (situation.color or situation.size or situation.spec):
        return
    for good in advice.goods([about.no], may_be_about=True):
        others = [piece for piece in good.in_stock if piece.color != (situation.color and looked_at.color)]
        piece = _wanted_piece(advice, good, others)
        if piece is None:
            continue
        reason = sayings.joined("和您看的是同一款", sayings.variant_in_stock(piece))
        yield Draft(good, piece, reason, _SAME_PRODUCT, "attributes")


def _wanted_piece(advice: Advice, good: Good, pieces: Sequence[Piece]) -> Piece | None:
    """The variant in the size that was wanted, in the colour and spec that come nearest; None where the size is out."""
    situation, wish = advice.situation, advice.situation.wish
    fitting = [each for each in pieces if advice.leaves_margin(each.price, each)]
    if situation.size:
        fitting = [each for each in fitting if each.size and plain_size(each.size) == plain_size(situation.size)]
    fitting = [each for each in fitting if wish.low is None or each.price >= wish.low]
    return min(
        fitting,
        key=lambda each: (
            each.spec != situation.spec if situation.spec else False,
            -closeness(situation.color, each.color),
            each.price,
            each.code,
        ),
        default=None,
    )
