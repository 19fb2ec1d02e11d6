"""The merchant's playbook, typed: what is wrong in it is said with file and remedy."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, Extra, ValidationError, root_validator

from sixty.settings import get_settings


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


class CapsulePlan(BaseModel):
    """`playbook/capsules.yml`."""

    capsules: dict[str, Capsule]
    welcome: dict[str, list[str]]
    after: dict[str, list[str]]
    meanings: dict[str, str]

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
        if "default" not in values["after"]:
            raise ValueError("after needs an entry “default” for questions without capsules of their own")
        if "shop" not in values["welcome"]:
            raise ValueError("welcome needs an entry “shop” for customers who come in elsewhere")
        return values

    def welcoming(self, entry: str) -> list[Capsule]:
        """Capsules for a customer who has just come in by an entry."""
        return [self.capsules[name] for name in self.welcome.get(entry, self.welcome["shop"])]

    def following(self, intent: str, attribute: str | None) -> list[Capsule]:
        """Capsules after an answer, the most specific entry first."""
        names = self.after.get(f"{intent}.{attribute}") or self.after.get(intent) or self.after["default"]
        return [self.capsules[name] for name in names]


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
