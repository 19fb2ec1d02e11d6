"""What the bot may offer unasked at a moment of the golden minute: by category, segment, willingness and restraint.

Everything here is pure: who looks at a conversation makes a `Moment` of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, get_args

from sixty.insight.models import Segment

Push = Literal["close", "doubts", "bundle", "benefit", "own_channel"]
Worry = Literal["fit", "quality", "size", "date", "comfort", "use", "price", "delivery"]
"""What a customer may be worried about: the six doubts, and what no product's knowledge answers."""

PUSHES: tuple[Push, ...] = get_args(Push)
WORRIES: tuple[Worry, ...] = get_args(Worry)


@dataclass(frozen=True)
class Limits:
    """How often the bot may offer something by itself in one visit.

    Attributes:
        pushes: All together.
        each: Of each sort; once for what is not named.
        apart: So many messages of the customer lie between two at least.
        after_refusal: For so many messages after a refusal nothing is offered.
        after_bad_mood: The same after a message in a bad mood.
    """

    pushes: int = 4
    each: Mapping[Push, int] = field(default_factory=dict)
    apart: int = 2
    after_refusal: int = 4
    after_bad_mood: int = 4


@dataclass(frozen=True)
class Strategy:
    """How goods of one sort are sold through the three segments of the minute.

    Attributes:
        name: What the merchant calls it.
        segments: By segment what may be offered, best first.
        close_after: So many answered questions allow the close; None for as many as `capsules.yml` says.
        person: Whether a person is one tap away wherever a doubt is asked for.
        offer_benefit: Whether who hesitates or leaves may be offered a benefit.
        offer_own_channel: Whether they may be invited into the shop's own channels.
    """

    name: str
    segments: Mapping[Segment, tuple[Push, ...]]
    close_after: int | None = None
    person: bool = True
    offer_benefit: bool = True
    offer_own_channel: bool = True


@dataclass(frozen=True)
class Moment:
    """How far a visit is, and what was offered in it.

    Attributes:
        segment: Where the clock of the golden minute is.
        score: Willingness to buy, 0 … 1.
        pushed: What the bot has offered by itself in this visit, in order.
        since_push: How many messages the customer has written since the last of it; None when there was none.
        since_refusal: The same since they refused something.
        since_bad_mood: The same since a message in a bad mood; 0 is the present one.
        refused: What they have refused; it is not offered again.
        quiet: Whether nothing is offered here at all: a conversation of the control group, one with a person, a
            customer who wants no selling.
    """

    segment: Segment = "ask"
    score: float = 0.5
    pushed: tuple[Push, ...] = ()
    since_push: int | None = None
    since_refusal: int | None = None
    since_bad_mood: int | None = None
    refused: Collection[Push] = frozenset()
    quiet: bool = False


@dataclass(frozen=True)
class PricedStrategy:
    """A strategy for goods that cost no more than a sum; any sum when it is None."""

    strategy: Strategy
    up_to: Decimal | None = None


def chosen(ladder: Collection[PricedStrategy], price: Decimal | None) -> Strategy:
    """The first strategy of a category whose sum a price does not exceed; without a price the one for all sums.

    Raises:
        ValueError: None of them is for all sums.
    """
    for each in ladder:
        if each.up_to is None or (price is not None and price <= each.up_to):
            return each.strategy
    raise ValueError("one of a category's strategies must be for all prices")


def pushes(strategy: Strategy, moment: Moment, limits: Limits, *, willing: float, dipped: float) -> tuple[Push, ...]:
    """What may be offered now, best first; whether there is something to offer is the shop's to say.

    Args:
        strategy: The category's.
        moment: Where the visit is.
        limits: The merchant's sense of measure.
        willing: From which score on goods that match are offered.
        dipped: Up to which score somebody counts as wavering, and may be won back with a benefit or a way to stay in
            touch.

    Returns:
        Nothing for who must not be pressed, and in the first half of the minute.
    """
    if is_quiet(moment, limits) or len(moment.pushed) >= limits.pushes:
        return ()
    return tuple(
        each
        for each in strategy.segments.get(moment.segment, ())
        if moment.pushed.count(each) < limits.each.get(each, 1)
        and each not in moment.refused
        and _is_apart(each, moment, limits)
        and _fits(each, moment, willing, dipped)
    )


def is_quiet(moment: Moment, limits: Limits) -> bool:
    """Whether nothing is offered by itself: to nobody who wants none, and for a while after a no or a bad mood."""
    refused = moment.since_refusal is not None and moment.since_refusal < limits.after_refusal
    unhappy = moment.since_bad_mood is not None and moment.since_bad_mood < limits.after_bad_mood
    return moment.quiet or refused or unhappy


def _is_apart(push: Push, moment: Moment, limits: Limits) -> bool:
    """Whether the last offer is long enough ago; the close follows right behind the doubts that stood before it."""
    if moment.since_push is None or moment.since_push >= limits.apart:
        return True
    return push == "close" and moment.pushed[-1:] == ("doubts",) and moment.since_push > 0


def _fits(push: Push, moment: Moment, willing: float, dipped: float) -> bool:
    if push == "bundle":
        return moment.score >= willing
    if push == "benefit":
        return moment.score <= dipped
    if push == "own_channel":
        # What wins back at once comes first.
        return moment.score <= dipped and "benefit" in moment.pushed
    return True
