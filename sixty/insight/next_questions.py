"""What a customer is likely to ask next: pinned by the merchant, listed for the moment, mined, listed for any.

The order of these is the order of who knows best: a pin is the merchant's word for this very question; what they list
for a phase, a kind of customer or an entry is their word for the moment, of which the past knows nothing; what was
mined is what customers did; and the rest of the list fills up. What the merchant bans after a question is not shown
there, whoever proposes it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from sixty.insight.answerable import has_answer
from sixty.insight.models import RelatedQuestion, ShownBy
from sixty.insight.related import ALL, START, blended
from sixty.playbook import Capsule, CapsulePlan, Listed
from sixty.shop.models import Product

MOST = 3

_ROWS: Any = RelatedQuestion.__table__
# Asked with every answer, so made once. Two questions back, what is asked now was second.
_MINED = (
    select(_ROWS.c.question, _ROWS.c.category, _ROWS.c.place, _ROWS.c.following, _ROWS.c.share, _ROWS.c.rank_score)
    .where(
        or_(
            and_(_ROWS.c.question == bindparam("question"), _ROWS.c.place == 1),
            and_(_ROWS.c.question == bindparam("before"), _ROWS.c.place == 2),
        ),
        _ROWS.c.category.in_(bindparam("categories", expanding=True)),
    )
    .order_by(_ROWS.c.place, _ROWS.c.rank_score.desc(), _ROWS.c.following)
)

Holds = Callable[[str], bool]
"""Tells whether a situation of the playbook holds: a phase, a kind of customer, an entry."""


@dataclass(frozen=True)
class Spot:
    """Where in a conversation a next question is looked for.

    Attributes:
        question: The one that was answered last, as the playbook spells it; empty for a customer who has just come in.
        before: The question before that one.
        category: Of the product that it is about; empty where there is none.
        entry: The page by which the customer came in.
    """

    question: str = START
    before: str | None = None
    category: str = ALL
    entry: str = "shop"


@dataclass(frozen=True)
class Following:
    """A mined question that follows another one; the best of its list first."""

    question: str
    category: str
    place: int
    following: str
    share: float
    rank_score: float


@dataclass(frozen=True)
class NextQuestion:
    """A question that a customer may ask next.

    Attributes:
        capsule: How it is offered.
        source: Who says so.
        share: Of the visits that came this far, how many asked it next; None where nothing was mined of it.
    """

    capsule: Capsule
    source: ShownBy
    share: float | None = None


def never(situation: str) -> bool:
    """Nothing is known of the moment."""
    return False


def followings(session: Session, spot: Spot) -> list[Following]:
    """Reads what was mined for a spot: what comes next, then what comes after next of the question before.

    Returns:
        The lists of the category where it has some, else those of all categories; nothing before anything was mined.
    """
    rows = session.execute(
        _MINED, {"question": spot.question, "before": spot.before or None, "categories": [spot.category, ALL]}
    ).all()
    own = {row.place for row in rows if row.category == spot.category}
    return [Following(*row) for row in rows if row.category == spot.category or row.place not in own]


def ranked(plan: CapsulePlan, spot: Spot, mined: Iterable[Following], holds: Holds = never) -> list[NextQuestion]:
    """All that may be offered at a spot, the likeliest first, each question once.

    Args:
        plan: The merchant's capsules.
        spot: Where.
        mined: What was mined for the spot, the best first; a question without a capsule can't be offered.
        holds: Which situations hold.
    """
    rules, welcome = plan.related, spot.question == START
    listed = _listed(plan, spot, holds)
    by_list: ShownBy = "welcome" if welcome else "playbook"
    followed = list(_of_entry(spot, mined))
    shares = {each.following: each.share for each in followed if each.place == 1}
    asked: list[Capsule] = []
    for following in blended(followed):
        name = plan.name_asking(following)
        if name is not None and rules.shows(name, spot.question, spot.category):
            asked.append(plan.capsules[name])
    pinned = [] if welcome else [plan.capsules[name] for name in rules.pinned(spot.question, spot.category)]
    banned = frozenset() if welcome else rules.banned(spot.question, spot.category)
    out = {plan.capsules[name].question for name in banned}
    sources: list[tuple[ShownBy, Sequence[Capsule]]] = [
        ("pinned", pinned),
        (by_list, listed.for_now),
        ("mined", asked),
        (by_list, listed.usual),
    ]
    found: dict[str, NextQuestion] = {}
    for source, capsules in sources:
        for capsule in capsules:
            question = capsule.question
            if question not in out and question not in found:
                found[question] = NextQuestion(capsule, source, shares.get(question))
    return list(found.values())


def likely_next(
    session: Session,
    plan: CapsulePlan,
    asked: Sequence[str],
    *,
    category: str | None = None,
    product: Product | None = None,
    entry: str | None = None,
    holds: Holds = never,
    most: int = MOST,
) -> list[dict[str, Any]]:
    """What a customer is likely to ask next, for whoever looks on.

    Args:
        session: A session on the shop's database.
        plan: The merchant's capsules.
        asked: The questions of the visit, in order.
        category: Of the product that it is about; the product's own when left out.
        product: That product.
        entry: The page by which the customer came in.
        holds: Which situations hold.
        most: How many at most.

    Returns:
        The likeliest first: `question`, `title`, and `share`, None where nothing was mined of it.
    """
    last = [*dict.fromkeys(reversed(asked))][:2]
    spot = Spot(
        question=last[0] if last else START,
        before=last[1] if len(last) > 1 else None,
        category=category or (product.category if product is not None else ALL),
        entry=entry or "shop",
    )
    found: list[dict[str, Any]] = []
    for each in ranked(plan, spot, followings(session, spot), holds):
        if is_new(each.capsule, asked) and has_answer(session, each.capsule, product):
            found.append({"question": each.capsule.question, "title": each.capsule.title, "share": each.share})
            if len(found) == most:
                break
    return found


def is_new(capsule: Capsule, asked: Collection[str]) -> bool:
    """Whether a capsule asks something that has not been asked."""
    return capsule.question not in asked


def _listed(plan: CapsulePlan, spot: Spot, holds: Holds) -> Listed:
    if spot.question == START:
        return plan.welcome_listed(spot.entry, spot.category, holds)
    return plan.after_listed(spot.question, spot.category, holds)


def _of_entry(spot: Spot, mined: Iterable[Following]) -> Iterable[Following]:
    """How visits begin is mined over all entries: it says something of a product's page only, by the category."""
    if spot.question != START:
        return mined
    return [each for each in mined if spot.entry == "product" and each.category != ALL]
