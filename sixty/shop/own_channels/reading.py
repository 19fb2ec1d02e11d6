"""Reads `playbook/own_channels.yml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Extra, Field, root_validator, validator

from sixty.errors import OperatorError
from sixty.shop.benefits.benefit import ALWAYS, BenefitPlan
from sixty.shop.benefits.entries import Name, Title, WhenEntry, words_in
from sixty.shop.benefits.kinds import SituationKind
from sixty.shop.benefits.reading import BENEFITS_FILE, check_benefits
from sixty.shop.located import Problem, read_document, read_soundly
from sixty.shop.own_channels.channel import Channel, ChannelKind
from sixty.shop.written_values import Text

CHANNELS_FILE = "own_channels.yml"

_SAID = frozenset({"benefit"})


class ChannelsError(OperatorError):
    """The playbook's own channels can't be used; the message names every place."""


class _Entry(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class ChannelEntry(_Entry):
    """One channel."""

    id: Name
    kind: ChannelKind
    title: Title
    say: list[Text] = Field(min_items=1)
    target: Text
    benefit: str | None = None
    situations: list[SituationKind] = []
    when: WhenEntry | None = None
    account: Text | None = None
    picture: Text | None = None

    @validator("say")
    def _can_be_said(cls, lines: list[str]) -> list[str]:
        for line in lines:
            try:
                unknown = sorted(set(words_in(line)) - _SAID)
            except ValueError:
                raise ValueError(f"a brace is left open in {line!r}") from None
            if unknown:
                raise ValueError(f"nothing is known as {{{unknown[0]}}}; what can be filled in: {{benefit}}")
        if words_in(lines[-1]):
            raise ValueError("the last line must need nothing filled in, for when the benefit is used up")
        return lines

    @validator("target", "picture")
    def _is_an_address(cls, address: str | None) -> str | None:
        if address is not None and not address.startswith("https://") and not _is_own_page(address):
            raise ValueError("write an address that begins with https://, or a page of the shop that begins with /")
        return address

    @root_validator(skip_on_failure=True)
    def _has_its_parts(cls, values: dict[str, Any]) -> dict[str, Any]:
        if (values["kind"] == "wechat") != (values["account"] is not None):
            raise ValueError("the card of a service account needs its account's name, and nothing else has one")
        return values

    def made(self) -> Channel:
        """The channel that it says."""
        return Channel(
            str(self.id),
            self.kind,
            self.title,
            tuple(self.say),
            self.target,
            self.benefit,
            frozenset(self.situations),
            self.when.made() if self.when else ALWAYS,
            self.account or "",
            self.picture,
        )


class ChannelsEntry(_Entry):
    """`playbook/own_channels.yml`."""

    channels: list[ChannelEntry]


def check_channels(folder: Path, problems: list[Problem], benefits: BenefitPlan | None = None) -> tuple[Channel, ...]:
    """Reads the own channels of a playbook; what is wrong goes into `problems`, and a missing file has none.

    Args:
        folder: The playbook.
        problems: Gets what is wrong, with file, line and remedy.
        benefits: The benefits that may be named; those of the same playbook when left out.
    """
    file = folder / CHANNELS_FILE
    if not file.exists():
        return ()
    found = read_document(file, ChannelsEntry, problems)
    if found is None:
        return ()
    plan = benefits if benefits is not None else check_benefits(folder, [])
    ids: set[str] = set()
    for number, each in enumerate(found.entry.channels):
        if each.id in ids:
            problems.append(found.problem(f"two channels are called {each.id}", "rename one", "channels", number, "id"))
        ids.add(each.id)
        if each.benefit is not None and each.benefit not in plan.benefits:
            known = ", ".join(plan.benefits) or "none"
            problems.append(
                found.problem(
                    f"there is no benefit {each.benefit}",
                    f"add it to {BENEFITS_FILE}, or use one of: {known}",
                    *("channels", number, "benefit"),
                )
            )
    return tuple(each.made() for each in found.entry.channels)


def read_channels(folder: Path) -> tuple[Channel, ...]:
    """Reads the own channels of a playbook.

    Raises:
        ChannelsError: The file is wrong; names every place.
    """
    return read_soundly(check_channels, folder, ChannelsError)


@lru_cache(maxsize=4)
def _kept_channels(folder: Path) -> tuple[Channel, ...]:
    return read_channels(folder)


def shop_channels() -> tuple[Channel, ...]:
    """The own channels of this deployment, read once.

    Raises:
        ChannelsError: The file is wrong.
    """
    from sixty.settings import get_settings

    return _kept_channels(get_settings().playbook)


def _is_own_page(address: str) -> bool:
    # Two slashes, or one and a backslash, lead browsers to another server.
    return address.startswith("/") and not address.startswith(("//", "/\\"))
