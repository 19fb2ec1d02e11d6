"""What customers ask next, and what it is worth to answer it before it is asked. Pure functions on counts.

**Shares.** Of the visits in which a question came up, how many asked which question next (place 1), or after that
(place 2); the rest asked nothing more, so shares add up to less than one. What one category shows is little, so it is
smoothed by what all categories show, and that by what is asked next after any question::

    share(f | q, c) = (n(q, c, f) + m · share(f | q)) / (n(q, c) + m)

with n counted by recency and m as `smoothing`: the posterior mean under a Dirichlet prior whose mean is the wider
level (MacKay and Peto, "A hierarchical Dirichlet language model", Natural Language Engineering 1, 1995).

**Weight.** What a question does to ordering is the difference in the rate of orders between visits whose question was
settled and visits in which it was left open (missed, apologised for, or asked back and never heard of again)::

    d(f)  = orders_settled / n_settled − orders_open / n_open
    e(f)  = n_settled · n_open / (n_settled + n_open)
    d̂(f) = (e · d + k · d_wider) / (e + k),      k ≥ `order_smoothing`

`e` is the weight of a stratum in the Mantel–Haenszel risk difference (Greenland and Robins, Biometrics 41, 1985), by
which all questions together give the difference that is expected of any (`d_wider`), each compared with itself only:
that people who ask how to pay order anyway says nothing of leaving the question open. `d̂` pulls what few visits show
towards it (the normal–normal shrinkage of empirical Bayes: Efron and Morris, JASA 70, 1975; the variance of d is about
p(1−p)/e, so k is p(1−p)/τ²). How far questions really differ, τ², is estimated from all of them (Paule and Mandel,
Journal of Research of the NBS 87, 1982, which lets a rare question speak as loud as a frequent one): where they differ
no more than by chance, all get the same weight. `order_smoothing` is the least that k may be. A category's difference
is pulled towards that of the question in all categories.

**Rank.** `share · max(d̂, least_weight)`: how many more orders are at stake each time the question is shown – what
epidemiologists call the population attributable risk, prevalence times risk difference (Levin, Acta UICC 9, 1953). So a
rare question before which customers leave comes before a frequent one that loses nobody. It is an association in the
past, not a proof: what pushing does is measured by the quiet arm.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from sixty.related_rules import RelatedRules

START = ""
"""The question before the first one: a visit's beginning."""

ALL = ""
"""The category that stands for all of them."""

State = Literal["settled", "open", "unknown"]
PLACES = (1, 2)
# Strengths between e⁻²⁵ and e²⁵ visits are told apart.
_FINEST, _HALVINGS = 25.0, 40

EARLIER = 0.5
"""What the question before the last one counts for what is asked now."""


@dataclass(frozen=True)
class Counted:
    """Visits that are alike, as the database counts them.

    Attributes:
        category: Of the visit; empty where it is not known.
        question: What came up; empty for the visit's beginning.
        state: What became of it.
        place: 1 for what was asked next, 2 for what was asked after that.
        following: That question; None where there was none.
        visits: How many.
        recency: How many, counted by recency.
        weight: The same, where a tapped question counts for less.
        ordered: How many of them ordered, by recency.
    """

    category: str
    question: str
    state: State
    place: int
    following: str | None
    visits: int
    recency: float
    weight: float
    ordered: float

    @classmethod
    def read(cls, row: Sequence[Any]) -> Counted:
        """Makes one of a row of `sql/related.sql`."""
        category, question, state, place, following, visits, recency, weight, ordered = row
        return cls(
            category, question, state, int(place), following, int(visits), float(recency), float(weight), float(ordered)
        )


@dataclass(frozen=True)
class Related:
    """A question that follows another one.

    Attributes:
        question: After which; empty for a visit's beginning.
        category: In which product category; empty for all.
        place: 1 for what is asked next, 2 for what is asked after that.
        following: What is asked.
        count: In how many visits it followed.
        share: The smoothed share of the visits with the question, 0 … 1.
        weight: What settling it does to the rate of orders, 0 … 1.
        rank_score: Orders at stake each time it is shown.
    """

    question: str
    category: str
    place: int
    following: str
    count: int
    share: float
    weight: float
    rank_score: float


