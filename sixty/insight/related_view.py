"""What was mined, in a merchant's words: what customers ask next, and what becomes of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sixty.insight.related import START, Related
from sixty.playbook import CapsulePlan

Standing = Literal["置顶", "可推", "待批准", "已禁", "没有胶囊"]

_BEGINNING = "（刚进来）"


@dataclass(frozen=True)
class Line:
    """One line of the list.

    Attributes:
        question: After which question, in words.
        category: In which category; empty for all.
        following: What is asked, in words.
        capsule: The capsule that asks it; None where the merchant has none.
        standing: Whether it is shown.
        related: The figures.
    """

    question: str
    category: str
    following: str
    capsule: str | None
    standing: Standing
    related: Related


def lines(found: Iterable[Related], plan: CapsulePlan, *, place: int = 1, each: int = 3, least: int = 0) -> list[Line]:
    """The list for people: the most frequent questions first, of each the best following ones.

    Args:
        found: What was mined.
        plan: The merchant's capsules.
        place: 1 for what is asked next, 2 for what is asked after that.
        each: How many following questions of each question.
        least: Only what followed in so many visits; the rest of a list is what is asked anyway.
    """
    names = capsule_names(plan)
    lists: dict[tuple[str, str], list[Related]] = defaultdict(list)
    for one in found:
        if one.place == place and one.count >= least:
            lists[one.question, one.category].append(one)
    order = sorted(lists.items(), key=lambda item: (item[0][1] != "", -sum(one.count for one in item[1]), item[0]))
    return [
        Line(
            words_of(one.question, plan),
            one.category,
            words_of(one.following, plan),
            names.get(one.following),
            standing(one, plan, names.get(one.following)),
            one,
        )
        for _, ranked in order
        for one in sorted(ranked, key=lambda one: (-one.rank_score, one.following))[:each]
    ]


def capsule_names(plan: CapsulePlan) -> dict[str, str]:
    """The name of the capsule that asks each question."""
    names: dict[str, str] = {}
    for name, capsule in plan.capsules.items():
        names.setdefault(capsule.question, name)
    return names


def standing(related: Related, plan: CapsulePlan, capsule: str | None) -> Standing:
    """Whether a mined question is shown to customers, and if not why."""
    if capsule is None:
        return "没有胶囊"
    if capsule in plan.related.banned(related.question, related.category):
        return "已禁"
    if capsule in plan.related.pinned(related.question, related.category):
        return "置顶"
    return "可推" if plan.related.shows(capsule, related.question, related.category) else "待批准"


def words_of(question: str, plan: CapsulePlan) -> str:
    """A question in words: the title of its capsule, else what its intent means."""
    if question == START:
        return _BEGINNING
    capsule = plan.asking(question)
    if capsule is not None:
        return capsule.title
    intent, _, topic = question.partition(".")
    meaning = plan.meanings.get(intent, intent)
    return f"{meaning}·{topic}" if topic else meaning


def waiting(shown: Sequence[Line]) -> str:
    """The lines for `related → approve` of the playbook that would show what waits for a yes; empty without any."""
    places: dict[str, list[str]] = defaultdict(list)
    for line in shown:
        if line.standing == "待批准" and line.capsule is not None and line.related.question != START:
            place = f"{line.related.question}/{line.category}" if line.category else line.related.question
            places[place].append(line.capsule)
    return "\n".join(f"    {place}: [{', '.join(names)}]" for place, names in places.items())
