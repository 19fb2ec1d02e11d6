"""What the pushes do: conversations in which the bot offers questions by itself against those in which it doesn't.

Which of the two a conversation is, is drawn by its id (`sixty.insight.arms`), so the conversation is what is counted:
whether it ended in an order, how many orders it had, what was asked and tapped in it. Several visits of one
conversation are one draw. Nothing is left out afterwards: a conversation in which nothing could be pushed counts, too.

All intervals are of 95%, for figures that are looked at once:

- one share: Wilson's score interval (Wilson 1927), in `sixty.shop.intervals`;
- the difference of two shares: Newcombe's hybrid score interval (Newcombe, "Interval estimation for the difference
  between independent proportions", Statistics in Medicine 17, 1998, method 10). It keeps its level down to a control
  group of ten, where the usual one with standard errors does not;
- the ratio of two shares: MOVER-R from the same limits (Donner and Zou, "Closed-form confidence intervals for functions
  of the normal mean and standard deviation", Statistical Methods in Medical Research 21, 2012);
- the difference of two means: Welch's t (Welch 1947);
- questions per order, which is a ratio of sums over conversations: the delta method on its logarithm (Deng, Knoblich
  and Lu, "Applying the delta method in metric analytics", KDD 2018).

Whether the draw itself worked is tested first (`sample ratio mismatch`: Fabijan et al., "Diagnosing sample ratio
mismatch in online controlled experiments", KDD 2019): when it did not, nothing else here means what it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil, exp, log, sqrt
from typing import Literal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from sixty.insight.models import Arm, ChatTurn, Visit
from sixty.shop.intervals import Interval, wilson
from sixty.tables import column

Verdict = Literal["more", "fewer", "open", "too_few", "broken"]

# Quantiles of the standard normal distribution: intervals of 95%, and a chance of 80% to see what is there.
_Z = 1.959963984540054
_POWER = 0.8416212335729143
_FEWEST_ORDERS = 10
_FEWEST_CONVERSATIONS = 20
_MISMATCH = 0.001


@dataclass(frozen=True)
class ArmCounts:
    """Sums over the conversations of one arm.

    Attributes:
        conversations: How many there were.
        ordered: In how many of them something was ordered.
        orders: How many orders they had.
        questions: How many questions were asked.
        taps: How many capsules were tapped.
        questions_squared, orders_squared, taps_squared, questions_by_orders: Sums of squares and products of these,
            each of a conversation, for how much they vary.
    """

    conversations: int = 0
    ordered: int = 0
    orders: int = 0
    questions: int = 0
    taps: int = 0
    questions_squared: int = 0
    orders_squared: int = 0
    taps_squared: int = 0
    questions_by_orders: int = 0


@dataclass(frozen=True)
class Estimate:
    """A figure that can be any number, and between which two it lies with 95% certainty."""

    value: float
    low: float
    high: float

    @property
    def tells(self) -> bool:
        """Whether it is sure on which side of nothing it lies."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Draw:
    """Whether conversations were divided as they should be.

    Attributes:
        expected: The share that should be quiet; None when nobody says.
        quiet: The share that is.
        chance: How likely a division at least as uneven is when the draw works.
    """

    expected: float | None
    quiet: Interval
    chance: float | None

    @property
    def broken(self) -> bool:
        """Whether that is no accident any more."""
        return self.chance is not None and self.chance < _MISMATCH


@dataclass(frozen=True)
class Experiment:
    """What the pushes did, as far as it can be told.

    Attributes:
        conversion: The shares of conversations that ended in an order: with pushes, without.
        difference: By how much the share is higher with pushes; None when one arm is empty.
        ratio: How many times as high it is, minus one: 0.1 is a tenth more. None when nobody ordered without pushes.
        extra_orders: So many more of the conversations with pushes ended in an order than would have without.
        taps: Taps per conversation: with pushes, without.
        more_taps: The difference.
        questions_per_order: With pushes, without; None where there are too few orders.
        fewer_questions: How the number of questions per order changes: -0.1 is a tenth fewer.
        smallest: The smallest difference of shares that so many conversations would show in four of five cases.
        wanted: So many quiet conversations are needed to show a difference as large as the one that seems to be there,
            in four of five cases, when the arms are divided as they are; None when none seems to be there.
    """

    pushes: ArmCounts
    quiet: ArmCounts
    draw: Draw
    verdict: Verdict
    conversion: tuple[Interval, Interval]
    difference: Estimate | None
    ratio: Estimate | None
    extra_orders: Estimate | None
    taps: tuple[Estimate | None, Estimate | None]
    more_taps: Estimate | None
    questions_per_order: tuple[Estimate | None, Estimate | None]
    fewer_questions: Estimate | None
    smallest: float | None
    wanted: int | None


