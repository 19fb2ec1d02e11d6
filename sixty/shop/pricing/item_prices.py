"""What makes the price of the articles, before anything that counts for the order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sixty.shop.pricing.amounts import at_rate, fen, spread
from sixty.shop.pricing.basket import BasketLine, Buyer
from sixty.shop.pricing.explanation import StepKind
from sixty.shop.pricing.promotions import Promotion, PromotionKind
from sixty.shop.pricing.stacking import Stacking


@dataclass(frozen=True)
class Cut:
    """What one promotion takes off lines, in fen, by the line's place."""

    kind: StepKind
    code: str
    label: str
    shares: dict[int, int]


@dataclass
class ItemPrices:
    """Lines with their prices, in fen.

    Attributes:
        unit: What a piece costs by itself.
        amount: What a line costs; less than its pieces where something counts for several.
        floor: What a line costs at least, because it is paid already: the deposit.
        kinds: What has made the price, by line.
    """

    lines: Sequence[BasketLine]
    unit: list[int] = field(default_factory=list)
    amount: list[int] = field(default_factory=list)
    floor: list[int] = field(default_factory=list)
    kinds: list[set[PromotionKind]] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)


def item_prices(
    lines: Sequence[BasketLine], buyer: Buyer, promotions: Iterable[Promotion], stacking: Stacking
) -> ItemPrices:
    """Works out what articles cost by themselves.

    A presale makes the price where there is one. Of member price and timed discounts the
    combination counts that the rules allow and that is cheapest, line by line; then come
    bundle prices and pieces at a discount, in the shop's order, those that save most first.

    Args:
        lines: With a presale only where it holds.
        buyer: Who buys.
        promotions: Those that run and admit the buyer.
        stacking: The shop's rules.
    """
    promotions = sorted(promotions, key=lambda each: each.code)
    prices = ItemPrices(lines)
    taken: dict[tuple[StepKind, str, str], dict[int, int]] = {}
    for place, line in enumerate(lines):
        unit, steps, kinds = _unit_price(line, buyer, promotions, stacking)
        for key, off in steps:
            if off:
                taken.setdefault(key, {})[place] = off * line.quantity
        prices.unit.append(unit)
        prices.amount.append(unit * line.quantity)
        prices.floor.append(fen(line.presale.deposit) * line.quantity if line.presale else 0)
        prices.kinds.append(kinds)
    order = sorted(taken, key=lambda key: (_STEP_ORDER.get(key[0], 1 + len(_STEP_ORDER)), key[1], key[2]))
    prices.cuts = [Cut(*key, taken[key]) for key in order]
    free = [line.quantity for line in lines]
    for kind in sorted(("bundle_price", "pieces"), key=lambda each: stacking.place(each)):  # type: ignore[arg-type]
        if kind == "bundle_price":
            _sell_bundles(prices, free, promotions, stacking)
        else:
            _sell_pieces(prices, free, promotions, stacking)
    return prices


_STEP_ORDER: dict[StepKind, int] = {
    "sale_price": 0,
    "presale": 1,
    "deposit_expansion": 2,
    "member_price": 3,
    "timed_discount": 4,
}
_SALE_PRICE: tuple[StepKind, str, str] = ("sale_price", "", "活动优惠")

_Steps = list[tuple[tuple[StepKind, str, str], int]]


def _unit_price(
    line: BasketLine, buyer: Buyer, promotions: list[Promotion], stacking: Stacking
) -> tuple[int, _Steps, set[PromotionKind]]:
    listed = fen(line.list_price)
    steps: _Steps = []
    base: set[PromotionKind] = set()
    least = 0
    if line.presale is None:
        unit = fen(line.price)
        steps.append((_SALE_PRICE, listed - unit))
    else:
        terms = line.presale
        base.add("presale")
        least = fen(terms.deposit)
        unit = fen(terms.price)
        steps.append((("presale", "", "预售优惠"), listed - unit))
        extra = fen(terms.deposit_worth) - least
        label = f"定金{_plain(least)}抵{_plain(fen(terms.deposit_worth))}"
        steps.append((("deposit_expansion", "", label), extra))
        unit -= extra
    best = (unit, steps, base)
    for chosen in _price_makers(line, buyer, promotions, stacking, base):
        price, own = unit, list(steps)
        for kind, promotion in chosen:
            lower = max(_lowered(price, line, promotion), least)
            if promotion is None:
                key: tuple[StepKind, str, str] = (kind, "", f"{buyer.level}会员价")
            else:
                key = (kind, promotion.code, promotion.title)
            if lower < price:
                own.append((key, price - lower))
                price = lower
        # Of equal prices the one made of least counts: the first that was found.
        if price < best[0]:
            best = (price, own, base | {kind for kind, _ in chosen})
    return best


_Maker = tuple[PromotionKind, Promotion | None]


def _price_makers(
    line: BasketLine, buyer: Buyer, promotions: list[Promotion], stacking: Stacking, base: set[PromotionKind]
) -> list[list[_Maker]]:
    member: list[_Maker] = []
    if buyer.is_member and line.member_price is not None and not stacking.excludes_any("member_price", base):
        member.append(("member_price", None))
    timed: list[_Maker] = []
    if not stacking.excludes_any("timed_discount", base):
        timed += [(each.kind, each) for each in promotions if each.kind == "timed_discount" and each.scope.covers(line)]
    found = [[each] for each in (*member, *timed)]
    if member and not stacking.exclude("member_price", "timed_discount"):
        in_order = stacking.place("member_price") < stacking.place("timed_discount")
        found += [[*member, each] if in_order else [each, *member] for each in timed]
    return found


