"""What reminders bring about: customers who were reminded against those who were left alone (F29).

A *case* is one occasion on which a scene applied to a customer: an order that stayed unpaid, a product that was asked
about. In both groups it counts from the moment at which the first reminder went out, or would have, and it is converted
if what the scene wants has happened within its window from then on, whether or not the reminder had anything to do with
it. What the reminders have brought about is the difference, and no more.

One customer may have several cases, which turn out alike. The draw was the customer's, so they are counted in clusters:
the share of an arm is a ratio over its customers, its variance the ratio estimator's (Cochran, *Sampling Techniques*,
3rd ed., 6.3), and by how much that exceeds a binomial one (the design effect; Kish, *Survey Sampling*, 8.2) the number
of cases is divided before Wilson's interval is taken (Korn and Graubard, "Confidence intervals for proportions with
small expected number of positive counts estimated from survey data", Survey Methodology 24, 1998). The difference has
Newcombe's interval and the ratio MOVER-R's, both of `sixty.insight.experiment`. All intervals are of 95%.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from math import sqrt
from typing import Literal

from sixty.insight.experiment import Draw, Estimate, difference_of_shares, drawn, ratio_of_shares
from sixty.outreach.control import Arm
from sixty.shop.intervals import Interval, wilson

Verdict = Literal["more", "fewer", "open", "too_few", "broken"]

_FEWEST_CUSTOMERS = 20
_FEWEST_CONVERTED = 10


@dataclass(frozen=True)
class OfCustomer:
    """A customer's cases of one scene in one group.

    Attributes:
        cases: How many there were.
        converted: How many of them came to what the scene wants.
        revenue: What these brought, in yuan.
    """

    cases: int
    converted: int
    revenue: Decimal = Decimal(0)


@dataclass(frozen=True)
class ArmSums:
    """Sums over the customers of one group; squares and products are of a customer's own sums.

    Attributes:
        revenue: In yuan; so are its square and its product with the cases, in their own powers.
    """

    customers: int = 0
    cases: int = 0
    converted: int = 0
    revenue: float = 0.0
    cases_squared: int = 0
    converted_squared: int = 0
    converted_by_cases: int = 0
    revenue_squared: float = 0.0
    revenue_by_cases: float = 0.0

    def __add__(self, other: ArmSums) -> ArmSums:
        """Both together; exact where no customer is in both, otherwise as if they were two."""
        return ArmSums(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


@dataclass(frozen=True)
class Sent:
    """What was sent in the cases of the reminded, and what came of it at once.

    Attributes:
        sent: Cases in which something went out.
        delivered: Cases in which something has arrived.
        answered: Cases in which the customer wrote back.
        unsubscribed: Cases in which they wanted no more messages.
        cost: Of all that was sent, in yuan.
    """

    sent: int = 0
    delivered: int = 0
    answered: int = 0
    unsubscribed: int = 0
    cost: Decimal = Decimal(0)


@dataclass(frozen=True)
class Lift:
    """What reminders brought about, as far as it can be told.

    Attributes:
        conversion: The shares of cases that were converted: reminded, left alone.
        difference: By how much the share is higher with reminders; None while one group is empty.
        ratio: How many times as high it is, minus one; None where it cannot be told.
        extra_conversions: So many more of the reminded cases came to what the scene wants than would have without.
        extra_revenue: So much more they brought, in yuan.
        return_on_cost: What came back for each yuan spent beyond that yuan; None where nothing was spent.
        verdict: `more` or `fewer` when the interval says so, `open` when it does not, `too_few` cases to say anything,
            `broken` when the draw did not work, so that nothing else means what it says.
    """

    reminded: ArmSums
    control: ArmSums
    sent: Sent
    draw: Draw
    verdict: Verdict
    conversion: tuple[Interval, Interval]
    difference: Estimate | None = None
    ratio: Estimate | None = None
    extra_conversions: Estimate | None = None
    extra_revenue: Estimate | None = None
    return_on_cost: Estimate | None = None


def sums_of(customers: Iterable[OfCustomer]) -> ArmSums:
    """Adds up the customers of one group."""
    found = ArmSums()
    for each in customers:
        revenue = float(each.revenue)
        found += ArmSums(
            customers=1,
            cases=each.cases,
            converted=each.converted,
            revenue=revenue,
            cases_squared=each.cases**2,
            converted_squared=each.converted**2,
            converted_by_cases=each.converted * each.cases,
            revenue_squared=revenue**2,
            revenue_by_cases=revenue * each.cases,
        )
    return found


def lift(arms: Mapping[Arm, ArmSums], sent: Sent | None = None, share: float | None = None) -> Lift:
    """Compares the reminded with those who were left alone.

    Args:
        arms: The sums of both groups; one that is missing is empty.
        sent: What was sent in the cases of the reminded.
        share: The share of customers that should have been left alone, to test the draw.
    """
    reminded, control = arms.get("reminded", ArmSums()), arms.get("control", ArmSums())
    sent = sent or Sent()
    conversion = share_of(reminded), share_of(control)
    draw = drawn(reminded.customers, control.customers, share)
    if not reminded.cases or not control.cases:
        return Lift(reminded, control, sent, draw, "too_few", conversion)
    difference = difference_of_shares(*conversion)
    revenue = _difference_of_means(reminded, control)
    extra_revenue = None if revenue is None else _times(revenue, reminded.cases)
    return Lift(
        reminded=reminded,
        control=control,
        sent=sent,
        draw=draw,
        verdict=_verdict(reminded, control, draw, difference),
        conversion=conversion,
        difference=difference,
        ratio=ratio_of_shares(*conversion),
        extra_conversions=_times(difference, reminded.cases),
        extra_revenue=extra_revenue,
        return_on_cost=_return(extra_revenue, sent.cost),
    )


def share_of(arm: ArmSums) -> Interval:
    """The share of cases that were converted, with Wilson's interval for as many cases as they are worth."""
    if not arm.cases:
        return wilson(0, 0)
    rate = arm.converted / arm.cases
    worth = arm.cases / design_effect(arm)
    return wilson(rate * worth, worth)


