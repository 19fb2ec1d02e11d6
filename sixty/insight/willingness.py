"""Willingness to buy (意愿值): a score per turn, with its reasons.

Points are weights of evidence, as in a naive Bayes scorecard (I. J. Good, "Probability and the Weighing of Evidence",
1950): each thing that happens adds its own to the log odds, and the score is the logistic function of their sum, so
that it stays within 0 and 1 however much happens, and one thing moves the undecided more than the decided.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sixty.insight.rules import Rule, WillingnessRules
from sixty.insight.turns import Turn

FADING = "fading"
"""The rule by which what was said earlier counts less and less."""

DeedKind = Literal["cart", "favourite", "own_channel", "ordered"]

_FADED = "前面聊的淡了一点"
_LEAST_SHOWN = 0.0005
# As far as the score is told from 0 and 1 in any report.
_FURTHEST = 60.0


@dataclass(frozen=True)
class Deed:
    """Something that a customer did outside the chat.

    Attributes:
        key: Tells two deeds of one moment apart.
    """

    at: datetime
    kind: DeedKind
    key: str = ""


@dataclass(frozen=True)
class Reason:
    """One thing that moved the score.

    Attributes:
        message_id: The customer's message that it belongs to; None for what was done outside the chat.
        rule: Its name in `playbook/willingness.yml`.
        delta: By how much the score moved.
        words: What it means, for people.
        at: When.
        seconds: Since the customer's first message.
        score: What the score was after it.
    """

    message_id: int | None
    rule: str
    delta: float
    words: str
    at: datetime
    seconds: float
    score: float


@dataclass(frozen=True)
class Willingness:
    """A score and how it came about.

    Attributes:
        score: 0 … 1, after all of it.
        reasons: What moved it, in order of time.
        start: What it was in the beginning.
    """

    score: float
    reasons: tuple[Reason, ...]
    start: float

    def after(self, moment: datetime) -> float:
        """The score as it was at a moment, with what had happened by then."""
        passed = [reason.score for reason in self.reasons if reason.at <= moment]
        return passed[-1] if passed else self.start

    def after_turn(self, message_id: int) -> float:
        """The score after a turn and its answer."""
        score = self.start
        for reason in self.reasons:
            if reason.message_id is not None and reason.message_id > message_id:
                break
            score = reason.score
        return score


def willingness_of(
    turns: Sequence[Turn], deeds: Iterable[Deed], rules: WillingnessRules, entry: str | None = None
) -> Willingness:
    """Works out the score of a visit.

    Args:
        turns: The customer's messages, in order.
        deeds: What the customer did meanwhile and afterwards, in any order.
        rules: The merchant's.
        entry: Where the conversation was opened.
    """
    begin = rules.score.starting(entry)
    points = begin
    score = start = _logistic(points, rules)
    reasons: list[Reason] = []
    for each in sorted(_evidence(turns, deeds, rules), key=lambda one: one.place):
        points = begin + (points - begin) * rules.score.kept if each.fades else points + each.points
        points = max(-_FURTHEST, min(_FURTHEST, points))
        after = _logistic(points, rules)
        if not each.fades or abs(after - score) >= _LEAST_SHOWN:
            seconds = max(0.0, (each.at - turns[0].at).total_seconds()) if turns else 0.0
            reasons.append(Reason(each.message_id, each.rule, after - score, each.words, each.at, seconds, after))
        score = after
    return Willingness(score, tuple(reasons), start)


@dataclass(frozen=True)
class _Evidence:
    """One thing that counts; `place` puts those of one moment into an order of their own."""

    at: datetime
    place: tuple[datetime, int, int, str]
    message_id: int | None
    rule: str
    words: str
    points: float
    fades: bool = False


def _evidence(turns: Sequence[Turn], deeds: Iterable[Deed], rules: WillingnessRules) -> Iterator[_Evidence]:
    # A turn stands where it came; what came of it no earlier than that, and no later than the next one.
    latest: datetime | None = None
    for number, turn in enumerate(turns):
        came = turn.at if latest is None or turn.at > latest else latest
        following = turns[number + 1] if number + 1 < len(turns) else None
        ended = max(came, turn.replied_at or came)
        if following is not None:
            ended = max(came, min(ended, following.at))
        latest = ended
        if number:
            yield _Evidence(came, (came, 2 * number, 0, ""), turn.message_id, FADING, _FADED, 0.0, True)
        for ordinal, (name, rule) in enumerate(rules.rules.items(), start=1):
            previous = turns[number - 1] if number else None
            if _asked(rule, turn, previous):
                place = (came, 2 * number, ordinal, "")
                yield _Evidence(came, place, turn.message_id, name, rule.words, rule.points)
            if _came_of(rule, turn, rules.score.slow_after):
                place = (ended, 2 * number + 1, ordinal, "")
                yield _Evidence(ended, place, turn.message_id, name, rule.words, rule.points)
    last = 2 * len(turns)
    for deed in deeds:
        for ordinal, (name, rule) in enumerate(rules.rules.items(), start=1):
            if rule.when == deed.kind:
                yield _Evidence(deed.at, (deed.at, last, ordinal, deed.key), None, name, rule.words, rule.points)


def _asked(rule: Rule, turn: Turn, previous: Turn | None) -> bool:
    """Whether a rule applies to a message by itself and what was before it."""
    if rule.when == "again":
        return turn.answered_already
    if rule.when == "waited":
        return previous is not None and (previous.replied_at is None or previous.replied_at > turn.at)
    if rule.when == "tapped":
        return turn.tapped
    return (
        turn.intent in rule.intents
        or turn.mood in rule.moods
        or (not turn.tapped and any(word in turn.text for word in rule.says))
    )


def _came_of(rule: Rule, turn: Turn, slow_after: float) -> bool:
    """Whether a rule applies to how a message was answered."""
    if rule.when == "slow":
        return turn.response_ms is not None and turn.response_ms > slow_after * 1000
    return turn.outcome is not None and turn.outcome in rule.outcomes


def _logistic(points: float, rules: WillingnessRules) -> float:
    return 1.0 / (1.0 + math.exp(-points / rules.score.scale))
