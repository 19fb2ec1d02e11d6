"""What lifts a basket over the next threshold for least money (凑单), as the price engine counts it.

What counts is the net money: what the customer pays in all with the filler, less what they pay without it. That may be
less than nothing. Whether a threshold is reached, and what that brings, is asked of the engine and not worked out here:
promotions exclude each other, members have prices of their own, and the best combination changes with the basket.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from sixty.shop.climate import Climate
from sixty.shop.pricing.basket import BasketLine
from sixty.shop.pricing.explanation import Quote
from sixty.shop.pricing.offers import UnknownSkuError, basket_of, line_of, presales_at, promotions_for, with_further
from sixty.shop.pricing.playbook import shop_rules
from sixty.shop.pricing.promotions import ITEM_KINDS, KINDS, Promotion
from sixty.shop.recommendations import sayings
from sixty.shop.recommendations.advice import Advice
from sixty.shop.recommendations.carts import cart_of
from sixty.shop.recommendations.complementary import strengths
from sixty.shop.recommendations.filler_trials import Trial, trials_for
from sixty.shop.recommendations.gaps import Gap, gaps_of
from sixty.shop.recommendations.lower_bound import LowerBound
from sixty.shop.recommendations.rules import RecommendationRules
from sixty.shop.recommendations.situation import Situation, Suggestion
from sixty.shop.wording import say_amount

MOST_COUNTED = 8
"""How many baskets the engine counts at most; usually two or three are enough."""

_FREE_POSTAGE = "包邮"


@dataclass(frozen=True)
class Filler:
    """Something that lifts a basket over a threshold.

    Attributes:
        suggestion: What; its `extra` is what is paid more in all, and may be less than nothing.
        reached: What the customer gets by it, as promotions are called: `满300减50`, `包邮`.
        missing: How much was missing.
        saving: How much less is paid than the filler costs by itself.
        before: The price of the basket.
        after: The price with the filler.
    """

    suggestion: Suggestion
    reached: tuple[str, ...]
    missing: Decimal
    saving: Decimal
    before: Quote
    after: Quote


def fillers(
    session: Session,
    situation: Situation,
    limit: int = 1,
    rules: RecommendationRules | None = None,
    climate: Climate | None = None,
) -> list[Filler]:
    """Finds what lifts the basket over a threshold, for the least money first.

    Of the shop's products those are counted that could cost least among all that could reach one of the nearest
    thresholds, in one or more pieces: `NEAREST_GAPS`, `CHEAPEST`, `MOST_READ` and `MOST_COUNTED` say how many.

    Args:
        session: The shop's database.
        situation: Who, and their basket; where that is empty, what is known of their cart counts. A budget that was
            named is for something else.
        limit: How many at most, of different products.
        rules: What the merchant set; as the playbook says when left out.
        climate: How warm it is where; as the playbook says when left out.

    Returns:
        Fillers that bring more than they cost by themselves; empty when nothing does, or there is nothing to fill.
    """
    if not situation.basket and situation.customer_id is not None:
        situation = replace(situation, basket=cart_of(session, situation.customer_id, situation.now))
    wish = replace(situation.wish, low=None, high=None)
    advice = Advice(session, replace(situation, wish=wish, product_no=None), rules, climate)
    try:
        basket = basket_of(session, situation.basket, situation.now)
    except UnknownSkuError:
        return []
    promotions = promotions_for(session, basket.lines, situation.now) if basket.lines else ()
    if not basket.lines:
        return []
    advice.basket_products = {line.sku: line.product_no for line in basket}
    before = advice.quote(basket.lines, promotions)
    gaps = gaps_of(advice, basket.lines, before, promotions)
    trials = trials_for(advice, gaps) if gaps else []
    if not trials:
        return []
    counted = _Counted(advice, basket.lines, before, promotions, gaps, trials, limit)
    chosen: list[Filler] = []
    for lifting in counted.lifting():
        if len(chosen) == limit:
            break
        if all(each.suggestion.product.no != lifting.trial.good.no for each in chosen):
            chosen.append(counted.filler(lifting))
    return chosen


class _Lifting(NamedTuple):
    """What was tried, the price with it, the net money, and what is reached."""

    trial: Trial
    after: Quote
    net: Decimal
    reached: tuple[str, ...]


class _Pending(NamedTuple):
    """Trials that the engine cannot tell apart, and what they could cost at least."""

    least: Decimal
    alike: list[Trial]


_Rank = tuple[float, Decimal, str, int]
"""Where the money is equal: what goes best with the basket, then what is cheapest."""


class _Counted:
    """Fillers as the engine counts them."""

    def __init__(
        self,
        advice: Advice,
        lines: Sequence[BasketLine],
        before: Quote,
        promotions: Sequence[Promotion],
        gaps: Sequence[Gap],
        trials: Sequence[Trial],
        limit: int,
    ) -> None:
        self._advice = advice
        self._lines = lines
        self._before = before
        self._gaps = gaps
        self._trials = trials
        self._limit = limit
        self._most = advice.rules.filler_most * before.goods
        self._by_itself: dict[tuple[str, int], Quote] = {}
        self._signatures: dict[str, tuple[Any, ...]] = {}
        presales = presales_at(advice.session, {trial.good.no for trial in trials}, advice.situation.now)
        self._single = {
            trial.piece.code: line_of(trial.piece, trial.good, presales.get(trial.good.no)) for trial in trials
        }
        self._promotions = with_further(advice.session, promotions, lines, self._single.values(), advice.situation.now)
        # Equal numbers for what makes no difference.
        numbers: dict[tuple[Any, ...], int] = {}
        self._for_basket = {offer.code for offer in self._promotions if any(map(offer.scope.covers, lines))}
        self._marks = {
            offer.code: numbers.setdefault(_mark(offer, offer.code in self._for_basket), len(numbers))
            for offer in self._promotions
        }
        self._covering = {
            line.sku: [offer for offer in self._promotions if offer.scope.covers(line)]
            for line in self._single.values()
        }

    def lifting(self) -> list[_Lifting]:
        """What lifts the basket over a threshold without costing too much, for the least money first.

        Of what the engine cannot tell apart one is counted; what would cost more at least than what was found is not
        counted at all. So this is what would be found if everything were counted.
        """
        skus = {line.sku for line in self._lines}
        found: list[_Lifting] = []
        pending = self._pending()
        for _ in range(MOST_COUNTED):
            while pending and self._is_beaten(pending[0].least, pending[0].alike, found):
                pending.pop(0)
            if not pending:
                break
            alike = pending.pop(0).alike
            first = alike[0]
            after = self._together(first)
            net = after.total - self._before.total
            reached = _reached(self._before, after, skus)
            if reached and net <= self._most and self._brings(first, after, net):
                found += [_Lifting(each, after, net, reached) for each in alike if self._leaves_margin(first, each)]
                found = self._in_order(found)
        return found

    def filler(self, lifting: _Lifting) -> Filler:
        """The filler as it is suggested."""
        trial, after, net, reached = lifting
        if all(share.sku != trial.piece.code for share in after.lines):
            # Counted by another one like it.
            after = self._together(trial)
        alone = self._alone(trial, 1).goods
        sku, product = self._advice.variants([trial.piece.code])[trial.piece.code]
        suggestion = Suggestion(
            "filler",
            product,
            sku,
            _reason(trial, alone, net, reached),
            -float(net),
            "price_engine",
            alone,
            extra=net,
            pieces=trial.pieces,
        )
        missing = min(gap.missing for gap in self._gaps)
        saving = self._alone(trial, trial.pieces).goods - net
        return Filler(suggestion, reached, missing, saving, self._before, after)

    def _pending(self) -> list[_Pending]:
        """What may lift the basket, those together that the engine cannot tell apart, by the least that they cost."""
        buyer, packets = self._advice.buyer
        offers = (*self._promotions, *packets)
        bound = LowerBound(self._lines, self._before, offers, buyer, self._advice.situation.now, shop_rules())
        together: dict[tuple[Any, ...], list[Trial]] = {}
        for trial in self._in_more_pieces(bound):
            together.setdefault(self._signature(trial), []).append(trial)
        pending = []
        for alike in together.values():
            least = bound.of(self._line(alike[0], alike[0].pieces))
            if least.may_reach and least.net <= self._most and (least.net < least.alone or least.may_give):
                pending.append(_Pending(least.net, alike))
        if len({each.least for each in pending}) == sum(len(each.alike) for each in pending):
            return sorted(pending, key=lambda each: each.least)
        # What would win of equals is counted first, and then the others need not be.
        for each in pending:
            each.alike.sort(key=self._rank)
        return sorted(pending, key=lambda each: (each.least, self._rank(each.alike[0])))

    def _in_more_pieces(self, bound: LowerBound) -> list[Trial]:
        """Every trial, and more pieces of it where it may take more than the shelf's price tells.

        That is where the engine's price is lower, or where thresholds count from what others have left.
        """
        found: dict[tuple[str, int], Trial] = {}
        for trial in self._trials:
            line = self._single[trial.piece.code]
            if line.presale is not None:
                # It is paid later, by itself.
                continue
            most = trial.pieces
            if shop_rules().stacking.mode == "sequential" or bound.costs_less(line, trial.price):
                most = max(most, min(self._advice.rules.filler_pieces, trial.piece.stock))
            for pieces in range(trial.pieces, most + 1):
                found.setdefault((line.sku, pieces), replace(trial, pieces=pieces))
        return list(found.values())

    def _signature(self, trial: Trial) -> tuple[Any, ...]:
        """All that the engine sees of a trial, its names apart."""
        line = self._single[trial.piece.code]
        if line.sku not in self._signatures:
            covering = self._covering[line.sku]
            itself = line.product_no if any(_asks_for(offer, line.product_no) for offer in covering) else ""
            marks = sorted(self._marks[offer.code] for offer in covering)
            price = (line.list_price, line.price, line.member_price, line.presale)
            self._signatures[line.sku] = (*price, itself, *marks)
        return trial.pieces, *self._signatures[line.sku]

    def _is_beaten(self, least: Decimal, alike: Sequence[Trial], found: Sequence[_Lifting]) -> bool:
        """Whether what was found is better already than any of what would cost so much."""
        numbers: set[str] = set()
        for lifting in found:
            numbers.add(lifting.trial.good.no)
            if len(numbers) == self._limit:
                # Money first: what goes with the basket is read only where it decides.
                if least != lifting.net:
                    return least > lifting.net
                return self._rank(lifting.trial) < min(map(self._rank, alike))
        return False

    def _in_order(self, found: Sequence[_Lifting]) -> list[_Lifting]:
        if len({each.net for each in found}) == len(found):
            return sorted(found, key=lambda each: each.net)
        return sorted(found, key=lambda each: (each.net, self._rank(each.trial)))

    def _rank(self, trial: Trial) -> _Rank:
        return -self._fond.get(trial.good.no, 0.0), trial.piece.price, trial.piece.code, trial.pieces

    @cached_property
    def _fond(self) -> dict[str, float]:
        """What goes with the basket, which decides only where the money does not."""
        return strengths(self._advice, {trial.good.no for trial in self._trials})

    def _brings(self, trial: Trial, after: Quote, net: Decimal) -> bool:
        """Whether it brings more than it costs by itself, or a gift."""
        gift = set(after.gifts) - set(self._before.gifts)
        return bool(gift) or self._alone(trial, trial.pieces).goods > net

    def _leaves_margin(self, counted: Trial, trial: Trial) -> bool:
        """Whether the merchant's margin is left; what it costs by itself is that of the one like it."""
        return trial.piece.cost is None or self._advice.leaves_margin(self._alone(counted, 1).goods, trial.piece)

    def _alone(self, trial: Trial, pieces: int) -> Quote:
        key = trial.piece.code, pieces
        if key not in self._by_itself:
            self._by_itself[key] = self._advice.alone(self._line(trial, pieces), self._covering[trial.piece.code])
        return self._by_itself[key]

    def _together(self, trial: Trial) -> Quote:
        # What is neither for the basket nor for this can be left out before the engine finds that out.
        its_own = [offer for offer in self._covering[trial.piece.code] if offer.code not in self._for_basket]
        for_both = [*(offer for offer in self._promotions if offer.code in self._for_basket), *its_own]
        return self._advice.quote([*self._lines, self._line(trial, trial.pieces)], for_both)

    def _line(self, trial: Trial, pieces: int) -> BasketLine:
        return replace(self._single[trial.piece.code], quantity=pieces)


