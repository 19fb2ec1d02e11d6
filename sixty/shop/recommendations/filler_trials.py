"""What could lift a basket over a threshold for least money, as the shelves tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import islice

from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.pricing.stacking import Stacking
from sixty.shop.recommendations.advice import Advice
from sixty.shop.recommendations.gaps import Gap, most_of
from sixty.shop.recommendations.goods import Good, Piece
from sixty.shop.recommendations.shelf import Place

CHEAPEST = 6
"""How many products are looked at for each threshold, the cheapest that reach it first."""

MOST_READ = 8
"""How many of those are read, those that could cost least first."""


@dataclass(frozen=True)
class Trial:
    """So many pieces of a variant, of which the shelves tell the price."""

    price: Decimal
    good: Good
    piece: Piece
    pieces: int


def trials_for(advice: Advice, gaps: Sequence[Gap]) -> list[Trial]:
    """What could lift the basket over a threshold, by the least that it could cost."""
    stacking = shop_rules().stacking
    shelf = advice.shelf
    prices = dict.fromkeys(asked for gap in gaps for asked in _prices(advice, gap))
    places = set(shelf.from_prices(list(prices)))
    places.update(place for gap in gaps if gap.products for place in shelf.of_products(sorted(gap.products), CHEAPEST))
    # Many products have one price and count for the same.
    least: dict[tuple[Decimal, tuple[int, ...]], list[tuple[Decimal, int]]] = {}
    within: dict[str, tuple[int, ...]] = {}
    by_product = any(gap.products for gap in gaps)
    wanted: list[tuple[Decimal, int, Place]] = []
    for place in places:
        known = place.product_no if by_product else place.category
        if known not in within:
            within[known] = tuple(number for number, gap in enumerate(gaps) if gap.is_for(place))
        key = place.price, within[known]
        if key not in least:
            fitting = [gaps[number] for number in within[known]]
            least[key] = _least(fitting, place.price, advice.rules.filler_pieces, stacking)
        wanted += [(amount, count, place) for amount, count in least[key]]
    wanted.sort()
    numbers = list(dict.fromkeys(place.product_no for _, _, place in wanted))
    allowed = advice.goods(numbers, facts=advice.needs_facts(numbers), at_once=MOST_READ)
    goods = {good.no: good for good in islice(allowed, MOST_READ)}
    trials = []
    for _, count, place in wanted:
        good = goods.get(place.product_no)
        piece = None if good is None else _at_price(good, place.price, count)
        if good is not None and piece is not None:
            trials.append(Trial(place.price, good, piece, count))
    return trials


def _least(gaps: Sequence[Gap], price: Decimal, most: int, stacking: Stacking) -> list[tuple[Decimal, int]]:
    """What pieces at a price could cost at least, of those numbers of pieces that just reach a threshold."""
    if price <= 0:
        return []
    counts = {int((gap.missing / price).to_integral_value(ROUND_CEILING)) for gap in gaps}
    return [(price * count - most_of(gaps, price * count, stacking), count) for count in counts if 0 < count <= most]


def _at_price(good: Good, price: Decimal, count: int) -> Piece | None:
    """A variant at a price, of which there are so many; any where the price has changed since the shelves were read."""
    enough = [piece for piece in good.in_stock if piece.stock >= count]
    return next((piece for piece in enough if piece.price == price), enough[0] if enough else None)


def _prices(advice: Advice, gap: Gap) -> list[tuple[Decimal, int, str]]:
    """From which price on what is looked for, how many products, and of which category; empty for any."""
    found = []
    for pieces in range(1, 1 if gap.products else advice.rules.filler_pieces + 1):
        # Of several pieces only what is cheap enough to be meant so.
        most = CHEAPEST if pieces == 1 else CHEAPEST // 2
        price = (gap.missing / pieces).quantize(Decimal("0.01"), ROUND_CEILING)
        found += [(price, most, category) for category in sorted(gap.categories) or [""]]
    return found
