"""What counts for the order: coupons, cuts, allowance, red packets, and their best combination."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from sixty.shop.pricing.amounts import fen, spread
from sixty.shop.pricing.promotions import Promotion
from sixty.shop.pricing.stacking import Stacking

MOST_STEPS = 500
"""How many times a promotion may be tried on a basket before the best combination so far counts.

Enough for every combination of a dozen coupons; with many more, the search goes on from the
combination that takes the most at each step, and ends after a few milliseconds.
"""


@dataclass(frozen=True)
class Candidate:
    """A promotion that may count for some lines, in fen and by the lines' places.

    Attributes:
        optional: Whether it may be left out for a better combination; what counts by itself, or
            is insisted on, may not, unless something that counts excludes it.
        threshold: What has to be spent.
        amount: What is taken off, once.
        mask: The places as bits.
        steps_up: Whether it counts for every whole threshold.
    """

    promotion: Promotion
    places: tuple[int, ...]
    optional: bool = False

    # What is asked of it again and again is worked out once.
    threshold: int = field(init=False)
    amount: int = field(init=False)
    mask: int = field(init=False)
    steps_up: bool = field(init=False)

    def __post_init__(self) -> None:
        offer = self.promotion
        threshold = fen(offer.threshold)
        known = {
            "threshold": threshold,
            "amount": fen(offer.amount) if offer.amount is not None else 0,
            "mask": sum(1 << place for place in self.places),
            "steps_up": threshold > 0 and (offer.repeats or offer.kind == "allowance"),
        }
        self.__dict__.update(known)

    def times(self, spent: int, allowance: int) -> int:
        """How often it counts for an amount; an allowance no more often than is left of it."""
        if spent < self.threshold or spent <= 0:
            return 0
        times = spent // self.threshold if self.steps_up else 1
        return min(times, allowance // self.amount) if self.promotion.kind == "allowance" else times


@dataclass(frozen=True)
class Applied:
    """A promotion that counts: what it takes off, line by line."""

    candidate: Candidate
    shares: tuple[int, ...]
    times: int

    @property
    def total(self) -> int:
        """What it takes off in all."""
        return sum(self.shares)


class Order:
    """The lines of an order and everything that may count for it.

    Args:
        amounts: What each line costs by itself (the articles' own prices), in fen.
        floor: What of it is paid already and can't be taken off.
        candidates: What may count; each with at least one line.
        stacking: The shop's rules.
        allowance: How much shopping allowance there is, in fen.

    Attributes:
        candidates: Them in the order in which they count.
        excluded: For each of them, as bits, the places of those that it excludes.
        most: For each of them, what it takes off at most: as if nothing came before it.
    """

    def __init__(
        self,
        amounts: Sequence[int],
        floor: Sequence[int],
        candidates: Sequence[Candidate],
        stacking: Stacking,
        allowance: int = 0,
    ) -> None:
        self.amounts = list(amounts)
        self.floor = list(floor)
        self.allowance = allowance
        self.parallel = stacking.mode == "parallel"
        # In the shop's order; of one kind the most worth first, so that the first try is a good one.
        worth = sorted(
            (stacking.place(each.promotion.kind), -self._most(each), each.promotion.code, number)
            for number, each in enumerate(candidates)
        )
        self.candidates = [candidates[number] for *_, number in worth]
        self.most = [-most for _, most, _, _ in worth]
        self.excluded = [0] * len(self.candidates)
        for place, each in enumerate(self.candidates):
            excluded = stacking.excluded_by(each.promotion.kind)
            for other in range(place):
                another = self.candidates[other]
                # Either of two excludes the other.
                if another.promotion.kind in excluded and each.mask & another.mask:
                    self.excluded[place] |= 1 << other
                    self.excluded[other] |= 1 << place

    def apply(self, candidate: Candidate, left: Sequence[int], allowance: int) -> Applied | None:
        """Counts a promotion; None when its threshold isn't reached or nothing is left to take off.

        Args:
            candidate: Which.
            left: What is left of each line, in fen.
            allowance: What is left of the allowance.
        """
        basis = self.amounts if self.parallel else left
        spent = sum(basis[place] for place in candidate.places)
        times = candidate.times(spent, allowance)
        if not times:
            return None
        room = [left[place] - self.floor[place] for place in candidate.places]
        off = candidate.amount * times
        if self.parallel:
            quotas = spread(min(off, spent), [basis[place] for place in candidate.places])
            shares = [min(quota, most) for quota, most in zip(quotas, room, strict=True)]
        else:
            shares = spread(min(off, sum(room)), room)
        if not any(shares):
            return None
        return Applied(candidate, tuple(shares), times)

    def best(self) -> list[Applied]:
        """Finds what takes off most together, in the order in which it counts.

        What isn't optional is left out only where something else that counts excludes it.
        Every combination is tried, except those that can't be better than the best one so
        far; see `MOST_STEPS` for baskets where that takes too long.
        """
        search = _Search(self)
        search.descend(0, list(self.amounts), self.allowance, 0, 0, search.hopeless)
        return list(search.best or ())

    def _most(self, candidate: Candidate) -> int:
        spent = sum(self.amounts[place] for place in candidate.places)
        return min(candidate.amount * candidate.times(spent, self.allowance), spent)


@dataclass(frozen=True)
class _Group:
    """Candidates of which each excludes each, so that one of them counts at most.

    Attributes:
        members: Their places in the order and what they take off at most, the most first.
        last: The last of these places.
        slope: Where its one member counts for every threshold on all lines, one after the
            other: how much of each further yuan it takes off.
    """

    members: tuple[tuple[int, int], ...]
    last: int
    slope: Fraction | None = None


def _groups(order: Order) -> list[_Group]:
    gathered: list[list[int]] = []
    bits: list[int] = []
    for place, most in enumerate(order.most):
        if not most:
            # It will never count.
            continue
        for number, group in enumerate(bits):
            if order.excluded[place] & group == group:
                gathered[number].append(place)
                bits[number] |= 1 << place
                break
        else:
            gathered.append([place])
            bits.append(1 << place)
    groups = []
    for members in gathered:
        slope = None
        first = order.candidates[members[0]]
        if not order.parallel and len(members) == 1 and first.steps_up and len(first.places) == len(order.amounts):
            slope = Fraction(first.amount, first.threshold)
        worth = sorted(((place, order.most[place]) for place in members), key=lambda each: -each[1])
        groups.append(_Group(tuple(worth), members[-1], slope))
    return sorted(groups, key=lambda group: group.last)


class _Search:
    """Depth first through all combinations, the most worth first, with a bound.

    The bound adds up what each group may take off at most. One after the other, a cut that
    counts for every threshold is bounded by what the ones before it leave when they take the
    most: taking less before it never brings as much after it, because it takes off no more
    than what it is counted from.
    """

    def __init__(self, order: Order) -> None:
        self._order = order
        self._groups = _groups(order)
        self._steps = 0
        self._path: list[Applied] = []
        self._most = -1
        self._skipped: list[int] = []
        self.hopeless = sum(1 << place for place, most in enumerate(order.most) if not most)
        self.best: tuple[Applied, ...] | None = None

    def descend(self, place: int, left: list[int], allowance: int, total: int, used: int, blocked: int) -> None:
        order = self._order
        while place < len(order.candidates) and blocked >> place & 1:
            place += 1
        if place == len(order.candidates):
            # What isn't optional was left out for something that then did not come.
            if total > self._most and all(order.excluded[each] & used for each in self._skipped):
                self._most = total
                self.best = tuple(self._path)
            return
        if self.best is not None and (
            self._steps > MOST_STEPS or total + self._bound(place, left, blocked) <= self._most
        ):
            return
        candidate = order.candidates[place]
        self._steps += 1
        applied = order.apply(candidate, left, allowance)
        if applied is None:
            self.descend(place + 1, left, allowance, total, used, blocked)
            return
        after = left.copy()
        for at, share in zip(candidate.places, applied.shares, strict=True):
            after[at] -= share
        spent = applied.total if candidate.promotion.kind == "allowance" else 0
        excluded = order.excluded[place]
        self._path.append(applied)
        self.descend(place + 1, after, allowance - spent, total + applied.total, used | 1 << place, blocked | excluded)
        self._path.pop()
        if candidate.optional:
            self.descend(place + 1, left, allowance, total, used, blocked)
        elif (excluded & ~blocked) >> (place + 1):
            self._skipped.append(place)
            self.descend(place + 1, left, allowance, total, used, blocked)
            self._skipped.pop()

    def _bound(self, place: int, left: list[int], blocked: int) -> int:
        rest = sum(left)
        bound: int | Fraction = 0
        for group in self._groups:
            if group.last < place:
                continue
            for member, most in group.members:
                if member >= place and not blocked >> member & 1:
                    if group.slope is not None:
                        left_over = Fraction(max(Fraction(0), rest - bound))
                        bound += min(Fraction(most), group.slope * left_over)
                    else:
                        bound += most
                    break
        return min(int(bound), rest)