def design_effect(arm: ArmSums) -> float:
    """How many times as much the share varies as if each case were another customer's; at least 1."""
    if arm.customers < 2 or arm.customers == arm.cases:
        # One customer tells as much as one case does.
        return arm.cases / max(1, arm.customers)
    rate = arm.converted / arm.cases
    binomial = rate * (1 - rate) / arm.cases
    if not binomial:
        # All alike: nothing tells how alike one customer's cases are, so they are taken to be one.
        return arm.cases / arm.customers
    squares = arm.converted_squared - 2 * rate * arm.converted_by_cases + rate**2 * arm.cases_squared
    return max(1.0, _of_ratio(arm, squares) / binomial)


def _difference_of_means(reminded: ArmSums, control: ArmSums) -> Estimate | None:
    """By how much a case brings more with reminders, with Welch's interval over customers; None with too few."""
    if min(reminded.customers, control.customers) < 2:
        return None
    ours, theirs = reminded.revenue / reminded.cases, control.revenue / control.cases
    parts = [_variance_of_revenue(each) for each in (reminded, control)]
    spread = sum(parts)
    value = ours - theirs
    if not spread:
        return Estimate(value, value, value)
    freedom = spread**2 / sum(
        part**2 / (each.customers - 1) for part, each in zip(parts, (reminded, control), strict=True)
    )
    half = _quantile(freedom) * sqrt(spread)
    return Estimate(value, value - half, value + half)


def _variance_of_revenue(arm: ArmSums) -> float:
    mean = arm.revenue / arm.cases
    return _of_ratio(arm, arm.revenue_squared - 2 * mean * arm.revenue_by_cases + mean**2 * arm.cases_squared)


def _of_ratio(arm: ArmSums, squares: float) -> float:
    """The variance of a ratio over customers, from the sum of their squared deviations."""
    return arm.customers / (arm.customers - 1) * max(squares, 0.0) / arm.cases**2


def _return(extra: Estimate | None, cost: Decimal) -> Estimate | None:
    if extra is None or cost <= 0:
        return None
    spent = float(cost)
    return Estimate(*(each / spent - 1 for each in (extra.value, extra.low, extra.high)))


def _times(estimate: Estimate, factor: float) -> Estimate:
    return Estimate(*(each * factor for each in (estimate.value, estimate.low, estimate.high)))


def _verdict(reminded: ArmSums, control: ArmSums, draw: Draw, difference: Estimate) -> Verdict:
    if draw.broken:
        return "broken"
    if min(reminded.customers, control.customers) < _FEWEST_CUSTOMERS:
        return "too_few"
    if reminded.converted + control.converted < _FEWEST_CONVERTED:
        return "too_few"
    return ("more" if difference.value > 0 else "fewer") if difference.tells else "open"


def _quantile(freedom: float) -> float:
    """The 97.5% quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))
