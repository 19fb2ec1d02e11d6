"""Reads `playbook/recommendations.yml`: what a merchant sets about recommendations."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConstrainedDecimal, ConstrainedInt, Extra, root_validator, validator

from sixty.errors import OperatorError
from sixty.shop.located import Problem, read_document, read_soundly

RECOMMENDATIONS_FILE = "recommendations.yml"


class RecommendationRulesError(OperatorError):
    """The file can't be used; the message names every place."""


@dataclass(frozen=True)
class RecommendationRules:
    """What a merchant sets.

    Attributes:
        families: What customers call a family of kinds, and the words that name its kinds.
        groups: What customers call several families at once.
        outfit: The families of which an outfit has one thing each.
        consumables: Words of categories and kinds of which people buy the same again.
        qualities: What tells things of one kind apart, as customers say it: `加绒`, `骑行`.
        least_margin: Of the final price, what must be left above the cost; what has no cost has no limit.
        support: In how many orders two products must have been together at least to say anything.
        least_lift: How many times as often as by chance.
        window_days: Orders of how many days are counted.
        most_lines: Orders of more lines are a dealer's, and say nothing of what goes together.
        upgrade_most: How much dearer a better thing may be, as a share of the price.
        filler_most: How much more a filler may make the customer pay, as a share of the basket.
        filler_pieces: Of one thing, how many may fill up a basket at most.
        refusal_days: How long a refused product is not suggested to the customer again.
        quiet_days: How long nothing unasked is suggested to a customer who wanted nothing more.
    """

    families: dict[str, tuple[str, ...]] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    outfit: tuple[str, ...] = ()
    consumables: tuple[str, ...] = ()
    qualities: tuple[str, ...] = ()
    least_margin: Decimal = Decimal(0)
    support: int = 3
    least_lift: Decimal = Decimal("1.2")
    window_days: int = 365
    most_lines: int = 30
    upgrade_most: Decimal = Decimal("0.5")
    filler_most: Decimal = Decimal("0.5")
    filler_pieces: int = 3
    refusal_days: int = 180
    quiet_days: int = 30

    def family_of(self, kind: str) -> str:
        """The family of a kind, by the longest word that names it; the kind itself where none does."""
        named = [
            (len(word), -place, family)
            for place, (family, words) in enumerate(self.families.items())
            for word in words
            if word in kind
        ]
        return max(named)[2] if named else kind

    def families_in(self, text: str) -> tuple[str, ...]:
        """The families that a text names, by their own name or by that of a group; longer names win."""
        names = [*self.families, *self.groups]
        found = [name for name in names if name in text]
        longest = [name for name in found if not any(name != other and name in other for other in found)]
        families: list[str] = []
        for name in longest:
            families += self.groups.get(name, (name,))
        return tuple(dict.fromkeys(families))

    def is_consumable(self, category: str, kind: str) -> bool:
        """Whether people buy the same again when it is used up."""
        return any(word in category or word in kind for word in self.consumables)


class _Share(ConstrainedDecimal):
    ge = Decimal(0)
    le = Decimal(1)


class _Count(ConstrainedInt):
    ge = 1


class _Lift(ConstrainedDecimal):
    ge = Decimal(1)


class RecommendationsEntry(BaseModel):
    """`playbook/recommendations.yml`."""

    families: dict[str, list[str]] = {}
    groups: dict[str, list[str]] = {}
    outfit: list[str] = []
    consumables: list[str] = []
    qualities: list[str] = []
    least_margin: _Share = _Share(0)
    support: _Count = _Count(3)
    least_lift: _Lift = _Lift("1.2")
    window_days: _Count = _Count(365)
    most_lines: _Count = _Count(30)
    upgrade_most: _Share = _Share("0.5")
    filler_most: _Share = _Share("0.5")
    filler_pieces: _Count = _Count(3)
    refusal_days: _Count = _Count(180)
    quiet_days: _Count = _Count(30)

    class Config:
        """How pydantic reads it."""

        extra = Extra.forbid

    @root_validator(skip_on_failure=True)
    def _names_are_known(cls, values: dict[str, Any]) -> dict[str, Any]:
        families: dict[str, list[str]] = values["families"]
        for group, members in values["groups"].items():
            if group in families:
                raise ValueError(f"{group} is a family and a group")
            for member in members:
                if member not in families:
                    raise ValueError(f"{group} speaks of {member}, which is no family")
        for family in values["outfit"]:
            if family not in families:
                raise ValueError(f"outfit speaks of {family}, which is no family")
        return values

    @validator("families")
    def _families_have_kinds(cls, families: dict[str, list[str]]) -> dict[str, list[str]]:
        for family, words in families.items():
            if not words or not all(word.strip() for word in words):
                raise ValueError(f"{family} needs words that name its kinds, none of them empty")
        return families

    @validator("consumables", "qualities")
    def _words_say_something(cls, words: list[str]) -> list[str]:
        if not all(word.strip() for word in words):
            raise ValueError("has an empty word, which would be in every product")
        return words

    def made(self) -> RecommendationRules:
        """The rules that it says."""
        return RecommendationRules(
            families={name: tuple(words) for name, words in self.families.items()},
            groups={name: tuple(members) for name, members in self.groups.items()},
            outfit=tuple(self.outfit),
            consumables=tuple(self.consumables),
            qualities=tuple(self.qualities),
            least_margin=Decimal(self.least_margin),
            support=int(self.support),
            least_lift=Decimal(self.least_lift),
            window_days=int(self.window_days),
            most_lines=int(self.most_lines),
            upgrade_most=Decimal(self.upgrade_most),
            filler_most=Decimal(self.filler_most),
            filler_pieces=int(self.filler_pieces),
            refusal_days=int(self.refusal_days),
            quiet_days=int(self.quiet_days),
        )


def check_recommendations(folder: Path, problems: list[Problem]) -> RecommendationRules:
    """Reads the rules of a playbook; what is wrong goes into `problems`, a missing file leaves the usual ones."""
    file = folder / RECOMMENDATIONS_FILE
    if not file.exists():
        return RecommendationRules()
    found = read_document(file, RecommendationsEntry, problems)
    return RecommendationRules() if found is None else found.entry.made()


@lru_cache(maxsize=4)
def read_recommendations(folder: Path) -> RecommendationRules:
    """Reads the rules of a playbook, once.

    Raises:
        RecommendationRulesError: The file is wrong; names every place.
    """
    return read_soundly(check_recommendations, folder, RecommendationRulesError)


def shop_recommendation_rules() -> RecommendationRules:
    """The rules of this deployment's playbook.

    Raises:
        RecommendationRulesError: The file is wrong.
    """
    from sixty.settings import get_settings

    return read_recommendations(get_settings().playbook)