def _lowered(price: int, line: BasketLine, promotion: Promotion | None) -> int:
    if promotion is None:
        return fen(line.member_price) if line.member_price is not None else price
    if promotion.rate is not None:
        return at_rate(price, promotion.rate)
    if promotion.price is not None:
        return min(price, fen(promotion.price))
    return max(0, price - fen(promotion.amount)) if promotion.amount is not None else price


def _plain(amount: int) -> str:
    return str(amount // 100) if amount % 100 == 0 else f"{amount / 100:.2f}"


def _sell_bundles(prices: ItemPrices, free: list[int], promotions: list[Promotion], stacking: Stacking) -> None:
    """Takes complete sets out of the basket: one piece of each product, the dearest first."""
    offers = [each for each in promotions if each.kind == "bundle_price"]
    while offers:
        best: tuple[int, Promotion, list[int]] | None = None
        for offer in offers:
            chosen = _one_set(prices, free, offer, stacking)
            if chosen is None or offer.price is None:
                continue
            saving = sum(prices.unit[place] for place in chosen) - fen(offer.price)
            if saving > 0 and (best is None or saving > best[0]):
                best = (saving, offer, chosen)
        if best is None:
            return
        saving, offer, chosen = best
        # The same set is the best one until a line has no piece left.
        times = min(free[place] for place in chosen)
        shares = spread(saving * times, [prices.unit[place] * times for place in chosen])
        _cut(prices, "bundle_price", offer, _at_most_left(prices, dict(zip(chosen, shares, strict=True))))
        for place in chosen:
            free[place] -= times


def _one_set(prices: ItemPrices, free: list[int], offer: Promotion, stacking: Stacking) -> list[int] | None:
    chosen: list[int] = []
    for product in sorted(offer.scope.products):
        fitting = [
            place
            for place, line in enumerate(prices.lines)
            if line.product_no == product
            and free[place]
            and offer.scope.covers(line)
            and not stacking.excludes_any("bundle_price", prices.kinds[place])
        ]
        if not fitting:
            return None
        chosen.append(max(fitting, key=lambda place: (prices.unit[place], prices.lines[place].sku)))
    return chosen


def _sell_pieces(prices: ItemPrices, free: list[int], promotions: list[Promotion], stacking: Stacking) -> None:
    """Puts pieces at a discount; a line takes part in one such promotion, that which saves most first."""
    # Pieces of a set are out where the two exclude each other; the other pieces of the line are not.
    alone = stacking.exclude("bundle_price", "pieces")
    offers = [each for each in promotions if each.kind == "pieces"]
    done: set[int] = set()
    while offers:
        best: tuple[int, Promotion, dict[int, int]] | None = None
        for offer in offers:
            places = [
                place
                for place, line in enumerate(prices.lines)
                if place not in done
                and offer.scope.covers(line)
                and not stacking.excludes_any("pieces", prices.kinds[place] - {"bundle_price"})
            ]
            counts = {place: free[place] if alone else prices.lines[place].quantity for place in places}
            shares = _pieces_off(prices, offer, {place: count for place, count in counts.items() if count})
            saving = sum(shares.values())
            if saving > 0 and (best is None or saving > best[0]):
                best = (saving, offer, shares)
        if best is None:
            return
        _, offer, shares = best
        _cut(prices, "pieces", offer, shares)
        done.update(shares)


def _pieces_off(prices: ItemPrices, offer: Promotion, counts: dict[int, int]) -> dict[int, int]:
    """What each line gets off; where only some pieces are cheaper, all that take part share it."""
    assert offer.pieces is not None
    assert offer.rate is not None
    total = sum(counts.values())
    if total < offer.pieces:
        return {}
    off = {place: prices.unit[place] - at_rate(prices.unit[place], offer.rate) for place in counts}
    if offer.which == "all":
        shares = {place: off[place] * count for place, count in counts.items()}
    else:
        left, saving = total // offer.pieces, 0
        # Pieces of one price are alike, so it doesn't matter which of them it is.
        for place in sorted(counts, key=lambda place: (prices.unit[place], off[place])):
            taken = min(left, counts[place])
            saving += off[place] * taken
            left -= taken
        places = sorted(counts)
        weights = [prices.unit[place] * counts[place] for place in places]
        shares = dict(zip(places, spread(saving, weights), strict=True))
    return _at_most_left(prices, shares)


def _at_most_left(prices: ItemPrices, shares: dict[int, int]) -> dict[int, int]:
    """Takes off no more than a line still costs: what is paid as a deposit stays paid."""
    return {place: min(share, prices.amount[place] - prices.floor[place]) for place, share in shares.items()}


def _cut(prices: ItemPrices, kind: PromotionKind, offer: Promotion, shares: dict[int, int]) -> None:
    for place, share in shares.items():
        prices.amount[place] -= share
        prices.kinds[place].add(kind)
    for at, known in enumerate(prices.cuts):
        if known.kind == kind and known.code == offer.code:
            merged = dict(known.shares)
            for place, share in shares.items():
                merged[place] = merged.get(place, 0) + share
            prices.cuts[at] = Cut(kind, offer.code, offer.title, merged)
            return
    prices.cuts.append(Cut(kind, offer.code, offer.title, shares))
