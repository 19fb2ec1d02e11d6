"""Which of the six lines through the golden minute a visit takes: A, B, B+, C, C+ or Z."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sixty.insight.attribution import Bought
from sixty.insight.models import Line
from sixty.insight.rules import WillingnessRules
from sixty.insight.turns import NO_QUESTIONS, Turn
from sixty.insight.willingness import FADING, Willingness

# Of what asks nothing, what is said on the way to buying, or away from it.
_ON_THE_WAY = frozenset({"hesitate", "abandon_purchase"})
_TWO = 2


def line_of(
    turns: Sequence[Turn],
    willingness: Willingness,
    bought: Sequence[Bought],
    kept: bool,
    rules: WillingnessRules,
    category: str | None = None,
) -> Line | None:
    """Tells the line.

    Who orders within the minute is on A when nothing had made them hesitate, else on B, and on B+ when more than one
    thing was bought; who orders later is on C, and on C+ when they joined one of the shop's own channels. Who has not
    ordered is lost (Z) when the score has ended low, which only a bad answer, a bad mood or a refusal can bring about;
    else they are on the line that an order now would complete.

    Args:
        turns: The customer's messages, in order.
        willingness: Their score.
        bought: The orders that are attributed to the visit.
        kept: Whether the customer joined one of the shop's own channels.
        rules: The merchant's.
        category: Of what it was about.

    Returns:
        None while nothing was asked that leads to buying.
    """
    if not bought and not _leads_to_buying(turns, rules):
        return None
    first = min((each.at for each in bought), default=None)
    if first is None and willingness.score < rules.lines.lost:
        return "Z"
    end = first if first is not None else max((turn.replied_at or turn.at for turn in turns), default=None)
    seconds = max(0.0, (end - turns[0].at).total_seconds()) if end is not None and turns else 0.0
    if seconds > rules.clock.minute_of(category):
        return "C+" if kept else "C"
    if not _dipped(willingness, first, rules.lines.dip):
        return "A"
    products = {product for each in bought for product in each.products}
    return "B+" if len(products) >= _TWO else "B"


def _leads_to_buying(turns: Sequence[Turn], rules: WillingnessRules) -> bool:
    return any(
        turn.intent in _ON_THE_WAY or (turn.intent not in NO_QUESTIONS and turn.intent not in rules.lines.aftersales)
        for turn in turns
    )


def _dipped(willingness: Willingness, until: datetime | None, dip: float) -> bool:
    """Whether any one thing had lowered the score by so much."""
    return any(
        reason.delta <= -dip and reason.rule != FADING and (until is None or reason.at <= until)
        for reason in willingness.reasons
    )
