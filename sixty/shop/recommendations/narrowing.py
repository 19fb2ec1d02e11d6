"""Narrows a vague wish with at most three questions, each the one that splits what is left best."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from math import log2
from typing import get_args

from sqlalchemy.orm import Session

from sixty.shop.climate import Climate
from sixty.shop.recommendations.advice import Advice
from sixty.shop.recommendations.audience import Recipient, recipient_in, suits
from sixty.shop.recommendations.goods import Good
from sixty.shop.recommendations.rules import RecommendationRules, shop_recommendation_rules
from sixty.shop.recommendations.situation import QuestionKey, Situation, Wish
from sixty.shop.recommendations.spoken_amounts import budget_in
from sixty.shop.recommendations.wishes import candidates, wish_in
from sixty.shop.wording import say_amount

MOST_QUESTIONS = 3
FEW = 3
"""So few things are shown and not asked about."""

_MOST_OPTIONS = 4
# A question that leaves nearly everything as it was is not worth the customer's time; in bits.
_LEAST_SPLIT = 0.4
_ANY = "都可以"
_SHRUG = re.compile(
    r"不限|随便|都行|都可以|无所谓|没要求|没有要求|看着办|你看着|不知道|不清楚|没想好|你推荐|您推荐|不确定"
)
_KEYS: tuple[QuestionKey, ...] = get_args(QuestionKey)

_RECIPIENTS = (
    ("女士穿用", Recipient("女士", "女", "adult")),
    ("男士穿用", Recipient("男士", "男", "adult")),
    ("孩子", Recipient("孩子", "", "child")),
    ("宝宝", Recipient("宝宝", "", "baby")),
    ("长辈", Recipient("长辈", "", "elder")),
)
_TEXTS: dict[QuestionKey, str] = {
    "recipient": "是给谁挑的呀？",
    "kind": "想看哪一类呢？",
    "use": "主要什么时候用呢？",
    "budget": "大概想花多少呢？",
}


@dataclass(frozen=True)
class Option:
    """One answer that is offered, and the wish that it makes."""

    text: str
    wish: Wish


@dataclass(frozen=True)
class Question:
    """What is asked to narrow a wish; the last of its options leaves it open."""

    key: QuestionKey
    text: str
    options: tuple[Option, ...]


def next_question(
    session: Session,
    situation: Situation,
    rules: RecommendationRules | None = None,
    climate: Climate | None = None,
) -> Question | None:
    """Finds the question that narrows the wish most.

    Args:
        session: The shop's database.
        situation: Who, and their wish with what was asked before.
        rules: What the merchant set; as the playbook says when left out.
        climate: How warm it is where; as the playbook says when left out.

    Returns:
        The question; None when three were asked, when what is left is few enough to show, or when no question would
        make it much less.
    """
    wish = situation.wish
    if len(wish.asked) >= MOST_QUESTIONS:
        return None
    advice = Advice(session, situation, rules, climate)
    goods = candidates(advice)
    if len(goods) <= FEW:
        return None
    splits = {
        key: split(wish, goods, advice.rules)
        for key, split in _SPLITS.items()
        if key not in wish.asked and not _is_known(wish, key)
    }
    worth = {key: _bits(split, goods) for key, split in splits.items() if len(split) > 1}
    best = max(worth, key=lambda key: (worth[key], -_KEYS.index(key)), default=None)
    if best is None or worth[best] < _LEAST_SPLIT:
        return None
    asked = replace(wish, asked=(*wish.asked, best))
    options = [Option(each.text, replace(each.wish, asked=asked.asked)) for each, _ in splits[best]]
    return Question(best, _TEXTS[best], (*options[:_MOST_OPTIONS], Option(_ANY, asked)))


def answered(
    session: Session, wish: Wish, key: QuestionKey, text: str, rules: RecommendationRules | None = None
) -> Wish:
    """Takes an answer in the customer's own words; one that says nothing leaves the wish open there.

    Args:
        session: The shop's database.
        wish: The wish so far.
        key: Which question it answers.
        text: What the customer says: `老婆`, `两百左右`, `随便`.
        rules: What the merchant set; as the playbook says when left out.
    """
    asked = wish.asked if key in wish.asked else (*wish.asked, key)
    wish = replace(wish, asked=asked)
    if _SHRUG.search(text):
        return wish
    found = wish_in(session, text, wish, rules or shop_recommendation_rules())
    if key == "recipient":
        found = replace(found, recipient=recipient_in(text, is_answer=True) or found.recipient)
    elif key == "budget":
        budget = budget_in(text, is_answer=True)
        found = found if budget is None else replace(found, low=budget.low, high=budget.high)
    elif key == "use" and found.words == wish.words:
        said = re.sub(r"[，。！？,.!?\s]+", " ", text).strip()
        found = replace(found, use=said[:16])
    return found


def _is_known(wish: Wish, key: QuestionKey) -> bool:
    return {
        "recipient": wish.recipient is not None,
        "kind": len(wish.kinds) == 1,
        "use": bool(wish.use or wish.words),
        "budget": wish.low is not None or wish.high is not None,
    }[key]


Split = list[tuple[Option, frozenset[str]]]
"""Options, and which products each of them leaves."""


def _by_recipient(wish: Wish, goods: Sequence[Good], rules: RecommendationRules) -> Split:
    found: Split = []
    told = {good.no for good in goods if good.audience.gender or good.audience.group}
    for text, recipient in _RECIPIENTS:
        left = frozenset(good.no for good in goods if suits(good.audience, recipient) != "no")
        if any(suits(good.audience, recipient) == "yes" for good in goods if good.no in told):
            found.append((Option(text, replace(wish, recipient=recipient)), left))
    return found


def _by_kind(wish: Wish, goods: Sequence[Good], rules: RecommendationRules) -> Split:
    families: dict[str, list[Good]] = {}
    kinds = Counter(good.kind for good in goods)
    for good in goods:
        # What customers call it where that tells them apart, the kinds themselves within one family.
        family = rules.family_of(good.kind)
        families.setdefault(family, []).append(good)
    if len(families) == 1:
        families = {kind: [good for good in goods if good.kind == kind] for kind in kinds}
    ranked = sorted(families.items(), key=lambda each: (-len(each[1]), each[0]))
    return [
        (
            Option(name, replace(wish, kinds=tuple(dict.fromkeys(good.kind for good in members)))),
            frozenset(good.no for good in members),
        )
        for name, members in ranked
    ]


def _by_use(wish: Wish, goods: Sequence[Good], rules: RecommendationRules) -> Split:
    uses: dict[str, set[str]] = {}
    for good in goods:
        for word in re.split(r"[，、,\s]+", good.attributes.get("适用场景", "")):
            if 1 < len(word) <= 6 and not any(char.isdigit() for char in word):
                uses.setdefault(word, set()).add(good.no)
    some = {word: numbers for word, numbers in uses.items() if len(numbers) < len(goods)}
    ranked = sorted(some.items(), key=lambda each: (-len(each[1]), each[0]))
    return [(Option(word, replace(wish, use=word)), frozenset(numbers)) for word, numbers in ranked[:_MOST_OPTIONS]]


def _by_budget(wish: Wish, goods: Sequence[Good], rules: RecommendationRules) -> Split:
    prices = sorted(good.in_stock[0].price for good in goods)
    ends = sorted({_rounded(prices[len(prices) * part // 3]) for part in (1, 2)})
    ends = [end for end in ends if prices[0] <= end < prices[-1]]
    if not ends:
        return []
    spans: list[tuple[Decimal | None, Decimal | None]] = [
        (None, ends[0]),
        *pairwise(ends),
        (ends[-1], None),
    ]
    found: Split = []
    for low, high in spans:
        left = frozenset(good.no for good in goods if _allows(good, replace(wish, low=low, high=high)))
        if left:
            found.append((Option(_say_span(low, high), replace(wish, low=low, high=high)), left))
    return found


_SPLITS: dict[QuestionKey, Callable[[Wish, Sequence[Good], RecommendationRules], Split]] = {
    "recipient": _by_recipient,
    "kind": _by_kind,
    "use": _by_use,
    "budget": _by_budget,
}


def _allows(good: Good, wish: Wish) -> bool:
    return any(wish.allows(piece.price, piece.price) for piece in good.in_stock)


def _bits(split: Iterable[tuple[Option, frozenset[str]]], goods: Sequence[Good]) -> float:
    """By how many halvings an answer narrows what is left, on average over answers as likely as what they leave."""
    groups = [left for _, left in split if left]
    total, everything = sum(len(left) for left in groups), len(goods)
    if not total:
        return 0.0
    # Things of which nobody wrote it down are left over whatever is answered.
    told = len(frozenset[str]().union(*groups)) / everything
    return told * sum(len(left) / total * log2(everything / len(left)) for left in groups)


def _rounded(price: Decimal) -> Decimal:
    """The next round amount that people name: 50, 100, 150, 200, 300, 500, 1000."""
    for step in (Decimal(10), Decimal(50), Decimal(100), Decimal(500), Decimal(1000)):
        if price <= step * 10:
            return (price / step).to_integral_value(rounding="ROUND_CEILING") * step
    return (price / 1000).to_integral_value(rounding="ROUND_CEILING") * 1000


def _say_span(low: Decimal | None, high: Decimal | None) -> str:
    if high is None:
        return f"{say_amount(low or Decimal(0))}以上"
    return f"{say_amount(high)}以内" if low is None else f"{low:.0f}到{say_amount(high)}"
