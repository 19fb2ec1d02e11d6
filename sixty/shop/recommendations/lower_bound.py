"""How much more a basket costs at least with another line in it: found in a fraction of the time that the price takes.

The articles' own prices are counted as the price engine does. Of what counts for the order everything counts together
that does not exclude each other, each as if nothing had been taken off before it. The engine can take off no more than
that: so what costs more than this need not be counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from sixty.shop.pricing.amounts import fen, yuan
from sixty.shop.pricing.basket import BasketLine, Buyer
from sixty.shop.pricing.combination import Candidate
from sixty.shop.pricing.explanation import Payment, Quote
from sixty.shop.pricing.item_prices import ItemPrices, item_prices
from sixty.shop.pricing.promotions import ITEM_KINDS, Promotion, PromotionKind
from sixty.shop.pricing.rules import Rules
from sixty.shop.pricing.stacking import Stacking


class Least(NamedTuple):
    """What a basket costs at least with another line.

    Attributes:
        net: How much more is paid at least in all.
        alone: What the line costs by itself at most.
        may_give: Whether anything may be given that isn't without it.
        may_reach: Whether anything may count for the order, or be given, that isn't without it.
    """

    net: Decimal
    alone: Decimal
    may_give: bool
    may_reach: bool


@dataclass(frozen=True)
class _Offer:
    """A promotion that may count for the order.

    Attributes:
        places: The lines of the basket that it covers.
        bits: Them as bits; none where it is not certain that it counts for all of them, because it may not be there to
            exclude anything …
        firm: … and whether it is.
        spent: What the lines cost, as long as nothing that is added changes it …
        times: … and how often it may count for that.
    """

    promotion: Promotion
    candidate: Candidate
    places: tuple[int, ...]
    bits: int
    spent: int
    times: int
    firm: bool


class LowerBound:
    """What a basket costs at least when a line is added that is paid at once.

    Args:
        lines: The basket.
        before: Its price.
        promotions: All that may count for it, with or without what is added.
        buyer: Who buys.
        at: When.
        rules: The shop's rules.
    """

    def __init__(
        self,
        lines: Sequence[BasketLine],
        before: Quote,
        promotions: Iterable[Promotion],
        buyer: Buyer,
        at: datetime,
        rules: Rules,
    ) -> None:
        self._buyer = buyer
        self._rules = rules
        self._stacking = rules.stacking
        self._postage = rules.postage.rule_for(buyer.region)
        # A presale is paid by itself; what is added goes with the rest.
        later = [payment for payment in before.payments if payment.deposit is not None]
        apart = {share.sku for payment in later for share in payment.lines}
        self._lines = [line for line in lines if line.sku not in apart]
        self._pays_postage = bool(before.postage)
        self._now = sum(fen(payment.total) for payment in before.payments if payment.deposit is None)
        promotions = list(promotions)
        running = [each for each in promotions if each.runs(at, rules.campaigns) and each.scope.admits(buyer)]
        self._of_items = [each for each in running if each.kind in ITEM_KINDS]
        self._several = [each for each in self._of_items if each.kind in ("pieces", "bundle_price")]
        self._own = item_prices(self._lines, buyer, self._of_items, self._stacking).amount
        self._units: dict[str, ItemPrices] = {}
        self._allowance = _allowance(buyer, at)
        self._of_order = self._offers(running)
        # Where lines have less left than is to be taken off them, one line more changes what counts for all.
        shares = sum(
            Fraction(_worth(each.candidate, each.times, each.spent), each.spent)
            for each in self._of_order
            if each.spent
        )
        # What it spares in a coupon may count later.
        self._shifts = bool(later) or self._stacking.mode == "sequential" or shares > 1
        self._gifts = [
            (each, [place for place, line in enumerate(self._lines) if each.scope.covers(line)], fen(each.threshold))
            for each in running
            if each.kind == "gift" and each.code not in {step.code for step in before.steps if step.kind == "gift"}
        ]
        # What a coupon that is not needed any more may take off later.
        self._spared = sum(self._most_off_later(payment, promotions) for payment in later)

    def costs_less(self, line: BasketLine, price: Decimal) -> bool:
        """Whether its pieces may cost less than a price, before anything that counts for the order."""
        return self._mixes(line) or yuan(self._alone(line).unit[0]) < price

    def of(self, line: BasketLine) -> Least:
        """What it costs at least with a line of another product.

        Args:
            line: What is added; no presale holds for it.
        """
        if self._mixes(line):
            # It may change what the others cost.
            covering = [each for each in self._of_items if each.scope.covers(line)]
            own = item_prices([line], self._buyer, covering, self._stacking).amount[0]
            amounts = item_prices([*self._lines, line], self._buyer, self._of_items, self._stacking).amount
        else:
            own = self._alone(line).unit[0] * line.quantity
            amounts = [*self._own, own]
        as_before = amounts[:-1] == self._own
        items = sum(amounts)
        worth = []
        reaches = self._shifts
        for offer in self._of_order:
            promotion, bits = offer.promotion, offer.bits
            spent = offer.spent if as_before else sum(amounts[place] for place in offer.places)
            if spent + amounts[-1] < offer.candidate.threshold:
                times = 0
            else:
                if promotion.scope.covers(line):
                    spent += amounts[-1]
                    bits |= offer.firm << len(self._lines)
                times = offer.candidate.times(spent, self._allowance)
            reaches = reaches or times != offer.times or not offer.firm
            if times and (promotion.kind != "bundle_coupon" or self._has_pair(promotion, line)):
                worth.append((_worth(offer.candidate, times, spent), promotion.kind, bits))
        goods = items - min(_together(worth, self._stacking), items)
        net = self._with_postage(goods, items) - self._now - self._spared
        gives = self._may_give(line, amounts)
        return Least(yuan(net), yuan(own), gives, reaches or gives or self._may_be_free(items))

    def _mixes(self, line: BasketLine) -> bool:
        return any(each.scope.covers(line) for each in self._several)

    def _alone(self, line: BasketLine) -> ItemPrices:
        if line.sku not in self._units:
            covering = [each for each in self._of_items if each.scope.covers(line)]
            self._units[line.sku] = item_prices([line], self._buyer, covering, self._stacking)
        return self._units[line.sku]

    def _with_postage(self, goods: int, items: int) -> int:
        """The least that goods and postage come to, where goods cost at least and at most so much."""
        total = goods + fen(self._postage.fee)
        if self._postage.free_from is None or items < fen(self._postage.free_from):
            return total
        # Taking off less may bring free postage.
        return min(total, max(goods, fen(self._postage.free_from)))

    def _may_be_free(self, items: int) -> bool:
        """Whether postage that is paid now may be free where goods cost so much at most."""
        return self._pays_postage and self._postage.free_from is not None and items >= fen(self._postage.free_from)

    def _may_give(self, line: BasketLine, amounts: Sequence[int]) -> bool:
        for gift, of_basket, threshold in self._gifts:
            places = [*of_basket, len(self._lines)] if gift.scope.covers(line) else of_basket
            if sum(amounts[place] for place in places) >= threshold:
                return True
        return False

    def _offers(self, promotions: Iterable[Promotion]) -> list[_Offer]:
        found = []
        for each in promotions:
            if each.kind in ITEM_KINDS or each.kind == "gift":
                continue
            places = tuple(place for place, line in enumerate(self._lines) if each.scope.covers(line))
            # A coupon of bundles counts for the lines of its pairs only.
            firm = each.kind != "bundle_coupon" and not any(
                self._stacking.exclude(each.kind, kind) for kind in ITEM_KINDS if kind != "presale"
            )
            bits = sum(1 << place for place in places) if firm else 0
            candidate = Candidate(each, ())
            spent = sum(self._own[place] for place in places)
            found.append(_Offer(each, candidate, places, bits, spent, candidate.times(spent, self._allowance), firm))
        return found

    def _has_pair(self, promotion: Promotion, line: BasketLine) -> bool:
        here = {line.product_no, *(each.product_no for each in self._lines)}
        return any(here.issuperset(pair) for pair in promotion.pairs)

    def _most_off_later(self, payment: Payment, promotions: Iterable[Promotion]) -> int:
        """How much less a payment could cost at most if nothing had been used up before it."""
        items = sum(fen(share.item_amount) for share in payment.lines)
        running = (each for each in promotions if each.runs(payment.at, self._rules.campaigns))
        allowance = _allowance(self._buyer, payment.at)
        worth = []
        for each in running:
            if each.kind not in ITEM_KINDS and each.kind != "gift" and each.scope.admits(self._buyer):
                candidate = Candidate(each, ())
                worth.append((_worth(candidate, candidate.times(items, allowance), items), each.kind, 0))
        goods = items - min(_together(worth, self._stacking), items)
        return max(0, fen(payment.total) - self._with_postage(goods, items))


def _allowance(buyer: Buyer, at: datetime) -> int:
    return sum(fen(each.amount) for each in buyer.allowances if each.valid(at))


def _worth(candidate: Candidate, times: int, spent: int) -> int:
    """What a promotion takes off at most that counts so often for what costs so much."""
    return min(candidate.amount * times, spent)


def _together(worth: Iterable[tuple[int, PromotionKind, int]], stacking: Stacking) -> int:
    """The most that promotions take off together: how much each, of which kind, and of which lines as bits."""
    found = sorted((each for each in worth if each[0]), key=lambda each: -each[0])
    excluded = [0] * len(found)
    for place, (_, kind, bits) in enumerate(found):
        for other in range(place + 1, len(found)):
            _, another, of_other = found[other]
            if bits & of_other and stacking.exclude(kind, another):
                excluded[place] |= 1 << other
    return _most([most for most, _, _ in found], excluded, 0, 0)


def _most(amounts: Sequence[int], excluded: Sequence[int], place: int, blocked: int) -> int:
    """The most that amounts make together of which none excludes a later one, from a place on."""
    total = 0
    while place < len(amounts):
        if not blocked >> place & 1:
            later = excluded[place] & ~blocked
            if later:
                with_it = amounts[place] + _most(amounts, excluded, place + 1, blocked | excluded[place])
                return total + max(with_it, _most(amounts, excluded, place + 1, blocked))
            total += amounts[place]
        place += 1
    return total
