"""Counts what is paid together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sixty.shop.pricing.amounts import fen, yuan
from sixty.shop.pricing.basket import BasketLine, Buyer
from sixty.shop.pricing.combination import Applied, Candidate, Order
from sixty.shop.pricing.explanation import Deposit, LineShare, Payment, Reason, Step, Unused
from sixty.shop.pricing.item_prices import Cut, ItemPrices, item_prices
from sixty.shop.pricing.postage import postage_for
from sixty.shop.pricing.promotions import ITEM_KINDS, KINDS, Promotion, PromotionKind
from sixty.shop.pricing.rules import Rules


@dataclass(frozen=True)
class Spent:
    """What earlier payments have used up: claimed promotions by code, and allowance in fen."""

    codes: frozenset[str] = frozenset()
    allowance: int = 0


@dataclass(frozen=True)
class Counted:
    """A payment, what it left unused, and what is used up after it."""

    payment: Payment
    unused: tuple[Unused, ...]
    spent: Spent


def count_payment(
    lines: Sequence[BasketLine],
    now: datetime,
    moment: datetime,
    offers: Sequence[Promotion],
    buyer: Buyer,
    rules: Rules,
    wanted: frozenset[str] | None,
    spent: Spent,
) -> Counted:
    """Counts one payment.

    Args:
        lines: What is paid together, each with a presale only where it holds.
        now: When it is ordered: the articles' own prices are those of this moment.
        moment: When it is paid: what counts for the order is that of this moment.
        offers: Everything that the shop offers.
        buyer: Who buys.
        rules: The shop's rules.
        wanted: The codes of claimed promotions that are insisted on; None leaves the choice open.
        spent: What earlier payments have used up.
    """
    return _Counter(lines, now, moment, buyer, rules, wanted, spent).count(offers)


class _Counter:
    def __init__(
        self,
        lines: Sequence[BasketLine],
        now: datetime,
        moment: datetime,
        buyer: Buyer,
        rules: Rules,
        wanted: frozenset[str] | None,
        spent: Spent,
    ) -> None:
        self._lines = lines
        self._now = now
        self._moment = moment
        self._buyer = buyer
        self._rules = rules
        self._wanted = wanted
        self._spent = spent
        self._unused: list[Unused] = []

    def count(self, offers: Sequence[Promotion]) -> Counted:
        running = [offer for offer in offers if self._may_count(offer)]
        of_items = [offer for offer in running if offer.kind in ITEM_KINDS]
        of_order = [offer for offer in running if offer.kind not in ITEM_KINDS and offer.kind != "gift"]
        prices = item_prices(self._lines, self._buyer, of_items, self._rules.stacking)
        self._note_missing_pieces(of_items, prices)
        candidates = [found for offer in of_order if (found := self._candidate(offer, prices)) is not None]
        order = Order(prices.amount, prices.floor, candidates, self._rules.stacking, self._allowance())
        applied = order.best()
        self._note_left_out(order, applied)
        left = list(prices.amount)
        used: list[set[PromotionKind]] = [set(kinds) for kinds in prices.kinds]
        cuts = list(prices.cuts)
        for each in applied:
            for place, share in zip(each.candidate.places, each.shares, strict=True):
                left[place] -= share
                used[place].add(each.candidate.promotion.kind)
            cuts.append(_cut_of(each))
        steps = [self._step(cut) for cut in cuts]
        gifts: list[str] = []
        for offer in running:
            if offer.kind == "gift" and (gift := self._gift(offer, prices, left, used)) is not None:
                steps.append(gift)
                gifts.append(offer.gift or offer.title)
        goods = yuan(sum(left))
        payment = Payment(
            at=self._moment,
            steps=tuple(steps),
            lines=self._shares(prices, left),
            gifts=tuple(gifts),
            goods=goods,
            postage=postage_for(goods, self._buyer.region, self._rules.postage),
            deposit=self._deposit(prices),
        )
        return Counted(payment, tuple(self._unused), self._spent_after(applied))

    def _may_count(self, offer: Promotion) -> bool:
        if offer.is_claimed and offer.code in self._spent.codes:
            return False
        if offer.is_claimed and self._wanted is not None and offer.code not in self._wanted:
            return False
        when = self._now if offer.kind in ITEM_KINDS else self._moment
        if not offer.runs(when, self._rules.campaigns):
            if offer.is_claimed:
                self._note(offer, "not_running")
            return False
        if not offer.scope.admits(self._buyer):
            if offer.is_claimed:
                self._note(offer, "not_covered")
            return False
        return True

    def _places(self, offer: Promotion) -> list[int]:
        places = [place for place, line in enumerate(self._lines) if offer.scope.covers(line)]
        if offer.kind != "bundle_coupon":
            return places
        here = {self._lines[place].product_no for place in places}
        together = {product for pair in offer.pairs if here.issuperset(pair) for product in pair}
        return [place for place in places if self._lines[place].product_no in together]

    def _candidate(self, offer: Promotion, prices: ItemPrices) -> Candidate | None:
        stacking = self._rules.stacking
        places = self._places(offer)
        free = [place for place in places if not stacking.excludes_any(offer.kind, prices.kinds[place])]
        if free:
            return Candidate(offer, tuple(free), optional=offer.is_claimed and self._wanted is None)
        if places:
            kinds = {kind for place in places for kind in prices.kinds[place]}
            rival = next(kind for kind in ITEM_KINDS if kind in kinds and stacking.exclude(offer.kind, kind))
            self._unused.append(Unused(offer.kind, offer.code, offer.title, "excluded", instead=KINDS[rival]))
        elif offer.is_claimed:
            self._note(offer, "not_covered")
        return None

    def _allowance(self) -> int:
        held = sum(fen(each.amount) for each in self._buyer.allowances if each.valid(self._moment))
        return max(0, held - self._spent.allowance)

    def _spent_after(self, applied: list[Applied]) -> Spent:
        promotions = [(each.candidate.promotion, each.total) for each in applied]
        return Spent(
            self._spent.codes | {promotion.code for promotion, _ in promotions if promotion.is_claimed},
            self._spent.allowance + sum(total for promotion, total in promotions if promotion.kind == "allowance"),
        )

    def _gift(
        self, offer: Promotion, prices: ItemPrices, left: list[int], used: list[set[PromotionKind]]
    ) -> Step | None:
        stacking = self._rules.stacking
        places = [place for place in self._places(offer) if not stacking.excludes_any("gift", used[place])]
        if not places:
            return None
        basis = prices.amount if stacking.mode == "parallel" else left
        missing = fen(offer.threshold) - sum(basis[place] for place in places)
        if missing > 0:
            self._unused.append(Unused("gift", offer.code, offer.title, "threshold", missing=yuan(missing)))
            return None
        if sum(self._lines[place].quantity for place in places) < (offer.pieces or 0):
            self._note(offer, "threshold")
            return None
        return self._step(Cut("gift", offer.code, offer.title, dict.fromkeys(places, 0)))

    def _note(self, offer: Promotion, reason: Reason) -> None:
        self._unused.append(Unused(offer.kind, offer.code, offer.title, reason))

    def _note_missing_pieces(self, offers: list[Promotion], prices: ItemPrices) -> None:
        counting = {cut.code for cut in prices.cuts}
        for offer in offers:
            if offer.kind == "pieces" and offer.code not in counting:
                free = [
                    self._lines[place].quantity
                    for place in self._places(offer)
                    if not self._rules.stacking.excludes_any("pieces", prices.kinds[place])
                ]
                if 0 < sum(free) < (offer.pieces or 0):
                    self._note(offer, "threshold")

    def _note_left_out(self, order: Order, applied: list[Applied]) -> None:
        counting = {id(each.candidate): each for each in applied}
        counts = [id(candidate) in counting for candidate in order.candidates]
        left, allowance = list(order.amounts), order.allowance
        for place, candidate in enumerate(order.candidates):
            promotion = candidate.promotion
            done = counting.get(id(candidate))
            if done is not None:
                for at, share in zip(candidate.places, done.shares, strict=True):
                    left[at] -= share
                allowance -= done.total if promotion.kind == "allowance" else 0
                continue
            if promotion.kind == "allowance" and allowance < candidate.amount:
                continue  # Nobody misses what they never had.
            basis = order.amounts if order.parallel else left
            missing = candidate.threshold - sum(basis[at] for at in candidate.places)
            rivals = (
                other.promotion.title
                for number, other in enumerate(order.candidates)
                if counts[number] and order.excluded[place] >> number & 1
            )
            rival = next(rivals, None)
            if missing > 0:
                note = Unused(promotion.kind, promotion.code, promotion.title, "threshold", missing=yuan(missing))
                self._unused.append(note)
            elif rival is not None:
                note = Unused(promotion.kind, promotion.code, promotion.title, "excluded", instead=rival)
                self._unused.append(note)
            else:
                self._note(promotion, "not_better" if order.apply(candidate, left, allowance) else "nothing_left")

    def _shares(self, prices: ItemPrices, left: list[int]) -> tuple[LineShare, ...]:
        return tuple(
            LineShare(
                sku=line.sku,
                product_no=line.product_no,
                name=line.name,
                quantity=line.quantity,
                unit_price=yuan(prices.unit[place]),
                list_amount=yuan(fen(line.list_price) * line.quantity),
                item_amount=yuan(prices.amount[place]),
                share=yuan(left[place]),
            )
            for place, line in enumerate(self._lines)
        )

    def _step(self, cut: Cut) -> Step:
        places = sorted(cut.shares)
        return Step(
            cut.kind,
            cut.code,
            cut.label,
            yuan(-sum(cut.shares.values())),
            tuple(self._lines[place].sku for place in places),
            tuple(yuan(-cut.shares[place]) for place in places),
        )

    def _deposit(self, prices: ItemPrices) -> Deposit | None:
        held = [(line, line.presale) for line in self._lines if line.presale is not None]
        if not held:
            return None
        line, terms = held[0]
        return Deposit(
            amount=yuan(sum(prices.floor)),
            worth=yuan(sum(fen(each.deposit_worth) * line.quantity for line, each in held)),
            paid=line.deposit_paid,
            balance_from=terms.balance_from,
            balance_until=terms.balance_until,
            ships_by=max(each.ships_by for _, each in held),
        )


def _cut_of(applied: Applied) -> Cut:
    promotion = applied.candidate.promotion
    label = f"{promotion.title} ×{applied.times}" if applied.times > 1 else promotion.title
    shares = {place: share for place, share in zip(applied.candidate.places, applied.shares, strict=True) if share}
    return Cut(promotion.kind, promotion.code, label, shares)
