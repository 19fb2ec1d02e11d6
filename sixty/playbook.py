"""The merchant's playbook, typed: what is wrong in it is said with file and remedy."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, Extra, PositiveInt, ValidationError, root_validator, validator

from sixty.settings import get_settings
from sixty.shop.models import Doubt
from sixty.shop.pricing.phases import PHASES, PhaseName

_DEFAULT = "default"
_REASON = "{reason}，"


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


class CapsulePlan(BaseModel):
    """`playbook/capsules.yml`."""

    capsules: dict[str, Capsule]
    welcome: dict[str, list[str]]
    after: dict[str, list[str]]
    meanings: dict[str, str]
    close: Closing | None = None

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
                phase = place.partition("@")[2]
                if "@" in place and phase not in PHASES:
                    raise ValueError(f"{section} → {place}: there is no phase “{phase}”; use {', '.join(PHASES)}")
        if "default" not in values["after"]:
            raise ValueError("after needs an entry “default” for questions without capsules of their own")
        if "shop" not in values["welcome"]:
            raise ValueError("welcome needs an entry “shop” for customers who come in elsewhere")
        return values

    def welcoming(self, entry: str, phase: PhaseName | None = None) -> list[Capsule]:
        """Capsules for a customer who has just come in by an entry, in a phase of a campaign."""
        return self._listed(self.welcome, [entry if entry in self.welcome else "shop"], phase)

    def following(self, intent: str, attribute: str | None, phase: PhaseName | None = None) -> list[Capsule]:
        """Capsules after an answer, the most specific entry first; what is for the phase comes before what is not."""
        return self._listed(self.after, [f"{intent}.{attribute}", intent, _DEFAULT], phase)

    def _listed(self, section: dict[str, list[str]], places: list[str], phase: PhaseName | None) -> list[Capsule]:
        of_phase = (section[place] for each in places if (place := f"{each}@{phase}") in section)
        names = next(of_phase, []) if phase is not None else []
        names = names + next((section[place] for place in places if section.get(place)), [])
        return [self.capsules[name] for name in dict.fromkeys(names)]


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
