"""What goes with a product: what the merchant paired, what is bought with it, what its kind is bought with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Float, bindparam, cast, select, union_all
from sqlalchemy.orm import Session

from sixty.shop.climate import Climate
from sixty.shop.models import Pairing, Product
from sixty.shop.reading import any_of, read
from sixty.shop.recommendations import sayings
from sixty.shop.recommendations.advice import Advice, Draft
from sixty.shop.recommendations.colors import closeness
from sixty.shop.recommendations.goods import Good
from sixty.shop.recommendations.models import CoPurchase, KindPair
from sixty.shop.recommendations.rules import RecommendationRules
from sixty.shop.recommendations.situation import Situation, Source, Suggestion

# What a merchant has paired comes before everything that is counted.
_PAIRED = 2.0
_LATER_PAIRING = 0.05
# Of a kind that goes with this kind, not of products that go with each other: much weaker.
_OF_KINDS = 0.1
_OF_COLOR = 0.15
_OF_BRAND = 0.1
_OUT_OF_SEASON = 0.5
# A second thing of one kind is of less use than a first of another.
_SAME_AGAIN = 0.5

_TIMES_AS_MANY = 3
_MOST_KINDS = 4
_EACH_KIND = 4
_MOST_ANCHORS = 5

_B, _K = CoPurchase.__table__.c, KindPair.__table__.c
_BOUGHT = (
    select(_B.product_no, _B.with_no, _B.orders, _B.score, _B.share)
    .where(_B.product_no.in_(any_of("products")))
    .order_by(_B.score.desc(), _B.with_no)
)
_KINDS = (
    select(_K.with_category, _K.with_kind, _K.score)
    .where(_K.category == bindparam("category"), _K.kind == bindparam("kind"))
    .order_by(_K.score.desc(), _K.with_category, _K.with_kind)
    .limit(_MOST_KINDS)
)
_P, _W = Product.__table__.c, Pairing.__table__.c
# Hardly any product has a successor, which SQLite's statistics don't tell: without an order it would read them all.
_OLDER = (
    select(_P.no, _P.successor_no)
    .where(_P.successor_no.in_(any_of("products")), _P.status == "off_sale")
    .order_by(_P.successor_no)
)
_PAIRED_WITH = select(_W.product_no, _W.with_no, _W.reason, _W.ordinal).where(_W.product_no.in_(any_of("products")))
_MOST_GENERATIONS = 8
_STRENGTHS = union_all(
    select(_B.with_no, cast(_B.score, Float)).where(
        _B.product_no.in_(any_of("products")), _B.with_no.in_(any_of("among"))
    ),
    select(_W.with_no, cast(_PAIRED - _W.ordinal * _LATER_PAIRING, Float)).where(
        _W.product_no.in_(any_of("products")), _W.with_no.in_(any_of("among"))
    ),
)


@dataclass(frozen=True)
class Signal:
    """That something goes with a product, how strongly, and on what that rests."""

    number: str
    about: str
    strength: float
    source: Source
    said: str = ""
    orders: int = 0
    share: float = 0.0


def complementary(
    session: Session,
    situation: Situation,
    limit: int = 3,
    rules: RecommendationRules | None = None,
    climate: Climate | None = None,
) -> list[Suggestion]:
    """Suggests what goes with the product in question, or with the basket.

    Args:
        session: The shop's database.
        situation: Who, and on what.
        limit: How many at most.
        rules: What the merchant set; as the playbook says when left out.
        climate: How warm it is where; as the playbook says when left out.

    Returns:
        Different things rather than several of one kind, the best first; empty when nothing is known to go with it.
    """
    advice = Advice(session, situation, rules, climate)
    drafts = drafts_for(advice, _TIMES_AS_MANY * limit)
    return advice.suggest("complementary", varied(drafts, advice, limit), limit)


def drafts_for(advice: Advice, enough: int) -> list[Draft]:
    """What goes with what the customer looks at or is about to buy, the best first, about as much as is enough."""
    anchors = anchors_of(advice)
    signals = _of_products(advice, anchors)
    if len({signal.number for signal in signals}) < enough:
        signals += [signal for anchor in anchors for signal in _of_kinds(advice, anchor)]
    together: dict[str, list[Signal]] = {}
    for signal in signals:
        together.setdefault(signal.number, []).append(signal)
    ranked = sorted(together, key=lambda number: (-sum(each.strength for each in together[number]), number))
    drafts = []
    for good in advice.goods(ranked, beside=anchors):
        draft = _draft(advice, good, together[good.no])
        if draft is not None:
            drafts.append(draft)
        if len(drafts) >= enough:
            break
    return sorted(drafts, key=lambda draft: (-draft.score, draft.good.no))


def varied(drafts: Sequence[Draft], advice: Advice, limit: int) -> list[Draft]:
    """Puts different kinds first: what is of a kind that stands before counts half as much, each time anew."""
    left = list(drafts)
    chosen: list[Draft] = []
    taken: dict[str, int] = {}

    def worth(draft: Draft) -> tuple[float, str]:
        return -draft.score * _SAME_AGAIN ** taken.get(advice.rules.family_of(draft.good.kind), 0), draft.good.no

    # More than asked for: a final price may rule one out.
    while left and len(chosen) < 2 * limit:
        best = min(left, key=worth)
        left.remove(best)
        chosen.append(best)
        family = advice.rules.family_of(best.good.kind)
        taken[family] = taken.get(family, 0) + 1
    return chosen


def anchors_of(advice: Advice) -> list[str]:
    """What the customer looks at, and what they are about to buy."""
    about = advice.situation.product_no
    return list(dict.fromkeys(((about,) if about else ()) + tuple(advice.basket_products.values())))[:_MOST_ANCHORS]


def _of_products(advice: Advice, anchors: Sequence[str]) -> list[Signal]:
    signals = []
    for anchor, paired in _paired_with(advice.session, anchors).items():
        for place, (number, reason) in enumerate(paired.items()):
            signals.append(Signal(number, anchor, _PAIRED - place * _LATER_PAIRING, "pairing", reason))
    if anchors:
        for anchor, number, orders, score, share in read(advice.session, _BOUGHT, {"products": list(anchors)}):
            signals.append(Signal(number, anchor, float(score), "bought_together", orders=orders, share=float(share)))
    return signals


def _paired_with(session: Session, numbers: Sequence[str]) -> dict[str, dict[str, str]]:
    """What products are paired with and why, then what their predecessors were: as `sixty.shop.relink.pairings_of`."""
    ages = _predecessors(session, numbers)
    every = list({no for before in ages.values() for no in before})
    written: dict[str, list[tuple[int, str, str]]] = {}
    for product, other, reason, ordinal in read(session, _PAIRED_WITH, {"products": every}) if every else ():
        written.setdefault(product, []).append((ordinal, other, reason))
    found: dict[str, dict[str, str]] = {}
    for number, before in ages.items():
        paired = found[number] = {}
        for no in sorted(before, key=lambda each: (before[each], each)):
            for _, other, reason in sorted(written.get(no, ())):
                if other not in before:
                    paired.setdefault(other, reason)
    return found


def _predecessors(session: Session, numbers: Sequence[str]) -> dict[str, dict[str, int]]:
    """Each product with what came before it, and how many generations ago; itself is none ago."""
    ages: dict[str, dict[str, int]] = {number: {number: 0} for number in numbers}
    heirs: dict[str, set[str]] = {number: {number} for number in numbers}
    for age in range(1, _MOST_GENERATIONS + 1):
        if not heirs:
            break
        older: dict[str, set[str]] = {}
        for no, successor in read(session, _OLDER, {"products": list(heirs)}):
            for number in heirs[successor]:
                if no not in ages[number]:
                    ages[number][no] = age
                    older.setdefault(no, set()).add(number)
        heirs = older
    return ages


def _of_kinds(advice: Advice, number: str) -> list[Signal]:
    anchor = advice.good(number)
    if anchor is None:
        return []
    shelf = advice.shelf
    signals = []
    for category, kind, score in read(advice.session, _KINDS, {"category": anchor.category, "kind": anchor.kind}):
        for rank, place in enumerate(shelf.best_sellers(_EACH_KIND, [(category, kind)])):
            strength = _OF_KINDS * float(score) / (rank + 1)
            signals.append(Signal(place.product_no, number, strength, "kinds_together", orders=place.sold))
    return signals


def _draft(advice: Advice, good: Good, signals: Sequence[Signal]) -> Draft | None:
    best = max(signals, key=lambda each: each.strength)
    paired = any(each.source == "pairing" for each in signals)
    about, situation = advice.good(best.about), advice.situation
    if about is None:
        return None
    if not paired and (good.category, good.kind) == (about.category, about.kind):
        # The same again is a choice between two, not something that goes with it.
        return None
    if best.source == "kinds_together" and advice.out_of_season(good):
        return None
    is_looked_at = about.no == situation.product_no
    color = situation.color if is_looked_at else ""
    size = situation.size if is_looked_at else ""
    piece = advice.pick(good, size=size, color=color, chart=about.size_chart_id)
    if piece is None:
        return None
    strength = sum(each.strength for each in signals)
    if closeness(color, piece.color) >= 2:
        strength *= 1 + _OF_COLOR
    if good.brand == about.brand:
        strength *= 1 + _OF_BRAND
    if advice.out_of_season(good):
        strength *= _OUT_OF_SEASON
    reason = sayings.joined(
        _said(best, about, good),
        sayings.goes_with_color(about, color, piece) if color else "",
        sayings.worn_well(advice.worn_now(good)),
    )
    return Draft(good, piece, reason, strength, best.source)


def _said(signal: Signal, about: Good, good: Good) -> str:
    if signal.source == "bought_together":
        return sayings.bought_together(about, signal.orders, signal.share)
    if signal.source == "kinds_together":
        return sayings.kinds_together(about, good, signal.orders)
    return signal.said


def strengths(advice: Advice, numbers: Collection[str]) -> dict[str, float]:
    """How strongly some products go with what the customer is about to buy; the rest with nothing.

    It decides between what is equal otherwise: what their predecessors were paired with is left out.
    """
    found: dict[str, float] = {}
    anchors = anchors_of(advice)
    of = {"products": anchors, "among": list(numbers)}
    for number, strength in read(advice.session, _STRENGTHS, of) if anchors and numbers else ():
        found[number] = found.get(number, 0.0) + float(strength)
    return found