def experiment(
    session: Session,
    since: datetime | None = None,
    until: datetime | None = None,
    category: str | None = None,
    expected: float | None = None,
) -> Experiment:
    """Compares the arms over a stretch of time.

    Args:
        session: Any session.
        since: Visits that began at this moment or later, …
        until: … and before this one.
        category: Only visits about this product category.
        expected: The share of conversations that should be quiet, to test the draw.
    """
    counts = arm_counts(session, since, until, category)
    return compare(counts["pushes"], counts["quiet"], expected)


def arm_counts(
    session: Session, since: datetime | None = None, until: datetime | None = None, category: str | None = None
) -> dict[Arm, ArmCounts]:
    """Adds up the conversations of both arms, in one query; the arguments are those of `experiment`."""
    wanted = [
        column(Visit.turns) > 0,
        *([column(Visit.started_at) >= since] if since is not None else []),
        *([column(Visit.started_at) < until] if until is not None else []),
        *([column(Visit.category) == category] if category is not None else []),
    ]
    taps = (
        select(column(Visit.conversation_id).label("conversation"), func.count().label("taps"))
        .join(ChatTurn, column(ChatTurn.visit_id) == column(Visit.id))
        .where(column(ChatTurn.tapped), *wanted)
        .group_by(column(Visit.conversation_id))
        .subquery()
    )
    each = (
        select(
            column(Visit.conversation_id).label("conversation"),
            func.min(Visit.arm).label("arm"),
            func.sum(Visit.questions).label("questions"),
            func.count(Visit.order_no).label("orders"),
        )
        .where(*wanted)
        .group_by(column(Visit.conversation_id))
        .subquery()
    )
    asked, bought, tapped = each.c.questions, each.c.orders, func.coalesce(taps.c.taps, 0)
    query = (
        select(
            each.c.arm,
            func.count(),
            func.sum(case((bought > 0, 1), else_=0)),
            func.sum(bought),
            func.sum(asked),
            func.sum(tapped),
            func.sum(asked * asked),
            func.sum(bought * bought),
            func.sum(tapped * tapped),
            func.sum(asked * bought),
        )
        .outerjoin(taps, taps.c.conversation == each.c.conversation)
        .group_by(each.c.arm)
    )
    found: dict[Arm, ArmCounts] = {"pushes": ArmCounts(), "quiet": ArmCounts()}
    for arm, *sums in session.execute(query):
        found[arm] = ArmCounts(*(int(each_sum) for each_sum in sums))
    return found


def compare(pushes: ArmCounts, quiet: ArmCounts, expected: float | None = None) -> Experiment:
    """Says what the difference between two arms is, and how sure that is.

    Args:
        pushes: Conversations in which the bot may offer questions by itself.
        quiet: Those in which it may not.
        expected: The share of conversations that should be quiet, to test the draw.
    """
    conversion = wilson(pushes.ordered, pushes.conversations), wilson(quiet.ordered, quiet.conversations)
    both = bool(pushes.conversations and quiet.conversations)
    difference = difference_of_shares(*conversion) if both else None
    smallest = smallest_difference(pushes, quiet) if both else None
    draw = drawn(pushes.conversations, quiet.conversations, expected)
    extra = None
    if difference is not None:
        extra = Estimate(*(each * pushes.conversations for each in (difference.value, difference.low, difference.high)))
    return Experiment(
        pushes=pushes,
        quiet=quiet,
        draw=draw,
        verdict=_verdict(pushes, quiet, draw, difference),
        conversion=conversion,
        difference=difference,
        ratio=ratio_of_shares(*conversion) if both else None,
        extra_orders=extra,
        taps=(_mean(pushes), _mean(quiet)),
        more_taps=_difference_of_taps(pushes, quiet),
        questions_per_order=(_per_order(pushes), _per_order(quiet)),
        fewer_questions=_change_per_order(pushes, quiet),
        smallest=smallest,
        wanted=_wanted(pushes, quiet, difference),
    )


def difference_of_shares(one: Interval, other: Interval) -> Estimate:
    """By how much one share is higher than another, by Newcombe's method 10.

    Args:
        one: A share with Wilson's interval.
        other: Another one, of other cases.
    """
    value = one.rate - other.rate
    below = sqrt((one.rate - one.low) ** 2 + (other.high - other.rate) ** 2)
    above = sqrt((one.high - one.rate) ** 2 + (other.rate - other.low) ** 2)
    return Estimate(value, value - below, value + above)


def ratio_of_shares(one: Interval, other: Interval) -> Estimate | None:
    """How many times as high one share is as another, minus one, by MOVER-R; None where the other may be nothing."""
    if other.rate <= 0 or other.low <= 0:
        return None
    product = one.rate * other.rate
    low = (
        product
        - sqrt(max(product**2 - one.low * other.high * (2 * one.rate - one.low) * (2 * other.rate - other.high), 0.0))
    ) / (other.high * (2 * other.rate - other.high))
    high = (
        product
        + sqrt(max(product**2 - one.high * other.low * (2 * one.rate - one.high) * (2 * other.rate - other.low), 0.0))
    ) / (other.low * (2 * other.rate - other.low))
    return Estimate(one.rate / other.rate - 1, low - 1, high - 1)


