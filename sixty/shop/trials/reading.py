"""Reads `playbook/trials.yml`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Extra, Field, confloat, root_validator, validator

from sixty.errors import OperatorError
from sixty.shop.benefits.entries import Count, Moment, Name, Title
from sixty.shop.located import Problem, read_document, read_soundly
from sixty.shop.trials.models import OutcomeKind
from sixty.shop.trials.trial import USUAL_REWARD, Trial
from sixty.shop.written_values import Share, Span, Text

TRIALS_FILE = "trials.yml"


class TrialsError(OperatorError):
    """The playbook's trials can't be used; the message names every place."""


class _Entry(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class _Worth(Share):
    """What an outcome is worth; three decimals are kept."""

    decimal_places = 3


class TrialEntry(_Entry):
    """One trial."""

    id: Name
    title: Title
    products: list[Text] = Field(min_items=2)
    share: Share
    scenes: list[Text] = []
    starts: Moment | None = Field(None, alias="from")
    ends: Moment | None = Field(None, alias="until")
    reward: dict[OutcomeKind, _Worth] = {}
    winners: Count = Count(1)
    certainty: confloat(ge=0.5, lt=1) = 0.95  # type: ignore[valid-type]
    margin: confloat(ge=0, le=0.5) = 0.1  # type: ignore[valid-type]
    least: Count = Count(30)
    wait: Span = timedelta(days=1)  # type: ignore[assignment]  # pydantic makes it one
    late: Span = timedelta(hours=1)  # type: ignore[assignment]

    @validator("products")
    def _are_different(cls, products: list[str]) -> list[str]:
        twice = [each for each in products if products.count(each) > 1]
        if twice:
            raise ValueError(f"{twice[0]} stands here twice")
        return products

    @root_validator(skip_on_failure=True)
    def _can_be_decided(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["winners"] >= len(values["products"]):
            raise ValueError(f"{values['winners']} winners of {len(values['products'])} candidates: all would win")
        if values["starts"] is not None and values["ends"] is not None and values["starts"] >= values["ends"]:
            raise ValueError("from is not before until")
        return values

    def made(self) -> Trial:
        """The trial that it says."""
        reward: dict[OutcomeKind, Decimal] = {kind: Decimal(worth) for kind, worth in self.reward.items()}
        return Trial(
            str(self.id),
            self.title,
            tuple(self.products),
            self.share,
            frozenset(self.scenes),
            self.starts,
            self.ends,
            reward or dict(USUAL_REWARD),
            self.winners,
            float(self.certainty),
            float(self.margin),
            self.least,
            self.wait,
            self.late,
        )


class TrialsEntry(_Entry):
    """`playbook/trials.yml`."""

    trials: list[TrialEntry]


def check_trials(folder: Path, problems: list[Problem], products: Collection[str] | None = None) -> tuple[Trial, ...]:
    """Reads the trials of a playbook; what is wrong goes into `problems`, and a missing file has none.

    Args:
        folder: The playbook.
        problems: Gets what is wrong, with file, line and remedy.
        products: The numbers of the shop's products, where they are known.
    """
    file = folder / TRIALS_FILE
    if not file.exists():
        return ()
    found = read_document(file, TrialsEntry, problems)
    if found is None:
        return ()
    ids: set[str] = set()
    share = Decimal(0)
    for number, each in enumerate(found.entry.trials):
        here = ("trials", number)
        if each.id in ids:
            problems.append(found.problem(f"two trials are called {each.id}", "rename one", *here, "id"))
        ids.add(each.id)
        share += each.share
        if share > 1:
            problems.append(
                found.problem(
                    f"the trials up to {each.id} want {share} of the impressions together",
                    "lower their shares to 1 in all",
                    *here,
                    "share",
                )
            )
        for place, no in enumerate(each.products):
            if products is not None and no not in products:
                problems.append(found.problem(f"there is no product {no}", "mend its number", *here, "products", place))
    return tuple(each.made() for each in found.entry.trials)


def read_trials(folder: Path) -> tuple[Trial, ...]:
    """Reads the trials of a playbook.

    Raises:
        TrialsError: The file is wrong; names every place.
    """
    return read_soundly(check_trials, folder, TrialsError)


@lru_cache(maxsize=4)
def _kept_trials(folder: Path) -> tuple[Trial, ...]:
    return read_trials(folder)


def shop_trials() -> tuple[Trial, ...]:
    """The trials of this deployment, read once.

    Raises:
        TrialsError: The file is wrong.
    """
    from sixty.settings import get_settings

    return _kept_trials(get_settings().playbook)