class Ranked(Protocol):
    """A following question with its rank, as it is mined and as it is kept."""

    @property
    def place(self) -> int:
        """1 for what is asked next, 2 for what is asked after that."""
        ...

    @property
    def following(self) -> str:
        """What is asked."""
        ...

    @property
    def rank_score(self) -> float:
        """Orders at stake each time it is shown."""
        ...


def blended(mined: Iterable[Ranked]) -> list[str]:
    """Orders what follows the last question (place 1) and what comes second after the one before it (place 2).

    What somebody asks now has to do with both; the one before counts `EARLIER` as much. In real dialogs that hit the
    next question somewhat more often than the last question alone (`python -m bench.minute_related`).

    Returns:
        Questions, the best first.
    """
    scores: dict[str, float] = defaultdict(float)
    for each in mined:
        scores[each.following] += each.rank_score * (1.0 if each.place == 1 else EARLIER)
    return sorted(scores, key=lambda name: (-scores[name], name))


@dataclass
class Tally:
    """Visits and orders, by recency, of a question settled and left open."""

    settled: float = 0.0
    settled_ordered: float = 0.0
    open: float = 0.0
    open_ordered: float = 0.0

    @property
    def evidence(self) -> float:
        """How many visits' worth the comparison is: half the harmonic mean of both sides."""
        both = self.settled + self.open
        return self.settled * self.open / both if both > 0 else 0.0

    @property
    def difference(self) -> float:
        """By how much more often those order whose question was settled, −1 … 1; 0 without a comparison."""
        if self.settled <= 0 or self.open <= 0:
            return 0.0
        return self.settled_ordered / self.settled - self.open_ordered / self.open


def pooled_difference(strata: Iterable[Tally]) -> tuple[float, float]:
    """The Mantel–Haenszel risk difference of several strata, and the evidence behind it."""
    evidence = total = 0.0
    for each in strata:
        evidence += each.evidence
        total += each.evidence * each.difference
    return (total / evidence if evidence > 0 else 0.0), evidence


LEAST_EVIDENCE = 1e-9
"""Of a visit; what is told by less, such as one that has lost nearly all its weight by its age, is told by nothing."""


def shrunken(value: float, evidence: float, towards: float, strength: float) -> float:
    """A value that little evidence supports, pulled towards what is known more widely.

    Args:
        value: What was seen.
        evidence: In how many visits.
        towards: What is known more widely.
        strength: How many visits that is worth; it may be infinite.
    """
    whole = evidence + strength
    if whole <= 0 or math.isinf(strength):
        return towards
    # The share first: a product with next to nothing would be rounded away.
    return towards + evidence / whole * (value - towards)


def common_strength(strata: Iterable[tuple[float, float]], variance: float) -> float:
    """How many visits' worth it is to know the differences of all strata, when one of them is to be told.

    Args:
        strata: The difference and the evidence of each.
        variance: Of one visit's order, p(1−p).

    Returns:
        variance / τ², with τ² by Paule and Mandel: as large as it must be for the strata to lie about their mean as
        far as chance and τ² together explain. Infinite where chance alone does.
    """
    known = [(difference, evidence) for difference, evidence in strata if evidence >= LEAST_EVIDENCE]

    def too_far(strength: float) -> bool:
        # variance / (variance / evidence + τ²), where strength is variance / τ².
        weights = [1 / (1 / evidence + 1 / strength) for _, evidence in known]
        mean = sum(weight * value for weight, (value, _) in zip(weights, known, strict=True)) / sum(weights)
        far = sum(weight * (value - mean) ** 2 for weight, (value, _) in zip(weights, known, strict=True))
        return far > variance * (len(known) - 1)

    if len(known) < 2 or variance <= 0 or not too_far(math.inf):
        return math.inf
    # How far they lie falls with τ², so halving finds where it fits; the scale of a strength is its logarithm.
    low, high = -_FINEST, _FINEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if too_far(math.exp(middle)) else (middle, high)
    return math.exp(high)


