"""Works out what is kept of a visit, from its messages and what its customer did. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sixty.insight.attribution import Bought, Span
from sixty.insight.clock import segment_of
from sixty.insight.lines import line_of
from sixty.insight.rules import WillingnessRules
from sixty.insight.turns import Goods, Page, Said, Turn, turns_of
from sixty.insight.willingness import Deed, Willingness, willingness_of

_DIGITS = 4


@dataclass(frozen=True)
class Known:
    """What is known of a visit besides its messages.

    Attributes:
        pages: On which pages the conversation stood open, the first first.
        goods: What the shop knows of what is named.
        bought: The orders that are attributed to it, the earliest first.
        deeds: What the customer did else, in any order; only what was done since their first message counts.
    """

    pages: tuple[Page, ...] = ()
    goods: Goods = field(default_factory=Goods)
    bought: tuple[Bought, ...] = ()
    deeds: tuple[Deed, ...] = ()


@dataclass(frozen=True)
class Worked:
    """A visit as it is kept: values of the columns of `Visit` and of its `ChatTurn`s that follow from the rows."""

    visit: dict[str, Any]
    turns: tuple[dict[str, Any], ...]


def work_out(said: Sequence[Said], known: Known, rules: WillingnessRules) -> Worked:
    """Works out a visit.

    Args:
        said: All its messages in order; at least one.
        known: What else is known of it.
        rules: The merchant's.
    """
    turns = turns_of(said, known.goods, known.pages)
    began = turns[0].at if turns else None
    deeds = [each for each in known.deeds if began is not None and each.at >= began]
    kept = any(each.kind == "own_channel" for each in deeds)
    deeds += [Deed(each.at, "ordered", each.no) for each in known.bought]
    entry = known.pages[0].entry if known.pages else None
    willingness = willingness_of(turns, deeds, rules, entry)
    category = _mostly(turns)
    seconds = max(0.0, (said[-1].at - turns[0].at).total_seconds()) if turns else 0.0
    visit = {
        "first_message_id": said[0].id,
        "started_at": said[0].at,
        "ended_at": said[-1].at,
        "category": category,
        "product_no": next((turn.product_no for turn in reversed(turns) if turn.product_no), None),
        "entry": entry,
        "pages": [[page.from_id, page.entry, page.product_no] for page in known.pages],
        "channel": said[0].channel,
        "turns": len(turns),
        "questions": sum(turn.question is not None for turn in turns),
        "segment": segment_of(turns, seconds, rules.clock, category),
        "score": willingness.score,
        "reasons": [
            {
                "message_id": reason.message_id,
                "rule": reason.rule,
                "delta": round(reason.delta, _DIGITS),
                "words": reason.words,
            }
            for reason in willingness.reasons
        ],
        "curve": curve_of(willingness),
        "line": line_of(turns, willingness, known.bought, kept, rules, category),
        "ordered_at": min((each.at for each in known.bought), default=None),
        "order_no": known.bought[0].no if known.bought else None,
        "order_amount": sum((each.amount for each in known.bought), Decimal(0)) if known.bought else None,
        "order_lines": len({product for each in known.bought for product in each.products}) if known.bought else None,
        "handed_over": handed_over(said, turns),
    }
    return Worked(visit, tuple(_row(turns, place, willingness, rules) for place in range(len(turns))))


def span_of(said: Sequence[Said], turns: Sequence[Turn]) -> Span | None:
    """A visit as orders see it; None where the customer wrote nothing, for which no order can count."""
    if not turns:
        return None
    products = frozenset(turn.product_no for turn in turns if turn.product_no)
    return Span(said[0].id, turns[0].at, said[-1].at, products)


def handed_over(said: Sequence[Said], turns: Sequence[Turn]) -> bool:
    """Whether a person was called or came in a visit."""
    called = any(turn.outcome in ("handed_over", "to_person") for turn in turns)
    return called or any(each.author == "agent" for each in said)


def curve_of(willingness: Willingness) -> list[list[float]]:
    """The score over time: `[seconds since the customer's first message, score]`, one point a moment."""
    curve = [[0.0, round(willingness.start, _DIGITS)]]
    for place, reason in enumerate(willingness.reasons):
        point = [round(reason.seconds, 1), round(reason.score, _DIGITS)]
        if place and curve[-1][0] == point[0]:
            curve[-1] = point
        else:
            curve.append(point)
    return curve


def _row(turns: Sequence[Turn], place: int, willingness: Willingness, rules: WillingnessRules) -> dict[str, Any]:
    turn = turns[place]
    return {
        "message_id": turn.message_id,
        "ordinal": turn.ordinal,
        "at": turn.at,
        "intent": turn.intent,
        "topic": turn.topic,
        "question": turn.question,
        "category": turn.category,
        "product_no": turn.product_no,
        "mood": turn.mood,
        "confidence": turn.confidence,
        "tapped": turn.tapped,
        "pushed": turn.pushed,
        "answered_already": turn.answered_already,
        "outcome": turn.outcome,
        "response_ms": turn.response_ms,
        "score": willingness.after_turn(turn.message_id),
        # As it was when the message came: it had no answer yet.
        "segment": segment_of(_coming(turns[: place + 1]), turn.seconds, rules.clock, turn.category),
    }


def _coming(turns: Sequence[Turn]) -> list[Turn]:
    last = turns[-1]
    return [*turns[:-1], Turn(last.message_id, last.ordinal, last.at, last.seconds, question=last.question)]


def _mostly(turns: Sequence[Turn]) -> str | None:
    """The category of most turns; of several, the one that came up last."""
    counts = Counter(turn.category for turn in turns if turn.category is not None)
    latest = {turn.category: turn.ordinal for turn in turns}
    return max(counts, key=lambda each: (counts[each], latest[each]), default=None)
