"""One piece of advice: what may be suggested to this customer now, and what it costs them.

Whatever a suggestion rests on, it passes here: on sale, in stock, not refused, not what they have or are about to buy,
for the one it is for, within the budget and above the margin.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import islice

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from sixty.shop.climate import NOWHERE, Climate, Weather, shop_climate
from sixty.shop.models import Order, OrderLine, Product, Sku
from sixty.shop.pricing.basket import Basket, BasketLine, Buyer
from sixty.shop.pricing.engine import price_basket
from sixty.shop.pricing.explanation import Quote
from sixty.shop.pricing.offers import UnknownCustomerError, buyer_of, line_of, presales_at, promotions_for
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.pricing.promotions import Promotion
from sixty.shop.reading import any_of, read
from sixty.shop.recommendations.audience import Suits, suits
from sixty.shop.recommendations.colors import closeness
from sixty.shop.recommendations.goods import Good, Piece, goods_of
from sixty.shop.recommendations.refusals import refused_products
from sixty.shop.recommendations.rules import RecommendationRules, shop_recommendation_rules
from sixty.shop.recommendations.shelf import Shelf
from sixty.shop.recommendations.situation import Situation, Source, Suggestion, SuggestionKind
from sixty.shop.stock import plain_size
from sixty.shop.warmth import WarmthAnswer, worn_in
from sixty.shop.wording import SHOP_ZONE
from sixty.tables import column

AT_ONCE = 12
"""How many candidates are read together: usually the first of them are the ones that are suggested."""

_O, _L, _S = Order.__table__.c, OrderLine.__table__.c, Sku.__table__.c
_HAD = (
    select(_L.product_no)
    .select_from(Order.__table__.join(OrderLine.__table__, _L.order_no == _O.no))
    .where(_O.customer_id == bindparam("customer"), _O.state != "closed")
    .distinct()
)
_IN_BASKET = select(_S.code, _S.product_no).where(_S.code.in_(any_of("codes"))).order_by(_S.code)
_VARIANTS = (
    select(Sku, Product)
    .join(Product, column(Sku.product_no) == Product.no)
    .where(column(Sku.code).in_(any_of("codes")))
)


@dataclass(frozen=True)
class Draft:
    """A candidate with what will be said of it, before its price is known."""

    good: Good
    piece: Piece
    reason: str
    score: float
    source: Source
    pieces: int = 1


SayExtra = Callable[[Draft, Decimal, Decimal], "tuple[str, Decimal] | None"]
"""Of a draft, its final price and that of what the customer looks at: the reason, and how much more is paid."""


class Advice:
    """What is known for one piece of advice; read when it is first needed, and once."""

    def __init__(
        self,
        session: Session,
        situation: Situation,
        rules: RecommendationRules | None = None,
        climate: Climate | None = None,
    ) -> None:
        self.session = session
        self.situation = situation
        self.rules = rules or shop_recommendation_rules()
        self._climate = climate
        self._goods: dict[str, Good] = {}
        # What is read here is read past the session.
        session.flush()

    @cached_property
    def basket_products(self) -> dict[str, str]:
        """The products of the basket by SKU; what isn't sold is left out."""
        codes = list(self.situation.basket)
        if not codes:
            return {}
        return {row.code: row.product_no for row in read(self.session, _IN_BASKET, {"codes": codes})}

    @cached_property
    def shelf(self) -> Shelf:
        """The shop's shelves as they stand."""
        return Shelf(self.session)

    @cached_property
    def refused(self) -> frozenset[str]:
        """What they refused."""
        return refused_products(self.session, self.situation, self.rules)

    @cached_property
    def had(self) -> frozenset[str]:
        """What they have bought or ordered."""
        if self.situation.customer_id is None:
            return frozenset()
        return frozenset(row.product_no for row in read(self.session, _HAD, {"customer": self.situation.customer_id}))

    @cached_property
    def weather(self) -> Weather | None:
        """How warm it is now where they are; None where that isn't known."""
        if not self.situation.region:
            return None
        climate = shop_climate() if self._climate is None else self._climate
        if climate is NOWHERE:
            return None
        place = climate.place_in(self.situation.region)
        month = self.situation.now.astimezone(SHOP_ZONE).month
        return None if place is None else climate.weather(place, month)

    def good(self, number: str) -> Good | None:
        """One product."""
        if number not in self._goods:
            self._goods.update(goods_of(self.session, [number]))
        return self._goods.get(number)

    def goods(
        self,
        numbers: Iterable[str],
        *,
        beside: Sequence[str] = (),
        may_be_about: bool = False,
        facts: bool = True,
        at_once: int = AT_ONCE,
    ) -> Iterator[Good]:
        """The products that may be suggested, in their order, read a few at a time.

        Args:
            numbers: Candidates, the best first.
            beside: Products that are needed too, and are read with the first of them.
            may_be_about: Whether the product that the talk is about counts too.
            facts: Whether what is written of them is needed.
            at_once: How many are read together.
        """
        about = set() if may_be_about else self._about
        wanted = dict.fromkeys(each for each in numbers if each not in about and each not in self._not_wanted)
        pending = iter(wanted)
        while batch := list(islice(pending, at_once)):
            unread = [each for each in (*beside, *batch) if each not in self._goods]
            self._goods.update(goods_of(self.session, unread, facts=facts))
            for number in batch:
                good = self._goods.get(number)
                if good is not None and self.allows(good):
                    yield good

    def needs_facts(self, numbers: Collection[str]) -> bool:
        """Whether what is written of products decides which of them may be suggested."""
        return self.situation.wish.recipient is not None or not self.had.isdisjoint(numbers)

    def allows(self, good: Good) -> bool:
        """Whether a product may be suggested at all, whatever it costs."""
        if good.no in self._not_wanted or not good.can_be_bought or self.fit_for_recipient(good) == "no":
            return False
        return good.no not in self.had or good.is_used_up or self.rules.is_consumable(good.category, good.kind)

    def fit_for_recipient(self, good: Good) -> Suits:
        """Whether it is for the one whom they look for; `maybe` where nobody said."""
        recipient = self.situation.wish.recipient
        return "maybe" if recipient is None else suits(good.audience, recipient)

    def worn_now(self, good: Good) -> WarmthAnswer | None:
        """How it does in the weather there now; None where that can't be told."""
        if self.weather is None or good.temperatures is None:
            return None
        return worn_in(good.temperatures, self.weather)

    def out_of_season(self, good: Good) -> bool:
        """Whether it is far too warm or too cold to wear there now."""
        answer = self.worn_now(good)
        return answer is not None and answer.verdict in ("too_cold", "too_warm")

    def pick(self, good: Good, *, size: str = "", color: str = "", chart: str | None = None) -> Piece | None:
        """The variant to suggest: of the size where it means the same body, in the colour that goes best, cheapest.

        Args:
            good: The product.
            size: The customer's size on another product …
            color: … and the colour that it should go with.
            chart: The size chart of that product; only on the same chart a size must be in stock.
        """
        pieces: Sequence[Piece] = [each for each in good.in_stock if self.leaves_margin(each.price, each)]
        if size and good.in_size(size):
            pieces = [each for each in pieces if plain_size(each.size) == plain_size(size)]
        elif size and chart is not None and good.size_chart_id == chart:
            return None
        wish = self.situation.wish
        # What is paid in the end is less, if anything: that is looked at when it is known.
        pieces = [each for each in pieces if wish.low is None or each.price >= wish.low]
        wanted = wish.color or color
        return min(pieces, key=lambda each: (-closeness(wanted, each.color), each.price, each.code), default=None)

    def suggest(
        self,
        kind: SuggestionKind,
        drafts: Iterable[Draft],
        limit: int,
        say_extra: SayExtra | None = None,
        beside: Piece | None = None,
    ) -> list[Suggestion]:
        """Makes suggestions of the first drafts whose final price is right.

        Args:
            kind: What for.
            drafts: The best first, one of each product.
            limit: How many at most.
            say_extra: Gives the reason anew when the final prices are known, with what is paid more; None drops it.
            beside: What the customer looks at, whose final price `say_extra` is told too.
        """
        found: list[Suggestion] = []
        pending = iter(drafts)
        while len(found) < limit and (batch := list(islice(pending, limit - len(found)))):
            known = [beside.code] if beside is not None else []
            priced = self.priced([*known, *(draft.piece.code for draft in batch)])
            for draft in batch:
                if draft.piece.code not in priced:
                    continue
                sku, product, price = priced[draft.piece.code]
                if not self.situation.wish.allows(sku.price, price) or not self.leaves_margin(price, draft.piece):
                    continue
                reason, extra = draft.reason, None
                if say_extra is not None and beside is not None and beside.code in priced:
                    said = say_extra(draft, price, priced[beside.code][2])
                    if said is None:
                        continue
                    reason, extra = said
                found.append(
                    Suggestion(
                        kind, product, sku, reason, draft.score, draft.source, price, extra=extra, pieces=draft.pieces
                    )
                )
        return found

    def priced(self, codes: Sequence[str]) -> dict[str, tuple[Sku, Product, Decimal]]:
        """Variants with their products, and what this customer pays for one piece of each by itself."""
        variants = self.variants(codes)
        lines = self.lines(variants)
        promotions = promotions_for(self.session, lines.values(), self.situation.now)
        return {
            code: (sku, product, self.alone(lines[code], promotions).goods) for code, (sku, product) in variants.items()
        }

    def alone(self, line: BasketLine, promotions: Iterable[Promotion]) -> Quote:
        """What this customer pays for a line by itself; of what doesn't count for it, it says nothing."""
        # A presale is paid later at a price of its own.
        most = line.price * line.quantity if line.presale is None else None
        fitting = [
            offer for offer in promotions if (most is None or offer.threshold <= most) and offer.scope.covers(line)
        ]
        return self.quote([line], fitting)

    def variants(self, codes: Sequence[str]) -> dict[str, tuple[Sku, Product]]:
        """Variants with their products, by SKU."""
        return {sku.code: (sku, product) for sku, product in self.session.execute(_VARIANTS, {"codes": list(codes)})}

    def lines(self, variants: Mapping[str, tuple[Sku, Product]]) -> dict[str, BasketLine]:
        """Variants as lines of a basket, each with its presale."""
        presales = presales_at(self.session, {product.no for _, product in variants.values()}, self.situation.now)
        return {code: line_of(sku, product, presales.get(product.no)) for code, (sku, product) in variants.items()}

    def quote(self, lines: Iterable[BasketLine], promotions: Sequence[Promotion]) -> Quote:
        """What this customer pays for a basket."""
        buyer, packets = self.buyer
        return price_basket(Basket.of(lines), self.situation.now, (*promotions, *packets), buyer, shop_rules())

    @cached_property
    def buyer(self) -> tuple[Buyer, tuple[Promotion, ...]]:
        """What their prices depend on, and what counts for them alone."""
        visitor: tuple[Buyer, tuple[Promotion, ...]] = (Buyer(self.situation.level), ())
        if self.situation.customer_id is None:
            return visitor
        try:
            return buyer_of(self.session, self.situation.customer_id)
        except UnknownCustomerError:
            return visitor

    def leaves_margin(self, price: Decimal, piece: Piece) -> bool:
        """Whether a price leaves what the merchant wants to earn; without a cost every price does."""
        return piece.cost is None or price - piece.cost >= self.rules.least_margin * price

    @property
    def level(self) -> str | None:
        """Their level of membership."""
        return self.buyer[0].level

    @property
    def holds_allowance(self) -> bool:
        """Whether they have shopping allowance that is valid now."""
        return any(each.valid(self.situation.now) and each.amount > 0 for each in self.buyer[0].allowances)

    @cached_property
    def _about(self) -> set[str]:
        return {self.situation.product_no} if self.situation.product_no else set()

    @cached_property
    def _not_wanted(self) -> frozenset[str]:
        return frozenset((*self.basket_products.values(), *self.situation.seen, *self.refused))
