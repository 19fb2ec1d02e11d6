"""The merchant's playbook, typed: what is wrong in it is said with file and remedy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, Extra, PositiveInt, PrivateAttr, ValidationError, root_validator, validator

from sixty.context import Entry
from sixty.related_rules import RelatedRules
from sixty.settings import get_settings
from sixty.shop.customer_kinds import CUSTOMER_KINDS
from sixty.shop.models import Doubt
from sixty.shop.pricing.phases import PHASES, PhaseName

_DEFAULT = "default"
_REASON = "{reason}，"
Holds = Callable[[str], bool]
"""Tells whether a situation holds."""
# What may stand behind the `@` of a place, the most pressing first.
SITUATIONS: dict[str, tuple[str, ...]] = {
    "welcome": (*PHASES, *CUSTOMER_KINDS),
    "after": (*PHASES, *CUSTOMER_KINDS, *(f"{entry}_page" for entry in get_args(Entry))),
}


def _never(situation: str) -> bool:
    return False


class PlaybookError(ValueError):
    """A playbook file cannot be used; the message names the file, the place and the remedy."""


class Capsule(BaseModel):
    """A preset question: a button that asks for the customer."""

    title: str
    intent: str
    attribute: str | None = None

    class Config:
        """Unknown keys are mistakes."""

        extra = Extra.forbid
        frozen = True

    @property
    def question(self) -> str:
        """What it asks, as `after` spells it: an intent, or an intent with its attribute."""
        return self.intent if self.attribute is None else f"{self.intent}.{self.attribute}"

    @property
    def payload(self) -> str:
        """What a tap sends, in Rasa's form."""
        if self.attribute is None:
            return f"/{self.intent}"
        return f"/{self.intent}{json.dumps({'attribute': self.attribute}, ensure_ascii=False)}"

    def button(self) -> dict[str, str]:
        """The capsule as a Rasa button."""
        return {"title": self.title, "payload": self.payload}


class Closing(BaseModel):
    """When the bot invites to order, and in which words.

    Attributes:
        questions: So many questions about the product have been answered at least.
        important: By category, the doubts that must be settled before; those that the shop has nothing to say of
            don't count.
        lines: The words, by the phase of a campaign; `{reason}，` stands for what speaks for buying now.
    """

    questions: PositiveInt = PositiveInt(2)
    important: dict[str, list[Doubt]]
    lines: dict[str, str]

    class Config:
        """Unknown keys are mistakes."""

        extra = Extra.forbid

    @validator("important")
    def _has_a_default(cls, important: dict[str, list[Doubt]]) -> dict[str, list[Doubt]]:
        if _DEFAULT not in important:
            raise ValueError(f"needs an entry “{_DEFAULT}” for categories without one of their own")
        return important

    @validator("lines")
    def _can_be_said(cls, lines: dict[str, str]) -> dict[str, str]:
        if _DEFAULT not in lines:
            raise ValueError(f"needs an entry “{_DEFAULT}” for times without a campaign")
        for phase, line in lines.items():
            if phase != _DEFAULT and phase not in PHASES:
                raise ValueError(f"there is no phase {phase}; use {', '.join(PHASES)}")
            rest = line.replace(_REASON, "")
            if not rest.strip() or "{" in rest or "}" in rest:
                raise ValueError(f"{phase}: only {_REASON} is filled in, with its comma; write the rest as it is said")
        return lines

    def doubts_of(self, category: str) -> list[Doubt]:
        """The doubts that matter for a category."""
        return self.important.get(category, self.important[_DEFAULT])

    def line(self, phase: PhaseName | None, reason: str = "") -> str:
        """The words of a phase, with a reason where there is one."""
        words = self.lines.get(phase or _DEFAULT, self.lines[_DEFAULT])
        return words.replace(_REASON, f"{reason}，" if reason else "")


class TapOrder(BaseModel):
    """Whether, and how soon, what customers tap decides which capsules are shown.

    Attributes:
        sample: Whether it does: capsules are drawn by Thompson sampling on their taps.
        candidates: So many of the likeliest stand for the draw.
        least: From so many showings at a place on; before, the order is the list's.
        days: Older showings don't count.
    """

    sample: bool = False
    candidates: PositiveInt = PositiveInt(6)
    least: PositiveInt = PositiveInt(200)
    days: PositiveInt = PositiveInt(60)

    class Config:
        """Unknown keys are mistakes."""

        extra = Extra.forbid


@dataclass(frozen=True)
class Listed:
    """What a merchant lists for a place.

    Attributes:
        for_now: For the situations that hold: a phase, a kind of customer, an entry.
        usual: For any.
    """

    for_now: tuple[Capsule, ...]
    usual: tuple[Capsule, ...]


