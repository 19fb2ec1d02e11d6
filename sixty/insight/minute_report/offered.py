"""What the bot offered by itself: which capsules were tapped, and which other offers were made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import astuple, dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from sixty.insight.minute_report.scope import Scope
from sixty.insight.models import CapsuleShowing, Visit
from sixty.ledger.models import Message
from sixty.ledger.replying import PUSH
from sixty.shop.intervals import Interval, wilson
from sixty.tables import column


@dataclass(frozen=True)
class Offered:
    """One sort of offer.

    Attributes:
        shown: How often it was made.
        tapped: How often it was tapped; None for what cannot be.
        visits: In how many visits.
        ordered: How many of these ended in an order. Who is offered what is no accident, so this says nothing of what
            the offer did: that is told by the quiet arm.
    """

    shown: int = 0
    tapped: int | None = None
    visits: int = 0
    ordered: int = 0

    @property
    def taps(self) -> Interval | None:
        """The share that was tapped."""
        return None if self.tapped is None else wilson(self.tapped, self.shown)

    def __add__(self, other: Offered) -> Offered:
        """Counts both."""
        mine, theirs = astuple(self), astuple(other)
        sums = (
            None if one is None and two is None else (one or 0) + (two or 0)
            for one, two in zip(mine, theirs, strict=True)
        )
        return Offered(*sums)  # type: ignore[arg-type]  # only `tapped` may be None


OfferedFigures = Mapping[str, Offered]
"""By sort: `playbook`, `pinned`, `mined` and `welcome` for capsules, else as in the message's `push`."""


def offered_of(session: Session, scope: Scope) -> dict[str | None, OfferedFigures]:
    """Counts what was offered; by category of the visit, and under None in all visits."""
    found: dict[str | None, dict[str, Offered]] = defaultdict(lambda: defaultdict(Offered))
    ordered = func.count(case((column(Visit.order_no).is_not(None), column(Visit.id))).distinct())
    capsules = (
        select(
            Visit.category,
            CapsuleShowing.source,
            func.count(),
            func.count(CapsuleShowing.tapped_at),
            func.count(column(Visit.id).distinct()),
            ordered,
        )
        .join(CapsuleShowing, column(CapsuleShowing.visit_id) == column(Visit.id))
        .where(*scope.visits())
        .group_by(column(Visit.category), column(CapsuleShowing.source))
    )
    sort = column(Message.payload)[PUSH].as_string()
    rest = (
        select(Visit.category, sort, func.count(), func.count(column(Visit.id).distinct()), ordered)
        .join(Message, column(Message.conversation_id) == column(Visit.conversation_id))
        .where(
            *scope.visits(),
            column(Message.author) == "bot",
            column(Message.at).between(column(Visit.started_at), column(Visit.ended_at)),
            sort.is_not(None),
        )
        .group_by(column(Visit.category), sort)
    )
    for category, source, *numbers in session.execute(capsules):
        for each in {None, category or ""}:
            found[each][source] += Offered(*(int(number) for number in numbers))
    for category, kind, shown, visits, buying in session.execute(rest):
        for each in {None, category or ""}:
            found[each][kind] += Offered(int(shown), None, int(visits), int(buying))
    return {category: dict(by_sort) for category, by_sort in found.items()}
