"""One outfit: a jacket with trousers, a T-shirt and a belt, each of another place, at the price of all together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy.orm import Session

from sixty.shop.climate import Climate
from sixty.shop.models import Product, Sku
from sixty.shop.recommendations.advice import Advice, Draft
from sixty.shop.recommendations.bundles import Bundle, BundleItem, bundle_of
from sixty.shop.recommendations.complementary import drafts_for
from sixty.shop.recommendations.goods import Good, Piece
from sixty.shop.recommendations.rules import RecommendationRules
from sixty.shop.recommendations.situation import Situation, Suggestion
from sixty.shop.stock import plain_size, stock_among

MOST_THINGS = 3
_CANDIDATES = 12
_OWN_PICTURES = "/pictures/"


@dataclass(frozen=True)
class Outfit:
    """A product with what goes with it, one thing a place.

    Attributes:
        product: What the customer looks at.
        sku: The variant of it that the price counts.
        items: What is added, in the order in which one dresses.
        picture: One picture of all together, where the shop's pictures are drawn here; else the product's own.
        bundle: What everything costs together, and what that saves.
    """

    product: Product
    sku: Sku
    items: tuple[Suggestion, ...]
    picture: str
    bundle: Bundle


def outfit_for(
    session: Session,
    situation: Situation,
    most: int = MOST_THINGS,
    rules: RecommendationRules | None = None,
    climate: Climate | None = None,
) -> Outfit | None:
    """Puts an outfit together around the product in question.

    Args:
        session: The shop's database.
        situation: Who, and on what; its colour and size are those of the product in question.
        most: How many things are added at most.
        rules: What the merchant set; as the playbook says when left out.
        climate: How warm it is where; as the playbook says when left out.

    Returns:
        The outfit; None when nothing that may be suggested goes with the product.
    """
    advice = Advice(session, situation, rules, climate)
    about = advice.good(situation.product_no) if situation.product_no else None
    product = None if about is None else session.get(Product, about.no)
    looked_at = None if about is None else variant_looked_at(about, situation)
    sku = None if looked_at is None else session.get(Sku, looked_at.code)
    if about is None or product is None or sku is None:
        return None
    chosen = one_of_each(advice, about, drafts_for(advice, _CANDIDATES))
    items = advice.suggest("complementary", chosen, most)
    if not items:
        return None
    order = {family: place for place, family in enumerate(advice.rules.outfit)}
    items.sort(key=lambda item: order.get(advice.rules.family_of(item.product.kind), len(order)))
    bundle = bundle_of(
        session,
        product,
        sku,
        [(BundleItem(item.product, item.reason), item.sku) for item in items],
        situation.now,
        advice.level,
    )
    return Outfit(
        product, sku, tuple(items), picture_of([(product, sku), *((item.product, item.sku) for item in items)]), bundle
    )


def one_of_each(advice: Advice, about: Good, drafts: Iterable[Draft]) -> list[Draft]:
    """The best thing for each place of the body, or outside clothes of each kind, none for that of the product."""
    taken = {advice.rules.family_of(about.kind)}
    chosen = []
    for draft in drafts:
        family = advice.rules.family_of(draft.good.kind)
        if family not in taken:
            taken.add(family)
            chosen.append(draft)
    return chosen


def variant_looked_at(good: Good, situation: Situation) -> Piece | None:
    """The variant that the customer looks at: what they said of it, the cheapest one in stock that fits."""
    if not good.pieces:
        return None
    said = (situation.color or None, situation.size or None, situation.spec or None)
    found = {(each.color, each.size, each.spec) for each in stock_among(good.pieces, *said).matches}
    fitting = [each for each in good.pieces if (each.color, each.size, each.spec) in found] or list(good.pieces)
    in_stock = [each for each in fitting if each.stock > 0] or fitting
    exact = [each for each in in_stock if situation.size and plain_size(each.size) == plain_size(situation.size)]
    return min(exact or in_stock, key=lambda each: (each.price, each.code))


def picture_of(parts: Sequence[tuple[Product, Sku]]) -> str:
    """Where one picture of several variants is, where the shop's pictures are drawn here; else the first product's."""
    pictures = [product.picture or "" for product, _ in parts]
    if all(picture.startswith(_OWN_PICTURES) for picture in pictures):
        return f"{_OWN_PICTURES}outfit/{quote('_'.join(sku.code for _, sku in parts))}.svg"
    return pictures[0]
