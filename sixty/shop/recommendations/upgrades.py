"""The next better thing of the same kind, and what more it costs: `再加200元，存储翻倍`."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy.orm import Session

from sixty.shop.climate import Climate
from sixty.shop.recommendations import sayings
from sixty.shop.recommendations.advice import Advice, Draft
from sixty.shop.recommendations.goods import Good, Piece
from sixty.shop.recommendations.measures import Gain, gains_of_attributes, gains_of_specs
from sixty.shop.recommendations.outfits import variant_looked_at
from sixty.shop.recommendations.rules import RecommendationRules
from sixty.shop.recommendations.situation import Situation, Suggestion
from sixty.shop.stock import plain_size
from sixty.shop.wording import say_amount

_DEARER = 8
_SAID_GAINS = 2
# A better variant of the thing itself is nearer than another product.
_OWN_VARIANT = 1.0


def upgrades(
    session: Session,
    situation: Situation,
    limit: int = 1,
    rules: RecommendationRules | None = None,
    climate: Climate | None = None,
) -> list[Suggestion]:
    """Suggests what is better than the variant in question, in figures, and not much dearer.

    Better is only what can be shown: some figure of it is better, and none worse. Arguments as of `complementary`.

    Returns:
        Better variants of the product first, then better products of its kind, each by how much more they cost.
    """
    advice = Advice(session, situation, rules, climate)
    about = advice.good(situation.product_no) if situation.product_no else None
    looked_at = None if about is None else variant_looked_at(about, situation)
    if about is None or looked_at is None:
        return []
    drafts = sorted(_drafts(advice, about, looked_at), key=lambda draft: (-draft.score, draft.piece.price))

    def say_extra(draft: Draft, price: Decimal, now: Decimal) -> tuple[str, Decimal] | None:
        extra = price - now
        if extra > now * advice.rules.upgrade_most:
            return None
        how_much = (
            f"再加{say_amount(extra)}" if extra > 0 else "不用加钱" if extra == 0 else f"还少{say_amount(-extra)}"
        )
        return sayings.joined(how_much, draft.reason), extra

    return advice.suggest("upgrade", _once(drafts), limit, say_extra, looked_at)


def _drafts(advice: Advice, about: Good, looked_at: Piece) -> Iterable[Draft]:
    most = looked_at.price * (1 + advice.rules.upgrade_most)
    for good in advice.goods([about.no], may_be_about=True):
        pieces = [
            piece
            for piece in _dearer_pieces(advice, good, looked_at, most)
            if piece.color == looked_at.color or not advice.situation.color
        ]
        yield from _better(good, pieces, looked_at, (), _OWN_VARIANT)
    places = advice.shelf.above(about.category, about.kind, looked_at.price, most, _DEARER)
    for good in advice.goods(place.product_no for place in places):
        written = gains_of_attributes(about.attributes, good.attributes)
        if written is None or good.audience.gender != about.audience.gender or advice.out_of_season(good):
            continue
        yield from _better(good, _dearer_pieces(advice, good, looked_at, most), looked_at, written, 0.0)


def _dearer_pieces(advice: Advice, good: Good, looked_at: Piece, most: Decimal) -> list[Piece]:
    """Variants that cost more, but not too much, for the same body."""
    return [
        piece
        for piece in good.in_stock
        if looked_at.price < piece.price <= most
        and plain_size(piece.size) == plain_size(looked_at.size)
        and advice.leaves_margin(piece.price, piece)
    ]


def _better(
    good: Good, pieces: Iterable[Piece], looked_at: Piece, written: Iterable[Gain], score: float
) -> Iterable[Draft]:
    for piece in pieces:
        of_specs = gains_of_specs(looked_at.spec, piece.spec)
        gains = [*(of_specs or ()), *written]
        if gains and of_specs is not None:
            yield Draft(good, piece, _said(gains), score - _dearer(looked_at, piece), "attributes")


def _dearer(one: Piece, other: Piece) -> float:
    return float((other.price - one.price) / other.price) if other.price else 0.0


def _said(gains: Iterable[Gain]) -> str:
    texts = list(dict.fromkeys(gain.text for gain in gains))
    return "、".join(texts[:_SAID_GAINS])


def _once(drafts: Iterable[Draft]) -> Iterable[Draft]:
    seen: set[str] = set()
    for draft in drafts:
        if draft.good.no not in seen:
            seen.add(draft.good.no)
            yield draft