class Effects:
    """What settling a question does to ordering."""

    def __init__(self, counted: Iterable[Counted], least_strength: float) -> None:
        self._tallies: dict[str, dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
        for each in counted:
            # Each visit with a question has one row of the first place, whatever followed.
            if each.place == 1 and each.question != START:
                tally = self._tallies[each.question][each.category]
                if each.state == "settled":
                    tally.settled += each.recency
                    tally.settled_ordered += each.ordered
                elif each.state == "open":
                    tally.open += each.recency
                    tally.open_ordered += each.ordered
        tallies = [tally for categories in self._tallies.values() for tally in categories.values()]
        self.overall = pooled_difference(tallies)[0]
        """The difference that is expected of any question."""
        by_question = {name: pooled_difference(each.values()) for name, each in self._tallies.items()}
        visits = sum(each.settled + each.open for each in tallies)
        rate = sum(each.settled_ordered + each.open_ordered for each in tallies) / visits if visits > 0 else 0.0
        common = common_strength(by_question.values(), rate * (1 - rate))
        self.strength = max(least_strength, common)
        """How many visits' worth of evidence it takes to believe a question half."""
        self._everywhere = {
            name: shrunken(difference, evidence, self.overall, self.strength)
            for name, (difference, evidence) in by_question.items()
        }

    def of(self, question: str, category: str = ALL) -> float:
        """The difference in the rate of orders, −1 … 1, that settling a question makes."""
        everywhere = self._everywhere.get(question, self.overall)
        tally = self._tallies[question].get(category) if question in self._tallies else None
        if category == ALL or tally is None:
            return everywhere
        return shrunken(tally.difference, tally.evidence, everywhere, self.strength)


@dataclass
class _Followers:
    """What followed one question."""

    visits: int = 0
    recency: float = 0.0
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    weights: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, each: Counted) -> None:
        self.visits += each.visits
        self.recency += each.recency
        if each.following is not None:
            self.counts[each.following] += each.visits
            self.weights[each.following] += each.weight

    def shares(self, wider: Mapping[str, float], smoothing: float) -> dict[str, float]:
        whole = self.recency + smoothing
        if whole <= 0:
            return dict(wider)
        return {
            name: (self.weights.get(name, 0.0) + smoothing * wider.get(name, 0.0)) / whole
            for name in {*wider, *self.weights}
        }


def relate(counted: Iterable[Counted], rules: RelatedRules) -> list[Related]:
    """Works out what follows each question in each category, and ranks it.

    A question that came up in fewer than `min_count` visits has no list; in a category, no list of its own. A question
    that followed others in fewer than `min_count` visits is in no list. Where it followed this one seldom or never,
    its share is what smoothing leaves of what it is in general: what customers ask anyway fills a list up.

    Returns:
        By question, category and place, the best first, `keep` of each at most.
    """
    rows = list(counted)
    effects = Effects(rows, rules.order_smoothing)
    found: list[Related] = []
    for place in PLACES:
        found += _place(place, [each for each in rows if each.place == place], effects, rules)
    return sorted(found, key=lambda each: (each.question, each.category, each.place, -each.rank_score, each.following))


def _place(place: int, rows: Sequence[Counted], effects: Effects, rules: RelatedRules) -> list[Related]:
    anywhere = _Followers()
    by_question: dict[str, _Followers] = defaultdict(_Followers)
    by_category: dict[tuple[str, str], _Followers] = defaultdict(_Followers)
    for each in rows:
        if each.question != START:
            anywhere.add(each)
        by_question[each.question].add(each)
        if each.category != ALL:
            by_category[each.question, each.category].add(each)
    base = anywhere.shares({}, 0.0)
    shares = {}
    for question, followers in by_question.items():
        # How a visit begins is another matter than how it goes on.
        wider = {} if question == START else {name: share for name, share in base.items() if name != question}
        shares[question] = followers.shares(wider, rules.smoothing if wider else 0.0)
    levels: list[tuple[str, str, _Followers, Mapping[str, float]]] = [
        (question, ALL, followers, shares[question]) for question, followers in by_question.items()
    ]
    levels += [
        (question, category, followers, followers.shares(shares[question], rules.smoothing))
        for (question, category), followers in by_category.items()
    ]
    found: list[Related] = []
    for question, category, followers, smoothed in levels:
        if followers.visits < rules.min_count:
            continue
        supported = (followers if question == START else anywhere).counts
        ranked = []
        for following, share in smoothed.items():
            if supported.get(following, 0) >= rules.min_count:
                weight = max(effects.of(following, category), rules.least_weight)
                ranked.append(
                    Related(
                        question,
                        category,
                        place,
                        following,
                        followers.counts.get(following, 0),
                        share,
                        weight,
                        share * weight,
                    )
                )
        ranked.sort(key=lambda each: (-each.rank_score, each.following))
        found += ranked[: rules.keep]
    return found
