"""What a merchant's benefits are, once their playbook has been read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from sixty.shop.benefits.kinds import Authority, BenefitKind, SituationKind, Span, StepKind
from sixty.shop.pricing.phases import PhaseName
from sixty.shop.wording import SHOP_ZONE, say_amount

ServiceKind = Literal["draw", "membership", "trial", "freight_insurance", "other"]


@dataclass(frozen=True)
class CouponTerms:
    """What a coupon takes off, from which amount on, and where.

    Attributes:
        kind: Which coupon of the shop it is; a `red_packet` goes together with all others.
    """

    kind: Literal["store", "category", "red_packet"]
    threshold: Decimal
    amount: Decimal
    category: str | None = None

    @property
    def title(self) -> str:
        """What customers call it: `满300减50的券`, `立减10元红包`."""
        where = self.category or ""
        if self.threshold:
            title = f"{where}满{say_amount(self.threshold)[:-1]}减{say_amount(self.amount)[:-1]}"
        else:
            title = f"{where}立减{say_amount(self.amount)}"
        return f"{title}红包" if self.kind == "red_packet" else f"{title}的券"


@dataclass(frozen=True)
class Often:
    """How often in which time."""

    times: int
    within: timedelta


@dataclass(frozen=True)
class Budget:
    """Money that benefits are paid from, in each span anew."""

    name: str
    amount: Decimal
    per: Span


@dataclass(frozen=True)
class AuthorityLimit:
    """How much somebody may give to one customer.

    Attributes:
        each: For one benefit, in yuan of its cost.
        together: For all that they give to this customer …
        within: … in this time.
    """

    each: Decimal
    together: Decimal
    within: timedelta


@dataclass(frozen=True)
class Floors:
    """Below what no benefit goes.

    Attributes:
        margin: What must be left of a price above the cost, as a share of the price, where the cost is known.
        price: How much of the price that a customer pays without benefits must be left, as a share of it.
        products: The lowest price of a piece, by product.
    """

    margin: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    products: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Benefit:
    """Something that a shop gives in order to win a customer.

    Attributes:
        id: What the playbook calls it.
        title: What customers call it.
        cost: What it may cost the shop, in yuan.
        say: The words in which it is offered, with what stands in braces filled in.
        given: The words when it has been given.
        authority: Who may give it at least.
        stock: How many there are in each span; None for as many as are wanted.
        budget: The budget that its cost is taken from.
        per_customer: How often a customer may have it.
        valid: For how long it can be used.
        starts_at: From when on it is given …
        ends_at: … until when.
        coupon: For coupons, what it takes off.
        service: For services, which.
        prizes: For draws: what can be won, and how likely. What is left of 1 wins nothing.
        product_no: For goods that are sold, too: which.
    """

    id: str
    kind: BenefitKind
    title: str
    cost: Decimal
    say: str
    given: str
    authority: Authority = "bot"
    stock: int | None = None
    stock_per: Span = "ever"
    budget: Budget | None = None
    per_customer: Often = Often(1, timedelta(days=30))
    valid: timedelta = timedelta(days=7)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    coupon: CouponTerms | None = None
    service: ServiceKind | None = None
    prizes: Mapping[str, Decimal] = field(default_factory=dict)
    product_no: str | None = None

    def runs(self, at: datetime) -> bool:
        """Tells whether it is given at a moment."""
        return (self.starts_at is None or self.starts_at <= at) and (self.ends_at is None or at < self.ends_at)

    @property
    def taken_off(self) -> Decimal:
        """What it costs beside the price: goods and services do, while a coupon lowers the price itself."""
        return Decimal(0) if self.kind == "coupon" else self.cost


@dataclass(frozen=True)
class Circumstances:
    """What rules look at.

    Attributes:
        value: What the customer would pay for what is talked about, in yuan; None where nothing is.
        level: The level of membership, or `访客`.
    """

    phases: frozenset[PhaseName]
    level: str
    category: str | None = None
    product_no: str | None = None
    value: Decimal | None = None


@dataclass(frozen=True)
class Condition:
    """When a rule holds; what it doesn't name may be anything.

    Attributes:
        phases: In one of these phases of a campaign; an empty text stands for no campaign at all.
    """

    phases: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    categories_not: frozenset[str] = frozenset()
    products: frozenset[str] | None = None
    levels: frozenset[str] | None = None
    least: Decimal | None = None
    most: Decimal | None = None

    def holds(self, circumstances: Circumstances) -> bool:
        """Tells whether it holds; what isn't known is only what it isn't said to be."""
        told = circumstances
        if self.phases is not None and not self.phases & (told.phases or {""}):
            return False
        if self.categories is not None and told.category not in self.categories:
            return False
        if told.category in self.categories_not:
            return False
        if self.products is not None and told.product_no not in self.products:
            return False
        if self.levels is not None and told.level not in self.levels:
            return False
        if self.least is None and self.most is None:
            return True
        if told.value is None:
            return False
        return (self.least is None or told.value >= self.least) and (self.most is None or told.value <= self.most)


ALWAYS = Condition()


@dataclass(frozen=True)
class BargainStep:
    """One step of bargaining.

    Attributes:
        lines: For words, what may be said; the first one whose braces can be filled is.
        benefits: For a benefit, those to choose from, the first that can be given is.
    """

    kind: StepKind
    lines: tuple[str, ...] = ()
    benefits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """What is given in a situation.

    Attributes:
        lead: Words in front of the offer, such as an apology.
        benefits: What may be given, the first that can be is.
        steps: For bargaining, what comes after what.
    """

    id: str
    when: Condition = ALWAYS
    lead: str = ""
    benefits: tuple[str, ...] = ()
    steps: tuple[BargainStep, ...] = ()


@dataclass(frozen=True)
class BenefitPlan:
    """`playbook/benefits.yml`.

    Attributes:
        hold: How long a benefit waits for a visitor to become known.
        again_after: How long what was declined is not offered again.
        resume_after: After how long a customer who bargains is told again what was said.
        memory: How long it is remembered.
    """

    benefits: Mapping[str, Benefit] = field(default_factory=dict)
    rules: Mapping[SituationKind, tuple[Rule, ...]] = field(default_factory=dict)
    authorities: Mapping[Authority, AuthorityLimit] = field(default_factory=dict)
    floors: Floors = Floors()
    hold: timedelta = timedelta(days=2)
    again_after: timedelta = timedelta(days=7)
    resume_after: timedelta = timedelta(hours=2)
    memory: timedelta = timedelta(days=30)

    def rule_for(self, situation: SituationKind, circumstances: Circumstances) -> Rule | None:
        """The first rule of a situation that holds."""
        return next((each for each in self.rules.get(situation, ()) if each.when.holds(circumstances)), None)


def span_of(per: Span, at: datetime) -> str:
    """The span of a stock or budget that a moment is in, on the shop's clock: `2026-11-22`, `2026-W47`, `2026-11`."""
    local = at.astimezone(SHOP_ZONE)
    if per == "day":
        return f"{local:%Y-%m-%d}"
    if per == "week":
        year, week, _ = local.isocalendar()
        return f"{year}-W{week:02d}"
    return f"{local:%Y-%m}" if per == "month" else ""
