"""Runs the rules on a chat, and makes a score of what they find."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sixty.desk.inspection.asking_again import asked_again
from sixty.desk.inspection.chat import Chat, Found, Judged
from sixty.desk.inspection.ending_mood import negative_end
from sixty.desk.inspection.manners import closing, greeting
from sixty.desk.inspection.prices_named import wrong_prices
from sixty.desk.inspection.promises_kept import Promised, unkept
from sixty.desk.inspection.questions import open_question
from sixty.desk.inspection.rules import (
    AskedAgainRule,
    FirstAnswerRule,
    ForbiddenRule,
    InspectionRules,
    MannersRule,
    NegativeEndRule,
    OpenQuestionRule,
    PriceRule,
    PromiseRule,
    Rule,
    Severity,
    SilenceRule,
)
from sixty.desk.inspection.waiting import first_answer, silence
from sixty.desk.inspection.words import forbidden

BEST = 100


@dataclass(frozen=True)
class Checked:
    """What came of looking at a chat.

    Attributes:
        look_again_at: When a promise runs out that is still open.
    """

    findings: list[Judged]
    look_again_at: datetime | None


def check(chat: Chat, rules: InspectionRules, promises: Sequence[Promised], now: datetime) -> Checked:
    """Looks at a chat.

    Args:
        chat: The chat.
        rules: The merchant's.
        promises: What was promised in it.
        now: The present moment.
    """
    findings: list[Judged] = []
    again: datetime | None = None
    for rule in rules.for_whom(chat.who):
        if _is_left_alone(rule, chat):
            continue
        if isinstance(rule, PromiseRule):
            kept = unkept(rule, chat, list(promises), now)
            found = kept.broken
            again = min(filter(None, (again, kept.next_due)), default=None)
        else:
            found = _found_by(rule, chat)
        findings += [
            Judged(
                rule.id,
                rule.kind,
                rule.severity,
                rule.weight,
                f"{rule.id}:{each.line.id if each.line is not None else 0}:{each.key}"[:96],
                each,
            )
            for each in found
        ]
    return Checked(findings, again)


def score_of(findings: Iterable[tuple[str, Severity, int]]) -> int:
    """What is left of 100.

    Args:
        findings: Rule, severity and weight of each that stands. Further ones of the same rule take half; a fatal one
            leaves nothing.
    """
    by_rule: dict[str, list[int]] = defaultdict(list)
    for rule, severity, weight in findings:
        if severity == "fatal":
            return 0
        by_rule[rule].append(weight)
    taken = sum(max(weights) + (sum(weights) - max(weights)) / 2 for weights in by_rule.values())
    return max(0, round(BEST - taken))


def _is_left_alone(rule: Rule, chat: Chat) -> bool:
    but = rule.exceptions
    return (
        chat.channel in but.channels
        or (chat.group_id is not None and chat.group_id in but.groups)
        or chat.reason in but.reasons
        or chat.end in but.ends
    )


def _found_by(rule: Rule, chat: Chat) -> list[Found]:
    if isinstance(rule, FirstAnswerRule):
        return first_answer(rule, chat)
    if isinstance(rule, SilenceRule):
        return silence(rule, chat)
    if isinstance(rule, OpenQuestionRule):
        return open_question(rule, chat)
    if isinstance(rule, ForbiddenRule):
        return forbidden(rule, chat)
    if isinstance(rule, NegativeEndRule):
        return negative_end(rule, chat)
    if isinstance(rule, PriceRule):
        return wrong_prices(rule, chat)
    if isinstance(rule, AskedAgainRule):
        return asked_again(rule, chat)
    if isinstance(rule, MannersRule):
        return greeting(rule, chat) if rule.kind == "greeting" else closing(rule, chat)
    raise TypeError(f"there is no check for {type(rule).__name__}")