class CapsulePlan(BaseModel):
    """`playbook/capsules.yml`."""

    capsules: dict[str, Capsule]
    welcome: dict[str, list[str]]
    after: dict[str, list[str]]
    meanings: dict[str, str]
    close: Closing | None = None
    taps: TapOrder = TapOrder()
    _names: dict[str, str] = PrivateAttr(default_factory=dict)
    related: RelatedRules = RelatedRules()

    class Config:
        """Unknown keys are mistakes."""

        extra = Extra.forbid

    @root_validator(skip_on_failure=True)
    def _names_are_known(cls, values: dict[str, Any]) -> dict[str, Any]:
        known = values["capsules"]
        for section in ("welcome", "after"):
            for place, names in values[section].items():
                for name in names:
                    if name not in known:
                        raise ValueError(
                            f"{section} → {place} names the capsule “{name}”, which capsules does not have"
                        )
                situation = place.partition("@")[2]
                if "@" in place and situation not in SITUATIONS[section]:
                    known_ones = ", ".join(SITUATIONS[section])
                    raise ValueError(f"{section} → {place}: there is no situation “{situation}”; use {known_ones}")
        for section, place, name in values["related"].choices():
            if name not in known:
                raise ValueError(
                    f"related → {section} → {place} names the capsule “{name}”, which capsules does not have"
                )
        if "default" not in values["after"]:
            raise ValueError("after needs an entry “default” for questions without capsules of their own")
        if "shop" not in values["welcome"]:
            raise ValueError("welcome needs an entry “shop” for customers who come in elsewhere")
        return values

    def asking(self, question: str) -> Capsule | None:
        """The capsule that asks a question (`ask_price`, `ask_attribute.材质`); None where the merchant has none."""
        name = self.name_asking(question)
        return None if name is None else self.capsules[name]

    def name_asking(self, question: str) -> str | None:
        """The name of the first capsule that asks a question; None where the merchant has none."""
        if not self._names:
            for name, capsule in self.capsules.items():
                self._names.setdefault(capsule.question, name)
        return self._names.get(question)

    def welcoming(self, entry: str, phase: PhaseName | None = None) -> list[Capsule]:
        """Capsules for a customer who has just come in by an entry, in a phase of a campaign."""
        return _all_of(self.welcome_listed(entry, holds=lambda situation: situation == phase))

    def following(self, intent: str, attribute: str | None, phase: PhaseName | None = None) -> list[Capsule]:
        """Capsules after an answer, the most specific entry first; what is for the phase comes before what is not."""
        question = intent if attribute is None else f"{intent}.{attribute}"
        return _all_of(self.after_listed(question, holds=lambda situation: situation == phase))

    def welcome_listed(self, entry: str, category: str | None = None, holds: Holds = _never) -> Listed:
        """What is listed for a customer who has just come in.

        Args:
            entry: By which page.
            category: Of the product on that page.
            holds: Tells of a situation whether it holds; asked only where something is listed for it.
        """
        page = entry if entry in self.welcome else "shop"
        return self._listed(self.welcome, _with_category((page,), category), SITUATIONS["welcome"], holds)

    def after_listed(self, question: str, category: str | None = None, holds: Holds = _never) -> Listed:
        """What is listed for behind an answer, the most specific place first.

        Args:
            question: The question that was answered.
            category: Of the product that it was about.
            holds: Tells of a situation whether it holds; asked only where something is listed for it.
        """
        places = _with_category((question, question.partition(".")[0], _DEFAULT), category)
        return self._listed(self.after, places, SITUATIONS["after"], holds)

    def _listed(
        self, lists: dict[str, list[str]], places: Sequence[str], situations: Iterable[str], holds: Holds
    ) -> Listed:
        for_now: list[str] = []
        for situation in situations:
            of_situation = next((lists[at] for place in places if (at := f"{place}@{situation}") in lists), None)
            if of_situation is not None and holds(situation):
                for_now += of_situation
        usual = next((lists[place] for place in places if lists.get(place)), [])
        return Listed(self._named(for_now), self._named(usual))

    def _named(self, names: Iterable[str]) -> tuple[Capsule, ...]:
        return tuple(self.capsules[name] for name in dict.fromkeys(names))


def _with_category(places: Iterable[str], category: str | None) -> list[str]:
    """Each place, after the same for the category alone."""
    return [each for place in places for each in ([f"{place}/{category}"] if category else []) + [place]]


def _all_of(listed: Listed) -> list[Capsule]:
    return list(dict.fromkeys((*listed.for_now, *listed.usual)))


def read_capsule_plan(path: Path) -> CapsulePlan:
    """Reads the capsules of a merchant.

    Raises:
        PlaybookError: The file is missing, is no YAML, or names what does not exist.
    """
    try:
        return CapsulePlan.parse_obj(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise PlaybookError(f"{path} is missing. Restore it, or copy it from a fresh checkout.") from None
    except UnicodeDecodeError:
        raise PlaybookError(f"{path} is not in UTF-8. Save it again with that encoding.") from None
    except yaml.YAMLError as error:
        raise PlaybookError(f"{path} is no YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = " → ".join(str(part) for part in first["loc"] if part != "__root__")
        raise PlaybookError(f"{path}{': ' + place if place else ''}: {first['msg']}") from error


@lru_cache(maxsize=1)
def capsule_plan() -> CapsulePlan:
    """The capsules of this deployment, read once."""
    return read_capsule_plan(get_settings().playbook / "capsules.yml")
