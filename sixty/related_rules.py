"""How related questions are mined, and what a merchant says to them: the section `related` of the capsules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, Extra, Field, confloat, conint

EVERYWHERE = "default"
"""Stands for every question, as in the other sections of the file."""

Choices = dict[str, list[str]]
"""By `question`, `question/category` or `default`: names of capsules."""


class RelatedRules(BaseModel):
    """The section `related` of `playbook/capsules.yml`.

    Attributes:
        half_life_days: A visit of so many days ago counts half as much as one of today.
        window_days: Older visits don't count.
        min_count: In so many visits a question must have come up, and followed another one, to be believed.
        smoothing: So many visits' worth of what is known in general is added to what a category shows.
        order_smoothing: The same for what a question does to ordering.
        least_weight: What answering a question is worth at least, in orders, whatever the figures say.
        tap_weight: What a tapped capsule counts against a question in the customer's own words.
        keep: So many following questions are kept for each question.
        approval: Whether what was mined is shown at once, or only once it stands in `approve`.
        pin: Capsules that are shown first.
        approve: Capsules that may be shown; counts with `approval: by_hand` only.
        ban: Capsules that are not shown.
    """

    half_life_days: confloat(gt=0, le=3650) = 45.0  # type: ignore[valid-type]
    window_days: conint(ge=1, le=3650) = 365  # type: ignore[valid-type]
    min_count: conint(ge=1) = 5  # type: ignore[valid-type]
    smoothing: confloat(ge=0) = 20.0  # type: ignore[valid-type]
    order_smoothing: confloat(ge=0) = 50.0  # type: ignore[valid-type]
    least_weight: confloat(gt=0, le=1) = 0.02  # type: ignore[valid-type]
    tap_weight: confloat(ge=0, le=1) = 0.5  # type: ignore[valid-type]
    keep: conint(ge=3, le=50) = 12  # type: ignore[valid-type]
    approval: Literal["automatic", "by_hand"] = "automatic"
    pin: Choices = Field(default_factory=dict)
    approve: Choices = Field(default_factory=dict)
    ban: Choices = Field(default_factory=dict)

    class Config:
        """Unknown keys are mistakes."""

        extra = Extra.forbid
        frozen = True

    def pinned(self, question: str, category: str = "") -> list[str]:
        """The capsules to be shown first after a question, those of the category before those of all."""
        banned = self.banned(question, category)
        return [name for name in _chosen(self.pin, question, category) if name not in banned]

    def banned(self, question: str, category: str = "") -> frozenset[str]:
        """The capsules never to be shown after a question."""
        return frozenset(_chosen(self.ban, question, category))

    def shows(self, capsule: str, question: str, category: str = "") -> bool:
        """Whether a mined capsule may be shown after a question."""
        if capsule in self.banned(question, category):
            return False
        return self.approval == "automatic" or capsule in [
            *_chosen(self.approve, question, category),
            *_chosen(self.pin, question, category),
        ]

    def choices(self) -> Iterator[tuple[str, str, str]]:
        """All that the merchant chose: section, place, name of the capsule."""
        sections: Mapping[str, Choices] = {"pin": self.pin, "approve": self.approve, "ban": self.ban}
        for section, places in sections.items():
            for place, names in places.items():
                for name in names:
                    yield section, place, name


def _chosen(choices: Choices, question: str, category: str) -> list[str]:
    intent = question.partition(".")[0]
    asked = [question] if question == intent else [question, intent]
    places = [*(f"{each}/{category}" for each in (*asked, EVERYWHERE) if category), *asked, EVERYWHERE]
    return list(dict.fromkeys(name for place in places for name in choices.get(place, [])))