def smallest_difference(pushes: ArmCounts, quiet: ArmCounts) -> float | None:
    """The smallest difference of shares that a test at 5% finds in four of five cases (the normal approximation).

    The shares are taken to be what both arms have together; None while that is nothing or everything.
    """
    total = pushes.conversations + quiet.conversations
    rate = (pushes.ordered + quiet.ordered) / total
    if not 0 < rate < 1:
        return None
    return (_Z + _POWER) * sqrt(rate * (1 - rate) * (1 / pushes.conversations + 1 / quiet.conversations))


def drawn(pushes: int, quiet: int, expected: float | None) -> Draw:
    """Tests whether conversations were divided as they should be, by the exact binomial test."""
    total = pushes + quiet
    chance = None
    if expected is not None and 0 < expected < 1 and total:
        from scipy.stats import binomtest

        chance = float(binomtest(quiet, total, expected).pvalue)
    return Draw(expected, wilson(quiet, total), chance)


def _verdict(pushes: ArmCounts, quiet: ArmCounts, draw: Draw, difference: Estimate | None) -> Verdict:
    if draw.broken:
        return "broken"
    if difference is None or min(pushes.conversations, quiet.conversations) < _FEWEST_CONVERSATIONS:
        return "too_few"
    if pushes.ordered + quiet.ordered < _FEWEST_ORDERS:
        return "too_few"
    return ("more" if difference.value > 0 else "fewer") if difference.tells else "open"


def _wanted(pushes: ArmCounts, quiet: ArmCounts, difference: Estimate | None) -> int | None:
    if difference is None or not difference.value:
        return None
    now = smallest_difference(pushes, quiet)
    return None if now is None else ceil(quiet.conversations * (now / abs(difference.value)) ** 2)


def _mean(counts: ArmCounts) -> Estimate | None:
    """Taps per conversation; of one conversation there is no telling how much they vary."""
    if counts.conversations < 2:
        return None
    mean = counts.taps / counts.conversations
    half = _quantile(counts.conversations - 1) * sqrt(_variance_of_taps(counts) / counts.conversations)
    return Estimate(mean, max(0.0, mean - half), mean + half)


def _difference_of_taps(one: ArmCounts, other: ArmCounts) -> Estimate | None:
    if min(one.conversations, other.conversations) < 2:
        return None
    parts = [_variance_of_taps(each) / each.conversations for each in (one, other)]
    value = one.taps / one.conversations - other.taps / other.conversations
    spread = sum(parts)
    if not spread:
        return Estimate(value, value, value)
    freedom = spread**2 / sum(
        part**2 / (each.conversations - 1) for part, each in zip(parts, (one, other), strict=True)
    )
    half = _quantile(freedom) * sqrt(spread)
    return Estimate(value, value - half, value + half)


def _variance_of_taps(counts: ArmCounts) -> float:
    return _covariance(counts.taps_squared, counts.taps, counts.taps, counts.conversations)


def _covariance(products: int, one: int, other: int, number: int) -> float:
    """How two figures of a conversation vary together, from the sum of their products and their sums."""
    return (products - one * other / number) / (number - 1)


def _log_per_order(counts: ArmCounts) -> tuple[float, float] | None:
    """The logarithm of questions per order and its variance, by the delta method; None with too few orders."""
    number = counts.conversations
    if counts.orders < _FEWEST_ORDERS or not counts.questions or number < 2:
        return None
    asked, bought = counts.questions / number, counts.orders / number
    variance = (
        _covariance(counts.questions_squared, counts.questions, counts.questions, number) / asked**2
        + _covariance(counts.orders_squared, counts.orders, counts.orders, number) / bought**2
        - 2 * _covariance(counts.questions_by_orders, counts.questions, counts.orders, number) / (asked * bought)
    ) / number
    return log(asked / bought), max(variance, 0.0)


def _per_order(counts: ArmCounts) -> Estimate | None:
    known = _log_per_order(counts)
    if known is None:
        return None
    middle, variance = known
    half = _Z * sqrt(variance)
    return Estimate(exp(middle), exp(middle - half), exp(middle + half))


def _change_per_order(one: ArmCounts, other: ArmCounts) -> Estimate | None:
    ours, theirs = _log_per_order(one), _log_per_order(other)
    if ours is None or theirs is None:
        return None
    middle, half = ours[0] - theirs[0], _Z * sqrt(ours[1] + theirs[1])
    return Estimate(exp(middle) - 1, exp(middle - half) - 1, exp(middle + half) - 1)


def _quantile(freedom: float) -> float:
    """The 97.5% quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))