def _mark(offer: Promotion, for_basket: bool) -> tuple[Any, ...]:
    """What of a promotion makes a difference to what it covers: everything but its code, and its part in the basket."""
    if for_basket:
        return (offer.code,)
    when = (offer.starts_at, offer.ends_at, offer.campaign, offer.phases)
    parts = (
        offer.threshold,
        offer.amount,
        offer.rate,
        offer.price,
        offer.pieces,
        offer.which,
        offer.repeats,
        offer.gift,
    )
    return offer.kind, offer.title, offer.scope.levels, *when, *parts


def _asks_for(offer: Promotion, number: str) -> bool:
    """Whether a promotion asks for a product itself."""
    if offer.kind == "bundle_coupon":
        return any(number in pair for pair in offer.pairs)
    return offer.kind == "bundle_price" and number in offer.scope.products


def _reached(before: Quote, after: Quote, skus: set[str]) -> tuple[str, ...]:
    """What the basket gets that it did not get before; what only the filler itself gets is not of the basket."""

    def counted(quote: Quote) -> Counter[tuple[str, str, str]]:
        times: Counter[tuple[str, str, str]] = Counter()
        for step in quote.steps:
            if step.kind in ITEM_KINDS or step.kind not in KINDS or not skus & set(step.skus):
                continue
            title, _, count = step.label.partition(" ×")
            times[(step.kind, step.code, title)] += int(count) if count.isdigit() else 1
        return times

    earlier, now = counted(before), counted(after)
    titles = [title for (kind, code, title), times in now.items() if times > earlier[(kind, code, title)]]
    if before.postage > after.postage:
        titles.append(_FREE_POSTAGE)
    return tuple(dict.fromkeys(titles))


def _reason(trial: Trial, alone: Decimal, net: Decimal, reached: Sequence[str]) -> str:
    pieces = f"{trial.pieces}件" if trial.pieces > 1 else "一件"
    gets = "、".join(f"“{title}”" if title != _FREE_POSTAGE else title for title in reached)
    with_it = f"再带{pieces}{say_amount(alone)}的{trial.good.kind}，就能享{gets}"
    if net < 0:
        return sayings.joined(with_it, f"算下来反而少付{say_amount(-net)}")
    if net == 0:
        return sayings.joined(with_it, "算下来一分钱不多付")
    return sayings.joined(with_it, f"算下来只多付{say_amount(net)}")
